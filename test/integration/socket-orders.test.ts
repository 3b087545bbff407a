import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Client, ServerProcess } from '../support/server-process.ts';
import { StreamClient } from '../support/stream-client.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

/**
 * Orders over the native stream on a venue without simulated traders, so that every number is
 * known. REST reads the same orders, so both must say the same.
 */
describe('orders over /ws/stream', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let rest: Client;
  let client: StreamClient;
  before(async () => {
    server = await ServerProcess.start(directory.path, {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
      OPENBELL_OPENING_BALANCES: 'USD=1000000,AAPL=1000,USDT=1000000,BTC=5',
    });
    rest = await server.login();
    client = await StreamClient.connect(server.webSocketUrl('/ws/stream'));
  });
  after(async () => {
    client?.close();
    await server?.end('SIGKILL');
    directory.remove();
  });

  const place = (side: string, price: string | undefined, quantity: string, more: object = {}) =>
    client.ask({
      op: 'order.place',
      market: 'NASDAQ:AAPL',
      side,
      type: 'limit',
      quantity,
      price,
      ...more,
    });
  const cancel = (order_id: string) => client.ask({ op: 'order.cancel', order_id });
  const status = (order_id: string) => client.ask({ op: 'order.status', order_id });

  it('takes no order before the login, and none with a wrong token', async () => {
    assert.equal((await place('buy', '1', '1')).code, 'UNAUTHORIZED');
    const wrong = await client.ask({ op: 'login', token: `${rest.token}x` });
    assert.deepEqual(
      [wrong.type, wrong.code, wrong.details],
      ['error', 'UNAUTHORIZED', { reason: 'INVALID_CREDENTIALS' }],
    );
    const { id, ...login } = await client.ask({ op: 'login', token: rest.token });
    assert.match(login.portfolio_id, /^\d+$/);
    assert.deepEqual(
      { ...login, portfolio_id: '' },
      { type: 'logged_in', user: 'admin', scopes: ['read', 'write', 'admin'], portfolio_id: '' },
    );
  });

  it('rests, fills by price then time, cancels: every number', async () => {
    const first = (await place('buy', '150.50', '100', { client_order_id: 'first' })).order;
    const { order_id, portfolio_id, created_at, updated_at, ...rested } = first;
    assert.match(`${order_id} ${portfolio_id}`, /^[1-9]\d* [1-9]\d*$/);
    assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.equal(created_at, updated_at);
    assert.deepEqual(rested, {
      client_order_id: 'first',
      market: 'NASDAQ:AAPL',
      side: 'buy',
      type: 'limit',
      time_in_force: 'gtc',
      post_only: false,
      quantity: '100',
      price: '150.50',
      status: 'open',
      filled_quantity: '0',
      remaining_quantity: '100',
      average_price: null,
      fee: '0',
      fee_asset: 'USD',
      reason: null,
    });
    const second = (await place('buy', '150.4', '10')).order;
    // 100 at 150.50 and 5 at 150.40 are 15 802.00; takers pay 30 millionths of it.
    const sale = (await place('sell', '150.4', '105')).order;
    assert.deepEqual(
      [sale.status, sale.filled_quantity, sale.remaining_quantity, sale.average_price, sale.fee],
      ['filled', '105', '0', '150.495238', '0.47406'],
    );
    const maker = (await status(order_id)).order;
    assert.deepEqual(
      [maker.status, maker.filled_quantity, maker.average_price, maker.fee],
      ['filled', '100', '150.50', '0'],
    );
    const partial = (await status(second.order_id)).order;
    assert.deepEqual(
      [partial.status, partial.filled_quantity, partial.remaining_quantity],
      ['partially_filled', '5', '5'],
    );
    const cancelled = (await cancel(second.order_id)).order;
    assert.deepEqual(
      [cancelled.status, cancelled.reason, cancelled.filled_quantity],
      ['cancelled', 'requested', '5'],
    );
    const { data } = (await rest.get(`/v1/trading/orders/${second.order_id}`)).body;
    assert.deepEqual([data.status, data.filled_quantity, data.price], ['cancelled', 5, 150.4]);
    const again = await cancel(second.order_id);
    assert.deepEqual([again.code, again.details.status], ['ORDER_NOT_IN_BOOK', 'cancelled']);
    assert.equal((await cancel('999999')).code, 'UNKNOWN_ORDER');
    assert.equal((await status('999999')).code, 'UNKNOWN_ORDER');
  });

  it('keeps fractions exact, as text and as JSON numbers', async () => {
    const market = 'binance:BTC-USDT';
    const bid = (await place('buy', '97250.1', '0.003', { market })).order;
    assert.deepEqual([bid.price, bid.quantity], ['97250.1', '0.003']);
    const sale = await client.ask({
      op: 'order.place',
      market,
      side: 'sell',
      type: 'limit',
      quantity: 0.001,
      price: 97_250.1,
    });
    assert.deepEqual(
      [sale.order.filled_quantity, sale.order.average_price, sale.order.fee_asset],
      ['0.001', '97250.1', 'USDT'],
    );
    assert.equal((await cancel(bid.order_id)).order.remaining_quantity, '0.002');
  });

  it('honours each way an order can be meant', async () => {
    const bid = (await place('buy', '149', '5')).order;
    const outcome = async (...order: Parameters<typeof place>) => {
      const reply = await place(...order);
      const { status: state, reason, filled_quantity: filled } = reply.order ?? {};
      return reply.order === undefined ? reply.code : [state, reason, filled];
    };
    assert.deepEqual(await outcome('sell', '149', '6', { time_in_force: 'fok' }), [
      'rejected',
      'fok_not_fillable',
      '0',
    ]);
    const market = { type: 'market', time_in_force: 'fok' };
    assert.deepEqual(await outcome('sell', undefined, '6', market), [
      'rejected',
      'fok_not_fillable',
      '0',
    ]);
    assert.deepEqual(await outcome('sell', '149', '1', { post_only: true }), [
      'rejected',
      'post_only_would_take',
      '0',
    ]);
    assert.deepEqual(await outcome('sell', '149', '2', { time_in_force: 'ioc' }), [
      'filled',
      null,
      '2',
    ]);
    assert.deepEqual(await outcome('sell', undefined, '9', { type: 'market' }), [
      'expired',
      'market_remainder',
      '3',
    ]);
    assert.equal((await status(bid.order_id)).order.status, 'filled');
    assert.equal(await outcome('buy', '999999', '999'), 'INSUFFICIENT_BALANCE');
    assert.equal(await outcome('buy', '150.505', '1'), 'PRICE_OFF_TICK');
    assert.equal(await outcome('buy', '150', '1', { portfolio_id: '999' }), 'UNKNOWN_PORTFOLIO');
  });

  it('places an order once, however often it is asked to under one client order id', async () => {
    const id = { client_order_id: 'twice' };
    const both = await Promise.all([place('buy', '1', '1', id), place('buy', '1', '1', id)]);
    const [first, second] = both.map(({ order }) => order);
    assert.equal(second.order_id, first.order_id, 'the second waited for the first');
    const other = await place('buy', '1', '2', id);
    assert.deepEqual(
      [other.code, other.details.parameter, other.details.value],
      ['DUPLICATE_CLIENT_ORDER_ID', 'client_order_id', 'twice'],
    );
    await cancel(first.order_id);
    const third = (await place('buy', '1', '1', id)).order;
    assert.deepEqual([third.order_id, third.status], [first.order_id, 'cancelled']);
    const found = await client.ask({ op: 'order.status', client_order_id: 'twice' });
    assert.equal(found.order.order_id, first.order_id);
    const unknown = await client.ask({ op: 'order.status', client_order_id: 'nobody' });
    assert.deepEqual(
      [unknown.code, unknown.details.parameter],
      ['UNKNOWN_ORDER', 'client_order_id'],
    );
    for (const named of [{ order_id: first.order_id, client_order_id: 'twice' }, {}]) {
      assert.equal((await client.ask({ op: 'order.status', ...named })).code, 'INVALID_REQUEST');
    }
  });

  it('answers hundreds of requests under way at once, each with its id, on several sockets', async () => {
    const url = server.webSocketUrl('/ws/stream');
    const byQuery = await StreamClient.connect(`${url}?token=${rest.token}`);
    const byHeader = await StreamClient.connect(url, { Authorization: `Bearer ${rest.token}` });
    const placed = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        (i % 2 === 0 ? byQuery : byHeader).ask({
          op: 'order.place',
          market: 'NASDAQ:AAPL',
          side: 'buy',
          type: 'limit',
          quantity: String(i + 1),
          price: '0.01',
        }),
      ),
    );
    assert.deepEqual(
      placed.map(({ order }) => order.quantity),
      placed.map((_, i) => String(i + 1)),
    );
    const ids = placed.map(({ order }) => order.order_id);
    assert.equal(new Set(ids).size, 300);
    const ended = await Promise.all(ids.map((id) => cancel(id)));
    assert.ok(ended.every(({ order }) => order.status === 'cancelled'));
    const logins = [...byQuery.unasked, ...byHeader.unasked].map(({ type }) => type);
    assert.deepEqual(logins, ['welcome', 'logged_in', 'welcome', 'logged_in']);
    byQuery.close();
    byHeader.close();
  });

  it('still knows after kill -9 what it has acknowledged', async () => {
    const open = (await place('buy', '2.5', '3')).order;
    await server.end('SIGKILL');
    server = await ServerProcess.start(directory.path, {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
    });
    rest = await server.login();
    client = await StreamClient.connect(
      server.webSocketUrl(`/ws/stream?token=${encodeURIComponent(rest.token)}`),
    );
    assert.deepEqual((await status(open.order_id)).order, open);
    assert.equal((await cancel(open.order_id)).order.status, 'cancelled');
  });
});
