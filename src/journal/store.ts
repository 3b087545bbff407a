import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase, type Transaction, TransactionFlags } from 'lmdb';
import { syncFolder } from '../lib/sync-files.ts';
import { checkDataFile } from './data-file.ts';
import { JournalOpenError } from './errors.ts';
import { JOURNAL_FORMAT_VERSION, refusalOf } from './format.ts';

/**
 * The journal's LMDB environment: the folder `journal` in the data directory (`data.mdb`,
 * `lock.mdb`). Its memory map grows by itself, so no size is set.
 *
 * | database    | key -> value |
 * |-------------|--------------|
 * | `meta`      | name (see `format.ts`) -> number, as JSON |
 * | `batches`   | batch number (dense, from 1) -> batch (see `batch.ts`) |
 * | `heads`     | market id -> last seq f64, last batch f64: where each market's frames end |
 * | `orders`    | order id -> order image (see `order-image.ts`), the latest state |
 * | `trades`    | market id, seconds, nanos, trade id -> trade image (see `trade-image.ts`) |
 * | `facts`     | venue sequence -> seconds u32, nanos u32, JSON (see `facts.ts`) |
 * | `snapshots` | batch number u64, part u32 -> part, or closing record (see `snapshots.ts`) |
 * | `candles`   | market id, interval, seconds -> bar; rows under way (see `bar-image.ts`) |
 * | `history`   | market id, interval, seconds -> generated bars (see `history-blocks.ts`) |
 *
 * Numbers as keys are unsigned 64-bit big-endian. Retired names are never reused.
 *
 * Durability `commit`: a transaction is on the disk before `transact` returns. How this was checked
 * (lmdb 3.5.6, Linux): under `strace`, one `transactionSync` with `overlappingSync: false` does
 * `writev`/`pwrite64` of the pages to data.mdb, `fdatasync` of it, then `pwrite64` of the meta page
 * through a second descriptor that was opened with `O_DSYNC`, all in the calling thread before the
 * JavaScript call returns; an error of any of them makes the call throw. `async` is LMDB's
 * `noSync`: nothing is synced; an orderly end or the death of the process loses nothing, the
 * death of the machine may lose everything.
 */
export const JOURNAL_FOLDER = 'journal';
export const DATA_FILE = 'data.mdb';
/** Databases in one environment, with room for more. */
const DATABASES_MAX = 16;
/**
 * How many entries of its list of free pages LMDB loads, and how many it keeps for the transactions
 * after. It searches and writes back all that is loaded in every transaction: at lmdb's own 50 000
 * a commit of 64 KiB that follows on retention writes megabytes and takes ten times as long. The
 * price is that a run of pages is not always found, and the file a little larger.
 */
const FREE_PAGES = { maxFreeSpaceToLoad: 4000, maxFreeSpaceToRetain: 6000 };

export type Durability = 'commit' | 'async';

export interface StoreOptions {
  /** Reads only, and fails where there is no journal. */
  readonly readOnly: boolean;
  /** Of no meaning to a reader. */
  readonly durability: Durability;
}

export interface JournalStore {
  readonly directory: string;
  readonly readOnly: boolean;
  readonly durability: Durability;
  /** Counts the openings for writing, this one included. */
  readonly epoch: number;
  readonly root: Root;
  readonly meta: Database<number, string>;
  readonly batches: Database<Uint8Array, number>;
  readonly heads: Database<Uint8Array, number>;
  readonly orders: Database<Uint8Array, number>;
  readonly trades: Database<Uint8Array, Uint8Array>;
  readonly facts: Database<Uint8Array, number>;
  readonly snapshots: Database<Uint8Array, Uint8Array>;
  readonly candles: Database<Uint8Array, Uint8Array>;
  readonly history: Database<Uint8Array, Uint8Array>;
  /** Waits for nothing but LMDB itself; the store must not be used afterwards. */
  close(): Promise<void>;
}

/** True when the data directory holds a journal. */
export function journalExists(directory: string): boolean {
  return existsSync(join(directory, JOURNAL_FOLDER, DATA_FILE));
}

/**
 * Opens the journal in a data directory; for writing, makes it where there is none and raises the
 * epoch.
 *
 * Threads of one process share one LMDB environment, in the way that the first of them opened it.
 * So a store for reading may be opened beside the journal thread's, but a store for reading that
 * was opened before must be closed before one is opened for writing.
 * @throws JournalOpenError with the reason
 */
export function openStore(directory: string, options: StoreOptions): JournalStore {
  const { readOnly, durability } = options;
  if (readOnly && !journalExists(directory)) {
    throw new JournalOpenError(`there is no journal in ${directory}`);
  }
  const folder = join(directory, JOURNAL_FOLDER);
  if (!readOnly) mkdirSync(folder, { recursive: true });
  if (journalExists(directory)) checkDataFile(join(folder, DATA_FILE), !readOnly);
  let root: Root | undefined;
  try {
    root = open<Uint8Array, string>({
      path: folder,
      noSubdir: false,
      readOnly,
      maxDbs: DATABASES_MAX,
      encoding: 'binary',
      overlappingSync: false,
      noSync: !readOnly && durability === 'async',
      ...FREE_PAGES,
    });
    const opened = root;
    const meta = openMeta(root);
    // Before anything else is touched: another format may mean other databases.
    const epoch = readOnly ? checkFormat(meta) : enter(meta);
    const store = {
      directory,
      readOnly,
      durability,
      epoch,
      root,
      meta,
      batches: openNumbered(root, 'batches'),
      heads: openNumbered(root, 'heads'),
      orders: openNumbered(root, 'orders'),
      trades: openBinary(root, 'trades'),
      facts: openNumbered(root, 'facts'),
      snapshots: openBinary(root, 'snapshots'),
      candles: openBinary(root, 'candles'),
      history: openBinary(root, 'history'),
      close: () => opened.close(),
    };
    if (!readOnly) for (const made of [directory, folder]) syncFolder(made);
    return store;
  } catch (error) {
    void root?.close();
    if (error instanceof JournalOpenError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    const hint = readOnly ? '' : ' (is it open for reading in this process?)';
    throw new JournalOpenError(`cannot open the journal in ${folder}${hint}: ${detail}`, {
      cause: error,
    });
  }
}

/**
 * Runs one write transaction: all of it is committed and, with durability `commit`, on the disk
 * when this returns; when it throws, nothing of it is.
 * @param skipSync leaves the sync out; only for dying between write and sync (see `failpoints.ts`)
 * @throws JournalOpenError when another process opened the journal for writing since
 */
export function transact(store: JournalStore, action: () => void, skipSync = false): void {
  const guarded = (): void => {
    // The epoch is the fence between two processes that were given one data directory.
    const epoch = store.meta.get('epoch');
    if (epoch !== store.epoch) {
      throw new JournalOpenError(`another process opened ${store.directory} (epoch ${epoch})`);
    }
    action();
  };
  store.root.transactionSync(guarded, skipSync ? COMMIT_WITHOUT_SYNC : undefined);
}

/** The greatest key, or 0 where there is none. */
export function lastKey(database: Database<Uint8Array, number>, transaction?: Transaction): number {
  const start = Number.MAX_SAFE_INTEGER;
  const [key] = database.getKeys({ start, end: 0, reverse: true, limit: 1, transaction });
  return key ?? 0;
}

const COMMIT_WITHOUT_SYNC = TransactionFlags.SYNCHRONOUS_COMMIT | TransactionFlags.NO_SYNC_FLUSH;

const NUMBER_KEY_BYTES = 8;

/** Whole numbers from 0 to 2^53 - 1 as eight bytes that sort as the numbers do. */
const numberKey = {
  writeKey(key: number, target: Uint8Array, start: number): number {
    const high = Math.floor(key / 4_294_967_296);
    target[start] = high >>> 24;
    target[start + 1] = high >>> 16;
    target[start + 2] = high >>> 8;
    target[start + 3] = high;
    target[start + 4] = key >>> 24;
    target[start + 5] = key >>> 16;
    target[start + 6] = key >>> 8;
    target[start + 7] = key;
    return start + NUMBER_KEY_BYTES;
  },
  readKey(source: Uint8Array, start: number, end: number): number {
    let key = 0;
    for (let at = start; at < end; at += 1) key = key * 256 + source[at];
    return key;
  },
};

type Root = RootDatabase<Uint8Array, string>;

function openMeta(root: Root): Database<number, string> {
  return present('meta', root.openDB<number, string>({ name: 'meta', encoding: 'json' }));
}

function openNumbered(root: Root, name: string): Database<Uint8Array, number> {
  const options = { name, encoding: 'binary', keyEncoder: numberKey } as const;
  return present(name, root.openDB<Uint8Array, number>(options));
}

function openBinary(root: Root, name: string): Database<Uint8Array, Uint8Array> {
  const options = { name, encoding: 'binary', keyEncoding: 'binary' } as const;
  return present(name, root.openDB<Uint8Array, Uint8Array>(options));
}

/** A reader gets `undefined` for a database that nobody made. */
function present<T>(name: string, database: T | undefined): T {
  if (database === undefined) throw new JournalOpenError(`database ${name} is missing`);
  return database;
}

/** A reader takes what has its own format; only the journal thread changes it. */
function checkFormat(meta: Database<number, string>): number {
  const refusal = refusalOf(meta.get('format'), true);
  if (refusal !== undefined) throw new JournalOpenError(refusal);
  return meta.get('epoch') ?? 0;
}

function enter(meta: Database<number, string>): number {
  return meta.transactionSync(() => {
    if (meta.get('format') === undefined && meta.getCount() === 0) {
      meta.putSync('format', JOURNAL_FORMAT_VERSION);
    }
    const refusal = refusalOf(meta.get('format'), false);
    if (refusal !== undefined) throw new JournalOpenError(refusal);
    const epoch = (meta.get('epoch') ?? 0) + 1;
    meta.putSync('epoch', epoch);
    return epoch;
  });
}
