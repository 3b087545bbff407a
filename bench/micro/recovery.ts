import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { loadMarkets, MarketRegistry } from '../../src/config/markets.ts';
import { recover } from '../../src/gateway/recover.ts';
import { StateFollower } from '../../src/gateway/state-follower.ts';
import { encodeState } from '../../src/gateway/state-image.ts';
import { readFrames } from '../../src/journal/recovery.ts';
import { JOURNAL_FOLDER, type JournalStore } from '../../src/journal/store.ts';
import { imageHash } from '../../src/matching/state-hash.ts';
import { MachineJournal } from '../../test/support/machine-journal.ts';
import type { BenchOptions, BenchResult } from '../support/result.ts';

const SEED = 20_261_121;
const BATCH_BYTES = 64 * 1024;
const MARKETS = 4;
const ALL = {
  snapshots: Number.POSITIVE_INFINITY,
  simulatedOrders: Number.POSITIVE_INFINITY,
  simulatedTradesPerMarket: Number.POSITIVE_INFINITY,
};

type Row = Record<string, string | number>;

/** How fast a start gets back to where it was, beside raw LMDB reading the same bytes. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'openbell-bench-'));
  const file = fileURLToPath(new URL('../../../config/markets.json', import.meta.url));
  const markets = loadMarkets(file).all.slice(0, MARKETS);
  const registry = new MarketRegistry(markets, new Map());
  try {
    const events = smoke ? 50_000 : 4_000_000;
    const options = { seed: SEED, batchBytes: BATCH_BYTES, liveOrders: smoke ? 500 : 5000 };
    const made = new MachineJournal(directory, markets, options);
    while (made.records < events) made.run(4096);
    const rows = await measure(directory, registry, made, smoke ? 1 : 3);
    const { books } = recover(made.store, registry, () => undefined);
    for (const [marketId, book] of books) {
      if (imageHash(book.image()) !== made.stateHash(marketId)) throw new Error('books differ');
    }
    await made.close();
    return { name: 'recovery', rows, notes: NOTES };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const NOTES = [
  `A seeded flow matched by real machines in ${MARKETS} markets; batches of ${BATCH_BYTES / 1024} KiB; the file is in the page cache.`,
  'raw LMDB: a range read of all batches that touches one byte of every 4 KiB page; no check, no visitor.',
  'ratio: MB/s over raw LMDB’s in the same round; medians.',
  'recovery: CRC, sequences, books, open orders, ledger with positions, depth and counters, as at a start.',
];

async function measure(
  directory: string,
  registry: MarketRegistry,
  made: MachineJournal,
  rounds: number,
): Promise<Row[]> {
  const { store } = made;
  const seconds: { raw: number[]; read: number[]; all: number[] } = { raw: [], read: [], all: [] };
  let frames = 0;
  let bytes = 0;
  for (let round = 0; round < rounds; round += 1) {
    seconds.raw.push(await rawSeconds(directory));
    const started = performance.now();
    ({ frames, bytes } = readFrames(store, undefined, () => undefined));
    seconds.read.push((performance.now() - started) / 1000);
    seconds.all.push(recover(store, registry, () => undefined).seconds);
  }
  const row = (what: string, times: readonly number[]): Row => ({
    what,
    'events/s': Math.round(frames / median(times)),
    'MB/s': Math.round(bytes / median(times) / 1e6),
    ratio: (median(seconds.raw) / median(times)).toFixed(3),
    seconds: median(times).toFixed(3),
  });
  return [
    row('raw LMDB range read', seconds.raw),
    row('read and check', seconds.read),
    row('recovery, every event', seconds.all),
    ...(await snapshotRows(store, registry, made, median(seconds.all))),
  ];
}

async function snapshotRows(
  store: JournalStore,
  registry: MarketRegistry,
  made: MachineJournal,
  withoutSeconds: number,
): Promise<Row[]> {
  const state = new StateFollower(registry.all, () => undefined);
  readFrames(store, undefined, (views, at) => state.apply(views, at));
  const started = performance.now();
  const body = encodeState(state);
  const encodeSeconds = (performance.now() - started) / 1000;
  await made.compaction(ALL).run();
  const { seconds, orders } = recover(store, registry, () => undefined);
  const what = `${orders.openCount} open orders, ${Math.round(body.length / 1024)} KiB`;
  return [
    { what: `snapshot encoded: ${what}`, seconds: encodeSeconds.toFixed(3) },
    {
      what: 'recovery from the snapshot alone',
      seconds: seconds.toFixed(3),
      ratio: `${(withoutSeconds / seconds).toFixed(0)} × faster`,
    },
  ];
}

/** A process of its own would see the same: the pages are mapped from one file. */
async function rawSeconds(directory: string): Promise<number> {
  const root = open<Uint8Array, number>({
    path: join(directory, JOURNAL_FOLDER),
    noSubdir: false,
    readOnly: true,
    encoding: 'binary',
    maxDbs: 16,
  });
  const keyEncoding = 'binary';
  const batches = root.openDB<Uint8Array, Uint8Array>({
    name: 'batches',
    encoding: 'binary',
    keyEncoding,
  });
  let sum = 0;
  const started = performance.now();
  for (const { value } of batches.getRange()) {
    for (let at = 0; at < value.length; at += 4096) sum += value[at];
  }
  const seconds = (performance.now() - started) / 1000;
  if (sum === 0) throw new Error('nothing was read');
  await root.close();
  return seconds;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >>> 1];
}
