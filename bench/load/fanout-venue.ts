import { App } from 'uWebSockets.js';
import { fileURLToPath } from 'node:url';
import { loadMarkets } from '../../src/config/markets.ts';
import { ConnectionLimit } from '../../src/gateway/streams/connection-limit.ts';
import { FORMAT_NAMES } from '../../src/gateway/streams/formats.ts';
import { StreamHub } from '../../src/gateway/streams/hub.ts';
import { SystemClock } from '../../src/lib/clock.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import type { FrameViews } from '../../src/rings/frame.ts';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { FLOW_FRAME_BYTES, MarketFlow } from '../../test/support/market-flow.ts';
import { NO_ORDERS } from '../../test/support/stream-fakes.ts';
import { listen, type Sent } from './fanout-peers.ts';

export const MARKET_IDS = [6, 7, 9, 11];

/** The records of one round one after another, drain by drain, as a ring would have them. */
export interface Tape {
  /** A record lies every `FLOW_FRAME_BYTES`. */
  readonly views: FrameViews;
  readonly drains: number;
  readonly recordsPerDrain: number;
}

/** The first drains of a tape, with a message for every change. */
export interface Singles {
  readonly messages: readonly Sent[];
  readonly drains: number;
}

/** Seeded order flow of the measured markets; every `record` continues where the last ended. */
export class FlowRecorder {
  private readonly flows: readonly MarketFlow[];

  constructor(seed: number) {
    this.flows = MARKET_IDS.map((id) => new MarketFlow(id, seed + id));
  }

  /** @param each records of each market in a drain */
  record(drains: number, each: number): Tape {
    const recordsPerDrain = MARKET_IDS.length * each;
    const count = drains * recordsPerDrain;
    const bytes = new ArrayBuffer(count * FLOW_FRAME_BYTES);
    const u8 = new Uint8Array(bytes);
    for (let i = 0; i < count; i += 1) {
      const flow = this.flows[i % MARKET_IDS.length];
      flow.step();
      u8.set(flow.views.u8, i * FLOW_FRAME_BYTES);
    }
    const views = { u8, i32: new Int32Array(bytes), f64: new Float64Array(bytes) };
    return { views, drains, recordsPerDrain };
  }
}

/** Stamps messages, but no heartbeat is ever due: the subscribers count what was published. */
class TimerlessClock extends SystemClock {
  override nowMs(): number {
    return 0;
  }
}

/** The publish path without sockets: it only tells what it would send. */
class Twin {
  private readonly hub: StreamHub;
  private captured: Sent[] = [];

  constructor({ hub, native }: Path, topics: ReadonlySet<string>, format: number) {
    this.hub = hub;
    native.bind({
      numSubscribers: (topic) => (topics.has(topic) ? 1 : 0),
      publish: (topic, bytes) => {
        this.captured.push({ topic, bytes: bytes.slice() });
      },
    });
    const book = native.channel('book')!;
    for (const market of native.markets.all) {
      native.topics.hold(native.topic(book, market, 0, format));
    }
  }

  /** What the tape's drains from one up to another publish. */
  drains(tape: Tape, from: number, to: number): readonly Sent[] {
    this.captured = [];
    for (let drain = from; drain < to; drain += 1) replay(this.hub, tape, drain);
    return this.captured;
  }

  /** The same when every record is a drain of its own. */
  records(tape: Tape, drains: number): readonly Sent[] {
    this.captured = [];
    for (let i = 0; i < drains * tape.recordsPerDrain; i += 1) {
      this.hub.views.apply(tape.views, i * FLOW_FRAME_BYTES);
      this.hub.publish();
    }
    return this.captured;
  }
}

interface Path {
  readonly hub: StreamHub;
  readonly native: NativeStream;
}

/** The publish path with real sockets, and twins of it that tell what it would send. */
export class FanoutVenue {
  readonly topics: readonly string[];
  readonly marketCount: number;
  readonly port: number;
  readonly close: () => void;
  private readonly hub: StreamHub;
  private readonly twin: Twin;
  private readonly singleTwin: Twin;
  private readonly messages = new WeakMap<Tape, readonly Sent[]>();
  private readonly singles = new WeakMap<Tape, Singles>();

  static async open(format: string): Promise<FanoutVenue> {
    const app = App();
    const clock = new TimerlessClock();
    const file = fileURLToPath(new URL('../../../config/markets.json', import.meta.url));
    const markets = loadMarkets(file);
    const make = (): Path => {
      const views = new MarketViews(markets.all);
      const connectionLimit = new ConnectionLimit(Number.POSITIVE_INFINITY);
      const services = { ...NO_ORDERS, connectionLimit };
      const native = new NativeStream({ markets, views, epoch: 1, clock, ...services });
      return { hub: new StreamHub({ views, clock, endpoints: [native] }), native };
    };
    const { hub } = make();
    hub.attach(app);
    const listening = await listen(app);
    const topics = new Set(markets.all.map(({ id }) => `native/${format}/book/${id}`));
    const twin = (): Twin =>
      new Twin(make(), topics, (FORMAT_NAMES as readonly string[]).indexOf(format));
    return new FanoutVenue(hub, twin(), twin(), [...topics], listening);
  }

  private constructor(
    hub: StreamHub,
    twin: Twin,
    singleTwin: Twin,
    topics: readonly string[],
    { port, close }: { port: number; close: () => void },
  ) {
    this.hub = hub;
    this.twin = twin;
    this.singleTwin = singleTwin;
    this.port = port;
    this.close = close;
    this.marketCount = topics.length;
    this.topics = topics;
  }

  /** What the tape's drains publish; tapes are to be asked about, and published, in their order. */
  messagesOf(tape: Tape): readonly Sent[] {
    let messages = this.messages.get(tape);
    if (messages === undefined) {
      messages = this.twin.drains(tape, 0, tape.drains);
      this.messages.set(tape, messages);
    }
    return messages;
  }

  /** What they would publish if nothing were batched, as far as makes about as many messages. */
  singlesOf(tape: Tape): Singles {
    let singles = this.singles.get(tape);
    if (singles === undefined) {
      const drains = Math.ceil(tape.drains / (tape.recordsPerDrain / MARKET_IDS.length));
      singles = { messages: this.singleTwin.records(tape, drains), drains };
      // The rest is not asked about, but the next tape goes on behind it.
      this.singleTwin.drains(tape, drains, tape.drains);
      this.singles.set(tape, singles);
    }
    return singles;
  }

  /** Publishes one drain to whoever listens. @returns the number of messages */
  publish(tape: Tape, drain: number): number {
    const counters = this.hub.metrics.get('native')!;
    const before = counters.messages;
    replay(this.hub, tape, drain);
    return counters.messages - before;
  }
}

function replay(hub: StreamHub, tape: Tape, drain: number): void {
  const start = drain * tape.recordsPerDrain;
  for (let i = start; i < start + tape.recordsPerDrain; i += 1) {
    hub.views.apply(tape.views, i * FLOW_FRAME_BYTES);
  }
  hub.publish();
}
