import { Doorbell } from '../../rings/doorbell.ts';
import { RingProducer, ringUsedBytes } from '../../rings/ring.ts';
import { ThreadControl } from '../../rings/thread-control.ts';
import type { Canonical } from './canonical.ts';
import { DrainProxy } from './drain-proxy.ts';
import type { DrainReply } from './drain-thread.ts';
import { createEventRing, MessageFeed } from './message-feed.ts';
import type { OrderFile } from './order-file.ts';

/** What one pass over the file took; both clocks start before its first message. */
export interface SurveyPass {
  /** Until everything is matched and published, waits for the reader's room included. */
  readonly matchingSeconds: number;
  /** Until the second thread has also read the last report. */
  readonly drainedSeconds: number;
  /** How often matching stood still until the reader gave room back. */
  readonly roomWaits: number;
}

export interface SurveyResult extends Canonical {
  readonly passes: readonly SurveyPass[];
  readonly reports: number;
  readonly duplicateIds: number;
  /** Orders that rest at the end, and the best prices, `null` where a side is empty. */
  readonly restingOrders: number;
  readonly bestBid: number | null;
  readonly bestAsk: number | null;
}

type Drained = Extract<DrainReply, { kind: 'drained' }>;

const SPINS = 1000;
/** So long the reader may give back nothing before it must be dead. */
const STALL_MS = 30_000;

/** Keeps the reader ahead of where memory would have to be found during the run. */
const REPORTS_PER_MESSAGE = 1.25;

/**
 * Runs the file through new machines, one after the other; has the first pass' reports formatted and
 * hashed, and the others' compared with them.
 * @param passes how many; all must make the same reports
 * @param outFile where the canonical stream is written, or `null`
 */
export async function runSurvey(
  file: OrderFile,
  passes: number,
  outFile: string | null,
): Promise<SurveyResult> {
  const run = new SurveyRun(file);
  try {
    const first = await run.pass();
    const canonical = await run.canonical(outFile);
    const done = [first.pass];
    while (done.length < passes) {
      const { pass, drained } = await run.pass();
      if (drained.memoryHash !== first.drained.memoryHash) {
        throw new Error('two passes made different reports');
      }
      done.push(pass);
    }
    const { reports, duplicateIds } = first.drained;
    return { ...canonical, reports, duplicateIds, ...bookAfter(first.feed, file), passes: done };
  } finally {
    await run.stop();
  }
}

/** Passes over one file, each with a new machine whose events a second thread drains into memory. */
export class SurveyRun {
  private readonly file: OrderFile;
  private readonly drain = new DrainProxy();

  constructor(file: OrderFile) {
    this.file = file;
  }

  pass(): Promise<{ pass: SurveyPass; drained: Drained; feed: MessageFeed }> {
    return runPass(this.file, this.drain);
  }

  /** Formats and hashes the reports of the newest pass. */
  async canonical(outFile: string | null): Promise<Canonical> {
    const { priceShift, orderIds } = this.file;
    this.drain.send({ kind: 'canonical', naming: { priceShift, orderIds }, outFile });
    return (await this.drain.reply('canonical')).canonical;
  }

  stop(): Promise<void> {
    return this.drain.stop();
  }
}

function bookAfter(
  { machine }: MessageFeed,
  { priceShift }: OrderFile,
): Pick<SurveyResult, 'restingOrders' | 'bestBid' | 'bestAsk'> {
  const bid = machine.bestBidTicks();
  const ask = machine.bestAskTicks();
  return {
    restingOrders: machine.openOrders,
    bestBid: bid === 0 ? null : bid - priceShift,
    bestAsk: ask === 0 ? null : ask - priceShift,
  };
}

async function runPass(
  file: OrderFile,
  drain: DrainProxy,
): Promise<{ pass: SurveyPass; drained: Drained; feed: MessageFeed }> {
  const ring = createEventRing(file);
  // The first touch of a page is the operating system's work, not the machine's.
  ring.u8.fill(0);
  const readerBell = new Doorbell();
  const writerBell = new Doorbell();
  const control = new ThreadControl();
  const expectedReports = Math.ceil(file.messages * REPORTS_PER_MESSAGE);
  const buffers = {
    ring: ring.buffer,
    readerBell: readerBell.buffer,
    writerBell: writerBell.buffer,
    control: control.buffer,
  };
  drain.send({ kind: 'drain', ...buffers, expectedReports });
  await drain.reply('ready');
  const producer = new RingProducer(ring);
  let roomWaits = 0;
  const feed = new MessageFeed(file, producer, (bytes) => {
    roomWaits += 1;
    readerBell.ring();
    while (!producer.canClaim(bytes)) waitForReader(writerBell, () => producer.canClaim(bytes));
  });
  const started = performance.now();
  feed.run(() => readerBell.ring());
  const matched = performance.now();
  control.requestStop();
  readerBell.ring();
  while (ringUsedBytes(ring) > 0) waitForReader(writerBell, () => ringUsedBytes(ring) === 0);
  const ended = performance.now();
  const drained = await drain.reply('drained');
  const pass: SurveyPass = {
    matchingSeconds: (matched - started) / 1000,
    drainedSeconds: (ended - started) / 1000,
    roomWaits,
  };
  return { pass, drained, feed };
}

function waitForReader(bell: Doorbell, isDone: () => boolean): void {
  const started = performance.now();
  bell.wait(isDone, STALL_MS, SPINS);
  if (!isDone() && performance.now() - started >= STALL_MS) {
    throw new Error('the draining thread has stopped reading');
  }
}
