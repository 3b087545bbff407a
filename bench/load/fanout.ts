/**
 * Deliveries per second of the publish path (apply records, encode, publish) beside peers that
 * publish the very same bytes, in the same run, to subscribers in a process of their own.
 */

import { fileURLToPath } from 'node:url';
import type { BenchOptions, BenchResult } from '../support/result.ts';
import { type Measure, Subscribers } from '../support/subscribers.ts';
import { type Peer, rawPeer, socketIoPeer, wsPeer } from './fanout-peers.ts';
import { FanoutVenue, FlowRecorder, MARKET_IDS, type Tape } from './fanout-venue.ts';

/** Records of each market in one drain. One: every change is a message of its own. */
const BATCHED_RECORDS = 8;
const SINGLE_RECORDS = 1;
/** Bytes under way to all subscribers; keeps sockets busy, far from their bound and in the cache. */
const WINDOW_BYTES = 8 << 20;
const SEED = 20_240_415;
/** Libraries that are several times slower play this share of a round. */
const SLOW_SHARE = 0.1;

interface Load {
  readonly subscribers: number;
  readonly deliveriesPerRound: number;
  /** Changes per message. */
  readonly batches: readonly number[];
}

interface Plan {
  readonly loads: readonly Load[];
  readonly rounds: number;
}

const BOTH = [SINGLE_RECORDS, BATCHED_RECORDS];
const BATCHED = [BATCHED_RECORDS];
const FULL: Plan = {
  loads: [
    { subscribers: 1, deliveriesPerRound: 40_000, batches: BOTH },
    { subscribers: 50, deliveriesPerRound: 200_000, batches: BOTH },
    { subscribers: 500, deliveriesPerRound: 200_000, batches: BATCHED },
    { subscribers: 5000, deliveriesPerRound: 200_000, batches: BATCHED },
  ],
  rounds: 3,
};
const SMOKE: Plan = {
  loads: [{ subscribers: 20, deliveriesPerRound: 8000, batches: BATCHED }],
  rounds: 1,
};

/** One server and its subscribers, in one round after the other. */
interface Lane {
  readonly name: string;
  readonly share: number;
  readonly measures: Measure[];
  run(tape: Tape): Promise<Measure>;
  close(): void;
}

type Row = Record<string, string | number>;

export async function run(options: BenchOptions): Promise<BenchResult> {
  const plan = options.smoke ? SMOKE : FULL;
  const rows: Row[] = [];
  for (const format of ['json', 'flatbuffers']) {
    for (const load of plan.loads) {
      for (const records of load.batches) {
        rows.push(await compare(format, load, records, plan.rounds));
      }
    }
  }
  return {
    name: 'fanout',
    rows,
    notes: [
      `${MARKET_IDS.length} markets, one book message per market and drain; seed ${SEED}`,
      'changes/message: 1 is one message for every event; 8 is what one drain of the engine makes of 8 events a market',
      'ours: apply the records, settle, encode, checksum, keep for resumes, publish; peers: publish the same bytes, already encoded',
      'ws: its documented loop over all clients; socket.io: emit to all over WebSockets alone, its object printed by it once a message',
      'deliveries/s until the last subscriber has its last message; medians over rounds by turns; ratios are medians of ratios',
      'cpu ratio: of raw / ours CPU time of the serving process, which sleeps while it waits; the subscribers share the cores',
      'changes/s: ours, how many events each second reach every subscriber',
    ],
  };
}

/** Two groups, because all sockets of one process are bounded: raw and ws, then socket.io. */
async function compare(format: string, load: Load, records: number, rounds: number): Promise<Row> {
  const binary = format === 'flatbuffers';
  const first = await group(format, load, records, rounds, (topics) => [
    rawPeer(topics, binary),
    wsPeer(binary),
  ]);
  const second = await group(format, load, records, rounds, () => [socketIoPeer(binary)]);
  const perSecond = (measures: readonly Measure[]) =>
    Math.round(median(measures.map((measure) => measure.perSecond)));
  const ratio = (ours: readonly Measure[], theirs: readonly Measure[]) =>
    Number(median(ours.map((measure, i) => measure.perSecond / theirs[i].perSecond)).toFixed(2));
  const [ours, raw, ws] = first.measures;
  const [oursAgain, socketIo] = second.measures;
  const cpu = (measures: readonly Measure[]) =>
    Math.round(median(measures.map(({ cpuNanos }) => cpuNanos)));
  return {
    format,
    subscribers: load.subscribers,
    'changes/message': records,
    'message bytes': Math.round(first.messageBytes),
    'deliveries/s': perSecond(ours),
    raw: perSecond(raw),
    'of raw': ratio(ours, raw),
    ws: perSecond(ws),
    'of ws': ratio(ours, ws),
    'socket.io': perSecond(socketIo),
    'of socket.io': ratio(oursAgain, socketIo),
    'cpu ns/delivery': cpu(ours),
    'raw cpu ns': cpu(raw),
    'cpu ratio': Number(
      median(ours.map((measure, i) => raw[i].cpuNanos / measure.cpuNanos)).toFixed(2),
    ),
    'changes/s': Math.round((perSecond(ours) / load.subscribers) * records),
  };
}

async function group(
  format: string,
  { subscribers, deliveriesPerRound }: Load,
  records: number,
  rounds: number,
  open: (topics: readonly string[]) => Promise<Peer>[],
): Promise<{ measures: readonly Measure[][]; messageBytes: number }> {
  const venue = await FanoutVenue.open(format);
  const recorder = new FlowRecorder(SEED);
  const drains = Math.max(5, Math.ceil(deliveriesPerRound / subscribers / MARKET_IDS.length));
  const first = recorder.record(drains, records);
  const sized = venue.messagesOf(first);
  for (let drain = 0; drain < drains; drain += 1) venue.publish(first, drain);
  const messageBytes = sized.reduce((sum, { bytes }) => sum + bytes.length, 0) / sized.length;
  const window = Math.max(16, Math.floor(WINDOW_BYTES / messageBytes / subscribers));
  const lanes = [await ourLane(venue, format, subscribers, window)];
  for (const opened of open(venue.topics)) {
    lanes.push(await peerLane(venue, await opened, subscribers, window));
  }
  for (let round = 0; round <= rounds; round += 1) {
    const tape = recorder.record(drains, records);
    venue.messagesOf(tape);
    // Who goes first changes, so that nobody always meets the warmer machine.
    for (let i = 0; i < lanes.length; i += 1) {
      const lane = lanes[(i + round) % lanes.length];
      const measure = await lane.run(tape);
      // The first round warms up.
      if (round > 0 || rounds === 1) lane.measures.push(measure);
    }
  }
  for (const lane of lanes) lane.close();
  venue.close();
  return { measures: lanes.map(({ measures }) => measures), messageBytes };
}

async function ourLane(
  venue: FanoutVenue,
  format: string,
  connections: number,
  window: number,
): Promise<Lane> {
  const subscribers = await Subscribers.open({
    port: venue.port,
    path: `/ws/stream?format=${format}`,
    connections,
    request: JSON.stringify({ op: 'subscribe', channel: 'book', market: '*' }),
    // The welcome, the acknowledgement and a snapshot of each market.
    framesBefore: 2 + venue.marketCount,
  });
  return {
    name: 'ours',
    share: 1,
    measures: [],
    run: (tape) => subscribers.run(tape.drains, window, (step) => venue.publish(tape, step)),
    close: () => subscribers.close(),
  };
}

async function peerLane(
  venue: FanoutVenue,
  peer: Peer,
  connections: number,
  window: number,
): Promise<Lane> {
  const { port, path, request, framesBefore, framesPerMessage } = peer;
  const order = { port, path, connections, request, framesBefore };
  const subscribers = await Subscribers.open(order, framesPerMessage);
  const share = peer.name === 'raw' ? 1 : SLOW_SHARE;
  return {
    name: peer.name,
    share,
    measures: [],
    run: (tape) => {
      const messages = venue.messagesOf(tape).map((message) => peer.prepare(message));
      const perStep = messages.length / tape.drains;
      const steps = Math.max(2, Math.ceil(tape.drains * share));
      return subscribers.run(steps, window, (step) => {
        const from = Math.round(step * perStep);
        const to = Math.round((step + 1) * perStep);
        for (let i = from; i < to; i += 1) peer.publish(messages[i]);
        return to - from;
      });
    },
    close: () => {
      subscribers.close();
      peer.close();
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >>> 1];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await run({ smoke: process.argv.includes('--smoke') });
  console.table(result.rows);
  for (const note of result.notes) console.log(note);
  process.exit(0);
}
