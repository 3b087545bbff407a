import {
  KIND_BINARY,
  KIND_END,
  KIND_GAP,
  KIND_SESSION,
  KIND_TEXT,
  type RecordedGap,
  type RecordedSession,
  type RecordingHeader,
} from './format.ts';
import { binaryMessage, headOfBinary, headOfJson, type MessageHead } from './message-head.ts';
import { parseHeader, RecordingReader } from './reader.ts';

/** One stream of a recording. */
export interface StreamSummary {
  readonly channel: string;
  readonly market: string;
  messages: number;
  bytes: number;
  firstSeq: number;
  lastSeq: number;
  /** Messages that do not continue the one before and are no state to start from. */
  breaks: number;
}

/** What a recording contains. */
export interface RecordingSummary {
  readonly header: RecordingHeader;
  readonly sessions: readonly RecordedSession[];
  readonly gaps: readonly RecordedGap[];
  readonly streams: readonly StreamSummary[];
  /** Frames that are no market data: acknowledgements, heartbeats, private reports. */
  readonly otherMessages: number;
  /** Nanoseconds since the Unix epoch; 0 of an empty recording. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** Before compression. */
  readonly bytes: number;
  /** True when the recorder ended in good order. */
  readonly ended: boolean;
  /** What the file ends with in place of a frame. */
  readonly damage: string | undefined;
}

/** Reads a whole recording and counts. Throws `NoRecording`. */
export async function summarise(path: string): Promise<RecordingSummary> {
  const reader = new RecordingReader(path);
  const streams = new Map<string, StreamSummary>();
  const sessions: RecordedSession[] = [];
  const gaps: RecordedGap[] = [];
  const names = new Map<number, string>();
  let header: RecordingHeader | undefined;
  let [firstNs, lastNs, otherMessages, ended] = [0n, 0n, 0, false];
  for await (const frame of reader.frames()) {
    const { kind, payload, timeNs } = frame;
    lastNs = timeNs;
    if (header === undefined) {
      header = parseHeader(frame);
      firstNs = timeNs;
      continue;
    }
    if (kind === KIND_SESSION) {
      const session = JSON.parse(payload.toString()) as RecordedSession;
      sessions.push(session);
    } else if (kind === KIND_GAP) gaps.push(JSON.parse(payload.toString()) as RecordedGap);
    else if (kind === KIND_END) ended = true;
    else if (kind === KIND_TEXT || kind === KIND_BINARY) {
      const head = headOf(kind, payload, names);
      if (head === undefined) otherMessages += 1;
      else count(streams, head, payload.length);
    }
  }
  if (header === undefined) throw new Error('the recording has no frame');
  const rows = [...streams.values()].map((row) => ({
    ...row,
    market: names.get(Number(row.market)) ?? row.market,
  }));
  const { bytes, damage } = reader;
  return {
    header,
    sessions,
    gaps,
    streams: rows,
    otherMessages,
    firstNs,
    lastNs,
    bytes,
    ended,
    damage,
  };
}

/** @param names of markets by id, which acknowledgements tell */
function headOf(
  kind: number,
  payload: Buffer,
  names: Map<number, string>,
): MessageHead | undefined {
  if (kind === KIND_BINARY) return headOfBinary(binaryMessage(payload));
  const message = JSON.parse(payload.toString()) as Record<string, unknown>;
  if (message.type === 'subscribed') {
    for (const { market_id: id, market } of message.markets as Record<string, unknown>[]) {
      names.set(Number(id), String(market));
    }
  }
  return headOfJson(message);
}

function count(streams: Map<string, StreamSummary>, head: MessageHead, bytes: number): void {
  const { channel, market, variant, seq, prevSeq } = head;
  const key = `${channel} ${market} ${variant}`;
  const known = streams.get(key);
  if (known === undefined) {
    const row = { messages: 1, bytes, firstSeq: seq, lastSeq: seq, breaks: 0 };
    streams.set(key, { channel, market: String(market), ...row });
    return;
  }
  known.messages += 1;
  known.bytes += bytes;
  if (prevSeq !== known.lastSeq && prevSeq !== seq) known.breaks += 1;
  known.lastSeq = seq;
}
