import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { EXIT_JOURNAL } from '../../src/gateway/exit-codes.ts';
import { FaultShim } from '../support/fault-shim.ts';
import { type Client, eventually, type Reply, ServerProcess } from '../support/server-process.ts';
import { SmallDisk } from '../support/small-disk.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';
import { assertConserved, assertVerified } from '../support/verify-directory.ts';

const ENV = {
  OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
  OPENBELL_OPENING_BALANCES: 'USD=100000000,AAPL=100000',
  OPENBELL_FAILURE_EXIT_SECONDS: '1',
};

describe('a disk that fails', () => {
  it('ENOSPC: nothing more is acknowledged, health and metrics say so, a restart recovers', async (t) => {
    const disk = SmallDisk.mount(t, 64);
    if (disk === undefined) return;
    const env = { OPENBELL_DISK_MIN_FREE_MIB: '0' };
    await failAndRecover(t, disk.path, env, {
      breaks: () => disk.fillTo(0),
      mends: () => disk.empty(),
      // A full disk fails whichever call comes first: the file's write, or a page of the lock file.
      why: /No space left on device|Input\/output error/,
    });
  });

  for (const [what, call, why] of [
    ['sync', 'fdatasync', /batch \d+ was not committed: .*(Input\/output error|EIO)/],
    ['write', 'p?writev?', /batch \d+ was not committed: .*(Input\/output error|EIO)/],
  ] as const) {
    it(`EIO at a ${what}: tried once and never again, said, recovered by a restart`, async (t) => {
      const shim = FaultShim.open(t);
      if (shim === undefined) return;
      await failAndRecover(t, temporaryDirectory(t), shim.env, {
        breaks: () => shim.arm(what),
        mends: () => {
          const calls = shim.failedCalls();
          assert.equal(calls.length, 1, `failed and not tried again: ${calls.join(', ')}`);
          assert.match(calls[0], new RegExp(`^${call}$`));
          shim.disarm(what);
        },
        why,
      });
    });
  }

  it('little space: orders wait outside, cancels pass, and it ends by itself', async (t) => {
    const disk = SmallDisk.mount(t, 96);
    if (disk === undefined) return;
    const env = { ...ENV, OPENBELL_DISK_MIN_FREE_MIB: '32' };
    const server = await ServerProcess.start(disk.path, env);
    t.after(() => server.end('SIGKILL'));
    const client = await server.login();
    const first = await place(client, 'before');
    assert.equal(first.status, 201);

    disk.fillTo(20);
    const refused = await eventually('a refusal', () => refusal(client));
    assert.equal(refused.status, 503);
    assert.equal(refused.body.error.details.reason, 'DISK_SPACE_LOW');
    assert.equal(refused.headers.get('retry-after'), '30');
    const again = await place(client, 'before');
    assert.equal(
      again.body.data?.order_id,
      first.body.data.order_id,
      'what is durable is answered',
    );
    const cancelled = await client.delete(`/v1/trading/orders/${first.body.data.order_id}`);
    assert.equal(cancelled.body.data?.status, 'cancelled', 'cancels pass');
    const health = await client.get('/api/v1/health');
    assert.equal(health.status, 503);
    assert.match(health.body.problems[0], /^disk: \d+ MiB free, 32 MiB wanted$/);
    assert.match((await client.get('/metrics')).body, /openbell_part_healthy\{part="disk"\} 0/);

    disk.empty();
    const name = await eventually('orders are taken again', async () => {
      const reply = await place(client, 'after');
      return reply.status === 201 ? reply.body.data.client_order_id : undefined;
    });
    assert.equal(name, 'after');
    assert.equal((await client.get('/api/v1/health')).status, 200);
    assert.match(server.log, /the disk has space again/);
    assert.equal((await server.end('SIGTERM')).code, 0);
  });

  it('a limit that no disk meets: the server starts, serves, and refuses orders only', async (t) => {
    const directory = temporaryDirectory(t);
    const server = await ServerProcess.start(directory, {
      OPENBELL_DISK_MIN_FREE_MIB: String(2 ** 30),
    });
    t.after(() => server.end('SIGKILL'));
    const client = await server.login();
    assert.equal((await place(client, 'a')).body.error.details.reason, 'DISK_SPACE_LOW');
    const book = await client.get('/v1/markets/NASDAQ/orderbook/AAPL');
    assert.equal(book.status, 200);
    assert.deepEqual(book.body.data.bids, [], 'simulated traders wait, too');
    assert.equal((await server.end('SIGTERM')).code, 0);
  });
});

interface Fault {
  readonly breaks: () => void;
  readonly mends: () => void;
  readonly why: RegExp;
}

async function failAndRecover(
  t: TestContext,
  directory: string,
  env: Readonly<Record<string, string>>,
  { breaks, mends, why }: Fault,
): Promise<void> {
  let server = await ServerProcess.start(directory, { ...ENV, ...env });
  t.after(() => server.end('SIGKILL'));
  const client = await server.login();
  const acknowledged: string[] = [];
  for (let i = 0; i < 30; i += 1) {
    acknowledged.push((await place(client, `before-${i}`)).body.data.order_id);
  }
  breaks();
  // The file may have room inside for a while after the disk is full.
  let lost = 0;
  for (let reply = await place(client, `lost-${lost}`); reply.status === 201; ) {
    acknowledged.push(reply.body.data.order_id);
    lost += 1;
    assert.ok(lost < 100_000, 'the disk never failed');
    reply = await place(client, `lost-${lost}`);
  }
  const refused = await place(client, 'never');
  assert.deepEqual(
    [refused.status, refused.body.error.details.reason],
    [503, 'JOURNAL_UNAVAILABLE'],
  );
  const health = await client.get('/api/v1/health');
  assert.equal(health.status, 503);
  assert.match(health.body.problems[0], why);
  assert.equal(health.body.components.database, 'unhealthy');
  assert.match((await client.get('/metrics')).body, /openbell_part_healthy\{part="journal"\} 0/);
  assert.equal((await server.ended()).code, EXIT_JOURNAL);

  mends();
  server = await ServerProcess.start(directory, { ...ENV, ...env });
  const again = await server.login();
  for (const id of acknowledged) {
    const { body } = await again.get(`/v1/trading/orders/${id}`);
    assert.equal(body.data?.status, 'open', `order ${id} was acknowledged`);
  }
  const retry = await place(again, `lost-${lost}`);
  assert.equal(retry.status, 201, 'orders are taken again');
  assert.equal((await place(again, 'never')).status, 201);
  assert.equal((await server.end('SIGTERM')).code, 0);
  assertVerified(directory, 'after the failure');
  await assertConserved(directory, 'after the failure');
}

async function refusal(client: Client): Promise<Reply | undefined> {
  const reply = await place(client, `full-${Math.round(performance.now())}`);
  return reply.status === 201 ? undefined : reply;
}

function place(client: Client, name: string): Promise<Reply> {
  const terms = { exchange: 'NASDAQ', symbol: 'AAPL', side: 'buy', type: 'limit' };
  const body = { ...terms, quantity: 1, price: 100, client_order_id: name };
  return client.post('/v1/trading/orders', body);
}
