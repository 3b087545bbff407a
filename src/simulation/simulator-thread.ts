import { setTimeout as sleep } from 'node:timers/promises';
import { Prng } from '../lib/prng.ts';
import { Doorbell } from '../rings/doorbell.ts';
import { frameMarketId } from '../rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../rings/ring.ts';
import { READER_JOURNAL } from '../rings/roles.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import { RingOrderSink } from './ring-order-sink.ts';
import { deriveSeed } from './seeds.ts';
import { Simulation } from './simulation.ts';
import type { SimulatorWorkerData } from './worker-data.ts';

/** One session's request ring has one reader: the gateway. */
const REQUEST_RING_READERS = 1;
const TICK_MS_MIN = 25;
const TICK_MS_MAX = 50;
/** While this many bytes came since the last look, the events are read this often instead. */
const BUSY_BYTES = 128 * 1024;
const BUSY_POLL_MS = 2;

/**
 * The simulator's thread: reads the durable events, lets the simulation act every few dozen
 * milliseconds, and publishes what it sends once per tick, so that the journal commits little more
 * than once per tick too. It waits by a timer and never on its bell: an event is not urgent to it,
 * except that it must not hold up the market workers, whose rings it reads.
 */
export class SimulatorThread {
  readonly simulation: Simulation;
  private readonly producer: RingProducer;
  private readonly readers: readonly RingReader[];
  private readonly gatewayBell: Doorbell;
  private readonly control: ThreadControl;
  private readonly prng: Prng;

  constructor(data: SimulatorWorkerData) {
    const { wiring } = data;
    this.producer = new RingProducer(new Ring(wiring.requestRing, REQUEST_RING_READERS));
    this.readers = wiring.eventRings.map((buffer) => {
      const ring = new Ring(buffer, wiring.eventRingReaders);
      return new RingReader(ring, wiring.reader, READER_JOURNAL);
    });
    this.gatewayBell = new Doorbell(wiring.gatewayBell);
    this.control = new ThreadControl(wiring.control);
    this.prng = new Prng(deriveSeed(data.seed, 0, 1));
    const sink = new RingOrderSink(this.producer, wiring.sessionId);
    this.simulation = new Simulation(data, wiring.sessionId, sink);
  }

  /** Reads every durable event there is. @returns their bytes */
  poll(): number {
    let bytes = 0;
    for (const reader of this.readers) {
      const { ring } = reader;
      const { i32 } = ring;
      for (;;) {
        const at = reader.next();
        if (at === RING_EMPTY) break;
        this.simulation.onEvent(frameMarketId(i32[(at + 4) >>> 2]), ring, at);
        bytes += i32[at >>> 2];
      }
      reader.release();
    }
    return bytes;
  }

  /** One tick: lets time pass, and sends what the traders made of it. */
  act(elapsedMs: number): void {
    this.simulation.tick(elapsedMs);
    if (this.producer.publish()) this.gatewayBell.ring();
    this.control.countLoop();
  }

  /** Runs until the gateway asks to stop. */
  async run(): Promise<void> {
    let actedAtMs = performance.now();
    let nextActMs = actedAtMs;
    while (!this.control.stopRequested()) {
      const busy = this.poll() > BUSY_BYTES;
      const nowMs = performance.now();
      if (nowMs >= nextActMs) {
        this.act(nowMs - actedAtMs);
        actedAtMs = nowMs;
        nextActMs = nowMs + TICK_MS_MIN + this.prng.uniform() * (TICK_MS_MAX - TICK_MS_MIN);
      }
      const untilActMs = Math.max(1, nextActMs - performance.now());
      await sleep(busy ? Math.min(BUSY_POLL_MS, untilActMs) : untilActMs);
    }
  }
}
