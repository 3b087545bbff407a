import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  ConformanceStage,
  type StageReply,
  type StageSocket,
  type StageUser,
} from '../support/conformance-stage.ts';
import {
  type ContractEndpoint,
  loadContract,
  loadShapes,
  type ShapeErrors,
  skipContract as skip,
} from '../support/contract.ts';
import { positionOf } from '../support/recomputed.ts';
import { eventually } from '../support/server-process.ts';

/** Smallest units of USD in one tick × lot of AAPL, and decimals of USD. */
const AAPL_UNITS = 10_000;
const USD_DECIMALS = 6;
const MICROS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

/** One documented endpoint: how it is called here, and what its reply must say. */
interface Row {
  readonly status?: number;
  /** Where the document's example request names something that is not there. */
  path?(): string;
  readonly body?: object;
  /** The nearest documented shape of `data` where no response is given. */
  readonly model?: string;
  follows(data: Data, reply: StageReply): void | Promise<void>;
}

describe('Velocimex as documented', { skip }, () => {
  let stage: ConformanceStage;
  let maker: StageUser;
  let taker: StageUser;
  let shapeErrors: ShapeErrors;
  let market: StageSocket;
  let orders: StageSocket;
  /** An order of the taker's that rests. */
  let resting: Data;
  let portfolioId: number;
  const contract = skip === false ? loadContract('velocimex') : undefined;

  before(async () => {
    shapeErrors = await loadShapes();
    stage = await ConformanceStage.open();
    maker = await stage.user('maker');
    taker = await stage.user('taker');
    market = stage.socket('/v1/ws/market');
    orders = stage.socket('/v1/ws/orders', taker.headers);
    await market.next('first state', ({ symbol }) => symbol === 'AAPL');
    await maker.order('NASDAQ:AAPL', 'sell', 50, 150.4);
    await maker.order('NASDAQ:AAPL', 'sell', 500, 150.49);
    await maker.order('NASDAQ:AAPL', 'buy', 200, 150.31);
    portfolioId = Number((await taker.order('NASDAQ:AAPL', 'buy', 50, 150.4)).portfolio_id);
    await taker.order('NASDAQ:AAPL', 'buy', 33, 150.49);
    await taker.order('NASDAQ:AAPL', 'sell', 20, 150.31);
    resting = await taker.order('NASDAQ:AAPL', 'buy', 7, 149.99, { client_order_id: 'resting' });
  });
  after(async () => stage?.close());

  const rows: Record<string, Row> = {
    'velocimex.markets.status': {
      async follows({ markets }) {
        const nasdaq = markets.find(({ exchange }: Data) => exchange === 'NASDAQ');
        assert.equal(nasdaq.status, 'open');
        assert.equal(markets.filter(({ exchange }: Data) => exchange === 'NASDAQ').length, 1);
        const book = await taker.get('/v1/markets/NASDAQ/orderbook/AAPL');
        assert.equal(nasdaq.last_update, book.body.data.timestamp);
      },
    },
    'velocimex.markets.orderbook': {
      async follows(data) {
        assert.deepEqual(
          [data.exchange, data.symbol, data.bids, data.asks],
          [
            'NASDAQ',
            'AAPL',
            [
              { price: 150.31, quantity: 180, orders: 1 },
              { price: 149.99, quantity: 7, orders: 1 },
            ],
            [{ price: 150.49, quantity: 467, orders: 1 }],
          ],
        );
        assert.match(data.timestamp, MICROS);
        const trades = await stage.trades('NASDAQ:AAPL');
        assert.ok(data.sequence > (trades.at(-1)?.seq ?? 0));
        for (const symbol of ['BTC/USDT', 'BTC%2FUSDT']) {
          const { status } = await taker.get(`/v1/markets/BINANCE/orderbook/${symbol}`);
          assert.equal(status, 200, symbol);
        }
      },
    },
    'velocimex.trading.placeOrder': {
      status: 201,
      model: 'Order',
      async follows(order) {
        // It is a purchase of 100 at up to 150.50, and 467 are for sale at 150.49.
        assert.deepEqual(
          [order.exchange, order.symbol, order.side, order.type, order.quantity, order.price],
          ['NASDAQ', 'AAPL', 'buy', 'limit', 100, 150.5],
        );
        assert.deepEqual([order.status, order.average_price], ['filled', 150.49]);
        assert.match(order.order_id, /^\d+$/);
        const trade = (await stage.trades('NASDAQ:AAPL')).at(-1);
        assert.deepEqual([trade?.price, trade?.quantity], ['150.49', '100']);
        assert.equal(order.fee, (trade?.taker_fee_units ?? 0) / 10 ** USD_DECIMALS);
      },
    },
    'velocimex.trading.cancelOrder': {
      path: () => `/v1/trading/orders/${resting.order_id}`,
      model: 'Order',
      async follows(order) {
        assert.deepEqual(
          [order.order_id, order.status, order.reason],
          [resting.order_id, 'cancelled', 'requested'],
        );
        const again = await taker.send('DELETE', `/v1/trading/orders/${resting.order_id}`);
        assert.equal(again.status, 409);
        const { body } = await taker.get('/v1/trading/orders?symbol=AAPL');
        assert.deepEqual(body.data, { orders: [] }, 'nothing is open any more');
      },
    },
    'velocimex.account.balance': {
      async follows({ portfolio_id: id, balances }) {
        assert.equal(Number(id), portfolioId);
        const byAsset = new Map<string, Data>(balances.map((one: Data) => [one.asset, one]));
        let units = 1_000_000n * 10n ** BigInt(USD_DECIMALS);
        let shares = 10_000;
        for (const trade of await stage.trades('NASDAQ:AAPL')) {
          assert.equal(trade.taker_portfolio_id, portfolioId);
          const value = BigInt(trade.price_ticks * trade.quantity_lots * AAPL_UNITS);
          const bought = trade.taker_side === 'buy';
          units += (bought ? -value : value) - BigInt(trade.taker_fee_units);
          shares += bought ? trade.quantity_lots : -trade.quantity_lots;
        }
        const { total, available, held } = byAsset.get('USD');
        assert.equal(total, Number(units) / 10 ** USD_DECIMALS);
        assert.equal(held, 0, 'the only open order was cancelled');
        assert.equal(available, total);
        assert.equal(byAsset.get('AAPL').total, shares);
      },
    },
    'velocimex.account.positions': {
      async follows({ positions }) {
        assert.equal(positions.length, 1);
        const [position] = positions;
        const trades = await stage.trades('NASDAQ:AAPL');
        const expected = positionOf(trades, portfolioId, AAPL_UNITS);
        const money = (units: bigint) => Number(units) / 10 ** USD_DECIMALS;
        assert.deepEqual([position.symbol, position.side], ['AAPL', 'long']);
        assert.equal(position.quantity, Number(expected.lots));
        // A cash portfolio is valued at the newest trade.
        assert.equal(position.current_price, 150.49);
        assert.equal(trades.at(-1)?.price, '150.49');
        assert.equal(position.realized_pnl, money(expected.realisedUnits));
        assert.equal(position.fees, money(expected.feeUnits));
        const value = expected.lots * BigInt(15_049 * AAPL_UNITS);
        assert.equal(position.market_value, money(value));
        assert.equal(position.unrealized_pnl, money(value - expected.costUnits));
        assert.notEqual(position.realized_pnl, 0);
        assert.notEqual(position.unrealized_pnl, 0);
      },
    },
    'velocimex.strategies.list': {
      follows({ strategies }) {
        assert.deepEqual(
          strategies.map(({ id, status, performance }: Data) => [id, status, performance]),
          ['momentum', 'mean_reversion', 'market_making', 'arbitrage'].map((id) => [
            id,
            'stopped',
            null,
          ]),
        );
        for (const { name, description, parameters, parameter_schema: schema } of strategies) {
          assert.ok(name.length > 0 && description.length > 0);
          for (const parameter of Object.keys(parameters)) {
            assert.ok(parameter in schema.properties, `${name}: ${parameter}`);
          }
        }
      },
    },
    'velocimex.strategies.deploy': {
      status: 201,
      path: () => '/v1/strategies/market_making/deploy',
      async follows(deployed) {
        assert.equal(deployed.id, 'market_making');
        assert.match(deployed.deployment_id, /\d/);
        const state = async () => {
          const { strategies } = (await taker.get('/v1/strategies')).body.data;
          return strategies.find(({ id }: Data) => id === 'market_making');
        };
        const running = await eventually('the strategy to run', async () => {
          const now = await state();
          return now.status === 'starting' ? undefined : now;
        });
        assert.equal(running.status, 'running', running.reason);
        assert.equal(running.deployment_id, deployed.deployment_id);
        assert.equal(running.performance.fees, 0, 'nobody trades where it does');
        const others = (await maker.get('/v1/strategies')).body.data.strategies;
        assert.ok(
          others.every(({ status }: Data) => status === 'stopped'),
          'nobody else’s',
        );
        const stopped = await taker.send('POST', '/v1/strategies/market_making/stop');
        assert.deepEqual([stopped.status, stopped.body.data.status], [200, 'stopped']);
      },
    },
  };

  for (const documented of contract?.rest ?? []) {
    it(documented.id, async () => {
      const row = rows[documented.id];
      assert.ok(row !== undefined, `${documented.id} has no row here`);
      await check(documented, row);
    });
  }

  async function check(documented: ContractEndpoint, row: Row): Promise<void> {
    const [method, path] = documented.exampleRequest.split(' ');
    const sent = row.path?.() ?? path;
    const reply = await taker.send(
      method,
      sent,
      row.body ?? documented.requestExample ?? undefined,
    );
    assert.equal(reply.status, row.status ?? documented.successStatus, JSON.stringify(reply.body));
    assert.equal(reply.body.status, 'ok');
    const example =
      documented.responseExample ??
      (row.model === undefined ? undefined : { status: 'ok', data: modelOf(row.model) });
    if (example !== undefined) assert.deepEqual(shapeErrors(example, reply.body), []);
    assertLimitHeaders(reply, documented.id);
    const stranger = await fetch(stage.server.url + sent, { method });
    assert.equal(stranger.status, 401);
    const { error } = (await stranger.json()) as Data;
    assert.equal(error.code, 'AUTHENTICATION_ERROR');
    await row.follows(reply.body.data, reply);
  }

  function modelOf(name: string): object {
    const example = contract?.models[name].example;
    assert.ok(example !== undefined, name);
    return example;
  }

  function assertLimitHeaders({ headers }: StageReply, what: string): void {
    for (const name of contract?.rateLimitHeaders ?? []) {
      assert.match(String(headers.get(name)), /^\d+$/, `${what}: ${name}`);
    }
    assert.equal(headers.get('x-ratelimit-limit'), '100', what);
    const resetsIn = Number(headers.get('x-ratelimit-reset')) - Date.now() / 1000;
    assert.ok(resetsIn > -1 && resetsIn <= 61, `${what}: resets in ${resetsIn} s`);
  }

  it('/v1/ws/market says every trade, in the documented fields', async () => {
    const trades = await stage.trades('NASDAQ:AAPL');
    const last = trades.at(-1);
    await market.next('last trade', ({ trades: told }) =>
      told?.some(({ timestamp }: Data) => timestamp === last?.time),
    );
    const heard = market.heard.filter(({ symbol }) => symbol === 'AAPL');
    for (const message of heard) {
      assert.deepEqual(shapeErrors(modelOf('MarketData'), message), []);
      assert.match(message.timestamp, MICROS);
    }
    const told = heard.flatMap((message) => message.trades ?? []);
    assert.deepEqual(
      told.map(({ price, quantity, timestamp }) => [price, quantity, timestamp]),
      trades.map(({ price, quantity, time }) => [Number(price), Number(quantity), time]),
    );
    const volume = heard.reduce((sum, message) => sum + message.volume, 0);
    assert.equal(
      volume,
      trades.reduce((sum, { quantity_lots: lots }) => sum + lots, 0),
    );
    const { price, bid, ask } = heard.at(-1) as Data;
    assert.deepEqual([price, bid, ask], [Number(last?.price), 150.31, 150.49]);
  });

  it('/v1/ws/orders says every change of the caller’s orders, and nobody else’s', async () => {
    const cancelled = await orders.next(
      'cancelled order',
      ({ order_id: id, status }) => id === resting.order_id && status === 'cancelled',
    );
    assert.equal(cancelled.reason, 'requested');
    for (const order of orders.heard) {
      assert.deepEqual(shapeErrors(modelOf('Order'), order), []);
      assert.equal(Number(order.portfolio_id), portfolioId);
    }
    const filled = orders.heard.filter(({ status }) => status === 'filled');
    const trades = await stage.trades('NASDAQ:AAPL');
    assert.deepEqual(
      filled.map(({ filled_quantity: quantity }) => quantity),
      trades.map(({ quantity_lots: lots }) => lots),
    );
  });

  it('every documented error has its code, its shape and a status of its own', async () => {
    const seen = new Map<string, number>();
    const refuse = async (reply: StageReply): Promise<void> => {
      const example = contract?.errorFormat.example;
      assert.deepEqual(shapeErrors(example, reply.body), [], JSON.stringify(reply.body));
      assert.deepEqual(Object.keys(reply.body.error), ['code', 'message', 'details']);
      seen.set(reply.body.error.code, reply.status);
    };
    const order = { ...(contract?.rest[2].requestExample as object), symbol: 'MSFT' };
    const place = (changed: object) =>
      taker.send('POST', '/v1/trading/orders', { ...order, ...changed });
    const negative = await place({ price: -1 });
    await refuse(negative);
    assert.deepEqual(
      [negative.body.error.details.parameter, negative.body.error.details.value],
      ['price', '-1'],
    );
    await refuse(await place({ quantity: 9000, price: 1000 }));
    await refuse(await maker.get('/v1/markets/status', { 'x-api-secret': 'wrong' }));
    await stage.server.login().then(({ token }) => haltMicrosoft(token));
    await refuse(await place({}));
    const hasty = await stage.user('hasty');
    const limited = await eventually('the limit', async () => {
      const reply = await hasty.get('/v1/markets/status');
      return reply.status === 200 ? undefined : reply;
    });
    await refuse(limited);
    assert.match(String(limited.headers.get('retry-after')), /^[1-9]\d*$/);
    assert.deepEqual(Object.fromEntries(seen), {
      INVALID_PARAMETER: 400,
      INSUFFICIENT_BALANCE: 409,
      AUTHENTICATION_ERROR: 401,
      MARKET_CLOSED: 409,
      RATE_LIMIT_EXCEEDED: 429,
    });
    // INTERNAL_ERROR is what is left: nothing a client can send causes it.
    const documented = contract?.errorFormat.codes.map(({ code }) => code) ?? [];
    assert.deepEqual(
      documented.filter((code) => !seen.has(code)),
      ['INTERNAL_ERROR'],
    );
  });

  async function haltMicrosoft(token: string): Promise<void> {
    const operator = stage.socket('/ws/stream', { authorization: `Bearer ${token}` });
    await operator.next('login', ({ type }) => type === 'logged_in');
    await operator.send({ op: 'admin.set_phase', id: 1, market: 'NASDAQ:MSFT', phase: 'halted' });
    const answer = await operator.next('answer', ({ id }) => id === 1);
    assert.equal(answer.type, 'done', JSON.stringify(answer));
  }

  it('ten sockets per address, and no more', async () => {
    const path = '/v1/ws/market';
    // The two of this test are open already.
    for (let open = 2; open < 10; open += 1) await stage.socket(path).opened();
    const { status, body } = await stage.refusedUpgrade(path);
    assert.equal(status, 429);
    assert.deepEqual(shapeErrors(contract?.errorFormat.example, body), []);
  });
});
