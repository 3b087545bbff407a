import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { RECORD_SEQ } from '../../src/codec/records.ts';
import { Committer } from '../../src/journal/committer.ts';
import { DerivedTables, type TableWriter } from '../../src/journal/derived-tables.ts';
import { Failpoints } from '../../src/journal/failpoints.ts';
import { readFrames } from '../../src/journal/recovery.ts';
import { type JournalStore, openStore } from '../../src/journal/store.ts';
import { OrderTracker } from '../../src/projections/order-tracker.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import { READER_JOURNAL } from '../../src/rings/roles.ts';
import { FrameWriter } from '../../test/support/frames.ts';
import { FLOW_GROUP_BYTES_MAX, OrderFlow } from '../../test/support/order-flow.ts';
import type { BenchResult } from '../support/result.ts';

const SEED = 20_240_601;
const MARKET_ID = 1;
const QUOTE_UNITS: ReadonlyMap<number, number> = new Map([[MARKET_ID, 10]]);
const RING_BYTES = 1 << 21;
const KIB = 1024;

interface Figure {
  orders: number;
  frames: number;
  bytes: number;
  batches: number;
  ms: number;
}

/**
 * Ring → committer → synced LMDB, in batches of fixed size, beside raw LMDB that is given the same
 * bytes in the same batches. One thread; the ring is filled ahead and that is not timed.
 */
export async function run(options: { smoke: boolean }): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'openbell-bench-'));
  try {
    const rows: Record<string, string | number>[] = [];
    const totalBytes = options.smoke ? 1 << 20 : 64 << 20;
    const times = options.smoke ? 20 : 1000;
    rows.push(latencyRow('raw 4 KiB write + fdatasync', syncMicros(directory, times)));
    rows.push(latencyRow('journal, one order a commit', await oneOrderMicros(directory, times)));
    for (const batchKib of [64, 256, 1024]) {
      rows.push(...(await batchRows(directory, batchKib * KIB, totalBytes)));
    }
    rows.push(await readRow(directory, totalBytes));
    rows.push(trackerRow(options.smoke ? 50_000 : 1_000_000));
    return { name: 'journal', rows, notes: NOTES };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const NOTES = [
  'Orders are commands: 46 % rest, 40 % cancel, 5 % take, 4 % amend; one thread, one ring, seeded.',
  'Batches are full: figures of throughput, not of the latency of an order alone.',
  'ratio is MB/s over raw LMDB putSync of as many bytes in batches as large, in turns in one run.',
  'Tables: 10 000 open orders, any of which may be the next to change: the worst for their pages.',
];

/** Turn by turn, a ring full each, so that a disk that changes its mind is fair to all of them. */
async function batchRows(
  directory: string,
  batchBytes: number,
  totalBytes: number,
): Promise<Record<string, string | number>[]> {
  const raw = new RawLane(join(directory, `raw-${batchBytes}`));
  const frames = new JournalLane(join(directory, `frames-${batchBytes}`), batchBytes, () => []);
  const tables = new JournalLane(join(directory, `tables-${batchBytes}`), batchBytes, (store) => [
    DerivedTables.open(store, QUOTE_UNITS),
  ]);
  const prompt = new JournalLane(join(directory, `prompt-${batchBytes}`), batchBytes, (store) => [
    DerivedTables.open(store, QUOTE_UNITS, { promptRows: Number.POSITIVE_INFINITY }),
  ]);
  const lanes = [frames, tables, prompt];
  while (frames.figure.bytes < totalBytes) {
    raw.put(frames.commitRingful());
    tables.commitRingful();
    prompt.commitRingful();
  }
  for (const lane of lanes) lane.settle();
  await Promise.all([raw, ...lanes].map((lane) => lane.close()));
  const batch = `${batchBytes / KIB} KiB`;
  return [
    { what: 'raw LMDB', batch, 'MB/s': megabytes(raw.figure) },
    commitRow('journal, frames only', batch, frames.figure, raw.figure),
    commitRow('journal, with tables', batch, tables.figure, raw.figure),
    commitRow('the same, rows with every batch', batch, prompt.figure, raw.figure),
  ];
}

function commitRow(
  what: string,
  batch: string,
  figure: Figure,
  raw: Figure,
): Record<string, string | number> {
  return {
    what,
    batch,
    'orders/s': Math.round((figure.orders / figure.ms) * 1000),
    'frames/s': Math.round((figure.frames / figure.ms) * 1000),
    'MB/s': megabytes(figure),
    ratio: (megabytes(figure) / megabytes(raw)).toFixed(2),
    'bytes/batch': Math.round(figure.bytes / figure.batches),
  };
}

function megabytes(figure: Figure): number {
  return Math.round(figure.bytes / figure.ms / 1000);
}

/** Raw LMDB: one value, one synced transaction. */
class RawLane {
  readonly figure = emptyFigure();
  private readonly root: RootDatabase<Uint8Array, number>;
  private readonly database: Database<Uint8Array, number>;
  private key = 0;

  constructor(path: string) {
    this.root = open({ path, noSubdir: false, overlappingSync: false, encoding: 'binary' });
    this.database = this.root.openDB({ name: 'batches', encoding: 'binary' });
  }

  /** @param sizes bytes of each batch */
  put(sizes: readonly number[]): void {
    const { figure } = this;
    const values = sizes.map((bytes) => new Uint8Array(bytes).fill(7));
    const start = performance.now();
    for (const value of values) {
      this.key += 1;
      this.database.putSync(this.key, value);
      figure.bytes += value.length;
    }
    figure.ms += performance.now() - start;
    figure.batches += values.length;
  }

  close(): Promise<void> {
    return this.root.close();
  }
}

/** Ring → committer → store. */
class JournalLane {
  readonly figure = emptyFigure();
  private readonly store: JournalStore;
  private readonly committer: Committer;
  private readonly filler: Filler;

  constructor(
    directory: string,
    batchBytes: number,
    tables: (store: JournalStore) => readonly TableWriter[],
  ) {
    const ring = Ring.create(RING_BYTES, 1);
    this.store = openStore(directory, { readOnly: false, durability: 'commit' });
    this.committer = new Committer({
      store: this.store,
      rings: [ring],
      tables: tables(this.store),
      failpoints: new Failpoints(''),
      batchBytes,
    });
    this.filler = new Filler(ring);
  }

  /** Fills the ring, untimed, and commits it, timed; returns the bytes of each batch. */
  commitRingful(): number[] {
    const { committer, figure } = this;
    figure.orders += this.filler.fill();
    const sizes: number[] = [];
    const start = performance.now();
    for (let frames = committer.commit(); frames > 0; frames = committer.commit()) {
      figure.frames += frames;
      figure.bytes += committer.lastFrameBytes;
      sizes.push(committer.lastFrameBytes);
    }
    figure.ms += performance.now() - start;
    figure.batches += sizes.length;
    return sizes;
  }

  /** Writes the rows put off, timed. */
  settle(): void {
    const start = performance.now();
    this.committer.settle();
    this.figure.ms += performance.now() - start;
  }

  /** Microseconds of one commit of one command. */
  commitOne(): number {
    this.filler.write(1);
    const start = performance.now();
    this.committer.commit();
    return (performance.now() - start) * 1000;
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

function emptyFigure(): Figure {
  return { orders: 0, frames: 0, bytes: 0, batches: 0, ms: 0 };
}

/** Writes the seeded flow into a ring until it is full. */
class Filler {
  private readonly writer: FrameWriter;
  private readonly flow: OrderFlow;

  constructor(ring: Ring) {
    this.writer = new FrameWriter(ring, MARKET_ID, 0, new RingProducer(ring));
    this.flow = new OrderFlow(this.writer, SEED, 1, 1, 10_000);
  }

  /** Writes so many commands. */
  write(groups: number): void {
    for (let i = 0; i < groups; i += 1) this.flow.next();
    this.writer.producer.publish();
  }

  /** @returns the number of commands written */
  fill(): number {
    const { flow, writer } = this;
    let groups = 0;
    while (writer.producer.canClaim(2 * FLOW_GROUP_BYTES_MAX)) {
      flow.next();
      groups += 1;
    }
    writer.producer.publish();
    return groups;
  }
}

async function readRow(
  directory: string,
  totalBytes: number,
): Promise<Record<string, string | number>> {
  const path = join(directory, `frames-${1024 * KIB}`);
  const store = openStore(path, { readOnly: true, durability: 'commit' });
  let sum = 0;
  const start = performance.now();
  const { frames, bytes } = readFrames(store, undefined, (views, at) => {
    sum += views.f64[(at + RECORD_SEQ) >>> 3];
  });
  const ms = performance.now() - start;
  await store.close();
  if (sum !== (frames * (frames + 1)) / 2 || bytes < totalBytes) throw new Error('frames differ');
  return {
    what: 'recovery: read, check, visit',
    'frames/s': Math.round((frames / ms) * 1000),
    'MB/s': Math.round(bytes / ms / 1000),
  };
}

function trackerRow(events: number): Record<string, string | number> {
  const ring = Ring.create(RING_BYTES, 1);
  const filler = new Filler(ring);
  const reader = new RingReader(ring, READER_JOURNAL);
  const tracker = new OrderTracker(QUOTE_UNITS);
  let applied = 0;
  let changed = 0;
  let ms = 0;
  while (applied < events) {
    filler.fill();
    const start = performance.now();
    for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
      tracker.apply(ring, at);
      applied += 1;
      if (applied % 1000 === 0) changed += tracker.takeChanged().length;
    }
    ms += performance.now() - start;
    reader.release();
  }
  if (changed === 0) throw new Error('no order changed');
  return { what: 'order tracker alone', 'frames/s': Math.round((applied / ms) * 1000) };
}

async function oneOrderMicros(directory: string, times: number): Promise<number[]> {
  const lane = new JournalLane(join(directory, 'one'), 1024 * KIB, (store) => [
    DerivedTables.open(store, QUOTE_UNITS),
  ]);
  lane.commitRingful();
  const micros = Array.from({ length: times }, () => lane.commitOne());
  await lane.close();
  return micros;
}

function syncMicros(directory: string, times: number): number[] {
  const page = new Uint8Array(4096).fill(3);
  const fd = openSync(join(directory, 'sync'), 'w');
  const micros: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const start = performance.now();
    writeSync(fd, page, 0, page.length, i * page.length);
    fdatasyncSync(fd);
    micros.push((performance.now() - start) * 1000);
  }
  closeSync(fd);
  return micros;
}

function latencyRow(what: string, micros: number[]): Record<string, string | number> {
  const sorted = micros.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)]);
  return { what, 'p50 µs': at(0.5), 'p99 µs': at(0.99) };
}
