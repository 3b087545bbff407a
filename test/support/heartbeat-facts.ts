import { ByteBuffer } from 'flatbuffers';
import { Body } from '../../src/codec/generated/openbell/stream/body.ts';
import { Heartbeat } from '../../src/codec/generated/openbell/stream/heartbeat.ts';
import { Message } from '../../src/codec/generated/openbell/stream/message.ts';
import { CANDLE_INTERVALS } from '../../src/domain/candles.ts';
import { marketName } from '../../src/domain/markets.ts';
import { shippedMarkets } from './markets.ts';

/** What a heartbeat says, whichever codec said it. */
export interface HeartbeatFacts {
  seq: number;
  prevSeq: number;
  intervalMs: number;
  subscriptions: number;
  partial: boolean;
  /** Channel, market, interval of candles, sequence. */
  quiet: [string, string, string, number][];
}

const CHANNELS = [
  'book',
  'trades',
  'bbo',
  'orders_book',
  'candles',
  'ticker',
  'features',
  'predictions',
  'liquidations',
  'funding',
  'open_interest',
];

/** Reads a heartbeat of market data; `undefined` for any other frame. */
export function heartbeatOf(frame: string | Uint8Array): HeartbeatFacts | undefined {
  if (typeof frame !== 'string') return binaryHeartbeat(frame);
  const body = JSON.parse(frame);
  if (body.type !== 'heartbeat') return undefined;
  return {
    seq: body.seq,
    prevSeq: body.prev_seq,
    intervalMs: body.interval_ms,
    subscriptions: body.subscriptions,
    partial: body.partial,
    quiet: body.quiet.map(
      (each: { channel: string; market: string; interval?: string; seq: number }) => [
        each.channel,
        each.market,
        each.interval ?? '',
        each.seq,
      ],
    ),
  };
}

function binaryHeartbeat(bytes: Uint8Array): HeartbeatFacts | undefined {
  const message = Message.getRootAsMessage(new ByteBuffer(bytes));
  if (message.bodyType() !== Body.Heartbeat) return undefined;
  const body = message.body(new Heartbeat())!;
  const markets = shippedMarkets();
  return {
    seq: Number(message.seq()),
    prevSeq: Number(message.prevSeq()),
    intervalMs: body.intervalMs(),
    subscriptions: body.count(),
    partial: body.partial(),
    quiet: Array.from({ length: body.quietLength() }, (_, i) => {
      const each = body.quiet(i)!;
      const channel = CHANNELS[each.channel()];
      const market = marketName(markets.get(each.streamId())!);
      const interval = channel === 'candles' ? CANDLE_INTERVALS[each.interval()] : '';
      return [channel, market, interval, Number(each.seq())];
    }),
  };
}
