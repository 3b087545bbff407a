import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultShim } from '../support/fault-shim.ts';
import { type Client, eventually, type Reply, ServerProcess } from '../support/server-process.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';

const ENV = {
  OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
  OPENBELL_OPENING_BALANCES: 'USD=100000000,AAPL=100000',
};
/** Time for anything that does not wait for the disk to get out. */
const LEAK_MS = 400;

function place(client: Client, side: string, quantity: number): Promise<Reply> {
  const terms = { exchange: 'NASDAQ', symbol: 'AAPL', type: 'limit', price: 100 };
  return client.post('/v1/trading/orders', { ...terms, side, quantity });
}

async function book(client: Client): Promise<unknown> {
  const { bids, asks } = (await client.get('/v1/markets/NASDAQ/orderbook/AAPL')).body.data;
  return { bids, asks };
}

describe('while the disk has not taken a batch', () => {
  it('no reply, book, balance or message tells of anything in it; then all do', async (t) => {
    const shim = FaultShim.open(t);
    if (shim === undefined) return;
    const server = await ServerProcess.start(temporaryDirectory(t), { ...ENV, ...shim.env });
    t.after(() => server.end('SIGKILL'));
    t.after(() => shim.disarm('hold'));
    const client = await server.login();
    const stream = await StreamClient.connect(server.webSocketUrl('/ws/stream'), {
      authorization: `Bearer ${client.token}`,
    });
    for (const channel of ['book', 'trades', 'bbo', 'orders_book']) {
      await stream.ask({ op: 'subscribe', channel, market: 'NASDAQ:AAPL' });
    }
    await stream.ask({ op: 'subscribe', channel: 'fills' });
    await stream.ask({ op: 'subscribe', channel: 'orders' });
    const resting = await place(client, 'buy', 10);
    assert.equal(resting.status, 201);
    await eventually('the first order is told', () => {
      const isTold = ({ channel, type }: { channel?: string; type?: string }) =>
        channel === 'book' && type === 'delta';
      return stream.unasked.some(isTold) || undefined;
    });

    shim.arm('hold');
    const told: string[] = [];
    const { length } = stream.unasked;
    const trading = place(client, 'sell', 4).then((reply) => {
      told.push('the reply over HTTP');
      return reply;
    });
    await eventually('the batch is on its way to the disk', () => shim.isHeld || undefined);
    const before = await book(client);
    await sleep(LEAK_MS);
    const messages = stream.unasked.slice(length).filter(({ type }) => type !== 'heartbeat');
    assert.deepEqual(messages, [], 'no message of any channel');
    assert.deepEqual(told, []);
    assert.deepEqual(await book(client), before);
    assert.deepEqual(before, { bids: [{ price: 100, quantity: 10, orders: 1 }], asks: [] });
    const { data } = (await client.get(`/v1/trading/orders/${resting.body.data.order_id}`)).body;
    assert.equal(data.filled_quantity, 0, 'the order it trades with has not traded');
    assert.ok(shim.isHeld, 'all of this was while the sync waited');

    shim.disarm('hold');
    const reply = await trading;
    assert.deepEqual([reply.status, reply.body.data.status], [201, 'filled']);
    await eventually(
      'the trade is told',
      () => stream.unasked.slice(length).some(({ channel }) => channel === 'trades') || undefined,
    );
    stream.close();
    assert.equal((await server.end('SIGTERM')).code, 0);
  });
});
