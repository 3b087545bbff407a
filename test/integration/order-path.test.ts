import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { type Client, eventually, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

/**
 * One order end to end over real sockets, on a venue without simulated traders, so that every
 * number is known: what is placed must follow, and nothing else.
 */
describe('an order’s whole way', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let client: Client;
  before(async () => {
    server = await ServerProcess.start(directory.path, {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
      OPENBELL_OPENING_BALANCES: 'USD=1000000,AAPL=1000',
    });
    client = await server.login();
  });
  after(async () => {
    await server.end('SIGKILL');
    directory.remove();
  });

  const order = (side: string, price: number, quantity: number, more: object = {}) =>
    client.post('/v1/trading/orders', {
      exchange: 'nasdaq',
      symbol: 'AAPL',
      side,
      type: 'limit',
      quantity,
      price,
      ...more,
    });
  const book = async () => (await client.get('/v1/markets/NASDAQ/orderbook/AAPL')).body.data;

  it('rests a limit order and shows it in the book', async () => {
    const reply = await order('buy', 150.5, 100);
    assert.equal(reply.status, 201);
    assert.equal(reply.body.status, 'ok');
    const { data } = reply.body;
    assert.match(data.order_id, /^\d+$/);
    assert.deepEqual(
      [data.exchange, data.symbol, data.side, data.type, data.quantity, data.price, data.status],
      ['NASDAQ', 'AAPL', 'buy', 'limit', 100, 150.5, 'open'],
    );
    assert.deepEqual((await book()).bids, [{ price: 150.5, quantity: 100, orders: 1 }]);
  });

  it('fills by price, then time, at the maker’s price, and charges the stated fee', async () => {
    const second = await order('buy', 150.5, 50);
    await order('buy', 150.4, 10);
    assert.deepEqual((await book()).bids, [
      { price: 150.5, quantity: 150, orders: 2 },
      { price: 150.4, quantity: 10, orders: 1 },
    ]);
    const sale = await order('sell', 150.4, 155);
    assert.equal(sale.status, 201);
    const { data } = sale.body;
    assert.equal(data.status, 'filled');
    assert.equal(data.filled_quantity, 155);
    // 150 at 150.50 and 5 at 150.40 are 23 327.00; NASDAQ takers pay 30 millionths of it.
    assert.equal(data.average_price, 150.49677419);
    assert.equal(data.fee, 0.69981);
    const filled = (await client.get(`/v1/trading/orders/${second.body.data.order_id}`)).body.data;
    assert.deepEqual([filled.status, filled.filled_quantity, filled.fee], ['filled', 50, 0]);
    assert.deepEqual((await book()).bids, [{ price: 150.4, quantity: 5, orders: 1 }]);
    assert.deepEqual((await book()).asks, []);
  });

  it('takes what a market order finds and expires the rest', async () => {
    const reply = await client.post('/v1/trading/orders', {
      exchange: 'NASDAQ',
      symbol: 'AAPL',
      side: 'sell',
      type: 'market',
      quantity: 9,
    });
    const { data } = reply.body;
    assert.deepEqual(
      [data.status, data.filled_quantity, data.average_price, data.price],
      ['expired', 5, 150.4, null],
    );
    assert.deepEqual((await book()).bids, []);
  });

  it('denies to the unit what the balance does not cover', async () => {
    // Bought 160 and sold 160 of its own orders: only the fees of the sales left the portfolio:
    // 0.699810 + 30 millionths of 752.00 = 0.722370. Free: 999 999.277630 USD.
    const most = await order('buy', 999.96, 1000);
    assert.equal(most.status, 201, 'holds 999 960 and a fee of 29.9988: 999 989.9988');
    const id = most.body.data.order_id;
    const over = await order('buy', 0.01, 928);
    assert.equal(over.status, 409, 'holds 9.28 and a fee of 0.000278: 9.280278 of 9.278830');
    assert.equal(over.body.error.code, 'INSUFFICIENT_BALANCE');
    const within = await order('buy', 0.01, 927);
    assert.equal(within.status, 201);
    await client.delete(`/v1/trading/orders/${id}`);
    await client.delete(`/v1/trading/orders/${within.body.data.order_id}`);
  });

  it('streams the order’s life to its owner and cancels it', async () => {
    const socket = new WebSocket(server.webSocketUrl(`/v1/ws/orders?token=${client.token}`));
    const seen: { order_id: string; status: string }[] = [];
    socket.on('message', (text) => seen.push(JSON.parse(String(text))));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const { body } = await order('buy', 149, 7, { client_order_id: 'mine-1' });
    const id = body.data.order_id;
    const twice = await order('buy', 149, 7, { client_order_id: 'mine-1' });
    assert.deepEqual([twice.status, twice.body.data.order_id], [201, id], 'the first result again');
    const other = await order('buy', 149, 8, { client_order_id: 'mine-1' });
    assert.equal(other.status, 409, 'another order under that id');
    assert.equal(other.body.error.details.reason, 'DUPLICATE_CLIENT_ORDER_ID');
    const cancelled = await client.delete(`/v1/trading/orders/${id}`);
    assert.equal(cancelled.status, 200);
    assert.equal(cancelled.body.data.status, 'cancelled');
    await eventually('both states on the socket', () => {
      const states = seen.filter((message) => message.order_id === id).map(({ status }) => status);
      return states.join() === 'open,cancelled' ? true : undefined;
    });
    socket.close();
    assert.equal((await client.get(`/v1/trading/orders/${id}`)).body.data.status, 'cancelled');
    const late = await order('buy', 149, 7, { client_order_id: 'mine-1' });
    assert.deepEqual(
      [late.status, late.body.data.order_id, late.body.data.status],
      [201, id, 'cancelled'],
      'also when it has closed',
    );
    const found = await client.get('/v1/trading/orders?client_order_id=mine-1');
    assert.equal(found.body.data.order_id, id);
    const unknown = await client.get('/v1/trading/orders?client_order_id=nobody');
    assert.equal(unknown.status, 404);
    assert.deepEqual(unknown.body.error.details, {
      parameter: 'client_order_id',
      value: 'nobody',
      reason: 'UNKNOWN_ORDER',
    });
    assert.equal((await client.delete('/v1/trading/orders/999999')).status, 404);
  });
});
