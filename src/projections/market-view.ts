import * as R from '../codec/records.ts';
import type { BarCalendar } from '../domain/candles.ts';
import type { Market } from '../domain/markets.ts';
import { PHASE_CONTINUOUS } from '../domain/orders.ts';
import { STALE_DISCONNECTED } from '../domain/outside.ts';
import type { FeatureRing } from '../features/feature-ring.ts';
import { FEATURE_COUNT } from '../features/feature-schema.ts';
import type { Clock } from '../lib/clock.ts';
import {
  FRAME_FLAG_END,
  type FrameViews,
  frameFlags,
  frameMarketId,
  frameType,
} from '../rings/frame.ts';
import { ChannelPosition } from './channel-position.ts';
import { DepthBook } from './depth.ts';
import { Derivatives } from './derivatives.ts';
import { MarketCandles } from './market-candles.ts';
import { OrdersBook } from './orders-book.ts';
import { OutsideFacts } from './outside-facts.ts';
import { TradeBatch } from './trade-batch.ts';

export { ChannelPosition };

/** Best price and quantity of both sides; quantity 0 where a side is empty. */
export class BestQuote {
  bidTicks = 0;
  bidLots = 0;
  askTicks = 0;
  askLots = 0;

  /** Takes the best levels of a book; true when a price or a quantity differs from before. */
  take(depth: DepthBook): boolean {
    const { bids, asks } = depth;
    const bidTicks = bids.length === 0 ? 0 : bids.pricesTicks[0];
    const bidLots = bids.length === 0 ? 0 : bids.qtysLots[0];
    const askTicks = asks.length === 0 ? 0 : asks.pricesTicks[0];
    const askLots = asks.length === 0 ? 0 : asks.qtysLots[0];
    if (
      bidTicks === this.bidTicks &&
      bidLots === this.bidLots &&
      askTicks === this.askTicks &&
      askLots === this.askLots
    ) {
      return false;
    }
    this.bidTicks = bidTicks;
    this.bidLots = bidLots;
    this.askTicks = askTicks;
    this.askLots = askLots;
    return true;
  }
}

/** Counters of a market; the shape is the venue's `Ticker`. */
export class TickerCounters {
  lastPriceTicks = 0;
  lastQtyLots = 0;
  updatedSeconds = 0;
  updatedNanos = 0;
  tradesTotal = 0;
  tradedLotsTotal = 0;
  /** Exact up to 2^53 smallest units of the quote asset, to about 16 digits above that. */
  tradedNotionalUnitsTotal = 0;
  phase: number = PHASE_CONTINUOUS;
  /** Price and volume of the newest auction; 0 when there was none. */
  auctionPriceTicks = 0;
  auctionVolumeLots = 0;
  /** What price bands refer to; 0 when there is nothing. */
  referenceTicks = 0;
  seq = 0;
}

/**
 * Everything the outside sees of one market, kept from its durable events: the book, the trades
 * since the last publication, the best quote and the counters.
 *
 * The cycle of the publisher: `apply` every record, then `settle`, read what changed, then
 * `clearChanges`. After that the view *is* what has been published, which is why a snapshot taken
 * from it continues seamlessly with the next delta.
 */
export class MarketView {
  readonly market: Market;
  readonly depth = new DepthBook();
  readonly orders = new OrdersBook();
  /** Trades since the last publication. REUSED: valid until `clearChanges`. */
  readonly trades = new TradeBatch();
  /** The best quote as of `settle`. */
  readonly best = new BestQuote();
  readonly ticker = new TickerCounters();
  readonly bookPosition = new ChannelPosition();
  readonly ordersPosition = new ChannelPosition();
  readonly tradesPosition = new ChannelPosition();
  readonly bboPosition = new ChannelPosition();
  /** What is known only where the facts come from another exchange. */
  readonly outside = new OutsideFacts();
  /** What a perpetual has beside its book; all 0 and silent for other markets. */
  readonly derivatives = new Derivatives();
  /**
   * Where the bars and the statistics stand: at the newest trade. Time alone closes bars too, and
   * moves the window of the statistics: then the position stays, and `minuteEnded` says so.
   */
  readonly candlesPosition = new ChannelPosition();
  readonly tickerPosition = new ChannelPosition();
  readonly candles: MarketCandles;
  /** False while more records of the newest command are still to come. */
  groupEnded = true;
  /** Sequences of this channel count rows: several may have seen the same event. */
  readonly featuresPosition = new ChannelPosition();
  /** The newest row of features that has seen durable events only, as of `settle`; NaN: unknown. REUSED. */
  readonly features = new Float64Array(FEATURE_COUNT).fill(Number.NaN);
  private featureRing: FeatureRing | undefined;
  /** Of what follows from the market's records. */
  private readonly recordPositions: readonly ChannelPosition[] = [
    this.bookPosition,
    this.ordersPosition,
    this.tradesPosition,
    this.bboPosition,
    this.candlesPosition,
    this.tickerPosition,
  ];
  private readonly positions: readonly ChannelPosition[] = [
    ...this.recordPositions,
    this.derivatives.fundingPosition,
    this.derivatives.openInterestPosition,
    this.derivatives.liquidationsPosition,
    this.featuresPosition,
  ];

  /** @param calendar of days and trading hours; default: UTC, without a pause */
  constructor(market: Market, calendar?: BarCalendar) {
    this.market = market;
    this.candles = new MarketCandles(calendar);
  }

  /** Where the market worker writes its features. */
  watchFeatures(ring: FeatureRing): void {
    this.featureRing = ring;
  }

  /** False where nobody computes features of this market. */
  get hasFeatures(): boolean {
    return this.featureRing !== undefined;
  }

  /** True when there is anything that was not published yet. */
  get hasChanges(): boolean {
    return (
      this.bookPosition.changed ||
      this.tradesPosition.changed ||
      this.tickerPosition.changed ||
      this.candlesPosition.changed ||
      this.derivatives.changed ||
      this.minuteEnded
    );
  }

  /** True when a minute with a bar has ended since the last publication. */
  get minuteEnded(): boolean {
    return this.candles.hasClosings;
  }

  /** Applies one record of this market. */
  apply(views: FrameViews, at: number): void {
    const { i32, f64 } = views;
    const { ticker } = this;
    const seq = f64[(at + R.RECORD_SEQ) >>> 3];
    const seconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    const nanos = i32[(at + R.RECORD_NANOS) >>> 2];
    const word = i32[(at + 4) >>> 2];
    const type = frameType(word);
    this.groupEnded = (frameFlags(word) & FRAME_FLAG_END) !== 0;
    ticker.seq = seq;
    ticker.updatedSeconds = seconds;
    ticker.updatedNanos = nanos;
    if (seconds > this.candles.nowSeconds) this.candles.nowSeconds = seconds;
    if (this.depth.apply(views, at)) this.bookPosition.set(seq, seconds, nanos);
    if (this.orders.apply(views, at)) this.ordersPosition.set(seq, seconds, nanos);
    if (this.trades.add(views, at)) {
      this.tradesPosition.set(seq, seconds, nanos);
      this.candlesPosition.set(seq, seconds, nanos);
      this.tickerPosition.set(seq, seconds, nanos);
      this.count(type !== R.OUTSIDE_TRADE || views.u8[at + R.OUTSIDE_TRADE_COUNTED] !== 0);
      return;
    }
    if (R.isOutside(type)) {
      this.applyOutside(type, views, at);
      return;
    }
    switch (type) {
      case R.PHASE_CHANGED:
        ticker.phase = i32[(at + R.PHASE_TO) >>> 2];
        return;
      case R.AUCTION_PRICED:
        ticker.auctionPriceTicks = f64[(at + R.AUCTION_PRICE_TICKS) >>> 3];
        ticker.auctionVolumeLots = f64[(at + R.AUCTION_VOLUME_LOTS) >>> 3];
        return;
      case R.REFERENCE_SET:
        ticker.referenceTicks = f64[(at + R.REFERENCE_TICKS) >>> 3];
        return;
      default:
    }
  }

  /** From here on the market has another source; see `MarketSourceSet`. */
  setSource(isLive: boolean): void {
    this.outside.isLive = isLive;
    this.outside.day = undefined;
    this.candles.restart();
    this.distrustBook(isLive ? STALE_DISCONNECTED : 0);
  }

  /** What another exchange's book was before a start is not what it is after. */
  distrustBook(reason: number): void {
    this.depth.clear();
    this.outside.setStale(reason);
  }

  /** Puts the changes in order before they are read. */
  settle(): void {
    this.depth.changed.settle();
    const { seq, seconds, nanos } = this.bookPosition;
    if (this.best.take(this.depth)) this.bboPosition.set(seq, seconds, nanos);
    if (this.featureRing !== undefined) this.takeFeatures(this.featureRing);
  }

  /** Says when what is about to be published was taken in; after `settle`. */
  stampIngest(seconds: number, nanos: number): void {
    for (const position of this.positions) {
      if (!position.changed) continue;
      position.ingestSeconds = seconds;
      position.ingestNanos = nanos;
    }
  }

  /** What changed has been published. */
  clearChanges(): void {
    this.depth.changed.clear();
    this.orders.changed.clear();
    this.trades.clear();
    for (const position of this.positions) position.publishedSeq = position.seq;
    this.derivatives.clearChanges();
    this.candles.clearChanges();
  }

  /**
   * Ends a recovery that set the book's levels and the ticker's fields outright: all of it counts as
   * published, as of the ticker's sequence and time.
   */
  markRecovered(): void {
    const { seq, updatedSeconds, updatedNanos } = this.ticker;
    this.depth.seq = seq;
    this.best.take(this.depth);
    for (const position of this.recordPositions) {
      position.set(seq, updatedSeconds, updatedNanos);
    }
    this.clearChanges();
  }

  private takeFeatures(ring: FeatureRing): void {
    const position = this.featuresPosition;
    const row = ring.readNewest(this.ticker.seq, position.seq - 1, this.features);
    if (row + 1 === position.seq) return;
    const { tenths } = ring;
    position.set(row + 1, Math.floor(tenths / 10), (tenths % 10) * 100_000_000);
  }

  private applyOutside(type: number, views: FrameViews, at: number): void {
    const { seq, updatedSeconds, updatedNanos } = this.ticker;
    if (this.outside.apply(type, views, at, this.derivatives)) {
      this.bookPosition.set(seq, updatedSeconds, updatedNanos);
    }
    if (type === R.OUTSIDE_DAY) this.tickerPosition.set(seq, updatedSeconds, updatedNanos);
    if (type !== R.OUTSIDE_BAR) return;
    if (!this.candles.bar(views.f64, (at + R.OUTSIDE_BAR_ROW) >>> 3)) return;
    this.candlesPosition.set(seq, updatedSeconds, updatedNanos);
    this.tickerPosition.set(seq, updatedSeconds, updatedNanos);
  }

  /** @param isCounted whether the trade enters the bars */
  private count(isCounted: boolean): void {
    const { trades, ticker } = this;
    const last = trades.length - 1;
    const priceTicks = trades.pricesTicks[last];
    const qtyLots = trades.qtysLots[last];
    if (isCounted) this.candles.trade(trades.seconds[last], priceTicks, qtyLots);
    ticker.lastPriceTicks = priceTicks;
    ticker.lastQtyLots = qtyLots;
    ticker.tradesTotal += 1;
    ticker.tradedLotsTotal += qtyLots;
    ticker.tradedNotionalUnitsTotal += priceTicks * qtyLots * this.market.quoteUnitsPerTickLot;
  }
}

/** The views of all markets, and which of them have something to publish. */
export class MarketViews {
  readonly all: readonly MarketView[];
  /** Views with unpublished changes, each once, in the order in which they changed. */
  readonly dirty: MarketView[] = [];
  /** Reads the time at which records are taken in; without it they bear none. */
  clock: Clock | undefined;
  /** When the first of the unpublished records was taken in. */
  private ingestSeconds = 0;
  private ingestNanos = 0;
  private readonly byId: (MarketView | undefined)[] = [];
  private readonly isDirty: Uint8Array;

  /** @param calendarOf of a market: days and trading hours; default: UTC, without a pause */
  constructor(markets: readonly Market[], calendarOf?: (market: Market) => BarCalendar) {
    this.all = markets.map((market) => new MarketView(market, calendarOf?.(market)));
    for (const view of this.all) this.byId[view.market.id] = view;
    this.isDirty = new Uint8Array(this.byId.length);
  }

  /** Has every view follow the features that its market's worker writes. */
  watchFeatures(ringOf: (marketId: number) => FeatureRing | undefined): void {
    for (const view of this.all) {
      const ring = ringOf(view.market.id);
      if (ring !== undefined) view.watchFeatures(ring);
    }
  }

  get(marketId: number): MarketView | undefined {
    return this.byId[marketId];
  }

  /** Routes one record to its market; records of no market (venue facts) are left alone. */
  apply(views: FrameViews, at: number): void {
    const marketId = frameMarketId(views.i32[(at + 4) >>> 2]);
    const view = this.byId[marketId];
    if (view === undefined) return;
    view.apply(views, at);
    this.note(view);
  }

  /** Makes sure that a view with something to publish is published; for changes of no record. */
  note(view: MarketView): void {
    const { id } = view.market;
    if (this.isDirty[id] !== 0 || !view.hasChanges) return;
    this.isDirty[id] = 1;
    if (this.dirty.length === 0) this.readIngestTime();
    this.dirty.push(view);
  }

  /** Time passes in all markets; those in which it ends a minute have something to publish. */
  advance(seconds: number): void {
    for (const view of this.all) {
      // A recording brings its own time.
      if (view.market.source === 'replay') continue;
      if (view.candles.advance(seconds)) this.note(view);
    }
  }

  /** Puts everything dirty in order before it is read, and says when it was taken in. */
  settle(): void {
    for (const view of this.dirty) {
      view.settle();
      view.stampIngest(this.ingestSeconds, this.ingestNanos);
    }
  }

  /** Everything dirty has been published. */
  clearChanges(): void {
    for (const view of this.dirty) {
      view.clearChanges();
      this.isDirty[view.market.id] = 0;
    }
    this.dirty.length = 0;
  }

  /** Once per drain: reading the clock for every record would cost more than it would tell. */
  private readIngestTime(): void {
    const { clock } = this;
    if (clock === undefined) return;
    clock.tick();
    this.ingestSeconds = clock.seconds;
    this.ingestNanos = clock.nanos;
  }
}
