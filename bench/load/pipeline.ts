import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { TRADE_EXECUTED } from '../../src/codec/records.ts';
import { loadMarkets } from '../../src/config/markets.ts';
import { Threads } from '../../src/gateway/threads.ts';
import { type Durability, openStore } from '../../src/journal/store.ts';
import { FRAME_FLAG_END, frameFlags, frameType } from '../../src/rings/frame.ts';
import { RING_EMPTY, RING_FULL, RingReader } from '../../src/rings/ring.ts';
import { type Flow, makeFlow } from '../micro/matching-flow.ts';
import { type BenchOptions, type BenchResult, percentile } from '../support/result.ts';

const MARKET_ID = 1;
const SEED = 20_241_107;
const CASES: readonly { name: string; durability: Durability; underWayMax: number }[] = [
  { name: 'commit, 256 under way', durability: 'commit', underWayMax: 256 },
  { name: 'commit, 4096 under way', durability: 'commit', underWayMax: 4096 },
  { name: 'commit, as many as fit', durability: 'commit', underWayMax: Number.POSITIVE_INFINITY },
  { name: 'async, as many as fit', durability: 'async', underWayMax: Number.POSITIVE_INFINITY },
];

interface Figure {
  readonly orders: number;
  readonly frames: number;
  readonly fills: number;
  readonly seconds: number;
  /** Bytes of each batch the journal wrote. */
  readonly batchBytes: readonly number[];
  /** Raw LMDB, given as many bytes in batches as large; synced or not as the journal was. */
  readonly rawSeconds: number;
}

/**
 * The engine without sockets: command ring → market worker → event ring → journal with its derived
 * tables → back to this thread behind the journal's cursor, each on the thread it has in the server.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const flow = makeFlow({
    seed: SEED,
    liveOrders: smoke ? 1000 : 10_000,
    commands: smoke ? 20_000 : 400_000,
    addShare: 0.52,
    takeShare: 0.05,
    meanOffsetTicks: 100,
  });
  mkdirSync('bench/results', { recursive: true });
  const figures = CASES.map((): Figure[] => []);
  for (let round = 0; round < (smoke ? 1 : 3); round += 1) {
    for (const [i, { durability, underWayMax }] of CASES.entries()) {
      const directory = mkdtempSync('bench/results/pipeline-');
      try {
        figures[i].push(await measure(flow, directory, durability, underWayMax));
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    }
  }
  if (new Set(figures.flat().map(({ fills }) => fills)).size !== 1) {
    throw new Error('the same orders traded differently');
  }
  return {
    name: 'pipeline',
    rows: CASES.map(({ name }, i) => row(name, figures[i])),
    notes: [
      `${flow.commands.length - flow.prefill} seeded commands (52 % rest, 5 % take, 43 % cancel) on a book of ` +
        `${flow.prefill} orders in one market, ${figures[0][0].fills} fills; medians of ${figures[0].length} rounds by turns.`,
      'One thread feeds commands and reads what is durable, as the gateway does, but keeps no ledger and no views.',
      'of raw: raw LMDB putSync of as many bytes in batches as large on the same disk in the same run, its time over ' +
        'the pipeline’s. Derived tables (orders, trades) are in the pipeline’s figure and not in raw.',
      'async syncs nothing, neither here nor in its raw: for comparison only.',
    ],
  };
}

async function measure(
  flow: Flow,
  directory: string,
  durability: Durability,
  underWayMax: number,
): Promise<Figure> {
  const file = fileURLToPath(new URL('../../../config/markets.json', import.meta.url));
  const market = loadMarkets(file).get(MARKET_ID);
  if (market === undefined) throw new Error('the flow’s market is not configured');
  const threads = new Threads({
    markets: [market],
    dataDirectory: directory,
    durability,
    marketThreads: 1,
    marketSpins: 20,
    calendars: new Map([[market.id, null]]),
    sessions: 0,
    onFailure: (thread, detail) => {
      throw new Error(`${thread}: ${detail}`);
    },
  });
  await threads.startJournal();
  await threads.startMarkets(new Map());
  const feeder = new Feeder(flow, threads);
  feeder.carry(flow.prefill, underWayMax);
  const { batches: prefillBatches } = threads.journal.metrics.read();
  const [framesBefore, fillsBefore] = [feeder.frames, feeder.fills];
  const started = performance.now();
  feeder.carry(flow.commands.length, underWayMax);
  const seconds = (performance.now() - started) / 1000;
  await threads.stop();
  const batchBytes = (await storedBatches(directory)).slice(prefillBatches);
  return {
    orders: flow.commands.length - flow.prefill,
    frames: feeder.frames - framesBefore,
    fills: feeder.fills - fillsBefore,
    seconds,
    batchBytes,
    rawSeconds: await rawSeconds(join(directory, 'raw'), batchBytes, durability),
  };
}

/** Writes the flow's commands into the command ring and reads their durable groups. */
class Feeder {
  frames = 0;
  fills = 0;
  private readonly threads: Threads;
  private readonly source: RingReader;
  private readonly durable: RingReader;
  private sent = 0;
  private answered = 0;
  /** A command that found the ring full, as its offset in the source; -1 for none. */
  private waiting = -1;

  constructor(flow: Flow, threads: Threads) {
    this.threads = threads;
    this.source = new RingReader(flow.ring, 0);
    [this.durable] = threads.gatewayReaders();
  }

  /** Goes on until so many commands, counted from the flow's start, are durable. */
  carry(total: number, underWayMax: number): void {
    const { gatewayBell } = this.threads;
    const hasNext = (): boolean => this.durable.hasNext();
    while (this.answered < total) {
      this.send(total, underWayMax);
      if (!this.read()) gatewayBell.wait(hasNext, 1);
    }
  }

  private send(total: number, underWayMax: number): void {
    const { producer, bell } = this.threads.routes.get(MARKET_ID)!;
    const { i32, u8 } = this.source.ring;
    while (this.sent < total && this.sent - this.answered < underWayMax) {
      const from = this.waiting >= 0 ? this.waiting : this.source.next();
      const bytes = i32[from >>> 2];
      const to = producer.claim(bytes, i32[(from >>> 2) + 1]);
      this.waiting = to === RING_FULL ? from : -1;
      if (to === RING_FULL) break;
      producer.ring.u8.set(u8.subarray(from + 8, from + bytes), to + 8);
      producer.endGroup();
      this.sent += 1;
    }
    if (producer.publish()) bell.ring();
  }

  private read(): boolean {
    const { i32 } = this.durable.ring;
    const before = this.frames;
    for (let at = this.durable.next(); at !== RING_EMPTY; at = this.durable.next()) {
      const word = i32[(at >>> 2) + 1];
      this.frames += 1;
      if (frameType(word) === TRADE_EXECUTED) this.fills += 1;
      if ((frameFlags(word) & FRAME_FLAG_END) !== 0) this.answered += 1;
    }
    if (this.frames === before) return false;
    this.durable.release();
    return true;
  }
}

async function storedBatches(directory: string): Promise<number[]> {
  const store = openStore(directory, { readOnly: true, durability: 'commit' });
  const sizes = [...store.batches.getRange({})].map(({ value }) => value.length);
  await store.close();
  return sizes;
}

async function rawSeconds(
  path: string,
  sizes: readonly number[],
  durability: Durability,
): Promise<number> {
  const root = open<Uint8Array, number>({
    path,
    noSubdir: false,
    overlappingSync: false,
    encoding: 'binary',
    noSync: durability === 'async',
  });
  const bytes = new Uint8Array(Math.max(...sizes)).fill(7);
  const started = performance.now();
  for (const [i, size] of sizes.entries()) root.putSync(i + 1, bytes.subarray(0, size));
  const seconds = (performance.now() - started) / 1000;
  await root.close();
  return seconds;
}

function row(name: string, figures: readonly Figure[]): Record<string, string | number> {
  const middle = (of: (figure: Figure) => number): number => percentile(figures.map(of), 0.5);
  const bytes = ({ batchBytes }: Figure): number => batchBytes.reduce((sum, each) => sum + each, 0);
  return {
    case: name,
    'orders/s': Math.round(middle(({ orders, seconds }) => orders / seconds)),
    'frames/s': Math.round(middle(({ frames, seconds }) => frames / seconds)),
    'MB/s': Math.round(middle((figure) => bytes(figure) / figure.seconds / 1e6)),
    'KiB/batch': Math.round(middle((figure) => bytes(figure) / figure.batchBytes.length / 1024)),
    'raw LMDB MB/s': Math.round(middle((figure) => bytes(figure) / figure.rawSeconds / 1e6)),
    'of raw': middle(({ seconds, rawSeconds: raw }) => raw / seconds).toFixed(2),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rows, notes } = await run({ smoke: process.argv.includes('--smoke') });
  console.table(rows);
  for (const note of notes) console.log(note);
}
