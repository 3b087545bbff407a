import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Prng } from '../../src/lib/prng.ts';
import { type Client, type Reply, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const SEED = 42;
const ROUNDS = 3;
const PATH = '/v1/markets/NASDAQ/orderbook/MSFT?depth=1000';
const ENV = {
  OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
  OPENBELL_OPENING_BALANCES: 'USD=100000000,MSFT=100000',
};

/** What the client was told about an order. */
interface Told {
  readonly id: string;
  status: string;
  filled: number;
}

/**
 * `kill -9` under load, over and over on one data directory. The rule: whatever a client was told
 * before is true after the restart, and nothing happened twice.
 */
describe('kill -9 in the middle of trading', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess | undefined;
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  it(`loses nothing that was acknowledged (seed ${SEED}, ${ROUNDS} rounds)`, async () => {
    const prng = new Prng(SEED);
    const told = new Map<string, Told>();
    for (let round = 0; round < ROUNDS; round += 1) {
      server = await ServerProcess.start(directory.path, ENV);
      const client = await server.login();
      await assertTold(client, told, round);
      const dead = server;
      const lanes = Array.from({ length: 8 }, () => trade(client, prng, told));
      await new Promise((resolve) => setTimeout(resolve, prng.integer(200, 600)));
      await dead.end('SIGKILL');
      await Promise.all(lanes);
    }
    assert.ok(told.size > 100, `only ${told.size} orders were acknowledged`);
    server = await ServerProcess.start(directory.path, ENV);
    await assertTold(await server.login(), told, ROUNDS);
    const { code } = await server.end('SIGTERM');
    assert.equal(code, 0);
    const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
    const args = [cli, 'verify', '--data-dir', directory.path, '--json'];
    const verified = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const report = JSON.parse(verified.stdout);
    assert.deepEqual([report.ok, report.problems], [true, []]);
    assert.ok(report.commands_matched_again >= told.size);
  });
});

/** Places and cancels until the server is gone, noting only what replies said. */
async function trade(client: Client, prng: Prng, told: Map<string, Told>): Promise<void> {
  for (;;) {
    let reply: Reply;
    try {
      const open = [...told.values()].filter(({ status }) => status === 'open');
      if (open.length > 5 && prng.chance(0.3)) {
        const { id } = open[prng.integer(0, open.length - 1)];
        reply = await client.delete(`/v1/trading/orders/${id}`);
      } else {
        reply = await client.post('/v1/trading/orders', {
          exchange: 'NASDAQ',
          symbol: 'MSFT',
          side: prng.chance(0.5) ? 'buy' : 'sell',
          type: 'limit',
          quantity: prng.integer(1, 20),
          price: prng.integer(39_950, 40_050) / 100,
        });
      }
    } catch {
      return;
    }
    const { data } = reply.body;
    if (data === undefined) continue;
    const before = told.get(data.order_id);
    // Two lanes may hear of one order in another order than it happened: fills only grow.
    if (before !== undefined && before.filled > data.filled_quantity) continue;
    told.set(data.order_id, {
      id: data.order_id,
      status: data.status,
      filled: data.filled_quantity,
    });
  }
}

const CLOSED = ['filled', 'cancelled', 'expired', 'rejected'];

async function assertTold(client: Client, told: Map<string, Told>, round: number): Promise<void> {
  const where = `seed ${SEED}, after ${round} kills`;
  const levels = new Map<string, number>();
  for (const order of told.values()) {
    const reply = await client.get(`/v1/trading/orders/${order.id}`);
    assert.equal(reply.status, 200, `order ${order.id} is gone: ${where}`);
    const { data } = reply.body;
    assert.ok(data.filled_quantity >= order.filled, `a fill of ${order.id} is gone: ${where}`);
    if (CLOSED.includes(order.status)) {
      assert.equal(data.status, order.status, `order ${order.id}: ${where}`);
      assert.equal(data.filled_quantity, order.filled, `order ${order.id}: ${where}`);
    }
    if (CLOSED.includes(data.status)) continue;
    const key = `${data.side} ${data.price}`;
    levels.set(key, (levels.get(key) ?? 0) + data.remaining_quantity);
    order.status = data.status;
  }
  const book = (await client.get(PATH)).body.data;
  for (const [side, rows] of [
    ['buy', book.bids],
    ['sell', book.asks],
  ] as const) {
    for (const { price, quantity } of rows) {
      // Orders whose reply was lost rest there too, so a level holds at least what was told.
      const known = levels.get(`${side} ${price}`) ?? 0;
      assert.ok(quantity >= known, `${side} level ${price} lost quantity: ${where}`);
      levels.delete(`${side} ${price}`);
    }
  }
  assert.deepEqual([...levels], [], `levels that are gone: ${where}`);
  assert.ok(
    book.bids.length === 0 || book.asks.length === 0 || book.bids[0].price < book.asks[0].price,
    `crossed: ${where}`,
  );
}
