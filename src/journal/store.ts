import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase, type Transaction, TransactionFlags } from 'lmdb';
import { JournalOpenError } from './errors.ts';

/**
 * The journal's LMDB environment: the folder `journal` in the data directory (`data.mdb`,
 * `lock.mdb`). Its memory map grows by itself, so no size is set.
 *
 * | database  | key -> value |
 * |-----------|--------------|
 * | `meta`    | name (`format`, `epoch`) -> number, as JSON |
 * | `batches` | batch number (dense, from 1) -> batch (see `batch.ts`) |
 * | `heads`   | market id -> last seq f64, last batch f64: where each market's frames end |
 * | `orders`  | order id -> order image (see `order-image.ts`), the latest state |
 * | `trades`  | market id, seconds, nanos, trade id -> trade image (see `trade-image.ts`) |
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
const JOURNAL_FORMAT_VERSION = 1;
const JOURNAL_FOLDER = 'journal';

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
  /** Waits for nothing but LMDB itself; the store must not be used afterwards. */
  close(): Promise<void>;
}

/** True when the data directory holds a journal. */
export function journalExists(directory: string): boolean {
  return existsSync(join(directory, JOURNAL_FOLDER, 'data.mdb'));
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
  let root: Root | undefined;
  try {
    root = open<Uint8Array, string>({
      path: folder,
      noSubdir: false,
      readOnly,
      maxDbs: 8,
      encoding: 'binary',
      overlappingSync: false,
      noSync: !readOnly && durability === 'async',
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
      trades: openTrades(root),
      close: () => opened.close(),
    };
    if (!readOnly) syncFolders(directory, folder);
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

function openTrades(root: Root): Database<Uint8Array, Uint8Array> {
  const options = { name: 'trades', encoding: 'binary', keyEncoding: 'binary' } as const;
  return present('trades', root.openDB<Uint8Array, Uint8Array>(options));
}

/** A reader gets `undefined` for a database that nobody made. */
function present<T>(name: string, database: T | undefined): T {
  if (database === undefined) throw new JournalOpenError(`database ${name} is missing`);
  return database;
}

function checkFormat(meta: Database<number, string>): number {
  const format = meta.get('format');
  if (format !== JOURNAL_FORMAT_VERSION) {
    throw new JournalOpenError(
      `the journal has format ${format ?? 'unknown'}, this version reads ${JOURNAL_FORMAT_VERSION}`,
    );
  }
  return meta.get('epoch') ?? 0;
}

function enter(meta: Database<number, string>): number {
  return meta.transactionSync(() => {
    if (meta.get('format') === undefined && meta.getCount() === 0) {
      meta.putSync('format', JOURNAL_FORMAT_VERSION);
    }
    const epoch = checkFormat(meta) + 1;
    meta.putSync('epoch', epoch);
    return epoch;
  });
}

/** A file is only as durable as the name it is found by. */
function syncFolders(...folders: readonly string[]): void {
  if (process.platform === 'win32') return;
  for (const folder of folders) {
    const fd = openSync(folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}
