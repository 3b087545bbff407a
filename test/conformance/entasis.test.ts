import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { formatScaled, parseScaled } from '../../src/lib/fixed-point.ts';
import { CODE_TEXTS, STATUS_TEXTS } from '../../src/surfaces/entasis/error-texts.ts';
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
import { barsOf, positionOf } from '../support/recomputed.ts';
import { eventually } from '../support/server-process.ts';

/** binance:BTC-USDT: smallest units of USDT in one tick × lot, and decimals. */
const BTC = 'binance:BTC-USDT';
const BTC_UNITS = 100;
const DECIMALS = { price: 1, quantity: 3 } as const;
const USDT_DECIMALS = 6;
const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const MILLIS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

/** One documented endpoint: how it is called here, and what its reply must say. */
interface Row {
  /** The code where the endpoint cannot answer here, and its status. */
  readonly refusedWith?: readonly [code: string, status: number];
  follows(body: Data, reply: StageReply): void | Promise<void>;
}

describe('Entasis as documented', { skip }, () => {
  let stage: ConformanceStage;
  let maker: StageUser;
  let taker: StageUser;
  let stranger: StageUser;
  let shapeErrors: ShapeErrors;
  let socket: StageSocket;
  const contract = skip === false ? loadContract('entasis') : undefined;

  before(async () => {
    shapeErrors = await loadShapes();
    stage = await ConformanceStage.open({ OPENBELL_OPENING_COLLATERAL: 'USDT=1000000' });
    maker = await stage.user('maker');
    taker = await stage.user('taker');
    stranger = await stage.user('stranger');
    socket = stage.socket('/ws/market');
    for (const { example } of contract?.ws[0].clientMessages ?? []) await socket.send(example);
    await socket.next('book', ({ channel, type }) => channel === 'orderbook' && type === undefined);
    await maker.order(BTC, 'sell', 2, 65432.1);
    await maker.order(BTC, 'sell', 8, 65440);
    await maker.order(BTC, 'buy', 5, 65400.5);
    await taker.order(BTC, 'buy', 0.25, 65432.1);
    await maker.order('binance:ETH-USDT', 'buy', 1, 3300);
    await maker.order('binance:ETH-USDT', 'sell', 1, 3301);
    // The venue works mark prices out a few times a second; positions need one.
    await eventually('a short position', async () => {
      const body = { symbol: 'ETH-USDT', size: '0.5', type: 'short', leverage: '5' };
      const reply = await taker.send('POST', '/api/v1/portfolio/positions', body);
      const isEarly = reply.body.error?.details.reason === 'NO_MARK_PRICE';
      assert.ok(reply.status === 201 || isEarly, JSON.stringify(reply.body));
      return reply.status === 201 ? true : undefined;
    });
  });
  after(async () => stage?.close());

  const rows: Record<string, Row> = {
    'entasis.market.price': {
      async follows(body) {
        const trades = await stage.trades(BTC);
        const last = trades.at(-1);
        assert.equal(Number(body.price), Number(last?.price));
        assert.deepEqual([body.symbol, body.exchange], ['BTC-USDT', 'binance']);
        const lots = trades.reduce((sum, { quantity_lots }) => sum + quantity_lots, 0);
        assert.equal(body.volume, formatScaled(lots, DECIMALS.quantity, DECIMALS.quantity));
        assert.match(body.timestamp, SECONDS);
        assert.ok(Date.parse(body.timestamp) >= Date.parse(last?.time ?? '') - 1000);
      },
    },
    'entasis.market.history': {
      async follows(body) {
        await assertBars(body.data, 3600);
        for (const [interval, length] of [
          ['1m', 60],
          ['5m', 300],
        ] as const) {
          const path = `/api/v1/market/history/BTC-USDT?interval=${interval}`;
          await assertBars((await taker.get(path)).body.data, length);
        }
        const trades = await stage.trades(BTC);
        const day = await taker.get('/api/v1/market/history/BTC-USDT?interval=1d');
        const lots = trades.reduce((sum, { quantity_lots }) => sum + quantity_lots, 0);
        const traded = day.body.data.map(({ volume }: Data) => parseScaled(volume, 3));
        assert.equal(
          traded.reduce((sum: number, each: number) => sum + each, 0),
          lots,
        );
      },
    },
    'entasis.portfolio.positions.list': {
      async follows({ positions }) {
        assert.equal(positions.length, 1);
        const [short] = positions;
        assert.deepEqual(
          [short.symbol, short.type, short.size, short.leverage, short.entry_price],
          ['ETH-USDT', 'short', '0.500', '5', '3300.00'],
        );
        assert.match(short.timestamp, SECONDS);
      },
    },
    'entasis.portfolio.positions.create': {
      async follows(body) {
        assert.equal(body.status, 'success');
        assert.match(body.timestamp, SECONDS);
        const trades = await stage.trades(BTC);
        assert.deepEqual(
          [trades.at(-1)?.taker_side, trades.at(-1)?.quantity, trades.at(-1)?.price],
          ['buy', '1.5', '65432.1'],
        );
        await assertLong(body.position_id);
      },
    },
    'entasis.analysis.prediction': {
      // These markets have no past; with one: analytics-server.test.ts.
      refusedWith: ['HTTP_409', 409],
      follows: ({ error }) => {
        assert.equal(error.details.reason, 'INSUFFICIENT_DATA');
        assert.ok(error.details.observations < error.details.needed);
      },
    },
    'entasis.analysis.risk': {
      // These markets have no past; with one: octopus-risk.test.ts.
      refusedWith: ['HTTP_409', 409],
      follows: ({ error }) => {
        assert.equal(error.details.reason, 'INSUFFICIENT_DATA');
        assert.ok(error.details.observations < error.details.needed);
      },
    },
  };

  async function assertBars(data: Data[], length: number): Promise<void> {
    const trades = await stage.trades(BTC);
    const last = Date.parse(`${data.at(-1).timestamp}`) / 1000;
    assert.deepEqual(data, barsOf(trades, length, last, DECIMALS));
    assert.ok(Date.now() / 1000 - last < length + 2, 'the bar under way is the last one');
  }

  /** The list shows the position as the fills of its portfolio make it, to the last digit. */
  async function assertLong(positionId: string): Promise<void> {
    const { positions } = (await taker.get('/api/v1/portfolio/positions')).body;
    const long = positions.find(({ position_id: id }: Data) => id === positionId);
    const trades = await stage.trades(BTC);
    const portfolio = Number(/^pos_(\d+)_/.exec(positionId)?.[1]);
    const expected = positionOf(trades, portfolio, BTC_UNITS);
    assert.deepEqual(
      [long.symbol, long.type, long.size, long.leverage, long.entry_price],
      ['BTC-USDT', 'long', '1.500', '1', '65432.1'],
    );
    assert.equal(expected.lots, 1500n);
    const ticks = parseScaled(long.current_price, DECIMALS.price) ?? 0;
    const gain = expected.lots * BigInt(ticks * BTC_UNITS) - expected.costUnits;
    assert.equal(long.pnl, formatScaled(Number(gain), USDT_DECIMALS, 2));
    assert.notEqual(gain, 0n);
  }

  for (const documented of contract?.rest ?? []) {
    it(documented.id, async () => {
      const row = rows[documented.id];
      assert.ok(row !== undefined, `${documented.id} has no row here`);
      await check(documented, row);
    });
  }

  async function check(documented: ContractEndpoint, row: Row): Promise<void> {
    const [method, path] = documented.exampleRequest.split(' ');
    const reply = await taker.send(method, path, documented.requestExample ?? undefined);
    const text = JSON.stringify(reply.body);
    if (row.refusedWith === undefined) {
      assert.equal(reply.status, documented.successStatus, text);
      assert.deepEqual(shapeErrors(documented.responseExample, reply.body), []);
      assertTextNumbers(reply.body, documented.id);
    } else {
      const [code, status] = row.refusedWith;
      assert.equal(reply.status, status, text);
      assert.equal(reply.body.error.code, code);
    }
    assertLimitHeaders(reply, documented.id);
    const nobody = await fetch(stage.server.url + path, { method });
    assert.equal(nobody.status, 401);
    assert.equal(((await nobody.json()) as Data).error.code, 'HTTP_401');
    if (method === 'GET') {
      const keyAlone = { 'x-api-key': taker.headers['x-api-key'] };
      const own = await fetch(stage.server.url + path, { headers: keyAlone });
      assert.equal(own.status, reply.status, 'the key alone may read');
      const byToken = await fetch(stage.server.url + path, { headers: { ...taker.bearer } });
      assert.equal(byToken.status, reply.status, 'and so may a token');
    }
    await row.follows(reply.body, reply);
  }

  /** All amounts are decimal strings; the one documented number is `confidence`. */
  function assertTextNumbers(value: unknown, what: string): void {
    if (typeof value === 'number') assert.fail(`${what} has the number ${value}`);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, each] of Object.entries(value)) assertTextNumbers(each, `${what}.${name}`);
  }

  function assertLimitHeaders({ headers }: StageReply, what: string): void {
    for (const name of ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']) {
      assert.match(String(headers.get(name)), /^\d+$/, `${what}: ${name}`);
    }
    assert.equal(headers.get('x-ratelimit-limit'), '1000', what);
  }

  it('closing answers the final state, for the owner alone', async () => {
    const { positions } = (await taker.get('/api/v1/portfolio/positions')).body;
    const { position_id: id } = positions.find(({ symbol }: Data) => symbol === 'BTC-USDT');
    const path = `/api/v1/portfolio/positions/${id}`;
    const theirs = await stranger.send('DELETE', path);
    assert.deepEqual([theirs.status, theirs.body.error.code], [404, 'HTTP_404']);
    const { status, body } = await taker.send('DELETE', path);
    assert.equal(status, 200, JSON.stringify(body));
    const portfolio = Number(/^pos_(\d+)_/.exec(id)?.[1]);
    const { lots, realisedUnits } = positionOf(await stage.trades(BTC), portfolio, BTC_UNITS);
    assert.deepEqual(
      [body.position_id, body.status, body.size, body.remaining_size, lots],
      [id, 'closed', '1.500', '0.000', 0n],
    );
    assert.equal(body.realized_pnl, formatScaled(Number(realisedUnits), USDT_DECIMALS, 2));
    const left = (await taker.get('/api/v1/portfolio/positions')).body.positions;
    assert.ok(left.every(({ symbol }: Data) => symbol !== 'BTC-USDT'));
    assert.equal((await taker.send('DELETE', path)).status, 404);
  });

  it('opposite positions net; a symbol’s other exchanges by name', async () => {
    const path = '/api/v1/portfolio/positions';
    const open = (type: string, size: string) =>
      taker.send('POST', path, { symbol: 'BTC-USDT', size, type, leverage: '10' });
    const long = await open('long', '0.4');
    assert.equal(long.status, 201, JSON.stringify(long.body));
    const less = await open('short', '0.1');
    assert.equal(less.body.position_id, long.body.position_id);
    const { positions } = (await taker.get(path)).body;
    const own = positions.find(({ symbol }: Data) => symbol === 'BTC-USDT');
    assert.deepEqual([own.type, own.size, own.leverage], ['long', '0.300', '10']);
    const flat = await open('short', '0.3');
    assert.deepEqual([flat.status, flat.body.position_id], [201, null]);
    const price = await taker.get('/api/v1/market/price/BTC-USDT?exchange=bybit');
    assert.deepEqual([price.body.exchange, price.body.price], ['bybit', null]);
  });

  it('the aliases of the usage examples answer alike', async () => {
    assert.ok((contract?.aliases.length ?? 0) >= 2);
    for (const { path, of } of contract?.aliases ?? []) {
      const alias = path.replace('{symbol}', 'BTC-USDT');
      const main = `/api${alias}`;
      assert.ok(
        contract?.rest.some(({ id }) => id === of),
        of,
      );
      const [one, other] = [await taker.get(alias), await taker.get(main)];
      assert.deepEqual([one.status, one.body.symbol], [200, other.body.symbol], alias);
      assert.deepEqual(Object.keys(one.body), Object.keys(other.body));
    }
    const refused = await taker.get('/v1/market/price/NOPE');
    assert.deepEqual([refused.status, refused.body.error.code], [404, 'MARKET_001']);
  });

  it('every documented code has its text in Korean and English', () => {
    for (const { code, meaning, meaningEnglish } of contract?.errorFormat.codes ?? []) {
      const texts: Record<string, { korean: string; english: string }> = {
        ...CODE_TEXTS,
        ...STATUS_TEXTS,
      };
      assert.deepEqual(texts[code], { korean: meaning, english: meaningEnglish }, code);
    }
  });

  it('whatever a client can do wrong gets its documented status, code and text', async () => {
    const positions = '/api/v1/portfolio/positions';
    const open = (changed: object) =>
      taker.send('POST', positions, { symbol: 'BTC-USDT', size: '1', type: 'long', ...changed });
    const keyAlone = { 'x-api-secret': '' };
    const cases: [string, number, () => Promise<StageReply>][] = [
      ['HTTP_400', 400, () => taker.get('/api/v1/market/history/BTC-USDT?interval=2h')],
      ['HTTP_400', 400, () => taker.get('/api/v1/market/history/BTC-USDT?start=yesterday')],
      ['HTTP_400', 400, () => taker.get('/api/v1/market/history/BTC-USDT?limit=5001')],
      ['HTTP_400', 400, () => taker.get('/api/v1/market/price/BTC-USDT?currency=USD')],
      ['HTTP_400', 400, () => taker.get('/api/v1/analysis/prediction/BTC-USDT?model=gru')],
      ['HTTP_400', 400, () => open({ size: '0.0001' })],
      ['HTTP_400', 400, () => open({ size: '-1' })],
      ['HTTP_400', 400, () => open({ size: 'much' })],
      ['HTTP_400', 400, () => open({ type: 'sideways' })],
      ['HTTP_400', 400, () => open({ leverage: '1.5' })],
      ['HTTP_400', 400, () => open({ leverage: '101' })],
      ['HTTP_401', 401, () => taker.get(positions, { 'x-api-secret': 'wrong' })],
      ['HTTP_403', 403, () => taker.send('POST', positions, {}, keyAlone)],
      ['HTTP_404', 404, () => taker.get('/api/v1/market/nowhere')],
      ['HTTP_404', 404, () => taker.send('DELETE', `${positions}/pos_1_2_3`)],
      ['MARKET_001', 404, () => taker.get('/api/v1/market/price/DOGE-USDT')],
      ['MARKET_001', 404, () => taker.get('/api/v1/market/price/BTC-USDT?exchange=LSE')],
      ['PORT_001', 409, () => open({ size: '100' })],
      ['PORT_002', 409, () => open({ symbol: 'ETH-USDT', size: '10000', type: 'short' })],
    ];
    const documented = new Map(contract?.errorFormat.codes.map((one) => [one.code, one]));
    for (const [code, status, ask] of cases) {
      const reply = await ask();
      const { error } = reply.body;
      assert.deepEqual([reply.status, error?.code], [status, code], JSON.stringify(reply.body));
      const text = documented.get(code.replace('HTTP_', ''));
      assert.equal(error.message, text?.meaning);
      assert.deepEqual(Object.keys(error), [
        'code',
        'message',
        'details',
        'timestamp',
        'request_id',
      ]);
      assert.equal(error.request_id, reply.headers.get('x-request-id'));
    }
    const english = await taker.get('/api/v1/market/price/DOGE', { 'accept-language': 'en-US' });
    assert.equal(english.body.error.message, 'invalid symbol');
    const flashmm = await taker.get('/api/v1/nowhere');
    assert.ok('documentation_url' in flashmm.body.error, 'paths of nobody are FlashMM’s');
  });

  it('the thousand and first request of a minute is too many', async () => {
    const hasty = await stage.user('hasty');
    const statuses: number[] = [];
    for (let round = 0; round < 21; round += 1) {
      const replies = await Promise.all(
        Array.from({ length: 50 }, () => hasty.get('/api/v1/market/price/BTC-USDT')),
      );
      for (const { status, body, headers } of replies) {
        statuses.push(status);
        if (status !== 429) continue;
        assert.deepEqual([body.error.code, body.error.message], ['HTTP_429', '요청 한도 초과']);
        assert.match(String(headers.get('retry-after')), /^[1-9]\d*$/);
      }
    }
    assert.equal(statuses.filter((status) => status === 200).length, 1000);
    assert.equal(statuses.filter((status) => status === 429).length, 50);
  });

  it('/ws/market: the price of every trade’s moment, and all volume', async () => {
    const trades = await stage.trades(BTC);
    const last = trades.at(-1);
    const isPrice = (message: Data) => message.channel === 'market' && message.price !== undefined;
    await socket.next('last trade', (one) => isPrice(one) && one.sequence === last?.seq);
    const heard = socket.heard.filter((one) => isPrice(one) && one.symbol === 'BTC-USDT');
    const [{ example }] = contract?.ws[0].serverMessages ?? [];
    for (const message of heard) {
      assert.deepEqual(shapeErrors(example, message), []);
      assert.match(message.timestamp, MILLIS);
      const trade = trades.find(({ seq }) => seq === message.sequence);
      assert.equal(Number(message.price), Number(trade?.price));
      assert.equal(message.timestamp.slice(0, -1), trade?.time.slice(0, 23));
    }
    const told = heard.reduce((sum, { volume }) => sum + (parseScaled(volume, 3) ?? 0), 0);
    const traded = trades.reduce((sum, { quantity_lots }) => sum + quantity_lots, 0);
    assert.equal(told, traded);
    assert.ok(socket.heard.some((one) => isPrice(one) && one.symbol === 'ETH-USDT'));
  });

  it('/ws/market: the book as it stands', async () => {
    const { data } = (await taker.get('/v1/markets/binance/orderbook/BTC-USDT?depth=10')).body;
    const isBook = (message: Data) => message.channel === 'orderbook' && 'bids' in message;
    const book = await socket.next('newest book', (one) => isBook(one) && sameAs(one, data));
    assert.deepEqual(shapeErrors(contract?.ws[0].serverMessages[1].example, book), []);
    assert.match(book.timestamp, MILLIS);
    assert.ok(book.bids.length > 0 && book.asks.length > 0);
    for (const level of [...book.bids, ...book.asks]) {
      assert.match(level[0], /^\d+\.\d$/);
      assert.match(level[1], /^\d+\.\d{3}$/);
    }
    const refused = stage.socket('/ws/market', { 'accept-language': 'en' });
    await refused.send({
      action: 'subscribe',
      channel: 'orderbook',
      symbol: 'BTC-USDT',
      depth: 101,
    });
    const { error } = await refused.next('error', (message) => message.error !== undefined);
    assert.deepEqual([error.code, error.message], ['HTTP_400', 'bad request']);
  });

  function sameAs(book: Data, data: Data): boolean {
    const plain = (levels: Data[]) => levels.map(({ price, quantity }) => [price, quantity]);
    const numbers = (levels: string[][]) => levels.map((level) => level.map(Number));
    return (
      JSON.stringify([numbers(book.bids), numbers(book.asks)]) ===
      JSON.stringify([plain(data.bids), plain(data.asks)])
    );
  }
});
