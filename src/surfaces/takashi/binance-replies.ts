import { priceText, quantityText } from '../../codec/decimals.ts';
import type { Market } from '../../domain/markets.ts';
import type { Venue } from '../../gateway/venue.ts';
import { formatScaled } from '../../lib/fixed-point.ts';
import { venueSymbol } from './exchanges.ts';

const MINUTE_MS = 60_000;
const PPB_DECIMALS = 9;
/** Funding has 0.01 % of interest in eight hours (docs/margin.md). */
const INTEREST_PPB = 100_000;
const INTEREST_SECONDS = 8 * 3600;

/** A market's last 24 hours as Binance's USD-M futures tell them. */
export function ticker24h(venue: Venue, market: Market, nowMs: number): object {
  const day = venue.statistics(market);
  const { tradesTotal, lastQtyLots } = venue.ticker(market);
  const price = (ticks: number) => priceText(market, ticks);
  const qty = (lots: number) => quantityText(market, lots);
  const meanUnits =
    day.volumeLots === 0 ? 0 : Math.round((day.volumeTickLots * market.tickUnits) / day.volumeLots);
  const percent = day.openTicks === 0 ? 0 : (day.changeTicks / day.openTicks) * 100;
  // Trades of generated history have no ids.
  const withIds = Math.min(day.trades, tradesTotal);
  const startMinute = Math.floor(nowMs / MINUTE_MS) - day.windowSeconds / 60;
  return {
    symbol: venueSymbol(market),
    priceChange: price(day.changeTicks),
    priceChangePercent: percent.toFixed(3),
    weightedAvgPrice: fixed(meanUnits, market.priceDecimals),
    lastPrice: price(day.lastTicks),
    lastQty: qty(lastQtyLots),
    openPrice: price(day.openTicks),
    highPrice: price(day.highTicks),
    lowPrice: price(day.lowTicks),
    volume: qty(day.volumeLots),
    quoteVolume: fixed(day.notionalUnits, market.quote.decimals),
    openTime: startMinute * MINUTE_MS,
    closeTime: Math.floor(nowMs),
    firstId: withIds === 0 ? -1 : tradesTotal - withIds + 1,
    lastId: withIds === 0 ? -1 : tradesTotal,
    count: day.trades,
  };
}

/** Mark price and funding as Binance's `premiumIndex` has them; `undefined` of no perpetual. */
export function markPrice(venue: Venue, market: Market, nowMs: number): object | undefined {
  const derivatives = venue.margin.derivatives(market);
  if (derivatives === undefined) return undefined;
  const price = (ticks: number) => priceText(market, ticks);
  const interval = market.margin?.funding?.intervalSeconds ?? 0;
  const interestPpb = Math.round((INTEREST_PPB * interval) / INTEREST_SECONDS);
  return {
    symbol: venueSymbol(market),
    markPrice: price(derivatives.markTicks),
    indexPrice: price(derivatives.indexTicks),
    // A perpetual is never settled; its index is what a settlement would go by.
    estimatedSettlePrice: price(derivatives.indexTicks),
    lastFundingRate: fixed(derivatives.predictedRatePpb, PPB_DECIMALS),
    interestRate: fixed(interestPpb, PPB_DECIMALS),
    nextFundingTime: derivatives.nextFundingSeconds * 1000,
    time: Math.floor(nowMs),
  };
}

function fixed(units: number, decimals: number): string {
  return formatScaled(units, decimals, decimals);
}
