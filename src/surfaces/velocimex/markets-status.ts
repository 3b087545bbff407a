import type { Market } from '../../domain/markets.ts';
import { PHASE_CONTINUOUS, PHASE_NAMES } from '../../domain/orders.ts';
import type { Venue } from '../../gateway/venue.ts';
import { symbolToWire, timeToWire } from './translate.ts';

interface Status {
  /** `open`, or the name of the phase in which the market does not trade. */
  status: string;
  last_update: string | null;
}

/**
 * One entry per exchange: open while any of its markets is, else as they are if they agree, else
 * halted; updated when the last of them was.
 */
export function marketsStatus(venue: Venue) {
  return venue.markets.exchanges.map((exchange) => {
    const markets = venue.markets.all.filter((market) => market.exchange === exchange);
    const symbols = markets.map((market) => ({
      symbol: symbolToWire(market),
      ...statusOf(venue, market),
    }));
    const updates = symbols.map(({ last_update }) => last_update ?? '').sort();
    return {
      exchange,
      status: statusOfAll(symbols.map(({ status }) => status)),
      last_update: updates[updates.length - 1] || null,
      symbols,
    };
  });
}

function statusOfAll(statuses: readonly string[]): string {
  if (statuses.includes('open')) return 'open';
  return new Set(statuses).size === 1 ? statuses[0] : 'halted';
}

function statusOf(venue: Venue, market: Market): Status {
  const { phase, updatedSeconds, updatedNanos } = venue.ticker(market);
  return {
    status: phase === PHASE_CONTINUOUS ? 'open' : PHASE_NAMES[phase],
    last_update: timeToWire(updatedSeconds, updatedNanos),
  };
}
