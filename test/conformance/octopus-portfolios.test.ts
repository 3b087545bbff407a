import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ConformanceStage, type StageReply, type StageUser } from '../support/conformance-stage.ts';
import {
  type ContractEndpoint,
  endpointOf,
  loadContract,
  loadShapes,
  type ShapeErrors,
  skipContract as skip,
} from '../support/contract.ts';
import { type Fill, PortfolioModel } from '../support/portfolio-model.ts';

const AAPL = 'NASDAQ:AAPL';
const BTC = 'binance:BTC-USDT';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

describe('Octopus portfolios, positions and orders as documented', { skip }, () => {
  let stage: ConformanceStage;
  let maker: StageUser;
  let user: StageUser;
  let other: StageUser;
  let shapeErrors: ShapeErrors;
  const contract = skip === false ? loadContract('octopus') : undefined;
  const endpoint = (id: string): ContractEndpoint => endpointOf(contract!, id);

  before(async () => {
    shapeErrors = await loadShapes();
    stage = await ConformanceStage.open();
    maker = await stage.user('maker');
    user = await stage.user('user');
    other = await stage.user('other');
  });
  after(async () => stage?.close());

  /** The document's own request, with real ids in its path. */
  async function call(
    id: string,
    ids: Record<string, string> = {},
    body: unknown = endpoint(id).requestExample ?? undefined,
    as: StageUser = user,
  ): Promise<StageReply> {
    const [method, path] = endpoint(id).exampleRequest.split(' ');
    const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => ids[name]);
    assert.equal((await fetch(stage.server.url + filled, { method })).status, 401, id);
    return as.send(method, filled, body);
  }

  /** The same, expected to succeed as the contract says. */
  async function answered(
    id: string,
    ids: Record<string, string> = {},
    body?: unknown,
  ): Promise<Data> {
    const reply = await call(id, ids, body);
    const { successStatus, responseExample } = endpoint(id);
    assert.equal(reply.status, successStatus, `${id}: ${JSON.stringify(reply.body)}`);
    if (responseExample !== null)
      assert.deepEqual(shapeErrors(responseExample, reply.body, id), []);
    for (const name of ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']) {
      assert.match(String(reply.headers.get(name)), /^\d+$/);
    }
    return reply.body;
  }

  const create = (body: object = {}): Promise<Data> =>
    answered(
      'octopus.portfolios.create',
      {},
      { name: 'A portfolio', initial_cash: 100_000, ...body },
    );
  const shown = (id: string): Promise<Data> =>
    answered('octopus.portfolios.get', { portfolio_id: id });
  const order = (portfolio: string, body: object): Promise<Data> =>
    answered(
      'octopus.orders.create',
      {},
      {
        portfolio_id: portfolio,
        symbol: 'AAPL',
        side: 'buy',
        order_type: 'limit',
        quantity: 100,
        price: 175,
        ...body,
      },
    );
  const orderNow = (id: string): Promise<Data> => answered('octopus.orders.get', { order_id: id });

  it('a portfolio is created by the document’s own request, listed, changed and deleted', async () => {
    const made = await answered('octopus.portfolios.create');
    assert.match(made.id, UUID);
    assert.deepEqual(
      [made.name, made.description, made.total_value, made.cash_balance, made.positions_count],
      ['Growth Portfolio', 'Long-term growth focused portfolio', 100_000, 100_000, 0],
    );
    const [, listed] = (await answered('octopus.portfolios.list')).portfolios;
    const { positions, ...head } = made;
    assert.deepEqual([listed, positions], [head, []]);
    const changed = await answered('octopus.portfolios.update', { portfolio_id: made.id });
    assert.deepEqual(
      [changed.name, changed.description, changed.id],
      ['Updated Portfolio Name', 'Updated description', made.id],
    );
    const path = { portfolio_id: made.id };
    const refused = await call('octopus.portfolios.delete', path);
    assert.deepEqual([refused.status, refused.body.details.code], [409, 'PORTFOLIO_NOT_EMPTY']);
    await transfer(made.id, { direction: 'out', amount: 100_000 });
    const gone = await answered('octopus.portfolios.delete', path);
    assert.deepEqual([gone.status, gone.id, gone.moved], ['deleted', made.id, []]);
    assert.equal((await call('octopus.portfolios.get', path)).status, 404);
    assert.equal((await answered('octopus.portfolios.list')).portfolios.length, 1);
  });

  async function transfer(id: string, body: object, status = 201): Promise<Data> {
    const reply = await user.send('POST', `/api/portfolios/${id}/transfers`, body);
    assert.equal(reply.status, status, JSON.stringify(reply.body));
    return reply.body;
  }

  it('an order trades, and cash, position, cost, value and weights follow to the last digit', async () => {
    const { id } = await create();
    const model = new PortfolioModel(100_000);
    await maker.order(AAPL, 'sell', 30, 174.5);
    await maker.order(AAPL, 'sell', 70, 175);
    const placed = await order(id, { quantity: 100, price: 175 });
    assert.match(placed.id, UUID);
    const { status, filled_quantity, portfolio_id, price, symbol } = placed;
    assert.deepEqual(
      [status, filled_quantity, portfolio_id, price, symbol],
      ['pending', 0, id, 175, 'AAPL'],
    );
    const filled = await orderNow(placed.id);
    assert.deepEqual(
      [filled.status, filled.filled_quantity, filled.remaining_quantity, filled.average_price],
      ['filled', 100, 0, 174.85],
    );
    const fills: Fill[] = [
      { symbol: 'AAPL', quantity: 30, price: 174.5 },
      { symbol: 'AAPL', quantity: 70, price: 175 },
    ];
    model.pay(filled.fee);
    for (const fill of fills) model.fill(fill);
    await compare(id, model, { AAPL: 175 });

    const holding = await answered('octopus.portfolios.positions.add', { portfolio_id: id });
    assert.deepEqual(
      [holding.symbol, holding.quantity, holding.avg_cost, holding.source],
      ['AAPL', 100, 175, 'recorded'],
    );
    model.record({ symbol: 'AAPL', quantity: 100, price: 175 });
    await compare(id, model, { AAPL: 175 });

    await maker.order(AAPL, 'buy', 1, 180.25);
    await user.order(AAPL, 'sell', 1, 180.25, { portfolio_id: numberOf(id) });
    model.fill({ symbol: 'AAPL', quantity: -1, price: 180.25 });
    const [sold] = (await answered('octopus.orders.list', {})).orders ?? [];
    assert.equal(sold, undefined, 'nothing is pending');
    const { orders } = (await user.get('/api/orders/?limit=1')).body;
    model.pay(orders[0].fee);
    await compare(id, model, { AAPL: 180.25 });

    const removed = await answered('octopus.positions.delete', { position_id: holding.id });
    assert.deepEqual([removed.status, removed.quantity], ['deleted', 100]);
    model.holdings.length = 0;
    await compare(id, model, { AAPL: 180.25 });
    const [traded] = (await shown(id)).positions;
    const kept = await call('octopus.positions.delete', { position_id: traded.id });
    assert.deepEqual([kept.status, kept.body.details.code], [409, 'POSITION_NOT_RECORDED']);
  });

  /** The portfolio's id on other surfaces, which is in the UUID. */
  function numberOf(uuid: string): string {
    return String(Number.parseInt(uuid.slice(20).replaceAll('-', '').slice(1), 16));
  }

  /** Compares every number of a portfolio with what must follow. */
  async function compare(id: string, model: PortfolioModel, prices: Record<string, number>) {
    const expected = model.valued(prices);
    const portfolio = await shown(id);
    const {
      positions,
      id: _id,
      name: _name,
      description: _description,
      created_at,
      ...said
    } = portfolio;
    assert.deepEqual(said, expected.portfolio);
    assert.ok(Date.now() - Date.parse(created_at) < 120_000);
    const lines = positions.map(({ id: _, exchange: __, ...line }: Data) => line);
    assert.deepEqual(lines, expected.positions);
    const listed = await answered('octopus.portfolios.positions.list', { portfolio_id: id });
    assert.deepEqual(listed, { positions });
    const { portfolios } = await answered('octopus.portfolios.list');
    const summary = portfolios.find((one: Data) => one.id === id);
    assert.deepEqual({ ...summary, positions }, portfolio);
  }

  it('all four types of order, cancelled and triggered', async () => {
    const { id } = await create();
    await maker.order(BTC, 'sell', 5, 60_010);
    await maker.order(BTC, 'buy', 5, 60_000);
    await transfer(id, { direction: 'in', asset: 'USDT', amount: 500_000 });
    const btc = { symbol: 'BTC-USDT', quantity: 0.5 };
    const plain = { order_type: 'market', price: undefined };
    const market = await order(id, { ...btc, ...plain });
    assert.deepEqual([market.status, market.price], ['pending', null]);
    assert.equal((await orderNow(market.id)).average_price, 60_010);

    const limit = await order(id, { ...btc, price: 59_000 });
    assert.equal((await orderNow(limit.id)).status, 'open');
    const found = await answered('octopus.orders.list');
    assert.deepEqual(
      found.orders.map((one: Data) => one.id),
      [limit.id],
    );
    const cancelled = await answered('octopus.orders.cancel', { order_id: limit.id });
    assert.deepEqual([cancelled.status, cancelled.reason], ['cancelled', 'requested']);
    const again = await call('octopus.orders.cancel', { order_id: limit.id });
    assert.deepEqual([again.status, again.body.details.status], [409, 'cancelled']);

    // The document has no field for a stop price but `price`.
    const stop = await order(id, { ...btc, side: 'sell', order_type: 'stop', price: 59_900 });
    assert.deepEqual([stop.price, stop.stop_price], [59_900, 59_900]);
    assert.equal((await orderNow(stop.id)).status, 'pending');
    const waits = await order(id, {
      ...btc,
      side: 'buy',
      order_type: 'stop_limit',
      stop_price: 60_500,
      price: 60_600,
    });
    assert.deepEqual([waits.price, waits.stop_price], [60_600, 60_500]);
    await maker.order(BTC, 'buy', 1, 59_895);
    // 4.5 of the best bid are left after the stop's own; this one goes through them all.
    await other.order(BTC, 'sell', 5.1, 59_895);
    const triggered = await orderNow(stop.id);
    assert.deepEqual([triggered.status, triggered.average_price], ['filled', 59_895]);
    assert.equal((await orderNow(waits.id)).status, 'pending');
    for (const [body, field] of [
      [{ order_type: 'limit', price: undefined }, 'price'],
      [{ order_type: 'stop_limit' }, 'stop_price'],
      [{ order_type: 'stop', price: undefined }, 'stop_price'],
      [{ order_type: 'market', price: 1 }, 'price'],
      [{ order_type: 'iceberg' }, 'order_type'],
      [{ quantity: 0.5 }, 'quantity'],
      [{ price: 175.001 }, 'price'],
    ] as const) {
      const reply = await call(
        'octopus.orders.create',
        {},
        {
          portfolio_id: id,
          symbol: 'AAPL',
          side: 'buy',
          order_type: 'limit',
          quantity: 1,
          price: 100,
          ...body,
        },
      );
      assert.equal(reply.status, 422, JSON.stringify(body));
      assert.deepEqual(shapeErrors(contract?.errorFormat.example, reply.body), []);
      assert.deepEqual([reply.body.error, reply.body.details.field], ['ValidationError', field]);
    }
  });

  it('orders are listed page by page, and new ones neither shift nor repeat a page', async () => {
    const { id } = await create();
    const ids: string[] = [];
    for (let i = 0; i < 7; i += 1) {
      ids.unshift((await order(id, { quantity: 1, price: 10 + i })).id);
    }
    const seen: string[] = [];
    let cursor = '';
    for (;;) {
      const path = `/api/orders?portfolio_id=${id}&limit=3${cursor && `&cursor=${cursor}`}`;
      const { body } = await user.get(path);
      assert.ok(body.orders.length <= 3);
      seen.push(...body.orders.map((one: Data) => one.id));
      if (body.next_cursor === null) break;
      cursor = body.next_cursor;
      await order(id, { quantity: 1, price: 1 });
    }
    assert.deepEqual(seen, ids);
    const filtered = async (query: string): Promise<number> =>
      (await user.get(`/api/orders/?portfolio_id=${id}&${query}`)).body.orders.length;
    assert.equal(await filtered('status=open'), 9);
    assert.equal(await filtered('status=pending&side=buy&order_type=limit&symbol=AAPL'), 9);
    assert.equal(await filtered('symbol=MSFT'), 0);
    assert.equal(await filtered('status=cancelled'), 0);
    for (const wrong of ['status=done', 'cursor=nonsense', 'limit=0', 'colour=red']) {
      assert.equal((await user.get(`/api/orders/?${wrong}`)).status, 422, wrong);
    }
    const deleted = await user.send('DELETE', `/api/portfolios/${id}?force=true`);
    assert.deepEqual([deleted.status, deleted.body.orders_cancelled], [200, 9]);
    // Its orders are kept, and found.
    assert.equal((await orderNow(ids[0])).status, 'cancelled');
  });

  it('what is forced to go is told of, and goes nowhere else', async () => {
    const [first] = (await answered('octopus.portfolios.list')).portfolios;
    const { id } = await create();
    await maker.order(AAPL, 'sell', 10, 190);
    await order(id, { quantity: 10, price: 190 });
    await answered('octopus.portfolios.positions.add', { portfolio_id: id });
    const before = await shown(first.id);
    const last = await shown(id);
    const deleted = await user.send('DELETE', `/api/portfolios/${id}?force=true`);
    assert.equal(deleted.status, 200);
    const { moved, moved_to, positions } = deleted.body;
    assert.equal(moved_to, first.id);
    assert.deepEqual(
      moved.toSorted((a: Data, b: Data) => a.asset.localeCompare(b.asset)),
      [
        { asset: 'AAPL', amount: 10 },
        { asset: 'USD', amount: last.cash_balance },
      ],
    );
    assert.equal(positions.length, 2, 'the order’s position and the holding as they were');
    const now = await shown(first.id);
    const cents = (amount: number): number => Math.round(amount * 1e6);
    assert.equal(cents(now.cash_balance), cents(before.cash_balance) + cents(last.cash_balance));
    assert.equal(cents(now.total_value - before.total_value), cents(last.cash_balance + 1900));
    const main = await call('octopus.portfolios.delete', { portfolio_id: first.id });
    assert.deepEqual([main.status, main.body.details.code], [409, 'PORTFOLIO_IN_USE']);
  });

  it('transfers are recorded on both sides, and more than there is does not go', async () => {
    const { id } = await create({ initial_cash: 0, currency: 'usdc' });
    const [first] = (await answered('octopus.portfolios.list')).portfolios;
    const other_portfolio_id = first.id;
    const moved = await transfer(id, {
      direction: 'in',
      asset: 'USDC',
      amount: 250.123456,
      other_portfolio_id,
      note: 'for a rainy day',
    });
    assert.deepEqual(
      [moved.direction, moved.asset, moved.amount, moved.other_portfolio_id, moved.note],
      ['in', 'USDC', 250.123456, first.id, 'for a rainy day'],
    );
    const mine = await user.get(`/api/portfolios/${id}/transfers`);
    assert.deepEqual(mine.body, { transfers: [moved], next_cursor: null });
    const [theirs] = (await user.get(`/api/portfolios/${first.id}/transfers?limit=1`)).body
      .transfers;
    assert.deepEqual(
      [theirs.direction, theirs.amount, theirs.other_portfolio_id],
      ['out', 250.123456, id],
    );
    const portfolio = await shown(id);
    assert.deepEqual([portfolio.currency, portfolio.total_value], ['USDC', 250.123456]);
    for (const [body, status, code] of [
      [{ direction: 'out', amount: 251 }, 409, 'INSUFFICIENT_BALANCE'],
      [{ direction: 'out', amount: 1e-7 }, 422, 'INVALID_PARAMETER'],
      [{ direction: 'in', amount: 2e9 }, 422, 'AMOUNT_TOO_LARGE'],
      [{ direction: 'in', amount: 1, asset: 'EUR' }, 404, 'UNKNOWN_ASSET'],
      [{ direction: 'in', amount: 1, other_portfolio_id: id }, 404, 'UNKNOWN_PORTFOLIO'],
    ] as const) {
      const reply = await transfer(id, body, status);
      assert.equal(reply.details.code, code);
    }
    await order(id, { symbol: 'ETH/USDC', exchange: 'sei', quantity: 0.1, price: 2000 });
    const held = await transfer(id, { direction: 'out', amount: 100 }, 409);
    assert.equal(held.details.code, 'INSUFFICIENT_BALANCE', 'what an order holds stays');
  });

  it('two users see nothing of each other', async () => {
    const { id } = await create();
    const placed = await order(id, { price: 1 });
    const added = await answered('octopus.portfolios.positions.add', { portfolio_id: id });
    const ids = { portfolio_id: id, order_id: placed.id, position_id: added.id };
    for (const { id: name, path, requestExample } of contract?.rest ?? []) {
      if (!/\{(portfolio|order|position)_id\}/.test(path) || name.includes('risk')) continue;
      const reply = await call(name, ids, requestExample ?? undefined, other);
      assert.equal(reply.status, 404, `${name}: ${JSON.stringify(reply.body)}`);
      assert.equal(reply.body.error, 'NotFound');
    }
    const theirs = await call('octopus.orders.create', {}, { ...PLAIN, portfolio_id: id }, other);
    assert.deepEqual([theirs.status, theirs.body.details.code], [404, 'UNKNOWN_PORTFOLIO']);
    const listed = await other.get(`/api/orders?portfolio_id=${id}`);
    assert.equal(listed.status, 404);
    const { orders } = (await other.get('/api/orders')).body;
    assert.ok(orders.every((one: Data) => one.id !== placed.id));
    const { portfolios } = (await other.get('/api/portfolios')).body;
    assert.deepEqual(
      portfolios.map((one: Data) => one.name),
      ['default'],
    );
    const moved = await other.send('POST', `/api/portfolios/${portfolios[0].id}/transfers`, {
      direction: 'in',
      amount: 1,
      other_portfolio_id: id,
    });
    assert.equal(moved.status, 404);
  });

  const PLAIN = { symbol: 'AAPL', side: 'buy', order_type: 'limit', quantity: 1, price: 1 };
});
