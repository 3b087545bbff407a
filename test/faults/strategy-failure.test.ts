import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Client, eventually, ServerProcess } from '../support/server-process.ts';
import { performanceWhen, strategy } from '../support/strategy-client.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';

const MAKER = {
  markets: [{ exchange: 'sei', symbol: 'ETH/USDC' }],
  parameters: { min_spread_bps: 0, max_spread_bps: 4, quote_levels: 2 },
};

/** The thread fails after so many turns that had something to read, and again in every life. */
const CASES = [
  ['throw', /a failpoint threw this/],
  ['exit', /ended with code 33/],
  ['hang', /stood still/],
  ['out_of_memory', /memory/i],
] as const;

// Each has a server of its own, and waits for most of its time.
describe('the strategies’ thread dies from inside', () => {
  for (const [way, why] of CASES) {
    it(`${way}: its quotes leave the books, it starts again, and the venue goes on`, async (t) => {
      const server = await ServerProcess.start(temporaryDirectory(t), {
        OPENBELL_FAILPOINT: `strategies.${way}:120`,
      });
      t.after(() => server.end('SIGKILL'));
      const client = await server.login();
      assert.equal((await client.post('/v1/strategies/market_making/deploy', MAKER)).status, 201);
      await performanceWhen(client, 'market_making', 'quotes', (p) => p.open_orders >= 3);
      const down = await eventually(
        'its thread fails',
        async () => {
          const now = await strategy(client, 'market_making');
          return now.reason !== null && now.performance?.open_orders === 0 ? now : undefined;
        },
        30_000,
      );
      assert.equal(down.status, 'starting');
      assert.match(down.reason ?? '', why);
      await assertVenueGoesOn(client);
      const { orders_sent: sent } = down.performance ?? { orders_sent: 0 };
      const again = await performanceWhen(client, 'market_making', 'quotes again', (p) => {
        return p.open_orders >= 3 && p.orders_sent > sent;
      });
      assert.ok(again.open_orders <= 4);
      assert.ok((await failures(client)) >= 1);
      const stopped = await client.post('/v1/strategies/market_making/stop', undefined);
      assert.equal(stopped.status, 200, JSON.stringify(stopped.body));
      assert.equal(stopped.body.data.performance.open_orders, 0);
      assert.equal((await server.end('SIGTERM')).code, 0);
    });
  }

  it('is given up after too many failures, says so, and stays down over a restart', async (t) => {
    const directory = temporaryDirectory(t);
    let server = await ServerProcess.start(directory, {
      OPENBELL_FAILPOINT: 'strategies.throw:3',
    });
    t.after(() => server.end('SIGKILL'));
    let client = await server.login();
    assert.equal((await client.post('/v1/strategies/market_making/deploy', MAKER)).status, 201);
    const failed = await eventually(
      'it is given up',
      async () => {
        const now = await strategy(client, 'market_making');
        return now.status === 'failed' ? now : undefined;
      },
      30_000,
    );
    assert.match(failed.reason ?? '', /kept failing.*a failpoint threw this/);
    assert.equal(failed.performance?.open_orders, 0);
    assert.equal(await failures(client), 5);
    await assertVenueGoesOn(client);
    assert.equal((await server.end('SIGTERM')).code, 0);
    server = await ServerProcess.start(directory);
    client = await server.login();
    assert.equal((await strategy(client, 'market_making')).status, 'failed');
    const again = await client.post('/v1/strategies/market_making/deploy', MAKER);
    assert.equal(again.status, 201, 'who deploys it anew starts it');
    await performanceWhen(client, 'market_making', 'quotes', (p) => p.open_orders >= 3);
  });
});

async function assertVenueGoesOn(client: Client): Promise<void> {
  const order = { exchange: 'binance', symbol: 'BTC/USDT', side: 'buy', type: 'market' };
  const placed = await client.post('/v1/trading/orders', { ...order, quantity: 0.001 });
  assert.equal(placed.status, 201, JSON.stringify(placed.body));
  assert.equal(placed.body.data.status, 'filled');
  const health = await client.get('/api/v1/health');
  assert.equal(health.status, 200);
}

async function failures(client: Client): Promise<number> {
  const { body } = await client.get('/api/v1/metrics');
  const line = String(body).match(/^openbell_strategy_thread_failures_total (\d+)$/m);
  return Number(line?.[1]);
}
