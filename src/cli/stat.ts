import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { META_TABLES_BATCH } from '../journal/format.ts';
import { readHeads } from '../journal/heads.ts';
import { listSnapshots } from '../journal/snapshots.ts';
import { DATA_FILE, JOURNAL_FOLDER, type JournalStore, lastKey } from '../journal/store.ts';
import { isoMicros } from '../lib/clock.ts';
import { dataDirectory, listedMarkets, openForReading } from './data-directory.ts';

const HELP = `openbell stat [--data-dir D] [--json]

Says what a data directory holds: the journal's format, epoch and batches, its snapshots, each market's last
sequence, and how much of the file each database takes. The server may run meanwhile.
`;

const OPTIONS = {
  'data-dir': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

interface TreeStats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
  readonly entryCount: number;
}

const DATABASES = ['meta', 'batches', 'heads', 'orders', 'trades', 'facts', 'snapshots'] as const;

/** `openbell stat`; returns the exit code. */
export async function stat(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const directory = dataDirectory(values['data-dir']);
  const store = openForReading(directory);
  const report = describe(store);
  await store.close();
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else print(report);
  return 0;
}

function describe(store: JournalStore) {
  const [oldestBatch = 0] = store.batches.getKeys({ start: 0, limit: 1 });
  const newestBatch = lastKey(store.batches);
  const names = new Map(
    listedMarkets(store).map((market) => [market.marketId, `${market.exchange}:${market.symbol}`]),
  );
  return {
    directory: store.directory,
    format: store.meta.get('format') ?? null,
    epoch: store.epoch,
    file_bytes: statSync(join(store.directory, JOURNAL_FOLDER, DATA_FILE)).size,
    oldest_batch: oldestBatch,
    newest_batch: newestBatch,
    tables_behind_from_batch: store.meta.get(META_TABLES_BATCH) ?? null,
    snapshots: listSnapshots(store).map(({ batch, manifest, problem }) => ({
      after_batch: batch,
      bytes: manifest?.bytes ?? null,
      venue_time: manifest === undefined ? null : isoMicros(manifest.seconds, manifest.nanos),
      state: problem ?? (manifest === undefined ? 'unfinished' : 'whole'),
    })),
    databases: DATABASES.map((name) => sizeOf(name, store[name].getStats() as TreeStats)),
    sequences: [...readHeads(store)].map(([marketId, { seq, batch }]) => ({
      market: marketId === 0 ? 'venue' : (names.get(marketId) ?? `market ${marketId}`),
      seq,
      batch,
    })),
  };
}

function sizeOf(name: string, stats: TreeStats): { name: string; entries: number; bytes: number } {
  const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages, entryCount } = stats;
  const pages = treeBranchPageCount + treeLeafPageCount + overflowPages;
  return { name, entries: entryCount, bytes: pages * pageSize };
}

function print(report: ReturnType<typeof describe>): void {
  const { snapshots, databases, sequences, ...rest } = report;
  for (const [name, value] of Object.entries(rest)) console.log(`${name.padEnd(32)}${value}`);
  for (const { name, entries, bytes } of databases) {
    console.log(`database ${name.padEnd(23)}${entries} entries, ${bytes} bytes`);
  }
  for (const { after_batch, bytes, venue_time, state } of snapshots) {
    const what = bytes === null ? state : `${bytes} bytes, ${venue_time}, ${state}`;
    console.log(`snapshot after batch ${String(after_batch).padEnd(11)}${what}`);
  }
  for (const { market, seq, batch } of sequences) {
    console.log(`${market.padEnd(32)}seq ${seq}, batch ${batch}`);
  }
}
