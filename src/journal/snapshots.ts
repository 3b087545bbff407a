import { crc32c } from '@node-rs/crc32';
import type { Transaction } from 'lmdb';
import type { JournalStore } from './store.ts';

/**
 * Snapshots: the venue's whole state after a batch, on the same line as the batches. The journal
 * takes the body as bytes; what they mean is said in `src/gateway/state-image.ts`.
 *
 * ```
 *  key                                  value
 *  ┌───────────────┬────────────┐       ┌──────────┬───────────────────────────┐
 *  │ batch number  │ part, from │  ──▶  │ crc32c   │ bytes of the body …       │
 *  │               │ 0          │       │ of them  │                           │
 *  ├───────────────┼────────────┤       ├──────────┼───────────────────────────┤
 *  │ the same      │ FFFFFFFF   │  ──▶  │ crc32c   │ closing record, JSON      │
 *  └───────────────┴────────────┘       └──────────┴───────────────────────────┘
 *    u64             u32, big-endian      u32, little-endian
 * ```
 *
 * Parts are written in transactions of their own, among those of the batches. A snapshot exists
 * once its closing record does: whatever has none is the remains of one that was never finished.
 */
const KEY_BYTES = 12;
const CLOSING_PART = 0xffff_ffff;
const CRC_BYTES = 4;
/**
 * Bytes of a part: with its CRC and LMDB's header it takes four whole pages. A longer one needs more
 * free pages in a row, which the holes that retention leaves may not have: the file would grow.
 */
const PART_BYTES = 16 * 1024 - 24 - CRC_BYTES;
/**
 * Version of what snapshots hold. 2: positions count their funding and how often they were opened, and
 * where the best quote stood is left out. Both are read alike.
 */
export const CLOSING_VERSION = 2;
const OLDEST_VERSION = 1;

/** The closing record. */
export interface SnapshotManifest {
  readonly version: number;
  /** The last batch it contains. */
  readonly batch: number;
  readonly parts: number;
  readonly bytes: number;
  /** Of the whole body. */
  readonly crc32c: number;
  /** Venue time of the newest record it contains. */
  readonly seconds: number;
  readonly nanos: number;
  /** Greatest order id that was placed. */
  readonly lastOrderId: number;
  /** Market id and the last sequence it contains; market 0 is the venue itself. */
  readonly seqs: readonly (readonly [number, number])[];
  /** Market id and hash of its book's state. */
  readonly states: readonly (readonly [number, string])[];
}

export interface StoredSnapshot {
  readonly batch: number;
  /** `undefined`: it was never finished. */
  readonly manifest: SnapshotManifest | undefined;
  /** What is wrong with the closing record. */
  readonly problem: string | undefined;
}

/** A snapshot that cannot be read as it was written; an older one may. */
export class SnapshotDamagedError extends Error {
  override readonly name = 'SnapshotDamagedError';

  constructor(batch: number, reason: string) {
    super(`snapshot after batch ${batch}: ${reason}`);
  }
}

/** Completes a closing record for a body. */
export function manifestOf(
  body: Uint8Array,
  fields: Omit<SnapshotManifest, 'version' | 'parts' | 'bytes' | 'crc32c'>,
): SnapshotManifest {
  const parts = Math.ceil(body.length / PART_BYTES);
  return { version: CLOSING_VERSION, parts, bytes: body.length, crc32c: crc32c(body), ...fields };
}

/** Bytes of a body that so many parts hold. */
export function bytesOfParts(parts: number): number {
  return parts * PART_BYTES;
}

/** Writes a piece of the body that begins with a part; inside a transaction. */
export function writeSnapshotParts(
  store: JournalStore,
  batch: number,
  firstPart: number,
  bytes: Uint8Array,
): void {
  for (let at = 0, part = firstPart; at < bytes.length; at += PART_BYTES, part += 1) {
    store.snapshots.putSync(keyOf(batch, part), withCrc(bytes.subarray(at, at + PART_BYTES)));
  }
}

/** Makes the snapshot one; inside a transaction. */
export function closeSnapshot(store: JournalStore, manifest: SnapshotManifest): void {
  const bytes = Buffer.from(JSON.stringify(manifest), 'utf8');
  store.snapshots.putSync(keyOf(manifest.batch, CLOSING_PART), withCrc(bytes));
}

/** True when the snapshot was finished. */
export function isClosed(store: JournalStore, batch: number): boolean {
  return store.snapshots.doesExist(keyOf(batch, CLOSING_PART));
}

/**
 * Removes some of a snapshot, the closing record first; inside a transaction.
 * @returns true when nothing is left of it
 */
export function dropSnapshotSome(store: JournalStore, batch: number, maxParts: number): boolean {
  const { snapshots } = store;
  const range = { start: keyOf(batch, CLOSING_PART), end: keyOf(batch - 1, CLOSING_PART) };
  const keys = [...snapshots.getKeys({ ...range, reverse: true, limit: maxParts + 1 })].map((key) =>
    Uint8Array.from(key),
  );
  for (const key of keys.slice(0, maxParts)) snapshots.removeSync(key);
  return keys.length <= maxParts;
}

/** Every snapshot of which anything is stored, newest first. */
export function listSnapshots(store: JournalStore, transaction?: Transaction): StoredSnapshot[] {
  const found: StoredSnapshot[] = [];
  let end = keyOf(Number.MAX_SAFE_INTEGER, CLOSING_PART);
  for (;;) {
    const range = { start: end, end: keyOf(0, 0), reverse: true, limit: 1, transaction };
    const [entry] = store.snapshots.getRange({ ...range, exclusiveStart: true });
    if (entry === undefined) return found;
    const key = Buffer.from(entry.key);
    const batch = Number(key.readBigUInt64BE(0));
    const isClosing = key.readUInt32BE(8) === CLOSING_PART;
    found.push(isClosing ? readClosing(batch, entry.value) : remains(batch));
    end = keyOf(batch, 0);
  }
}

/**
 * A snapshot's body.
 * @throws SnapshotDamagedError when it is not the one that was written
 */
export function readSnapshot(
  store: JournalStore,
  manifest: SnapshotManifest,
  transaction?: Transaction,
): Uint8Array<ArrayBuffer> {
  const { batch } = manifest;
  const body = new Uint8Array(manifest.bytes);
  let at = 0;
  for (let part = 0; part < manifest.parts; part += 1) {
    const value = store.snapshots.get(keyOf(batch, part), { transaction });
    if (value === undefined) throw new SnapshotDamagedError(batch, `part ${part} is missing`);
    const bytes = checked(value);
    if (bytes === undefined) {
      throw new SnapshotDamagedError(batch, `part ${part}: CRC32C differs from the stored one`);
    }
    if (at + bytes.length > body.length) throw new SnapshotDamagedError(batch, 'it is too long');
    body.set(bytes, at);
    at += bytes.length;
  }
  if (at !== body.length || crc32c(body) !== manifest.crc32c) {
    throw new SnapshotDamagedError(batch, 'its parts are not the body that was written');
  }
  return body;
}

function remains(batch: number): StoredSnapshot {
  return { batch, manifest: undefined, problem: undefined };
}

function readClosing(batch: number, value: Uint8Array): StoredSnapshot {
  const bytes = checked(value);
  const damaged = (reason: string): StoredSnapshot => ({
    batch,
    manifest: undefined,
    problem: new SnapshotDamagedError(batch, reason).message,
  });
  if (bytes === undefined) return damaged('CRC32C of its closing record differs');
  const manifest = JSON.parse(Buffer.from(bytes).toString('utf8')) as SnapshotManifest;
  const { version } = manifest;
  if (!(version >= OLDEST_VERSION && version <= CLOSING_VERSION)) {
    return damaged(`it has version ${version}`);
  }
  if (manifest.batch !== batch) return damaged(`it says it is of batch ${manifest.batch}`);
  return { batch, manifest, problem: undefined };
}

function keyOf(batch: number, part: number): Uint8Array {
  const key = Buffer.alloc(KEY_BYTES);
  key.writeBigUInt64BE(BigInt(batch), 0);
  key.writeUInt32BE(part, 8);
  return key;
}

function withCrc(bytes: Uint8Array): Uint8Array {
  const value = Buffer.alloc(CRC_BYTES + bytes.length);
  value.writeUInt32LE(crc32c(bytes), 0);
  value.set(bytes, CRC_BYTES);
  return value;
}

/** The value without its CRC; `undefined` when that is another. */
function checked(value: Uint8Array): Uint8Array | undefined {
  if (value.length < CRC_BYTES) return undefined;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  const rest = bytes.subarray(CRC_BYTES);
  return crc32c(rest) === bytes.readUInt32LE(0) ? rest : undefined;
}
