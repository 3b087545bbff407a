import { ByteBuffer } from 'flatbuffers';
import { Body } from '../codec/generated/openbell/stream/body.ts';
import { Candles } from '../codec/generated/openbell/stream/candles.ts';
import { Message } from '../codec/generated/openbell/stream/message.ts';
import { AssertionError } from '../lib/assert.ts';
import type { MarketChannel } from '../surfaces/native/channels/channel.ts';
import { marketChannels } from '../surfaces/native/channels/market-channels.ts';

/** Which stream a message of market data belongs to, and where in it. */
export interface MessageHead {
  readonly channel: string;
  /** `exchange:symbol` in JSON, the market's id in FlatBuffers. */
  readonly market: string | number;
  /** Which of the channel's streams of that market: an index of its `variants`. */
  readonly variant: number;
  readonly epoch: number;
  readonly seq: number;
  readonly prevSeq: number;
}

/** A recording has its states in its messages; nothing is ever asked of a venue. */
function noVenue(): never {
  throw new AssertionError('a recording makes no state of candles or statistics');
}

const ALL = marketChannels({ candleSeries: noVenue, statistics: noVenue });
const CHANNELS: ReadonlyMap<string, MarketChannel> = new Map(
  ALL.map((channel) => [channel.name, channel]),
);
const BY_BODY: ReadonlyMap<number, MarketChannel> = new Map(
  ALL.flatMap((channel) => channel.bodyTypes.map((type) => [type, channel] as const)),
);

/** A channel of market data by its name. */
export function recordedChannel(name: unknown): MarketChannel | undefined {
  return CHANNELS.get(String(name));
}

/** Which of a channel's streams an interval names; -1 where there is no such stream or channel. */
export function variantOf(channel: string, interval: unknown): number {
  const found = CHANNELS.get(channel);
  if (found === undefined) return -1;
  return interval === undefined ? 0 : found.variants.indexOf(String(interval));
}

/** The head of a text frame, parsed; `undefined` of what is no market data. */
export function headOfJson(message: Readonly<Record<string, unknown>>): MessageHead | undefined {
  const { channel, market, epoch, seq, prev_seq: prevSeq, interval } = message;
  if (typeof channel !== 'string' || typeof market !== 'string' || typeof seq !== 'number') {
    return undefined;
  }
  const variant = variantOf(channel, interval);
  if (variant < 0) return undefined;
  return {
    channel,
    market,
    variant,
    epoch: Number(epoch),
    seq,
    prevSeq: Number(prevSeq),
  };
}

/** The head of a binary frame; `undefined` of what is no market data. */
export function headOfBinary(message: Message): MessageHead | undefined {
  const channel = BY_BODY.get(message.bodyType());
  if (channel === undefined) return undefined;
  return {
    channel: channel.name,
    market: message.marketId(),
    variant: message.bodyType() === Body.Candles ? message.body(new Candles())!.interval() : 0,
    epoch: Number(message.epoch()),
    seq: Number(message.seq()),
    prevSeq: Number(message.prevSeq()),
  };
}

/** A binary frame of a server that is trusted to send FlatBuffers. */
export function binaryMessage(bytes: Uint8Array): Message {
  return Message.getRootAsMessage(new ByteBuffer(bytes));
}
