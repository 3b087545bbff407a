import type {
  QuoteResponse,
  TrendingEntry,
  TrendingResponse,
} from '../../../schemas/octopus-market.ts';
import { priceNumber, quantityNumber } from '../../codec/decimals.ts';
import type { Market } from '../../domain/markets.ts';
import type { Venue } from '../../gateway/venue.ts';
import { isoMillis } from '../../lib/clock.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';
import { dayChangeTicks } from './quote-message.ts';

/** What a market costs now, and its day so far by its calendar. */
export function quoteToWire(venue: Venue, market: Market): QuoteResponse {
  const statistics = venue.statistics(market);
  const { lastTicks, previousCloseTicks, dayOpenTicks } = statistics;
  const changeTicks = lastTicks === 0 ? null : dayChangeTicks(statistics);
  const ofToday = (ticks: number) => (dayOpenTicks === 0 ? null : priceNumber(market, ticks));
  const { updatedSeconds, updatedNanos } = venue.ticker(market);
  return {
    symbol: market.symbol,
    exchange: market.exchange,
    currency: market.quote.name,
    price: lastTicks === 0 ? null : priceNumber(market, lastTicks),
    change: changeTicks === null ? null : priceNumber(market, changeTicks),
    change_percent: changeTicks === null ? null : percent(changeTicks, previousCloseTicks ?? 0),
    volume: quantityNumber(market, statistics.dayVolumeLots),
    market_cap: marketCap(market, lastTicks),
    pe_ratio: priceToEarnings(market, lastTicks),
    high: ofToday(statistics.dayHighTicks),
    low: ofToday(statistics.dayLowTicks),
    open: ofToday(dayOpenTicks),
    previous_close: previousCloseTicks === null ? null : priceNumber(market, previousCloseTicks),
    timestamp: updatedSeconds === 0 ? null : isoMillis(updatedSeconds, updatedNanos),
  };
}

/** Markets by the value traded in 24 hours, and by how far their price has moved in them. */
export function trendingToWire(venue: Venue, limit: number): TrendingResponse {
  const entries: TrendingEntry[] = [];
  for (const market of venue.markets.all) {
    const statistics = venue.statistics(market);
    if (statistics.trades === 0) continue;
    const { lastTicks, openTicks, changeTicks } = statistics;
    entries.push({
      symbol: market.symbol,
      exchange: market.exchange,
      name: market.reference.name,
      currency: market.quote.name,
      price: priceNumber(market, lastTicks),
      change_24h: priceNumber(market, changeTicks),
      change_percent_24h: percent(changeTicks, openTicks),
      volume_24h: quantityNumber(market, statistics.volumeLots),
      value_24h: scaledToNumber(statistics.notionalUnits, market.quote.decimals),
    });
  }
  const top = (size: (entry: TrendingEntry) => number) =>
    entries.toSorted((a, b) => size(b) - size(a)).slice(0, limit);
  return {
    most_active: top(({ value_24h }) => value_24h),
    biggest_movers: top(({ change_percent_24h }) => Math.abs(change_percent_24h)),
  };
}

/** Percent with four decimals, the nearest ones. */
function percent(changeTicks: number, ofTicks: number): number {
  // Adding 0 turns a negative zero, of a tiny loss, into one that has no sign.
  return Math.round((changeTicks * 1_000_000) / ofTicks) / 10_000 + 0;
}

function marketCap(market: Market, lastTicks: number): number | null {
  const { sharesOutstanding } = market.reference;
  if (sharesOutstanding === null || lastTicks === 0) return null;
  return priceNumber(market, sharesOutstanding * lastTicks);
}

/** With two decimals; `null` where nothing is known, or where nothing was earned. */
function priceToEarnings(market: Market, lastTicks: number): number | null {
  const earned = Number(market.reference.earningsPerShare ?? 0);
  if (!(earned > 0) || lastTicks === 0) return null;
  return Math.round((priceNumber(market, lastTicks) / earned) * 100) / 100;
}
