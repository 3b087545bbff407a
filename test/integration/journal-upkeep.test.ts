import assert from 'node:assert/strict';
import { cpSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { isMarginEvent } from '../../src/domain/margin-events.ts';
import { FAIL_DURING_COMPACTION, FAIL_DURING_SNAPSHOT } from '../../src/journal/failpoints.ts';
import { openStore } from '../../src/journal/store.ts';
import { openbell } from '../support/command-line.ts';
import { type Client, eventually, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory, temporaryDirectory } from '../support/temp-directory.ts';

/** Snapshots every moment, and little kept: days of a venue in seconds. */
const FAST = {
  OPENBELL_SNAPSHOT_INTERVAL_KIB: '128',
  OPENBELL_SNAPSHOT_INTERVAL_SECONDS: '1',
  OPENBELL_RETAIN_SIMULATED_ORDERS: '500',
  OPENBELL_RETAIN_SIMULATED_TRADES_PER_MARKET: '20',
  OPENBELL_SIMULATION_ORDERS_PER_SECOND: '2000',
  OPENBELL_OPENING_BALANCES: 'USD=100000000,MSFT=100000',
};
const QUIET = { ...FAST, OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0' };

interface Snapshot {
  readonly batch: number;
  readonly prunedBatches: number;
  readonly prunedOrders: number;
}

function logged<T>(server: ServerProcess, message: string): T[] {
  return server.log
    .split('\n')
    .filter((line) => line.includes(`"msg":"${message}"`))
    .map((line) => JSON.parse(line) as T);
}

function snapshots(server: ServerProcess): Snapshot[] {
  return logged<Snapshot>(server, 'snapshot');
}

async function place(client: Client, side: string, price: number): Promise<string> {
  const order = { exchange: 'NASDAQ', symbol: 'MSFT', side, type: 'limit', quantity: 3, price };
  const reply = await client.post('/v1/trading/orders', order);
  assert.ok(reply.status < 300, JSON.stringify(reply.body));
  return reply.body.data.order_id;
}

async function statusOf(client: Client, orderId: string): Promise<string> {
  const reply = await client.get(`/v1/trading/orders/${orderId}`);
  assert.equal(reply.status, 200, `order ${orderId} is there`);
  return reply.body.data.status;
}

async function verified(directory: string): Promise<{ [name: string]: unknown }> {
  const { code, stdout, stderr } = await openbell(['verify', '--data-dir', directory, '--json']);
  assert.equal(stderr, '');
  const report = JSON.parse(stdout);
  assert.deepEqual([code, report.ok, report.problems], [0, true, []]);
  return report;
}

/** The rows of an export as NDJSON. */
// biome-ignore lint/suspicious/noExplicitAny: rows are whatever the export says
async function exported(directory: string, what: string, ...more: string[]): Promise<any[]> {
  const args = ['export', '--what', what, '--data-dir', directory, ...more];
  const { stdout, code } = await openbell(args);
  assert.equal(code, 0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** A copy of a data directory that its server has left. */
function copyOf(t: TestContext, directory: string): string {
  const copy = temporaryDirectory(t);
  cpSync(directory, copy, { recursive: true });
  return copy;
}

describe('a venue that takes snapshots while it trades', () => {
  const directory = openTemporaryDirectory();
  const orders = { open: '', cancelled: '' };
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start(directory.path, FAST);
    const client = await server.login();
    orders.open = await place(client, 'buy', 1.5);
    orders.cancelled = await place(client, 'buy', 1.25);
    await client.delete(`/v1/trading/orders/${orders.cancelled}`);
    await eventually('six snapshots', () => snapshots(server).length >= 6 || undefined, 120_000);
  });
  after(async () => {
    await server.end('SIGKILL');
    directory.remove();
  });

  it('prunes what is old and keeps what is a user’s', async () => {
    const client = await server.login();
    await eventually(
      'a run that prunes orders',
      () => snapshots(server).some(({ prunedOrders }) => prunedOrders > 100) || undefined,
    );
    assert.ok(
      snapshots(server)
        .slice(-3)
        .every(({ prunedBatches }) => prunedBatches > 0),
    );
    assert.equal(await statusOf(client, orders.open), 'open');
    assert.equal(await statusOf(client, orders.cancelled), 'cancelled');
    assert.doesNotMatch(server.log, /"level":(40|50|60)/);
  });

  it('can be verified, measured, exported and copied meanwhile', async (t) => {
    await verified(directory.path);
    const stat = await openbell(['stat', '--data-dir', directory.path, '--json']);
    const { snapshots: kept, oldest_batch, databases, format } = JSON.parse(stat.stdout);
    assert.equal(format, 3);
    assert.ok(kept.length >= 2 && oldest_batch > 1);
    assert.equal(databases.length, 7);

    const copy = join(temporaryDirectory(t), 'copy');
    const backup = await openbell(['backup', copy, '--data-dir', directory.path]);
    assert.match(backup.stdout, /^backed up to .*: epoch 1, batch \d+\n$/);
    assert.equal(backup.code, 0);
    assert.ok(Number((await verified(copy)).records) > 0);
    const twice = await openbell(['backup', copy, '--data-dir', directory.path]);
    assert.match(twice.stderr, /is not empty: the backup must be a new or empty directory/);
    assert.equal(twice.code, 1);

    const restored = join(temporaryDirectory(t), 'restored');
    const restore = await openbell(['restore', copy, '--data-dir', restored]);
    assert.match(restore.stdout, /^restored to /);
    const busy = await openbell(['restore', copy, '--data-dir', directory.path]);
    assert.match(busy.stderr, /is not empty: the data directory must be/);
    const again = await ServerProcess.start(restored, QUIET);
    const client = await again.login();
    assert.equal(await statusOf(client, orders.open), 'open');
    await again.end('SIGTERM');

    const mine = (await exported(copy, 'orders')).filter(({ session_id }) => session_id === 0);
    assert.deepEqual(
      mine.map(({ order_id, status, price, quantity }) => [order_id, status, price, quantity]),
      [
        [Number(orders.open), 'open', '1.5', '3'],
        [Number(orders.cancelled), 'cancelled', '1.25', '3'],
      ],
    );
  });

  it('exports every event, trade and fact, and no secret', async () => {
    const seqs = new Map<string, number>();
    for (const { market, seq, type } of await exported(directory.path, 'events')) {
      assert.equal(seq, (seqs.get(market) ?? seq - 1) + 1, `${market} has no gap`);
      seqs.set(market, seq);
      assert.doesNotMatch(type, /^type /, 'every record is known by name');
    }
    assert.ok(seqs.size > 5);
    const market = 'binance:BTC-USDT';
    for (const trade of await exported(directory.path, 'trades', '--market', market)) {
      assert.equal(trade.market, market);
      assert.equal(Number(trade.price), trade.price_ticks / 10);
    }
    const facts = await exported(directory.path, 'facts');
    // Entries of margin trading lie among them in the sequence and are not kept for ever.
    assert.ok(facts.every(({ seq }, i) => i === 0 || Number(seq) > Number(facts[i - 1].seq)));
    assert.equal(facts[0].seq, 1);
    assert.ok(facts.every(({ type }) => !isMarginEvent({ kind: String(type) })));
    const admin = facts.find(({ type }) => type === 'UserRegistered');
    assert.equal(admin?.fact.username, 'admin');
    const names = facts.flatMap(({ fact }) => Object.keys(fact));
    assert.deepEqual(
      names.filter((name) => /hash|secret|password/i.test(name)),
      [],
    );
    const csv = await openbell([
      ...['export', '--what', 'trades', '--format', 'csv'],
      ...['--market', market, '--data-dir', directory.path],
    ]);
    const [head, ...rows] = csv.stdout.trim().split('\r\n');
    assert.ok(
      rows.length > 5 && head.startsWith('market,trade_id,seq,time,printed,taker_side,price'),
    );
    const columns = head.split(',').length;
    assert.ok(rows.every((row) => row.split(',').length === columns));
    const wrong = await openbell(['export', '--what', 'orders', '--from-seq', '3'], {
      OPENBELL_DATA_DIR: directory.path,
    });
    assert.match(wrong.stderr, /orders have no sequence/);
  });

  it('starts from its newest snapshot after a kill', async () => {
    const count = snapshots(server).length;
    await server.end('SIGKILL');
    const report = await verified(directory.path);
    assert.ok(Number(report.from_snapshot) > 0 && count > 2);
    server = await ServerProcess.start(directory.path, FAST);
    const [recovered] = logged<{ snapshotBatch: number; records: number }>(server, 'recovered');
    assert.ok(recovered.snapshotBatch > Number(report.from_snapshot));
    assert.ok(recovered.records < Number(report.records), 'only what the newest lacks');
    const client = await server.login();
    assert.equal(await statusOf(client, orders.open), 'open');
    assert.equal(await statusOf(client, orders.cancelled), 'cancelled');
    await eventually('the next snapshot', () => snapshots(server).length > 0 || undefined);
    assert.equal((await server.end('SIGTERM')).code, 0);
  });

  it('passes a damaged snapshot over, says so, and starts from the one before', async (t) => {
    const copy = copyOf(t, directory.path);
    const store = openStore(copy, { readOnly: false, durability: 'commit' });
    const [entry] = store.snapshots.getRange({ reverse: true, offset: 1, limit: 1 });
    const value = Buffer.from(entry.value);
    value[100] ^= 1;
    store.snapshots.putSync(Buffer.from(entry.key), value);
    await store.close();
    const damaged = await openbell(['verify', '--data-dir', copy]);
    assert.equal(damaged.code, 1);
    assert.match(damaged.stdout, /^PROBLEM: snapshot after batch \d+: part \d+: CRC32C differs/);
    const again = await ServerProcess.start(copy, QUIET);
    const warnings = again.log.split('\n').filter((line) => line.includes('"level":40'));
    assert.match(warnings[0], /snapshot after batch \d+: part \d+: CRC32C differs/);
    assert.equal(await statusOf(await again.login(), orders.open), 'open');
    await again.end('SIGTERM');
  });

  for (const failpoint of [FAIL_DURING_SNAPSHOT, FAIL_DURING_COMPACTION]) {
    it(`survives a kill at ${failpoint}`, async (t) => {
      const copy = copyOf(t, directory.path);
      for (const time of [1, 4]) {
        const env = { ...FAST, OPENBELL_FAILPOINT: `${failpoint}:${time}` };
        const dying = await ServerProcess.start(copy, env);
        assert.equal((await dying.ended()).signal, 'SIGKILL');
        await verified(copy);
      }
      const again = await ServerProcess.start(copy, FAST);
      const client = await again.login();
      assert.equal(await statusOf(client, orders.open), 'open');
      await eventually('a snapshot', () => snapshots(again).length > 0 || undefined);
      await again.end('SIGTERM');
      await verified(copy);
    });
  }

  it('is refused in a sentence, not by a signal, where its file is not whole', async (t) => {
    const copy = copyOf(t, directory.path);
    const path = join(copy, 'journal', 'data.mdb');
    const whole = readFileSync(path);
    const damages: [string, () => void, RegExp][] = [
      ['cut short', () => truncateSync(path, statSync(path).size >> 1), /its meta page says/],
      ['of a few bytes', () => writeFileSync(path, 'abc'), /it has 3 bytes, less than one page/],
      [
        'of garbage',
        () =>
          writeFileSync(
            path,
            whole.map((byte) => byte ^ 0x5a),
          ),
        /no LMDB meta/,
      ],
    ];
    for (const [what, damage, sentence] of damages) {
      writeFileSync(path, whole);
      damage();
      const target = join(temporaryDirectory(t), 'none');
      const commands = [
        ['serve'],
        ['verify'],
        ['stat'],
        ['export', '--what', 'events'],
        ['backup', target],
      ];
      const env = { ...QUIET, OPENBELL_DATA_DIR: copy, OPENBELL_PORT: '0' };
      const results = await Promise.all(commands.map((args) => openbell(args, env)));
      for (const [i, { code, signal, stderr }] of results.entries()) {
        assert.deepEqual([code, signal], [1, null], `${commands[i][0]} of a file ${what}`);
        assert.match(stderr, sentence, `${commands[i][0]} of a file ${what}`);
      }
    }
  });

  it('does not start on a changed byte of its batches, and says where', async (t) => {
    const copy = copyOf(t, directory.path);
    const store = openStore(copy, { readOnly: false, durability: 'commit' });
    const [newest] = store.batches.getKeys({
      start: Number.MAX_SAFE_INTEGER,
      end: 0,
      reverse: true,
    });
    const value = Buffer.from(store.batches.get(newest) ?? []);
    value[70] ^= 1;
    store.batches.putSync(newest, value);
    await store.close();
    const env = { ...QUIET, OPENBELL_DATA_DIR: copy, OPENBELL_PORT: '0' };
    const { code, stderr } = await openbell(['serve'], env);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`journal batch ${newest}, byte \\d+.*CRC32C differs`));
  });
});
