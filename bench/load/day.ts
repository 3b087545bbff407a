import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadMarkets } from '../../src/config/markets.ts';
import { DATA_FILE, JOURNAL_FOLDER } from '../../src/journal/store.ts';
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

type Row = Record<string, string | number>;

const NOTES = [
  'One thread matches a seeded flow in 14 markets and commits it in batches of 64 KiB, takes a snapshot every ' +
    `${INTERVAL_BYTES / MIB} MiB and keeps what a server keeps by default. 5 % of the orders are a user’s and all stay.`,
];

/** A day of a busy venue: how large its data directory gets. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  mkdirSync('bench/results', { recursive: true });
  const directory = mkdtempSync('bench/results/day-');
  try {
    return { name: 'day', rows: await dayRows(join(directory, 'day'), smoke), notes: NOTES };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
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
  let snapshotBytes = 0;
  const started = performance.now();
  while (made.records < events) {
    made.run(4096);
    if (made.bytes - bytesAtSnapshot < intervalBytes) continue;
    bytesAtSnapshot = made.bytes;
    snapshotBytes = (await made.compaction(RETENTION).run())?.bytes ?? 0;
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
      'snapshot KiB': Math.round(snapshotBytes / 1024),
      'events/s': Math.round(made.records / seconds),
    },
  ];
}
