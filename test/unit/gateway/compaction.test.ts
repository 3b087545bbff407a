import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { verifyAll } from '../../../src/cli/verification.ts';
import { MarketRegistry } from '../../../src/config/markets.ts';
import type { Retention } from '../../../src/gateway/compaction.ts';
import { recover } from '../../../src/gateway/recover.ts';
import { StateFollower } from '../../../src/gateway/state-follower.ts';
import { encodeState } from '../../../src/gateway/state-image.ts';
import { META_ORDERS_PRUNED_BELOW } from '../../../src/journal/format.ts';
import { readOrderImage } from '../../../src/journal/order-image.ts';
import { readFrames } from '../../../src/journal/recovery.ts';
import { listSnapshots } from '../../../src/journal/snapshots.ts';
import { readTradeImage } from '../../../src/journal/trade-image.ts';
import { imageHash } from '../../../src/matching/state-hash.ts';
import { MachineJournal, USER_PORTFOLIO } from '../../support/machine-journal.ts';
import { shippedMarkets } from '../../support/markets.ts';
import { repositoryRoot } from '../../support/repository.ts';
import { temporaryDirectory } from '../../support/temp-directory.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? 4711);
const MARKETS = shippedMarkets().all.slice(0, 2);
const REGISTRY = new MarketRegistry(MARKETS, new Map());
const ALL: Retention = {
  snapshots: Number.POSITIVE_INFINITY,
  simulatedOrders: Number.POSITIVE_INFINITY,
  simulatedTradesPerMarket: Number.POSITIVE_INFINITY,
};
const LITTLE: Retention = { snapshots: 2, simulatedOrders: 300, simulatedTradesPerMarket: 20 };
const ignore = (): void => undefined;
/** A process that reads and stays. */
const READER = `
  import { open } from 'lmdb';
  const root = open({ path: process.env.FOLDER, noSubdir: false, readOnly: true });
  root.useReadTransaction();
  console.log('reads');
  setInterval(() => undefined, 1000);
`;

function journal(
  t: TestContext,
  batchBytes = 8192,
  userShare = 0.05,
): MachineJournal & { directory: string } {
  const directory = temporaryDirectory(t);
  const made = new MachineJournal(directory, MARKETS, { seed: SEED, batchBytes, userShare });
  t.after(() => made.close().catch(ignore));
  return Object.assign(made, { directory });
}

function problems(made: MachineJournal): readonly string[] {
  return verifyAll(made.store).problems;
}

/** Keys of the trades that the user took part in. */
function userFills(made: MachineJournal): Buffer[] {
  return [...made.store.trades.getRange()]
    .filter(({ key, value }) => {
      const { makerPortfolioId, takerPortfolioId } = readTradeImage(key, value);
      return [makerPortfolioId, takerPortfolioId].includes(USER_PORTFOLIO);
    })
    .map(({ key }) => Buffer.from(key));
}

/** Flips a byte of the newest snapshot's last part or closing record. */
function damage(made: MachineJournal, skip: number): void {
  const [entry] = made.store.snapshots.getRange({ reverse: true, offset: skip, limit: 1 });
  const value = Buffer.from(entry.value);
  value[value.length >>> 1] ^= 1;
  made.store.snapshots.putSync(Buffer.from(entry.key), value);
}

describe(`snapshots (seed ${SEED})`, () => {
  it('lead to the state that all events lead to', async (t) => {
    const made = journal(t);
    const compaction = (): Promise<unknown> => made.compaction(ALL).run();
    made.run(1500);
    await compaction();
    made.run(700);
    await compaction();
    made.run(300);
    const whole = new StateFollower(MARKETS, ignore);
    readFrames(made.store, undefined, (views, at) => whole.apply(views, at));
    const expected = encodeState(whole);

    const facts: string[] = [];
    const recovered = recover(made.store, REGISTRY, (event) => facts.push(event.kind));
    assert.ok(recovered.snapshotBatch > 0);
    assert.ok(recovered.summary.frames < 1500, 'most was not read again');
    assert.deepEqual(recovered.warnings, []);
    assert.deepEqual(recovered.summary.seqs, made.committer.lastSeqs());
    assert.equal(recovered.summary.lastOrderId, whole.lastOrderId);
    assert.deepEqual([...recovered.lastRequestIds], [...whole.lastRequestIds]);
    assert.equal(facts.filter((kind) => kind === 'PortfolioOpened').length, 5);
    whole.restoreHolds();
    assert.deepEqual(recovered.ledger.portfolios, whole.ledger.portfolios, 'holds included');
    const state = Object.assign(new StateFollower(MARKETS, ignore), recovered);
    assert.deepEqual(encodeState(state), expected);
    for (const [marketId, book] of recovered.books) {
      assert.equal(imageHash(book.image()), made.stateHash(marketId));
    }
    assert.deepEqual(problems(made), []);
    assert.equal(verifyAll(made.store).snapshots, 2);
  });

  it('are not taken where nothing happened', async (t) => {
    const made = journal(t);
    made.run(100);
    assert.ok(await made.compaction(ALL).run());
    assert.equal(await made.compaction(ALL).run(), undefined);
  });

  it('that are damaged or unfinished are passed over, and said', async (t) => {
    const made = journal(t);
    made.run(1000);
    await made.compaction(ALL).run();
    made.run(500);
    await made.compaction(ALL).run();
    made.run(500);
    const dies = made.compaction(ALL, (work) => {
      if (work.kind === 'snapshot-close') throw new Error('killed');
    });
    await assert.rejects(dies.run(), /killed/);
    const [, second, first] = listSnapshots(made.store);
    const unfinished = recover(made.store, REGISTRY, ignore);
    assert.equal(unfinished.snapshotBatch, second.batch);
    assert.match(
      unfinished.warnings.join('\n'),
      /^snapshot after batch \d+: it was never finished$/,
    );
    made.run(10);
    await made.compaction(ALL).run();
    assert.equal(listSnapshots(made.store).length, 3, 'the remains were cleared away');

    damage(made, 1);
    const older = recover(made.store, REGISTRY, ignore);
    assert.equal(older.snapshotBatch, second.batch);
    assert.match(older.warnings[0], /part \d+: CRC32C differs/);
    damage(made, 0);
    assert.match(recover(made.store, REGISTRY, ignore).warnings[0], /CRC32C of its closing record/);
    assert.match(problems(made).join('\n'), /CRC32C of its closing record differs/);
    assert.equal(first.problem, undefined);
  });

  it('of which none can be read are no start once the first batches are gone', async (t) => {
    const made = journal(t);
    for (let i = 0; i < 3; i += 1) {
      made.run(500);
      await made.compaction({ ...LITTLE, snapshots: 1 }).run();
    }
    assert.deepEqual(problems(made), []);
    damage(made, 1);
    assert.throws(() => recover(made.store, REGISTRY, ignore), {
      name: 'JournalCorruptError',
      message: /no snapshot can be read, and the batches before this one are gone \(snapshot after/,
    });
  });
});

describe(`retention (seed ${SEED})`, () => {
  it('keeps what it promises: snapshots, batches, users’ orders and fills', async (t) => {
    const made = journal(t);
    for (let i = 0; i < 6; i += 1) {
      made.run(1500);
      await made.compaction(LITTLE).run();
      assert.deepEqual(problems(made), [], `after run ${i}`);
    }
    const [newest, older, ...more] = listSnapshots(made.store);
    assert.deepEqual(more, []);
    assert.ok(newest.batch > older.batch);
    const [first] = made.store.batches.getKeys({ start: 0, limit: 1 });
    assert.equal(first, older.batch);
    const below = made.store.meta.get(META_ORDERS_PRUNED_BELOW) ?? 0;
    assert.equal(below, recover(made.store, REGISTRY, ignore).summary.lastOrderId + 1 - 300);

    const verified = verifyAll(made.store);
    assert.equal(verified.startBatch, older.batch);
    let users = 0;
    for (const { key, value } of made.store.orders.getRange({ end: below })) {
      if (readOrderImage(key, value).portfolioId === USER_PORTFOLIO) users += 1;
    }
    assert.ok(users > 100, `${users} old orders of the user are there`);
    const rows = made.store.orders.getCount();
    assert.ok(rows < users + 300 + 1000, `${rows} rows`);
    const fills = userFills(made);
    assert.ok(fills.length > 50);
    assert.ok(made.store.trades.getCount() <= fills.length + 2 * 20 + 50);
  });

  it('finds what is gone and should not be', async (t) => {
    const made = journal(t);
    for (let i = 0; i < 3; i += 1) {
      made.run(1000);
      await made.compaction(LITTLE).run();
    }
    made.run(300);
    made.committer.settle();
    const fill = userFills(made).at(-1);
    assert.ok(fill !== undefined);
    made.store.trades.removeSync(fill);
    assert.match(problems(made).join('\n'), /its trade is not in the table as it happened/);
  });

  it('finds a snapshot that tells another story than the events', async (t) => {
    const made = journal(t);
    made.run(800);
    await made.compaction(ALL).run();
    made.run(200);
    const other = journal(t);
    other.run(800);
    // The other venue's portfolios, from one order less, under sound checksums.
    other.run(1);
    await other.compaction(ALL).run();
    const [mine] = listSnapshots(made.store);
    const [theirs] = listSnapshots(other.store);
    assert.ok(mine.manifest !== undefined && theirs.manifest !== undefined);
    for (const { key, value } of other.store.snapshots.getRange()) {
      const moved = Buffer.from(key);
      moved.writeBigUInt64BE(BigInt(mine.batch), 0);
      made.store.snapshots.putSync(moved, Buffer.from(value));
    }
    assert.ok(problems(made).length > 0);
  });

  it('clears the place of a reader that was killed', async (t) => {
    const made = journal(t);
    made.run(100);
    const reader = spawn(process.execPath, ['--input-type=module', '-e', READER], {
      env: { ...process.env, FOLDER: join(made.directory, 'journal') },
      cwd: repositoryRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(reader.stdout, 'data');
    const listed = (): boolean => made.store.root.readerList().includes(` ${reader.pid} `);
    assert.ok(listed());
    reader.kill('SIGKILL');
    await once(reader, 'exit');
    assert.ok(listed(), 'its place is still taken');
    made.run(100);
    await made.compaction(LITTLE).run();
    assert.ok(!listed());
  });

  it('lets the file stop growing', async (t) => {
    const made = journal(t, 32_768, 0);
    const path = join(made.directory, 'journal', 'data.mdb');
    const sizes: number[] = [];
    for (let i = 0; i < 40; i += 1) {
      made.run(2000);
      await made.compaction({ ...LITTLE, simulatedOrders: 2000 }).run();
      sizes.push(statSync(path).size);
    }
    assert.equal(made.commands, 80_000);
    // Some pages more or less: where portions end is a matter of time.
    assert.ok(sizes[39] <= sizes[9] * 1.2, `it grew on: ${sizes.join(' ')}`);
    assert.ok(sizes[39] * 5 < made.bytes, 'the frames alone would be many times as large');
  });
});
