/**
 * Deliveries per second of the publish path (apply records, encode, publish) beside uWebSockets.js
 * publishing the very same bytes, in the same run, to subscribers in a process of their own.
 */

import {
  App,
  type TemplatedApp,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { loadMarkets } from '../../src/config/markets.ts';
import { StreamHub } from '../../src/gateway/streams/hub.ts';
import { SystemClock } from '../../src/lib/clock.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import type { FrameViews } from '../../src/rings/frame.ts';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { FLOW_FRAME_BYTES, MarketFlow } from '../../test/support/market-flow.ts';
import { NO_ORDERS } from '../../test/support/stream-fakes.ts';
import type { BenchOptions, BenchResult } from '../support/result.ts';
import type { FanoutOrder, FanoutReport } from './fanout-client.ts';

const MARKET_IDS = [6, 7, 9, 11];
const RECORDS_PER_DRAIN = 8;
/** Bytes under way to all subscribers; keeps sockets busy, far from their bound and in the cache. */
const WINDOW_BYTES = 8 << 20;
const SEED = 20_240_415;

interface Plan {
  readonly subscribers: readonly number[];
  readonly rounds: number;
  readonly deliveriesPerRound: number;
}

const FULL: Plan = { subscribers: [50, 500], rounds: 5, deliveriesPerRound: 600_000 };
const SMOKE: Plan = { subscribers: [20], rounds: 1, deliveriesPerRound: 16_000 };

/** The records of one round, drain by drain, with a view on the bytes of each record. */
interface Tape {
  readonly records: readonly FrameViews[];
  readonly drains: number;
}

/** Seeded order flow of the measured markets; every `record` continues where the last ended. */
class FlowRecorder {
  private readonly flows = MARKET_IDS.map((id) => new MarketFlow(id, SEED + id));

  record(drains: number): Tape {
    const count = drains * MARKET_IDS.length * RECORDS_PER_DRAIN;
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
    return { records, drains };
  }
}

class Server {
  readonly hub: StreamHub;
  readonly app: TemplatedApp = App();
  /** What the publish path sent in a round, message by message: topic number and bytes. */
  private readonly captured: { topic: string; bytes: Uint8Array }[] = [];
  private readonly twin: StreamHub;
  private readonly binary: boolean;
  private socket: us_listen_socket | false = false;

  constructor(format: string) {
    this.binary = format === 'flatbuffers';
    const clock = new SystemClock();
    const markets = loadMarkets(
      fileURLToPath(new URL('../../../config/markets.json', import.meta.url)),
    );
    const views = new MarketViews(markets.all);
    const native = new NativeStream({ markets, views, epoch: 1, clock, ...NO_ORDERS });
    this.hub = new StreamHub({ views, clock, endpoints: [native] });
    this.hub.attach(this.app);
    const twinViews = new MarketViews(markets.all);
    const twin = new NativeStream({ markets, views: twinViews, epoch: 1, clock, ...NO_ORDERS });
    this.twin = new StreamHub({ views: twinViews, clock, endpoints: [twin] });
    twin.bind({
      numSubscribers: (topic) => (topic.startsWith(`native/${format}/book/`) ? 1 : 0),
      publish: (topic, bytes) => {
        this.captured.push({ topic: `raw/${topic}`, bytes: bytes.slice() });
      },
    });
    this.app.ws('/raw', {
      maxBackpressure: 1 << 20,
      open: (ws) => {
        for (const { id } of markets.all) ws.subscribe(`raw/native/${format}/book/${id}`);
      },
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.app.listen('127.0.0.1', 0, (socket) => {
        this.socket = socket;
        resolve();
      });
    });
    if (this.socket === false) throw new Error('no port to listen on');
    return us_socket_local_port(this.socket as never);
  }

  close(): void {
    if (this.socket !== false) us_listen_socket_close(this.socket);
    this.app.close();
  }

  /** What the tape's drains publish, without anybody to receive it. */
  messagesOf(tape: Tape): { topic: string; bytes: Uint8Array }[] {
    this.captured.length = 0;
    for (let drain = 0; drain < tape.drains; drain += 1) replay(this.twin, tape, drain);
    return [...this.captured];
  }

  publishRaw(message: { topic: string; bytes: Uint8Array }): void {
    this.app.publish(message.topic, message.bytes, this.binary);
  }
}

function replay(hub: StreamHub, tape: Tape, drain: number): void {
  const perDrain = MARKET_IDS.length * RECORDS_PER_DRAIN;
  const end = (drain + 1) * perDrain;
  for (let i = drain * perDrain; i < end; i += 1) hub.views.apply(tape.records[i], 0);
  hub.publish();
}

/** The subscribers' process as the server's side of the benchmark sees it. */
class Subscribers {
  frames = 0;
  private readonly child: ChildProcess;
  private readonly connections: number;

  private constructor(connections: number) {
    this.connections = connections;
    this.child = fork(fileURLToPath(new URL('./fanout-client.js', import.meta.url)));
  }

  static async open(order: FanoutOrder): Promise<Subscribers> {
    const subscribers = new Subscribers(order.connections);
    subscribers.child.send(order);
    const [first] = (await once(subscribers.child, 'message')) as [FanoutReport];
    if (!first.ready) throw new Error('the subscribers did not become ready');
    subscribers.child.on('message', (report: FanoutReport) => {
      subscribers.frames = report.frames;
    });
    return subscribers;
  }

  /**
   * Publishes step by step, at most a window of messages ahead; resolves when all has arrived. It
   * sleeps while it waits, so the CPU time is that of the work.
   */
  async run(steps: number, windowMessages: number, publish: (step: number) => number) {
    const start = this.frames;
    const cpuStart = process.cpuUsage();
    const startMs = performance.now();
    let published = 0;
    for (let step = 0; step < steps; step += 1) {
      published += publish(step);
      await new Promise((resolve) => setImmediate(resolve));
      await this.arrived(start + (published - windowMessages) * this.connections);
    }
    await this.arrived(start + published * this.connections);
    const seconds = (performance.now() - startMs) / 1000;
    const cpu = process.cpuUsage(cpuStart);
    const deliveries = published * this.connections;
    return {
      perSecond: deliveries / seconds,
      cpuNanos: ((cpu.user + cpu.system) * 1000) / deliveries,
      published,
    };
  }

  private async arrived(frames: number): Promise<void> {
    while (this.frames < frames) await once(this.child, 'message');
  }

  close(): void {
    this.child.disconnect();
  }
}

interface Measure {
  readonly perSecond: number;
  readonly cpuNanos: number;
  readonly published: number;
}

export async function run(options: BenchOptions): Promise<BenchResult> {
  const plan = options.smoke ? SMOKE : FULL;
  const rows: Record<string, string | number>[] = [];
  for (const format of ['json', 'flatbuffers']) {
    for (const subscribers of plan.subscribers) rows.push(await compare(format, subscribers, plan));
  }
  return {
    name: 'fanout',
    rows,
    notes: [
      `${MARKET_IDS.length} markets, ${RECORDS_PER_DRAIN} records each per drain, one book message per market and drain; seed ${SEED}`,
      'ours: apply the records, settle, encode, checksum, publish; raw: publish the same bytes',
      'deliveries/s until the last subscriber has its last message; medians over alternating rounds',
      'ratio: median over rounds of ours / raw deliveries per second; cpu ratio: of raw / ours CPU',
      'cpu is that of the serving process, which sleeps while it waits for the subscribers',
    ],
  };
}

async function compare(format: string, subscribers: number, plan: Plan) {
  const server = new Server(format);
  const port = await server.listen();
  const request = JSON.stringify({ op: 'subscribe', channel: 'book', market: '*' });
  const markets = server.hub.views.all.length;
  const ours = await Subscribers.open({
    port,
    path: `/ws/stream?format=${format}`,
    connections: subscribers,
    request,
    // The welcome, the acknowledgement and a snapshot of each market.
    framesBefore: 2 + markets,
  });
  const raw = await Subscribers.open({
    port,
    path: '/raw',
    connections: subscribers,
    request: '',
    framesBefore: 0,
  });
  const recorder = new FlowRecorder();
  const drains = Math.ceil(plan.deliveriesPerRound / subscribers / MARKET_IDS.length);
  const measures: { ours: Measure[]; raw: Measure[] } = { ours: [], raw: [] };
  let messageBytes = 0;
  for (let round = 0; round <= plan.rounds; round += 1) {
    const tape = recorder.record(drains);
    const messages = server.messagesOf(tape);
    messageBytes = messages.reduce((sum, { bytes }) => sum + bytes.length, 0) / messages.length;
    const counters = server.hub.metrics.get('native')!;
    const perStep = messages.length / drains;
    const window = Math.max(16, Math.floor(WINDOW_BYTES / messageBytes / subscribers));
    const runOurs = () =>
      ours.run(drains, window, (step) => {
        const before = counters.messages;
        replay(server.hub, tape, step);
        return counters.messages - before;
      });
    const runRaw = () =>
      raw.run(drains, window, (step) => {
        const from = Math.round(step * perStep);
        const to = Math.round((step + 1) * perStep);
        for (let i = from; i < to; i += 1) server.publishRaw(messages[i]);
        return to - from;
      });
    // Who goes first changes, so that neither always meets the warmer machine.
    const early = round % 2 === 0 ? await runOurs() : await runRaw();
    const late = round % 2 === 0 ? await runRaw() : await runOurs();
    const [first, second] = round % 2 === 0 ? [early, late] : [late, early];
    if (first.published !== second.published) throw new Error('the two sides sent different loads');
    // The first round warms both sides up.
    if (round > 0 || plan.rounds === 1) {
      measures.ours.push(first);
      measures.raw.push(second);
    }
  }
  ours.close();
  raw.close();
  server.close();
  const { ours: us, raw: them } = measures;
  return {
    format,
    subscribers,
    'message bytes': Math.round(messageBytes),
    'ours deliveries/s': Math.round(median(us.map((m) => m.perSecond))),
    'raw deliveries/s': Math.round(median(them.map((m) => m.perSecond))),
    ratio: Number(median(us.map((m, i) => m.perSecond / them[i].perSecond)).toFixed(3)),
    'ours cpu ns/delivery': Math.round(median(us.map((m) => m.cpuNanos))),
    'raw cpu ns/delivery': Math.round(median(them.map((m) => m.cpuNanos))),
    'cpu ratio': Number(median(us.map((m, i) => them[i].cpuNanos / m.cpuNanos)).toFixed(3)),
  };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >>> 1];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await run({ smoke: process.argv.includes('--smoke') });
  console.table(result.rows);
  for (const note of result.notes) console.log(note);
  process.exit(0);
}
