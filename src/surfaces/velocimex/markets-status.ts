import type { Market } from '../../domain/markets.ts';
import { PHASE_CONTINUOUS } from '../../domain/orders.ts';
import type { Venue } from '../../gateway/venue.ts';
import { symbolToWire, timeToWire } from './translate.ts';

interface Status {
  status: 'open' | 'halted';
  last_update: string | null;
}

/** One entry per exchange: open while any of its markets is; updated when the last of them was. */
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
      status: symbols.some(({ status }) => status === 'open') ? 'open' : 'halted',
      last_update: updates[updates.length - 1] || null,
      symbols,
    };
  });
}

function statusOf(venue: Venue, market: Market): Status {
  const { phase, updatedSeconds, updatedNanos } = venue.ticker(market);
  return {
    status: phase === PHASE_CONTINUOUS ? 'open' : 'halted',
    last_update: timeToWire(updatedSeconds, updatedNanos),
  };
}
