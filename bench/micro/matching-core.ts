import * as R from '../../src/codec/records.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import { frameType } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import { carryOutBatch, type Flow, MACHINE_CONFIG } from './matching-flow.ts';

/** Commands between two publications of the event ring, as in the market worker. */
const BATCH_COMMANDS = 256;
/** Commands between two looks at the clock when latency is measured. */
const TIMED_COMMANDS = 16;
const EVENT_RING_BYTES = 1 << 23;

/** Order-dependent sum over fills: equal sums mean the same makers, quantities and order. */
export function mixFill(sum: number, makerId: number, qtyLots: number): number {
  return (Math.imul(sum, 31) + Math.imul(makerId, 0x9e3779b1) + qtyLots) | 0;
}

/** A machine with its event ring and a reader of it in the same thread, the book filled. */
class Bed {
  readonly machine: SymbolMachine;
  /** Never released, so every bed reads the flow from its start. */
  readonly commands: RingReader;
  readonly producer: RingProducer;
  readonly events = Ring.create(EVENT_RING_BYTES, 1);
  private readonly reader = new RingReader(this.events, 0);
  fills = 0;
  fillSum = 0;

  constructor(flow: Flow) {
    // The first touch of a page is the operating system's work, not the machine's.
    this.events.u8.fill(0);
    this.producer = new RingProducer(this.events);
    this.machine = new SymbolMachine(MACHINE_CONFIG, this.producer);
    this.commands = new RingReader(flow.ring, 0);
    for (let done = 0; done < flow.prefill; done += BATCH_COMMANDS) {
      const most = Math.min(BATCH_COMMANDS, flow.prefill - done);
      carryOutBatch(this.machine, this.producer, this.commands, most);
      this.drain();
    }
  }

  /** Publishes and gives the room back unread. */
  drain(): void {
    this.producer.publish();
    this.reader.skipToEnd();
  }

  /** Publishes and walks every frame, as a reader must, adding up the fills. */
  read(): void {
    this.producer.publish();
    const { i32, f64 } = this.events;
    for (let at = this.reader.next(); at !== RING_EMPTY; at = this.reader.next()) {
      if (frameType(i32[(at >>> 2) + 1]) !== R.TRADE_EXECUTED) continue;
      const makerId = f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3];
      this.fills += 1;
      this.fillSum = mixFill(this.fillSum, makerId, f64[(at + R.TRADE_QTY_LOTS) >>> 3]);
    }
    this.reader.release();
  }
}

export interface CoreRun {
  readonly seconds: number;
  /** Bytes of JavaScript heap allocated per command, rounded down by what a collection freed. */
  readonly heapBytes: number;
  readonly fills: number;
  readonly fillSum: number;
  readonly stateHash: string;
}

/**
 * Carries out the flow once, as fast as it goes, publishing every 256 commands.
 * @param read whether the events are also read in the same thread, or only written and dropped
 */
export function runCore(flow: Flow, read: boolean): CoreRun {
  const bed = new Bed(flow);
  const { machine, commands, producer } = bed;
  const count = flow.commands.length - flow.prefill;
  const heapBefore = process.memoryUsage().heapUsed;
  const start = performance.now();
  for (let done = 0; done < count; done += BATCH_COMMANDS) {
    carryOutBatch(machine, producer, commands, Math.min(BATCH_COMMANDS, count - done));
    if (read) bed.read();
    else bed.drain();
  }
  const seconds = (performance.now() - start) / 1000;
  const heapBytes = Math.max(0, process.memoryUsage().heapUsed - heapBefore) / count;
  const { fills, fillSum } = bed;
  return { seconds, heapBytes, fills, fillSum, stateHash: machine.stateHash() };
}

/** Nanoseconds per command of each run of 16 commands, the publications in between included. */
export function timeCore(flow: Flow): Float64Array {
  const bed = new Bed(flow);
  const { machine, producer, commands } = bed;
  const count = flow.commands.length - flow.prefill;
  const times = new Float64Array(Math.floor(count / TIMED_COMMANDS));
  for (let batch = 0; batch < times.length; batch += 1) {
    const start = performance.now();
    carryOutBatch(machine, producer, commands, TIMED_COMMANDS);
    if (batch % (BATCH_COMMANDS / TIMED_COMMANDS) === 0) bed.drain();
    times[batch] = ((performance.now() - start) * 1e6) / TIMED_COMMANDS;
  }
  return times;
}
