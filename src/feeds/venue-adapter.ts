import type { CandleInterval } from '../domain/candles.ts';
import type { FeedTimers } from './connector-types.ts';
import type { Grid } from './grid.ts';
import type {
  CandleRecord,
  FeedRecord,
  FundingPayment,
  Instrument,
  MarkRecord,
  OpenInterestRecord,
  PredictedFunding,
  StaleReason,
  TickerRecord,
  VenueName,
} from './normalised.ts';
import type { RestCounters, RestLimits } from './rest/client.ts';
import type { RestResult } from './rest/result.ts';

export const FEED_CHANNELS = [
  'trades',
  'book',
  'quotes',
  'candles',
  'liquidations',
  'mark',
  'open_interest',
  'ticker',
] as const;
export type FeedChannel = (typeof FEED_CHANNELS)[number];

/** One thing that is followed. `liquidations` alone may be of all symbols: `*`. */
export interface Subscription {
  readonly channel: FeedChannel;
  readonly symbol: string;
  /** Of candles; others: absent. */
  readonly interval?: CandleInterval;
}

/** One of an exchange's sockets, and what is asked of it. */
export interface SocketPlan {
  /** Short and stable: `public`, `market`. A label of metrics and recordings. */
  readonly name: string;
  readonly url: string;
  /** Sent after connecting, in this order. */
  readonly subscribe: readonly string[];
}

/** What a decoder makes of a frame. Only `data` shows that the exchange still talks to us. */
export type FrameVerdict = 'data' | 'control' | 'refused' | 'malformed';

/** What a decoder tells whoever runs it. */
export interface DecoderEvents {
  record(record: FeedRecord): void;
  /** The book of one symbol must be fetched anew; it has been declared stale already. */
  resync(symbol: string, reason: StaleReason): void;
  /** The exchange refused a subscription; `symbol` where it says which. */
  refused(symbol: string | undefined, detail: string): void;
  /** An instrument that `instruments` has not described: what was told of it is left out. */
  undescribed(symbol: string): void;
  /** A number that does not lie on the market's grid: its record, or its level, is left out. */
  offGrid(symbol: string, text: string): void;
}

/**
 * An exchange's format: frames to records and books, without sockets, time or chance. Recordings go
 * through it as live frames do.
 */
export interface VenueDecoder {
  /** One message as received. */
  frame(text: string): FrameVerdict;
  /** A book snapshot that was asked for over REST, as received (Binance alone needs one). */
  snapshot(symbol: string, text: string): void;
  /** A socket is gone: the books it fed are stale. */
  disconnected(socketName: string): void;
  /** The book of one symbol is given up, for instance because the exchange fell silent about it. */
  abandon(symbol: string, reason: StaleReason): void;
  /** What the exchange lists now (OKX needs the size of its contracts). */
  instruments(list: readonly Instrument[]): void;
  /** The best bid and ask of the book that is followed; `undefined` while it is stale. */
  best(symbol: string): BestQuote | undefined;
}

export interface BestQuote {
  /** 0 where the side is empty. */
  readonly bidTicks: number;
  readonly bidLots: number;
  readonly askTicks: number;
  readonly askLots: number;
  readonly sequence: number;
}

/** The markets a decoder follows: by the exchange's symbol, the grid of ours. */
export type Grids = ReadonlyMap<string, Grid>;

export interface CandleQuery {
  readonly symbol: string;
  readonly interval: CandleInterval;
  readonly limit: number;
  readonly startMs?: number;
  readonly endMs?: number;
}

export interface HistoryQuery {
  readonly symbol: string;
  readonly limit: number;
  readonly startMs?: number;
  readonly endMs?: number;
}

export interface InterestHistoryQuery extends HistoryQuery {
  readonly period: InterestPeriod;
}

export const INTEREST_PERIODS = ['5m', '15m', '30m', '1h', '2h', '4h', '6h', '12h', '1d'] as const;
export type InterestPeriod = (typeof INTEREST_PERIODS)[number];
const HOUR_MS = 3_600_000;
export const PERIOD_MS: Readonly<Record<InterestPeriod, number>> = {
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': HOUR_MS,
  '2h': 2 * HOUR_MS,
  '4h': 4 * HOUR_MS,
  '6h': 6 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '1d': 24 * HOUR_MS,
};

/** How an exchange is asked over HTTP. */
export interface RestOptions {
  /** Without a slash at the end. */
  readonly url: string;
  readonly timers: FeedTimers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly limits?: Partial<RestLimits>;
  readonly fetch?: typeof fetch;
}

/** Replies of Binance that are passed through unchanged. */
export type RawReply = 'ticker24hr' | 'premiumIndex' | 'klines';

/**
 * What an exchange answers over HTTP. What it does not tell at all is the failure `UNSUPPORTED`;
 * lists come oldest first.
 */
export interface VenueRest {
  readonly client: { readonly counters: Readonly<RestCounters> };
  instruments(): Promise<RestResult<readonly Instrument[]>>;
  candles(query: CandleQuery): Promise<RestResult<readonly CandleRecord[]>>;
  openInterest(symbol: string): Promise<RestResult<OpenInterestRecord>>;
  openInterestHistory(
    query: InterestHistoryQuery,
  ): Promise<RestResult<readonly OpenInterestRecord[]>>;
  /** Mark and index price, the rate now and when it is applied. */
  mark(symbol: string): Promise<RestResult<MarkRecord>>;
  marks(): Promise<RestResult<readonly MarkRecord[]>>;
  fundingHistory(query: HistoryQuery): Promise<RestResult<readonly FundingPayment[]>>;
  predictedFunding(): Promise<RestResult<readonly PredictedFunding[]>>;
  tickers(): Promise<RestResult<readonly TickerRecord[]>>;
  /** The snapshot that `VenueDecoder.snapshot` wants, unread. */
  bookSnapshot(symbol: string): Promise<RestResult<string>>;
  /** The exchange's own JSON text, checked but not touched (the proxies of TAKASHI). */
  raw(
    reply: RawReply,
    query: Readonly<Record<string, string | number>>,
  ): Promise<RestResult<string>>;
}

/** Everything Openbell knows about one exchange. */
export interface VenueAdapter {
  readonly venue: VenueName;
  /** Which channels it tells at all. */
  readonly channels: ReadonlySet<FeedChannel>;
  /** The exchange's symbol for a pair of assets: `BTCUSDT`, on Hyperliquid `BTC`. */
  symbolOf(base: string, quote: string): string;
  sockets(subscriptions: readonly Subscription[]): readonly SocketPlan[];
  /** What makes the exchange tell one symbol's book anew. */
  resubscribe(symbol: string): {
    readonly socketName: string;
    readonly messages: readonly string[];
  };
  /** Books begin with a snapshot over REST; otherwise subscribing brings one. */
  readonly needsSnapshots: boolean;
  /** Frames cannot be read before the exchange's list of instruments is there. */
  readonly needsInstruments: boolean;
  /** Channels that only REST tells: they are asked for again and again. */
  readonly polled: ReadonlySet<FeedChannel>;
  /** Application-level ping; `undefined`: the protocol's own suffices. */
  readonly heartbeat: { readonly everyMs: number; readonly message: string } | undefined;
  decoder(grids: Grids, events: DecoderEvents): VenueDecoder;
}
