import { App } from 'uWebSockets.js';
import { fileURLToPath } from 'node:url';
import { loadMarkets } from '../../src/config/markets.ts';
import { ConnectionLimit } from '../../src/gateway/streams/connection-limit.ts';
import { StreamHub } from '../../src/gateway/streams/hub.ts';
import { SystemClock } from '../../src/lib/clock.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import type { FrameViews } from '../../src/rings/frame.ts';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { FLOW_FRAME_BYTES, MarketFlow } from '../../test/support/market-flow.ts';
import { NO_ORDERS } from '../../test/support/stream-fakes.ts';
import { listen, type Sent } from './fanout-peers.ts';

export const MARKET_IDS = [6, 7, 9, 11];

/** The records of one round, drain by drain, with a view on the bytes of each record. */
export interface Tape {
  readonly records: readonly FrameViews[];
  readonly drains: number;
  readonly recordsPerDrain: number;
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
    const records: FrameViews[] = [];
    for (let i = 0; i < count; i += 1) {
      const flow = this.flows[i % MARKET_IDS.length];
      flow.step();
      const at = i * FLOW_FRAME_BYTES;
      const u8 = new Uint8Array(bytes, at, FLOW_FRAME_BYTES);
      u8.set(flow.views.u8);
      records.push({
        u8,
        i32: new Int32Array(bytes, at, FLOW_FRAME_BYTES / 4),
        f64: new Float64Array(bytes, at, FLOW_FRAME_BYTES / 8),
      });
    }
    return { records, drains, recordsPerDrain };
  }
}

/** Stamps messages, but no heartbeat is ever due: the subscribers count what was published. */
class TimerlessClock extends SystemClock {
  override nowMs(): number {
    return 0;
  }
}

/** The publish path with real sockets, and a twin of it that only tells what it would send. */
export class FanoutVenue {
  readonly topics: readonly string[];
  readonly marketCount: number;
  readonly port: number;
  readonly close: () => void;
  private readonly hub: StreamHub;
  private readonly twin: StreamHub;
  private captured: Sent[] = [];
  private readonly messages = new WeakMap<Tape, readonly Sent[]>();

  static async open(format: string): Promise<FanoutVenue> {
    const app = App();
    const clock = new TimerlessClock();
    const file = fileURLToPath(new URL('../../../config/markets.json', import.meta.url));
    const markets = loadMarkets(file);
    const make = (): { hub: StreamHub; native: NativeStream } => {
      const views = new MarketViews(markets.all);
      const connectionLimit = new ConnectionLimit(Number.POSITIVE_INFINITY);
      const services = { ...NO_ORDERS, connectionLimit };
      const native = new NativeStream({ markets, views, epoch: 1, clock, ...services });
      return { hub: new StreamHub({ views, clock, endpoints: [native] }), native };
    };
    const { hub } = make();
    hub.attach(app);
    return new FanoutVenue(format, hub, make(), markets.all, await listen(app));
  }

  private constructor(
    format: string,
    hub: StreamHub,
    twin: { hub: StreamHub; native: NativeStream },
    markets: readonly { readonly id: number }[],
    { port, close }: { port: number; close: () => void },
  ) {
    this.hub = hub;
    this.twin = twin.hub;
    this.port = port;
    this.close = close;
    this.marketCount = markets.length;
    const topics = new Set(markets.map(({ id }) => `native/${format}/book/${id}`));
    twin.native.bind({
      numSubscribers: (topic) => (topics.has(topic) ? 1 : 0),
      publish: (topic, bytes) => {
        this.captured.push({ topic, bytes: bytes.slice() });
      },
    });
    this.topics = [...topics];
  }

  /** What the tape's drains publish; tapes are to be asked about, and published, in their order. */
  messagesOf(tape: Tape): readonly Sent[] {
    const known = this.messages.get(tape);
    if (known !== undefined) return known;
    this.captured = [];
    for (let drain = 0; drain < tape.drains; drain += 1) replay(this.twin, tape, drain);
    this.messages.set(tape, this.captured);
    return this.captured;
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
  for (let i = start; i < start + tape.recordsPerDrain; i += 1) hub.views.apply(tape.records[i], 0);
  hub.publish();
}
