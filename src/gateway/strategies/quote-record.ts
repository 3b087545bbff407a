import { SIDE_BUY } from '../../domain/orders.ts';
import type { DepthBook, DepthSide } from '../../projections/depth.ts';
import { MINUTE_MS, QuoteMinutes } from './quote-minutes.ts';

/** Fills and closed orders that are remembered, the newest. */
export const RECENT_KEPT = 1000;

/** Best prices in ticks, 0 where there is none: the maker's own, and those of everybody else. */
export interface Touches {
  readonly ourBid: number;
  readonly ourAsk: number;
  readonly theirBid: number;
  readonly theirAsk: number;
}

/** An order of the maker as far as the touch is concerned. */
export interface StandingQuote {
  readonly side: number;
  readonly priceTicks: number;
  readonly remainingLots: number;
}

/** One fill of the maker. Money in the quote asset's smallest units. */
export interface MakerFill {
  readonly tradeId: number;
  readonly orderId: number;
  readonly marketId: number;
  readonly side: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
  readonly feeUnits: number;
  /** `null` in an auction. */
  readonly isMaker: boolean | null;
  /** Profit taken by it, fees not included. */
  readonly realisedUnits: number;
  readonly clientOrderId: string;
  readonly atMs: number;
}

export interface QuoteRecordImage {
  readonly markets: readonly {
    readonly marketId: number;
    readonly sinceMs: number;
    readonly quotedMs: number;
    readonly volumeUnits: number;
    readonly touches: Touches;
    readonly minutes: readonly (readonly number[])[];
  }[];
  readonly fills: readonly MakerFill[];
  readonly closedOrderIds: readonly number[];
}

const NO_TOUCHES: Touches = { ourBid: 0, ourAsk: 0, theirBid: 0, theirAsk: 0 };

/** How a maker quoted in one market: its touch against the others', weighed by time. */
export class MarketQuotes {
  readonly minutes = new QuoteMinutes();
  touches: Touches = NO_TOUCHES;
  /** When an order of the maker last came, moved or left, milliseconds; 0 before the first. */
  quotedMs = 0;
  /** Traded since the deployment, smallest units of the quote asset. */
  volumeUnits = 0;
  /** Until when time was counted; 0 before the first event. */
  sinceMs = 0;

  /** Counts the time that has passed under the present touches. */
  pass(ms: number): void {
    if (this.sinceMs === 0) this.sinceMs = ms;
    while (this.sinceMs < ms) {
      const row = this.minutes.at(this.sinceMs);
      const endMs = Math.min(ms, (Math.floor(this.sinceMs / MINUTE_MS) + 1) * MINUTE_MS);
      const passedMs = endMs - this.sinceMs;
      const { ourBid, ourAsk, theirBid, theirAsk } = this.touches;
      row.observedMs += passedMs;
      if (ourBid > 0 && ourAsk > 0) {
        row.bothMs += passedMs;
        if (theirBid > 0 && theirAsk > theirBid) {
          row.pairedMs += passedMs;
          row.marketBpsMs += spreadBps(theirBid, theirAsk) * passedMs;
          row.oursBpsMs += spreadBps(ourBid, ourAsk) * passedMs;
        }
      }
      this.sinceMs = endMs;
    }
  }

  /** The venue was away: what stood in the books then was not quoting. */
  interrupted(fromMs: number, toMs: number): void {
    if (fromMs > this.sinceMs && this.sinceMs > 0) this.pass(fromMs);
    this.touches = NO_TOUCHES;
    this.sinceMs = Math.max(this.sinceMs, toMs);
  }
}

/** What a market-making deployment quoted and traded, from market records alone. */
export class QuoteRecord {
  readonly markets: ReadonlyMap<number, MarketQuotes>;
  /** Oldest first. */
  readonly fills: MakerFill[] = [];
  /** Orders that have closed, oldest first. */
  readonly closedOrderIds: number[] = [];

  constructor(marketIds: readonly number[]) {
    this.markets = new Map(marketIds.map((id) => [id, new MarketQuotes()]));
  }

  addFill(fill: MakerFill): void {
    this.fills.push(fill);
    if (this.fills.length > RECENT_KEPT) this.fills.shift();
  }

  addClosed(orderId: number): void {
    this.closedOrderIds.push(orderId);
    if (this.closedOrderIds.length > RECENT_KEPT) this.closedOrderIds.shift();
  }

  image(): QuoteRecordImage {
    return {
      markets: [...this.markets].map(([marketId, quotes]) => ({
        marketId,
        sinceMs: quotes.sinceMs,
        quotedMs: quotes.quotedMs,
        volumeUnits: quotes.volumeUnits,
        touches: quotes.touches,
        minutes: quotes.minutes.image(),
      })),
      fills: [...this.fills],
      closedOrderIds: [...this.closedOrderIds],
    };
  }

  restore({ markets, fills, closedOrderIds }: QuoteRecordImage): void {
    for (const { marketId, minutes, ...state } of markets) {
      const quotes = this.markets.get(marketId);
      if (quotes === undefined) continue;
      Object.assign(quotes, state);
      quotes.minutes.restore(minutes);
    }
    this.fills.splice(0, this.fills.length, ...fills);
    this.closedOrderIds.splice(0, this.closedOrderIds.length, ...closedOrderIds);
  }
}

/** (ask − bid) ÷ middle, in basis points. */
export function spreadBps(bidTicks: number, askTicks: number): number {
  return ((askTicks - bidTicks) * 20_000) / (askTicks + bidTicks);
}

/** Best prices of the maker's own orders, and of the book without them. */
export function touchesOf(depth: DepthBook, own: readonly StandingQuote[]): Touches {
  let ourBid = 0;
  let ourAsk = 0;
  for (const { side, priceTicks } of own) {
    if (side === SIDE_BUY) ourBid = Math.max(ourBid, priceTicks);
    else ourAsk = ourAsk === 0 ? priceTicks : Math.min(ourAsk, priceTicks);
  }
  const theirBid = bestOfOthers(depth.bids, own);
  return { ourBid, ourAsk, theirBid, theirAsk: bestOfOthers(depth.asks, own) };
}

/** Prices of the two sides are apart, so own orders of the other side are not in the way. */
function bestOfOthers(side: DepthSide, own: readonly StandingQuote[]): number {
  for (let i = 0; i < side.length; i += 1) {
    const priceTicks = side.pricesTicks[i];
    let lots = side.qtysLots[i];
    for (const quote of own) if (quote.priceTicks === priceTicks) lots -= quote.remainingLots;
    if (lots > 0) return priceTicks;
  }
  return 0;
}
