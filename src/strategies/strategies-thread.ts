import { ThreadFailpoint } from '../lib/thread-failpoint.ts';
import { Doorbell } from '../rings/doorbell.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../rings/ring.ts';
import { READER_JOURNAL } from '../rings/roles.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import { readDenial } from './denials.ts';
import { RingSink } from './ring-sink.ts';
import { StrategyRuntime } from './strategy-runtime.ts';
import type { FromStrategies, StrategiesWorkerData, ToStrategies } from './worker-messages.ts';

const TIMER_MS = 50;
/** Records read from one ring before the other rings and the timers have their turn. */
const RECORDS_AT_ONCE = 4096;

/**
 * The strategies' thread: reads what is durable and what was denied, lets the runtime decide, and
 * publishes what it sends. Time is the one thing it adds: the runtime itself has no clock.
 */
export class StrategiesThread {
  private readonly runtime: StrategyRuntime;
  private readonly producer: RingProducer;
  private readonly readers: readonly RingReader[];
  private readonly denials: RingReader;
  private readonly gatewayBell: Doorbell;
  private readonly bell: Doorbell;
  private readonly control: ThreadControl;
  private readonly failpoint: ThreadFailpoint;
  private readonly post: (message: FromStrategies) => void;
  private readonly mail: ToStrategies[] = [];

  /** @param failpoints as in `OPENBELL_FAILPOINT` */
  constructor(
    data: StrategiesWorkerData,
    failpoints: string,
    post: (message: FromStrategies) => void,
  ) {
    const { wiring } = data;
    this.post = post;
    this.failpoint = new ThreadFailpoint('strategies', failpoints);
    this.producer = new RingProducer(new Ring(wiring.requestRing, 1));
    this.denials = new RingReader(new Ring(data.denialRing, 1), 0);
    this.readers = wiring.eventRings.map((buffer) => {
      const ring = new Ring(buffer, wiring.eventRingReaders);
      return new RingReader(ring, wiring.reader, READER_JOURNAL);
    });
    this.gatewayBell = new Doorbell(wiring.gatewayBell);
    this.bell = new Doorbell(wiring.sessionBell);
    this.control = new ThreadControl(wiring.control);
    this.runtime = new StrategyRuntime(data.markets, data.images, new RingSink(this.producer));
    for (const spec of data.deployments) this.take({ type: 'start', spec });
  }

  /** A message of the gateway; it is carried out in the loop's next turn. */
  receive(message: ToStrategies): void {
    this.mail.push(message);
    this.bell.ring();
  }

  /** Runs until the gateway asks to stop. */
  async run(): Promise<void> {
    let nextTimerMs = 0;
    while (!this.control.stopRequested()) {
      for (const message of this.mail.splice(0)) this.take(message);
      const worked = this.readAll();
      if (worked && this.runtime.size > 0) this.failpoint.reach();
      const nowMs = Date.now();
      if (nowMs >= nextTimerMs) {
        this.runtime.timer(nowMs);
        nextTimerMs = nowMs + TIMER_MS;
      }
      this.finishTurn();
      const waitMs = Math.max(1, nextTimerMs - Date.now());
      await this.bell.waitAsync(() => this.hasWork(), waitMs);
    }
  }

  private finishTurn(): void {
    if (this.producer.publish()) this.gatewayBell.ring();
    for (const end of this.runtime.takeEnds()) this.post({ type: 'ended', ...end });
    this.control.countLoop();
  }

  private readAll(): boolean {
    let worked = false;
    for (const reader of this.readers) {
      for (let read = 0; read < RECORDS_AT_ONCE; read += 1) {
        const at = reader.next();
        if (at === RING_EMPTY) break;
        this.runtime.record(reader.ring, at);
        worked = true;
      }
      reader.release();
    }
    for (let at = this.denials.next(); at !== RING_EMPTY; at = this.denials.next()) {
      const { deploymentId, orderNumber, isPlacement, code } = readDenial(this.denials.ring, at);
      this.runtime.denied(deploymentId, orderNumber, isPlacement, code);
      worked = true;
    }
    this.denials.release();
    return worked;
  }

  private hasWork(): boolean {
    return (
      this.mail.length > 0 ||
      this.control.stopRequested() ||
      this.denials.hasNext() ||
      this.readers.some((reader) => reader.hasNext())
    );
  }

  private take(message: ToStrategies): void {
    switch (message.type) {
      case 'start':
        this.runtime.start(message.spec, Date.now());
        this.post({ type: 'started', deploymentId: message.spec.deploymentId });
        return;
      case 'stop':
        this.runtime.stop(message.deploymentId);
        return;
      case 'configure':
        this.runtime.configure(message.deploymentId, message.parameters);
    }
  }
}
