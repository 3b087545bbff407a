import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import WebSocket from 'ws';
import { EXIT_JOURNAL, EXIT_SOFTWARE } from '../../src/gateway/exit-codes.ts';
import { type Client, eventually, type Reply, ServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';

const ENV = {
  OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
  OPENBELL_OPENING_BALANCES: 'USD=100000000,AAPL=100000',
  OPENBELL_FAILURE_EXIT_SECONDS: '1',
};
/** For threads that run out of memory: enough for the server, soon used up. */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=160' };

const CASES = [
  ['market.throw', 'matching', EXIT_SOFTWARE, /a failpoint threw this/],
  ['market.exit', 'matching', EXIT_SOFTWARE, /ended with code 33/],
  ['market.out_of_memory', 'matching', EXIT_SOFTWARE, /memory/i],
  ['journal.throw', 'journal', EXIT_JOURNAL, /a failpoint threw this/],
  ['journal.exit', 'journal', EXIT_JOURNAL, /ended with code 33/],
  ['journal.out_of_memory', 'journal', EXIT_JOURNAL, /memory/i],
] as const;

/** Batches before the failure; the journal has the venue's own facts to commit as well. */
const AT = { matching: 5, journal: 60 };

// Each has a server of its own, and waits for most of its time.
describe('a thread that dies from inside', { concurrency: 2 }, () => {
  for (const [failpoint, part, exitCode, why] of CASES) {
    it(`${failpoint}: refuses orders, says so, ends with ${exitCode}, and has lost nothing`, async (t) => {
      const directory = temporaryDirectory(t);
      let server = await ServerProcess.start(directory, {
        ...ENV,
        ...(failpoint.endsWith('memory') ? SMALL_HEAP : {}),
        OPENBELL_FAILPOINT: `${failpoint}:${AT[part]}`,
      });
      t.after(() => server.end('SIGKILL'));
      const client = await server.login();
      const socket = new WebSocket(server.webSocketUrl('/ws/stream'));
      const closed = once(socket, 'close');
      const { acknowledged, refused } = await placeUntilRefused(client);
      assert.equal(refused.status, 503);
      assert.equal(refused.body.error.details.reason, 'JOURNAL_UNAVAILABLE');
      assert.equal(refused.headers.get('retry-after'), '10');
      assert.ok(acknowledged.length >= 1);
      const requestId = refused.headers.get('x-request-id') as string;
      await eventually('a log line with the request’s id', () => {
        const line = server.log.split('\n').find((text) => text.includes(requestId));
        return line?.includes('JOURNAL_UNAVAILABLE') ? true : undefined;
      });

      const cancel = await client.delete(`/v1/trading/orders/${acknowledged[0]}`);
      assert.equal(cancel.status, 503, 'a cancel could not be made durable either');
      const known = await client.get(`/v1/trading/orders/${acknowledged[0]}`);
      assert.equal(known.status, 200, 'what is durable can be read');
      await assertTold(client, part, why);
      assert.deepEqual(await server.ended(), { code: exitCode, signal: null });
      const [code, reason] = await closed;
      assert.deepEqual([code, String(reason)], [1011, 'server_failure']);
      assert.match(server.log, /a thread failed: no order is accepted any more/);

      server = await ServerProcess.start(directory, ENV);
      const again = await server.login();
      for (const id of acknowledged) {
        assert.equal((await again.get(`/v1/trading/orders/${id}`)).body.data?.status, 'open', id);
      }
      const name = `mine-${acknowledged.length + 1}`;
      const before = await again.get(`/v1/trading/orders?client_order_id=${name}`);
      const retry = await again.post('/v1/trading/orders', order(name));
      assert.equal(retry.status, 201);
      if (before.status === 200) {
        assert.equal(retry.body.data.order_id, before.body.data.order_id, 'placed once');
      }
      assert.equal((await server.end('SIGTERM')).code, 0);
    });
  }
});

describe('a thread that dies before the server is ready', () => {
  it('ends the start with the same code', async (t) => {
    const env = { ...ENV, OPENBELL_FAILPOINT: 'journal.exit:1' };
    const start = ServerProcess.start(temporaryDirectory(t), env);
    await assert.rejects(start, new RegExp(`the server ended with code ${EXIT_JOURNAL}\\n`));
  });
});

function order(name: string): object {
  const terms = { exchange: 'NASDAQ', symbol: 'AAPL', side: 'buy', type: 'limit' };
  return { ...terms, quantity: 1, price: 100, client_order_id: name };
}

async function placeUntilRefused(
  client: Client,
): Promise<{ acknowledged: string[]; refused: Reply }> {
  const acknowledged: string[] = [];
  for (let i = 1; i <= 500; i += 1) {
    const reply = await client.post('/v1/trading/orders', order(`mine-${i}`));
    if (reply.status !== 201) return { acknowledged, refused: reply };
    acknowledged.push(reply.body.data.order_id);
  }
  return assert.fail('the failpoint was never reached');
}

async function assertTold(client: Client, part: string, why: RegExp): Promise<void> {
  const health = await client.get('/api/v1/health');
  assert.equal(health.status, 503);
  const [problem] = health.body.problems as string[];
  assert.match(problem, why);
  assert.ok(problem.startsWith(`${part}: `), problem);
  await eventually('metrics that say so', async () => {
    const { body } = await client.get('/metrics');
    const unhealthy = body.includes(`openbell_part_healthy{part="${part}"} 0`);
    return unhealthy && body.includes('openbell_accepting 0') ? true : undefined;
  });
}
