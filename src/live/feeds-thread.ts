import type { RestResult } from '../feeds/rest/result.ts';
import { failure } from '../feeds/rest/result.ts';
import type { ThreadFailpoint } from '../lib/thread-failpoint.ts';
import { Doorbell } from '../rings/doorbell.ts';
import { Ring, RingProducer } from '../rings/ring.ts';
import type { FeedsWiring, FromFeeds, RestRequest, ToFeeds } from './live-messages.ts';
import { VenueRun } from './venue-run.ts';

/** How often what is owed is looked after, and how often the gateway hears how things are. */
const SETTLE_MS = 50;
const STATE_MS = 250;

/**
 * The feeds thread: sockets to exchanges, parsing, and the records of all live markets, off the
 * gateway. It also asks exchanges over HTTP what the gateway wants to know, so that one cache and one
 * limiter see all requests. Everything here is driven by events; nothing waits for the ring.
 */
export class FeedsThread {
  private readonly post: (message: FromFeeds) => void;
  private readonly failpoint: ThreadFailpoint;
  private readonly producer: RingProducer;
  private readonly journalBell: Doorbell;
  private readonly runs: readonly VenueRun[];
  private readonly timers: NodeJS.Timeout[] = [];
  private publishing = false;
  private telling = false;

  /** @param failpoint reached whenever the thread looks after what is owed */
  constructor(wiring: FeedsWiring, post: (message: FromFeeds) => void, failpoint: ThreadFailpoint) {
    this.post = post;
    this.failpoint = failpoint;
    this.producer = new RingProducer(new Ring(wiring.ring, wiring.ringReaders));
    this.journalBell = new Doorbell(wiring.journalBell);
    this.runs = wiring.venues.map(
      (venue) =>
        new VenueRun(venue, {
          producer: this.producer,
          written: () => this.publishSoon(),
          notice: (level, fields, message) => {
            post({ type: 'notice', level, fields, message });
            this.tellSoon();
          },
        }),
    );
  }

  start(): void {
    for (const run of this.runs) run.start();
    this.timers.push(setInterval(() => this.settle(), SETTLE_MS));
    this.timers.push(setInterval(() => this.tell(), STATE_MS));
    this.tell();
    this.post({ type: 'ready' });
  }

  /** Takes a message of the gateway. True when the thread is to end. */
  receive(message: ToFeeds): boolean {
    if (message.type === 'stop') {
      this.stop();
      return true;
    }
    void this.answer(message);
    return false;
  }

  private stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const run of this.runs) run.stop();
    this.publish();
    this.post({ type: 'stopped' });
  }

  private async answer({ id, exchange, method, args }: RestRequest): Promise<void> {
    const run = this.runs.find((one) => one.exchange === exchange);
    let result: RestResult<unknown>;
    try {
      result = run === undefined ? failure('UNSUPPORTED') : await run.ask(method, args);
    } catch (error) {
      result = failure('UNREACHABLE', error instanceof Error ? error.message : String(error));
    }
    this.post({ type: 'rest', id, result });
  }

  /** Everything that one frame brought becomes visible together. */
  private publishSoon(): void {
    if (this.publishing) return;
    this.publishing = true;
    queueMicrotask(() => this.publish());
  }

  private publish(): void {
    this.publishing = false;
    if (this.producer.publish()) this.journalBell.ring();
  }

  private settle(): void {
    this.failpoint.reach();
    for (const run of this.runs) run.settle();
    this.publish();
  }

  /** Something happened to a connection: nobody waits for the next turn to hear of it. */
  private tellSoon(): void {
    if (this.telling) return;
    this.telling = true;
    setImmediate(() => {
      this.telling = false;
      this.tell();
    });
  }

  private tell(): void {
    this.post({ type: 'state', venues: this.runs.map((run) => run.state()) });
  }
}
