import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadMarkets, MarketRegistry } from '../../src/config/markets.ts';
import { recover } from '../../src/gateway/recover.ts';
import { DATA_FILE, JOURNAL_FOLDER, openStore } from '../../src/journal/store.ts';
import { MachineJournal } from '../../test/support/machine-journal.ts';
import type { BenchOptions, BenchResult } from '../support/result.ts';

const SEED = 20_261_121;
const DAY_EVENTS = 50_000_000;
const MIB = 1 << 20;
/** The server's own defaults. */
const RETENTION = {
  snapshots: 2,
  simulatedOrders: 1_000_000,
  simulatedTradesPerMarket: 100_000,
};
const INTERVAL_BYTES = 256 * MIB;
/** Orders that rest in all markets together and are in every snapshot. */
const RESTING = 20_000;

const TABLES = ['batches', 'orders', 'trades', 'facts', 'snapshots'] as const;

type Row = Record<string, string | number>;

const NOTES = [
  'One thread matches a seeded flow in 14 markets and commits it in batches of 64 KiB, takes a snapshot every ' +
    `${INTERVAL_BYTES / MIB} MiB and keeps what a server keeps by default. 5 % of the orders are a user’s and all stay.`,
  'A server takes its snapshots in a thread of its own; here they and what they let go are part of the same second.',
  'of it used: pages of the tables; the rest is free and used again.',
  'recovery: the directory is opened again, the newest snapshot and all events after it applied to books, orders and ledger.',
];

/** A day of a busy venue: how large its data directory gets, and how soon it is back. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  mkdirSync('bench/results', { recursive: true });
  const directory = mkdtempSync('bench/results/day-');
  try {
    return { name: 'day', rows: await dayRows(join(directory, 'day'), smoke), notes: NOTES };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Tree {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

function bytesOf(tree: Tree): number {
  return (tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages) * tree.pageSize;
}

/** What a start makes of the directory. */
async function recovered(directory: string, registry: MarketRegistry): Promise<Row> {
  const store = openStore(directory, { readOnly: true, durability: 'commit' });
  const { seconds, summary } = recover(store, registry, () => undefined);
  const used = TABLES.reduce((bytes, name) => bytes + bytesOf(store[name].getStats() as Tree), 0);
  await store.close();
  return {
    'of it used MiB': Math.round(used / MIB),
    'recovery s': seconds.toFixed(2),
    'events after the snapshot': summary.frames,
  };
}

async function dayRows(directory: string, smoke: boolean): Promise<Row[]> {
  const file = fileURLToPath(new URL('../../../config/markets.json', import.meta.url));
  const markets = loadMarkets(file).all;
  mkdirSync(directory);
  const options = { seed: SEED, batchBytes: 64 * 1024, liveOrders: RESTING / markets.length };
  const made = new MachineJournal(directory, markets, options);
  const events = smoke ? 60_000 : DAY_EVENTS;
  const intervalBytes = smoke ? MIB : INTERVAL_BYTES;
  const path = join(directory, JOURNAL_FOLDER, DATA_FILE);
  const sizes: number[] = [];
  let bytesAtSnapshot = 0;
  let snapshotSeconds = 0;
  let slowest = Number.POSITIVE_INFINITY;
  let mark = { records: 0, at: performance.now() };
  const started = performance.now();
  while (made.records < events) {
    made.run(4096);
    if (made.bytes - bytesAtSnapshot < intervalBytes) continue;
    bytesAtSnapshot = made.bytes;
    const now = performance.now();
    slowest = Math.min(slowest, ((made.records - mark.records) / (now - mark.at)) * 1000);
    await made.compaction(RETENTION).run();
    snapshotSeconds += (performance.now() - now) / 1000;
    mark = { records: made.records, at: performance.now() };
    sizes.push(statSync(path).size);
  }
  const seconds = (performance.now() - started) / 1000;
  await made.close();
  return [
    {
      what: `${made.records} events, ${made.commands} commands`,
      'bytes/event': (made.bytes / made.records).toFixed(1),
      'written MiB': Math.round(made.bytes / MIB),
      'file MiB, half way': Math.round((sizes[sizes.length >>> 1] ?? 0) / MIB),
      'file MiB, end': Math.round(statSync(path).size / MIB),
      snapshots: sizes.length,
      'seconds in them': Math.round(snapshotSeconds),
      'events/s': Math.round(made.records / seconds),
      'slowest between two': Math.round(slowest),
      ...(await recovered(directory, new MarketRegistry(markets, new Map()))),
    },
  ];
}
