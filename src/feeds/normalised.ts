import type { CandleInterval } from '../domain/candles.ts';
import type { Decimal } from './decimal.ts';

/**
 * What every exchange's messages become. Symbols are the exchange's own spelling. Prices and
 * quantities of trades and books are ticks and lots of the grid that the subscriber gave; all else
 * is exact decimals. Times are milliseconds since the Unix epoch by the exchange's clock: none of
 * them tells more. 0: it did not say when; the time of receipt is all there is.
 */
export type VenueName = 'binance' | 'bybit' | 'hyperliquid' | 'okx';

export type FeedSide = 'buy' | 'sell';

/** A fill. */
export interface TradeRecord {
  readonly kind: 'trade';
  readonly symbol: string;
  /** Of the aggressor. */
  readonly side: FeedSide;
  readonly priceTicks: number;
  readonly qtyLots: number;
  /** Fills that the exchange has added up in this one: 1, but for Binance's aggregated trades. */
  readonly fills: number;
  /** The exchange's id, as text. */
  readonly tradeId: string;
  readonly venueTimeMs: number;
  /**
   * Fills of a symbol that the exchange shows to be one aggressor's have the same number; it rises.
   * Binance and Bybit tell neither orders nor traders: there it is side and time.
   */
  readonly aggressor: number;
}

/** Price and quantity in turn: `[ticks, lots, ticks, lots, …]`; 0 lots: the level is gone. */
export type Levels = readonly number[];

/** Levels of a book that changed, or the whole book. */
export interface BookRecord {
  readonly kind: 'book';
  readonly symbol: string;
  /** These levels are all there are; what was known before is void. The book is fresh from here on. */
  readonly isReset: boolean;
  readonly bids: Levels;
  readonly asks: Levels;
  /** The exchange's number of this state; 0 where it has none (Hyperliquid). */
  readonly sequence: number;
  readonly venueTimeMs: number;
}

export const STALE_REASONS = [
  'disconnected',
  'gap',
  'crossed',
  'off_grid',
  'silent',
  'unlisted',
] as const;
export type StaleReason = (typeof STALE_REASONS)[number];

/** A book that was fresh cannot be trusted until its next `BookRecord` with `isReset`. */
export interface StaleRecord {
  readonly kind: 'stale';
  readonly symbol: string;
  readonly reason: StaleReason;
}

/** Best bid and ask as the exchange tells them beside the book. */
export interface QuoteRecord {
  readonly kind: 'quote';
  readonly symbol: string;
  readonly bidTicks: number;
  readonly bidLots: number;
  readonly askTicks: number;
  readonly askLots: number;
  /** In the numbering of the book, as far as the exchange has one; else 0. */
  readonly sequence: number;
  readonly venueTimeMs: number;
}

export interface CandleRecord {
  readonly kind: 'candle';
  readonly symbol: string;
  readonly interval: CandleInterval;
  readonly openTimeMs: number;
  /** The first moment after the candle. */
  readonly endTimeMs: number;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  /** In the base asset. */
  readonly volume: Decimal;
  /** In the quote asset; `null` where the exchange does not tell (Hyperliquid). */
  readonly quoteVolume: Decimal | null;
  /** `null` where the exchange does not tell (Bybit). */
  readonly trades: number | null;
  readonly isClosed: boolean;
}

export interface LiquidationRecord {
  readonly kind: 'liquidation';
  readonly symbol: string;
  /** Of the order that closes the position: `sell`, when a long is liquidated. */
  readonly side: FeedSide;
  /** Binance: of the order; Bybit and OKX: the bankruptcy price. */
  readonly price: Decimal;
  /** In the base asset. */
  readonly qty: Decimal;
  /** `price × qty`. */
  readonly value: Decimal;
  readonly venueTimeMs: number;
}

/** What a perpetual is marked at, and the rate that its funding interval would end with now. */
export interface MarkRecord {
  readonly kind: 'mark';
  readonly symbol: string;
  readonly markPrice: Decimal | null;
  readonly indexPrice: Decimal | null;
  readonly fundingRate: Decimal | null;
  readonly nextFundingTimeMs: number | null;
  readonly venueTimeMs: number;
}

export interface OpenInterestRecord {
  readonly kind: 'open_interest';
  readonly symbol: string;
  /** In the base asset. */
  readonly openInterest: Decimal;
  /** In the quote asset; `null` where the exchange does not tell. */
  readonly value: Decimal | null;
  readonly venueTimeMs: number;
}

/** The last 24 hours. */
export interface TickerRecord {
  readonly kind: 'ticker';
  readonly symbol: string;
  readonly last: Decimal | null;
  /** 24 hours ago. */
  readonly open: Decimal | null;
  readonly high: Decimal | null;
  readonly low: Decimal | null;
  readonly volume: Decimal | null;
  readonly quoteVolume: Decimal | null;
  readonly trades: number | null;
  readonly venueTimeMs: number;
}

export type FeedRecord =
  | TradeRecord
  | BookRecord
  | StaleRecord
  | QuoteRecord
  | CandleRecord
  | LiquidationRecord
  | MarkRecord
  | OpenInterestRecord
  | TickerRecord;

/** A rate that was applied. */
export interface FundingPayment {
  readonly symbol: string;
  readonly fundingRate: Decimal;
  readonly fundingTimeMs: number;
  readonly markPrice: Decimal | null;
}

/** What several exchanges would settle next, as Hyperliquid predicts it. */
export interface PredictedFunding {
  readonly coin: string;
  readonly venues: readonly {
    /** `HlPerp`, `BinPerp`, `BybitPerp`. */
    readonly venue: string;
    readonly fundingRate: Decimal;
    readonly nextFundingTimeMs: number;
  }[];
}

/** A perpetual as its exchange describes it. */
export interface Instrument {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tick: Decimal;
  readonly lot: Decimal;
  /** What one contract is of: 1 of the base asset, but for OKX. */
  readonly contractSize: Decimal;
  /** The contract is worth a number of quote units, not of base units. */
  readonly isInverse: boolean;
  /** False when it is suspended, delisted or not yet open. */
  readonly isTrading: boolean;
}
