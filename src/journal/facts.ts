import * as R from '../codec/records.ts';
import { type FrameViews, frameType } from '../rings/frame.ts';
import type { TableWriter } from './derived-tables.ts';
import type { JournalStore } from './store.ts';

/**
 * The table `facts`: every fact of the venue (users, portfolios, listings, deposits …), kept for
 * ever, also when its batch is gone: it is the audit trail, and what the rooms that live by facts
 * recover from.
 *
 * ```
 *   0         4         8
 *   ┌─────────┬─────────┬──────────────
 *   │ seconds │ nanos   │ JSON, UTF-8 …
 *   └─────────┴─────────┴──────────────
 *     u32       u32       little-endian
 * ```
 */
const HEAD_BYTES = 8;

export interface StoredFact {
  readonly seq: number;
  readonly seconds: number;
  readonly nanos: number;
  readonly json: string;
}

/** True for a venue record that is kept for ever; entries are not, see `VENUE_ENTRY`. */
export function isFact({ i32 }: FrameViews, at: number): boolean {
  return frameType(i32[(at + 4) >>> 2]) === R.VENUE_EVENT && i32[(at + R.VENUE_ENTRY) >>> 2] === 0;
}

const SOURCE_SET = Buffer.from('{"kind":"MarketSourceSet"');

/** The market that has another source from this record on; `undefined` for all other records. */
export function sourceSet(views: FrameViews, at: number): number | undefined {
  if (!isFact(views, at)) return undefined;
  const start = at + R.VENUE_JSON;
  const head = views.u8.subarray(start, start + SOURCE_SET.length);
  if (SOURCE_SET.compare(head) !== 0) return undefined;
  const length = views.i32[(at + R.VENUE_JSON_LENGTH) >>> 2];
  const json = Buffer.from(views.u8.slice(start, start + length)).toString('utf8');
  return (JSON.parse(json) as { marketId: number }).marketId;
}

/** Writes the fact of one venue record; inside the transaction of its batch. */
export function writeFact(store: JournalStore, views: FrameViews, at: number): void {
  const { i32, f64, u8 } = views;
  const length = i32[(at + R.VENUE_JSON_LENGTH) >>> 2];
  const value = Buffer.alloc(HEAD_BYTES + length);
  value.writeUInt32LE(i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0, 0);
  value.writeUInt32LE(i32[(at + R.RECORD_NANOS) >>> 2] >>> 0, 4);
  value.set(u8.subarray(at + R.VENUE_JSON, at + R.VENUE_JSON + length), HEAD_BYTES);
  store.facts.putSync(f64[(at + R.RECORD_SEQ) >>> 3], value);
}

/** Keeps the table up with the batches. */
export class FactsTable implements TableWriter {
  private readonly store: JournalStore;

  constructor(store: JournalStore) {
    this.store = store;
  }

  apply(views: FrameViews, at: number): void {
    if (isFact(views, at)) writeFact(this.store, views, at);
  }

  flush(): void {
    // Facts are rare and are written as they come.
  }
}

/** The facts from one sequence to another, both included, in their order. */
export function* readFacts(
  store: JournalStore,
  fromSeq: number,
  toSeq: number,
  transaction?: ReturnType<JournalStore['root']['useReadTransaction']>,
): Generator<StoredFact> {
  const range = store.facts.getRange({ start: fromSeq, end: toSeq + 1, transaction });
  for (const { key, value } of range) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    yield {
      seq: key,
      seconds: bytes.readUInt32LE(0),
      nanos: bytes.readUInt32LE(4),
      json: bytes.toString('utf8', HEAD_BYTES),
    };
  }
}
