/**
 * Deliveries per second of the publish path (apply records, encode, publish) beside peers that
 * publish the very same bytes, in the same run, to subscribers in a process of their own.
 */

import { fileURLToPath } from 'node:url';
import type { BenchOptions, BenchResult } from '../support/result.ts';
import { type Measure, Subscribers } from '../support/subscribers.ts';
import { type Peer, rawPeer, socketIoPeer, wsPeer } from './fanout-peers.ts';
import { FanoutVenue, FlowRecorder, MARKET_IDS, type Singles, type Tape } from './fanout-venue.ts';

/** Records of each market in one drain. One: every change is a message of its own. */
const BATCHED_RECORDS = 8;
const SINGLE_RECORDS = 1;
/** Bytes under way to all subscribers, in the cache, and to each, far from a socket's bound. */
const WINDOW_BYTES = 8 << 20;
const SOCKET_WINDOW_BYTES = 256 << 10;
const SEED = 20_240_415;
/** Libraries that are several times slower play this share of a round. */
const SLOW_SHARE = 0.1;
/** Which of the first group's peers publishes every change as a message of its own. */
const SINGLES_PEER = 2;

interface Load {
  readonly subscribers: number;
  readonly deliveriesPerRound: number;
  /** Changes per message. */
  readonly batches: readonly number[];
}

interface Plan {
  readonly loads: readonly Load[];
  /** Of ours beside raw and ws, whose ratios are close, and beside socket.io, whose is not. */
  readonly rounds: number;
  readonly socketIoRounds: number;
}

const BOTH = [SINGLE_RECORDS, BATCHED_RECORDS];
const BATCHED = [BATCHED_RECORDS];
const FULL: Plan = {
  loads: [
    { subscribers: 1, deliveriesPerRound: 50_000, batches: BOTH },
    { subscribers: 50, deliveriesPerRound: 400_000, batches: BOTH },
    { subscribers: 500, deliveriesPerRound: 400_000, batches: BATCHED },
    { subscribers: 5000, deliveriesPerRound: 240_000, batches: BATCHED },
  ],
  rounds: 5,
  socketIoRounds: 2,
};
const SMOKE: Plan = {
  loads: [{ subscribers: 20, deliveriesPerRound: 8000, batches: BATCHED }],
  rounds: 1,
  socketIoRounds: 1,
};

/** One server and its subscribers, in one round after the other. */
interface Lane {
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
        rows.push(await compare(format, load, records, plan));
        // It takes minutes: what there is so far is shown.
        if (!options.smoke) console.error(JSON.stringify(rows.at(-1)));
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
      'changes/s: how many changes of books reach every subscriber each second; raw changes/s: those of raw, which publishes each in a message of its own; the same events, in the same turns of the event loop',
      'of raw is a ratio per message, of raw changes one per change: what batching wins is in the second alone',
    ],
  };
}

/** Two groups, because all sockets of one process are bounded: raw and ws, then socket.io. */
async function compare(format: string, load: Load, records: number, plan: Plan): Promise<Row> {
  const binary = format === 'flatbuffers';
  const round = { format, load, records };
  const first = await group(round, plan.rounds, (topics) => [
    rawPeer(topics, binary),
    wsPeer(binary),
    // Where nothing is batched it would be the first once more.
    ...(records > 1 ? [rawPeer(topics, binary)] : []),
  ]);
  const half = { ...load, deliveriesPerRound: load.deliveriesPerRound / 2 };
  const second = await group({ ...round, load: half }, plan.socketIoRounds, () => [
    socketIoPeer(binary),
  ]);
  const perSecond = (measures: readonly Measure[]) =>
    Math.round(median(measures.map((measure) => measure.perSecond)));
  const ratio = (ours: readonly Measure[], theirs: readonly Measure[]) =>
    Number(median(ours.map((measure, i) => measure.perSecond / theirs[i].perSecond)).toFixed(2));
  const [ours, raw, ws, singles = raw] = first.measures;
  const [oursAgain, socketIo] = second.measures;
  const cpu = (measures: readonly Measure[]) =>
    Math.round(median(measures.map(({ cpuNanos }) => cpuNanos)));
  const { subscribers } = load;
  const changes = ours.map((measure, i) => measure.perSecond * first.changesPerMessage[i]);
  const changesRatio = median(changes.map((each, i) => each / singles[i].perSecond));
  return {
    format,
    subscribers,
    'changes/message': records,
    'message bytes': Math.round(first.messageBytes),
    'deliveries/s': perSecond(ours),
    raw: perSecond(raw),
    'of raw': ratio(ours, raw),
    'changes/s': Math.round(median(changes) / subscribers),
    'raw changes/s': Math.round(perSecond(singles) / subscribers),
    'of raw changes': Number(changesRatio.toFixed(2)),
    ws: perSecond(ws),
    'of ws': ratio(ours, ws),
    'socket.io': perSecond(socketIo),
    'of socket.io': ratio(oursAgain, socketIo),
    'cpu ns/delivery': cpu(ours),
    'raw cpu ns': cpu(raw),
    'cpu ratio': Number(
      median(ours.map((measure, i) => raw[i].cpuNanos / measure.cpuNanos)).toFixed(2),
    ),
  };
}

interface Round {
  readonly format: string;
  readonly load: Load;
  /** Of each market in a drain. */
  readonly records: number;
}

interface Group {
  /** Ours first, then each peer's; one measure a round. */
  readonly measures: readonly Measure[][];
  readonly messageBytes: number;
  /** By round: changes of books that one message of ours stands for. */
  readonly changesPerMessage: readonly number[];
}

async function group(
  { format, load, records }: Round,
  rounds: number,
  open: (topics: readonly string[]) => Promise<Peer>[],
): Promise<Group> {
  const { subscribers, deliveriesPerRound } = load;
  const venue = await FanoutVenue.open(format);
  const recorder = new FlowRecorder(SEED);
  const drains = Math.max(5, Math.ceil(deliveriesPerRound / subscribers / MARKET_IDS.length));
  const first = recorder.record(drains, records);
  const sized = venue.messagesOf(first);
  venue.singlesOf(first);
  for (let drain = 0; drain < drains; drain += 1) venue.publish(first, drain);
  const messageBytes = sized.reduce((sum, { bytes }) => sum + bytes.length, 0) / sized.length;
  const windowBytes = Math.min(SOCKET_WINDOW_BYTES, WINDOW_BYTES / subscribers);
  const window = Math.max(16, Math.floor(windowBytes / messageBytes));
  const lanes = [await ourLane(venue, format, subscribers, window)];
  for (const [i, opened] of open(venue.topics).entries()) {
    const source = i === SINGLES_PEER ? singleMessages : batchedMessages;
    lanes.push(await peerLane(venue, await opened, subscribers, window, source));
  }
  const changesPerMessage: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const tape = recorder.record(drains, records);
    const perDrain = venue.messagesOf(tape).length / drains;
    const singles = venue.singlesOf(tape);
    // Who goes first changes, so that nobody always meets the warmer machine.
    for (let i = 0; i < lanes.length; i += 1) {
      const lane = lanes[(i + round) % lanes.length];
      const measure = await lane.run(tape);
      // The first round warms up.
      if (round > 0 || rounds === 1) lane.measures.push(measure);
    }
    if (round === 0 && rounds > 1) continue;
    changesPerMessage.push(singles.messages.length / singles.drains / perDrain);
  }
  for (const lane of lanes) lane.close();
  venue.close();
  return { measures: lanes.map(({ measures }) => measures), messageBytes, changesPerMessage };
}

/** What a peer publishes of a tape, and the drains that it comes from. */
type Source = (venue: FanoutVenue, tape: Tape) => Singles;

const batchedMessages: Source = (venue, tape) => ({
  messages: venue.messagesOf(tape),
  drains: tape.drains,
});
const singleMessages: Source = (venue, tape) => venue.singlesOf(tape);

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
  source: Source,
): Promise<Lane> {
  const { port, path, request, framesBefore, framesPerMessage } = peer;
  const order = { port, path, connections, request, framesBefore };
  const subscribers = await Subscribers.open(order, framesPerMessage);
  const share = peer.name === 'raw' ? 1 : SLOW_SHARE;
  return {
    measures: [],
    run: (tape) => {
      const sent = source(venue, tape);
      const messages = sent.messages.map((message) => peer.prepare(message));
      const perStep = messages.length / sent.drains;
      const steps = Math.min(sent.drains, Math.max(2, Math.ceil(sent.drains * share)));
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
