import type { Market } from '../domain/markets.ts';
import { SIDE_BUY, SIDE_SELL } from '../domain/orders.ts';
import { STALE_NAMES, STALE_OVERRUN } from '../domain/outside.ts';
import { decimalToNumber } from '../feeds/decimal.ts';
import type {
  BookRecord,
  FeedRecord,
  FeedSide,
  LiquidationRecord,
  MarkRecord,
  TickerRecord,
  TradeRecord,
} from '../feeds/normalised.ts';
import { DepthBook } from '../projections/depth.ts';
import { nearestLots, nearestTicks, tickLots } from './candle-rows.ts';
import type { MinuteSeam } from './minute-seam.ts';
import type { OutsideWriter } from './outside-writer.ts';

/** What could not be kept, because the ring was full. */
export interface DropCounters {
  trades: number;
  books: number;
  liquidations: number;
  /** Marks, open interest, 24-hour figures: newer ones follow. */
  figures: number;
}

/** The exchange's 24 hours change with every trade; so often is enough. */
const DAY_MS = 1_000;
const PPB = 1e9;

/**
 * One live market on the feeds thread: turns an exchange's records into the market's. Nothing waits
 * here. What finds no room in the ring is counted and dropped: a trade is missing then, and the minute
 * is fetched anew; of the book the newest state is written as soon as there is room, and until then it
 * is stale.
 */
export class LiveMarket {
  readonly drops: DropCounters = { trades: 0, books: 0, liquidations: 0, figures: 0 };
  private readonly market: Market;
  private readonly writer: OutsideWriter;
  private readonly seam: MinuteSeam;
  /** The book as the exchange tells it, whatever of it could be written. */
  private readonly mirror = new DepthBook();
  private mirrorSequence = 0;
  private isFresh = false;
  /** Something of the book was not written: a reset, or why it is stale. */
  private owed: 'reset' | 'stale' | undefined;
  private staleReason = 0;
  private tradeMs = 0;
  private dayMs = Number.NEGATIVE_INFINITY;
  private marked = '';
  private seamOwed = false;

  constructor(market: Market, writer: OutsideWriter, seam: MinuteSeam) {
    this.market = market;
    this.writer = writer;
    this.seam = seam;
  }

  get isStale(): boolean {
    return !this.isFresh || this.owed !== undefined;
  }

  /** @param nowMs our clock: no exchange's time is taken for later than that */
  take(record: FeedRecord, nowMs: number): void {
    switch (record.kind) {
      case 'trade':
        this.trade(record, nowMs);
        return;
      case 'book':
        this.book(record, nowMs);
        return;
      case 'stale':
        this.stale(STALE_NAMES.indexOf(record.reason), nowMs);
        return;
      case 'mark':
        this.mark(record, nowMs);
        return;
      case 'open_interest':
        this.writer.at(Math.min(record.venueTimeMs, nowMs));
        this.count(this.writer.interest(nearestLots(this.market, record.openInterest)));
        return;
      case 'liquidation':
        this.liquidation(record, nowMs);
        return;
      case 'ticker':
        this.day(record, nowMs);
        return;
      default:
        // Quotes and candles follow from books and trades here.
        return;
    }
  }

  /** Trades were missed: the connection was lost. */
  missedTrades(): void {
    this.seamOwed = true;
  }

  /** Nothing is told of this market any more. */
  stale(reason: number, nowMs: number): void {
    this.isFresh = false;
    this.mirror.clear();
    this.mirror.changed.clear();
    this.staleReason = reason;
    this.writer.at(nowMs);
    this.owed = this.writer.stale(reason) ? undefined : 'stale';
  }

  /** Writes what is owed, if there is room by now. */
  settle(nowMs: number): void {
    if (this.owed === undefined) return;
    this.writer.at(nowMs);
    if (this.owed === 'reset' ? this.writeMirror() : this.writer.stale(this.staleReason)) {
      this.owed = undefined;
    }
  }

  private trade(record: TradeRecord, nowMs: number): void {
    const { priceTicks, qtyLots, aggressor } = record;
    if (this.seamOwed) {
      this.seamOwed = false;
      this.seam.begin();
    }
    // Bars are built in the order of time.
    this.tradeMs = Math.max(this.tradeMs, Math.min(record.venueTimeMs, nowMs));
    this.writer.at(this.tradeMs);
    const seconds = Math.floor(this.tradeMs / 1000);
    const isCounted = this.seam.trade(seconds, priceTicks, qtyLots);
    if (this.writer.trade(sideOf(record.side), priceTicks, qtyLots, aggressor, isCounted)) return;
    this.drops.trades += 1;
    this.seamOwed = true;
  }

  private book(record: BookRecord, nowMs: number): void {
    const { isReset, bids, asks, sequence } = record;
    if (isReset) this.mirror.clear();
    enter(this.mirror, SIDE_BUY, bids);
    enter(this.mirror, SIDE_SELL, asks);
    this.mirror.changed.clear();
    this.mirrorSequence = sequence;
    this.isFresh = true;
    this.writer.at(Math.min(record.venueTimeMs, nowMs));
    if (this.owed !== undefined && !isReset) {
      this.owed = this.writeMirror() ? undefined : 'reset';
      return;
    }
    if (this.writer.book(isReset, bids, asks, sequence)) {
      this.owed = undefined;
      return;
    }
    this.drops.books += 1;
    this.owed = 'reset';
    this.writer.stale(STALE_OVERRUN);
  }

  private writeMirror(): boolean {
    const { bids, asks } = this.mirror;
    return this.writer.book(true, levelsOf(bids), levelsOf(asks), this.mirrorSequence);
  }

  private mark(record: MarkRecord, nowMs: number): void {
    const { markPrice, indexPrice, fundingRate, nextFundingTimeMs } = record;
    const figures = {
      markTicks: markPrice === null ? 0 : nearestTicks(this.market, markPrice),
      indexTicks: indexPrice === null ? 0 : nearestTicks(this.market, indexPrice),
      ratePpb: fundingRate === null ? undefined : Math.round(decimalToNumber(fundingRate) * PPB),
      nextFundingSeconds: nextFundingTimeMs === null ? 0 : Math.floor(nextFundingTimeMs / 1000),
    };
    const text = JSON.stringify(figures);
    if (text === this.marked) return;
    this.writer.at(Math.min(record.venueTimeMs, nowMs));
    const isWritten = this.writer.mark(figures);
    if (isWritten) this.marked = text;
    this.count(isWritten);
  }

  private liquidation(record: LiquidationRecord, nowMs: number): void {
    const { market } = this;
    const priceTicks = nearestTicks(market, record.price);
    const qtyLots = Math.max(1, nearestLots(market, record.qty));
    this.writer.at(Math.min(record.venueTimeMs, nowMs));
    if (!this.writer.liquidation(sideOf(record.side), priceTicks, qtyLots)) {
      this.drops.liquidations += 1;
    }
  }

  private day(record: TickerRecord, nowMs: number): void {
    if (nowMs - this.dayMs < DAY_MS) return;
    this.dayMs = nowMs;
    const { market } = this;
    const ticks = (price: TickerRecord['open']) =>
      price === null ? 0 : nearestTicks(market, price);
    this.writer.at(Math.min(record.venueTimeMs, nowMs));
    const isWritten = this.writer.day({
      openTicks: ticks(record.open),
      highTicks: ticks(record.high),
      lowTicks: ticks(record.low),
      volumeLots: record.volume === null ? 0 : nearestLots(market, record.volume),
      volumeTickLots: record.quoteVolume === null ? 0 : tickLots(market, record.quoteVolume),
      trades: record.trades ?? 0,
    });
    this.count(isWritten);
  }

  private count(isWritten: boolean): void {
    if (!isWritten) this.drops.figures += 1;
  }
}

function sideOf(side: FeedSide): number {
  return side === 'buy' ? SIDE_BUY : SIDE_SELL;
}

function enter(book: DepthBook, side: number, levels: readonly number[]): void {
  for (let i = 0; i < levels.length; i += 2) book.setLevel(side, levels[i], levels[i + 1], 0);
}

function levelsOf({ length, pricesTicks, qtysLots }: DepthBook['bids']): number[] {
  const levels: number[] = [];
  for (let i = 0; i < length; i += 1) levels.push(pricesTicks[i], qtysLots[i]);
  return levels;
}
