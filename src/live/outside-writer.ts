import * as R from '../codec/records.ts';
import { BAR_FIELDS } from '../features/bar-rows.ts';
import { FRAME_FLAG_END, frameWord } from '../rings/frame.ts';
import { RING_FULL, type RingProducer } from '../rings/ring.ts';

/** Where a market's records go on from. */
export interface OutsideStart {
  readonly marketId: number;
  /** Sequence of its newest record, and id of its newest trade. */
  readonly seq: number;
  readonly tradeId: number;
}

/** What an exchange tells beside its last 24 hours is 0 where it does not tell. */
export interface DayFigures {
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly volumeLots: number;
  readonly volumeTickLots: number;
  readonly trades: number;
}

export interface MarkFigures {
  readonly markTicks: number;
  readonly indexTicks: number;
  /** `undefined`: the exchange did not tell. */
  readonly ratePpb: number | undefined;
  readonly nextFundingSeconds: number;
}

/** Levels of one record; a longer book goes on in further ones. */
const LEVELS_A_RECORD = 2_000;

/**
 * Writes one live market's facts into the feeds' ring. Every method answers false, and changes
 * nothing, when the ring has no room: whoever asks decides what is dropped. Nothing is published here.
 */
export class OutsideWriter {
  private readonly producer: RingProducer;
  private readonly marketId: number;
  private seq: number;
  private tradeId: number;
  /** Venue time of the records to come. */
  private seconds = 0;
  private nanos = 0;

  constructor(producer: RingProducer, start: OutsideStart) {
    this.producer = producer;
    this.marketId = start.marketId;
    this.seq = start.seq;
    this.tradeId = start.tradeId;
  }

  /** Stamps what is written from here on. @param timeMs since the Unix epoch */
  at(timeMs: number): void {
    const seconds = Math.floor(timeMs / 1000);
    this.seconds = seconds;
    this.nanos = Math.round((timeMs - seconds * 1000) * 1e6);
  }

  trade(
    side: number,
    priceTicks: number,
    qtyLots: number,
    aggressor: number,
    isCounted: boolean,
  ): boolean {
    const at = this.claim(R.OUTSIDE_TRADE, R.OUTSIDE_TRADE_BYTES);
    if (at === RING_FULL) return false;
    const { f64, i32, u8 } = this.producer.ring;
    this.tradeId += 1;
    f64[(at + R.OUTSIDE_TRADE_PRICE_TICKS) >>> 3] = priceTicks;
    f64[(at + R.OUTSIDE_TRADE_QTY_LOTS) >>> 3] = qtyLots;
    i32[(at + R.OUTSIDE_TRADE_SIDE) >>> 2] = 0;
    i32[(at + R.OUTSIDE_TRADE_SIDE + 4) >>> 2] = 0;
    u8[at + R.OUTSIDE_TRADE_SIDE] = side;
    u8[at + R.OUTSIDE_TRADE_COUNTED] = isCounted ? 1 : 0;
    f64[(at + R.OUTSIDE_TRADE_ID) >>> 3] = this.tradeId;
    f64[(at + R.OUTSIDE_TRADE_AGGRESSOR) >>> 3] = aggressor;
    this.end();
    return true;
  }

  /**
   * Levels as price and quantity in turn. All of a book or nothing of it.
   * @param isReset these are all there are
   */
  book(
    isReset: boolean,
    bids: readonly number[],
    asks: readonly number[],
    sequence: number,
  ): boolean {
    const levels = (bids.length + asks.length) / 2;
    const records = Math.max(1, Math.ceil(levels / LEVELS_A_RECORD));
    const bytes = levels * R.OUTSIDE_LEVEL_BYTES + records * R.OUTSIDE_BOOK_LEVELS;
    // Where the ring wraps within, some of its end is lost to padding.
    const padding = R.OUTSIDE_BOOK_LEVELS + LEVELS_A_RECORD * R.OUTSIDE_LEVEL_BYTES;
    if (!this.producer.canClaim(bytes + (records > 1 ? padding : 0))) return false;
    for (let from = 0, first = true; first || from < levels; first = false) {
      const to = Math.min(levels, from + LEVELS_A_RECORD);
      this.levels(isReset && first, bids, asks, from, to, sequence);
      from = to;
    }
    return true;
  }

  stale(reason: number): boolean {
    const at = this.claim(R.OUTSIDE_STALE, R.OUTSIDE_STALE_BYTES);
    if (at === RING_FULL) return false;
    this.producer.ring.i32[(at + R.OUTSIDE_STALE_REASON) >>> 2] = reason;
    this.producer.ring.i32[(at + R.OUTSIDE_STALE_REASON + 4) >>> 2] = 0;
    this.end();
    return true;
  }

  mark({ markTicks, indexTicks, ratePpb, nextFundingSeconds }: MarkFigures): boolean {
    const at = this.claim(R.OUTSIDE_MARK, R.OUTSIDE_MARK_BYTES);
    if (at === RING_FULL) return false;
    const { f64, i32 } = this.producer.ring;
    f64[(at + R.OUTSIDE_MARK_TICKS) >>> 3] = markTicks;
    f64[(at + R.OUTSIDE_INDEX_TICKS) >>> 3] = indexTicks;
    f64[(at + R.OUTSIDE_RATE_PPB) >>> 3] = ratePpb ?? 0;
    f64[(at + R.OUTSIDE_NEXT_FUNDING_SECONDS) >>> 3] = nextFundingSeconds;
    i32[(at + R.OUTSIDE_HAS_RATE) >>> 2] = ratePpb === undefined ? 0 : 1;
    i32[(at + R.OUTSIDE_HAS_RATE + 4) >>> 2] = 0;
    this.end();
    return true;
  }

  interest(lots: number): boolean {
    const at = this.claim(R.OUTSIDE_INTEREST, R.OUTSIDE_INTEREST_BYTES);
    if (at === RING_FULL) return false;
    this.producer.ring.f64[(at + R.OUTSIDE_INTEREST_LOTS) >>> 3] = lots;
    this.end();
    return true;
  }

  liquidation(side: number, priceTicks: number, qtyLots: number): boolean {
    const at = this.claim(R.OUTSIDE_LIQUIDATION, R.OUTSIDE_LIQUIDATION_BYTES);
    if (at === RING_FULL) return false;
    const { f64, i32, u8 } = this.producer.ring;
    f64[(at + R.OUTSIDE_LIQUIDATION_PRICE_TICKS) >>> 3] = priceTicks;
    f64[(at + R.OUTSIDE_LIQUIDATION_QTY_LOTS) >>> 3] = qtyLots;
    i32[(at + R.OUTSIDE_LIQUIDATION_SIDE) >>> 2] = 0;
    i32[(at + R.OUTSIDE_LIQUIDATION_SIDE + 4) >>> 2] = 0;
    u8[at + R.OUTSIDE_LIQUIDATION_SIDE] = side;
    this.end();
    return true;
  }

  day(figures: DayFigures): boolean {
    const at = this.claim(R.OUTSIDE_DAY, R.OUTSIDE_DAY_BYTES);
    if (at === RING_FULL) return false;
    const { f64 } = this.producer.ring;
    f64[(at + R.OUTSIDE_DAY_OPEN_TICKS) >>> 3] = figures.openTicks;
    f64[(at + R.OUTSIDE_DAY_HIGH_TICKS) >>> 3] = figures.highTicks;
    f64[(at + R.OUTSIDE_DAY_LOW_TICKS) >>> 3] = figures.lowTicks;
    f64[(at + R.OUTSIDE_DAY_LOTS) >>> 3] = figures.volumeLots;
    f64[(at + R.OUTSIDE_DAY_TICK_LOTS) >>> 3] = figures.volumeTickLots;
    f64[(at + R.OUTSIDE_DAY_TRADES) >>> 3] = figures.trades;
    this.end();
    return true;
  }

  /** @param row a minute as in `features/bar-rows.ts` */
  bar(row: Float64Array): boolean {
    const at = this.claim(R.OUTSIDE_BAR, R.OUTSIDE_BAR_BYTES);
    if (at === RING_FULL) return false;
    this.producer.ring.f64.set(row.subarray(0, BAR_FIELDS), (at + R.OUTSIDE_BAR_ROW) >>> 3);
    this.end();
    return true;
  }

  private levels(
    isReset: boolean,
    bids: readonly number[],
    asks: readonly number[],
    from: number,
    to: number,
    sequence: number,
  ): void {
    const bytes = R.OUTSIDE_BOOK_LEVELS + (to - from) * R.OUTSIDE_LEVEL_BYTES;
    const at = this.claim(R.OUTSIDE_BOOK, bytes);
    const { f64, i32 } = this.producer.ring;
    const bidLevels = bids.length / 2;
    const bidsHere = Math.max(0, Math.min(to, bidLevels) - from);
    f64[(at + R.OUTSIDE_BOOK_SEQUENCE) >>> 3] = sequence;
    i32[(at + R.OUTSIDE_BOOK_RESET) >>> 2] = isReset ? 1 : 0;
    i32[(at + R.OUTSIDE_BOOK_BIDS) >>> 2] = bidsHere;
    i32[(at + R.OUTSIDE_BOOK_ASKS) >>> 2] = to - from - bidsHere;
    i32[(at + R.OUTSIDE_BOOK_ASKS + 4) >>> 2] = 0;
    let word = (at + R.OUTSIDE_BOOK_LEVELS) >>> 3;
    for (let level = from; level < to; level += 1, word += 2) {
      const side = level < bidLevels ? bids : asks;
      const i = 2 * (level < bidLevels ? level : level - bidLevels);
      f64[word] = side[i];
      f64[word + 1] = side[i + 1];
    }
    this.end();
  }

  private claim(type: number, bytes: number): number {
    const at = this.producer.claim(bytes, frameWord(type, FRAME_FLAG_END, this.marketId));
    if (at === RING_FULL) return RING_FULL;
    this.seq += 1;
    const { f64, i32 } = this.producer.ring;
    f64[(at + R.RECORD_SEQ) >>> 3] = this.seq;
    i32[(at + R.RECORD_SECONDS) >>> 2] = this.seconds;
    i32[(at + R.RECORD_NANOS) >>> 2] = this.nanos;
    return at;
  }

  private end(): void {
    this.producer.endGroup();
  }
}
