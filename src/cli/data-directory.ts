import { resolve } from 'node:path';
import type { Market } from '../domain/markets.ts';
import type { MarketListed, VenueEvent } from '../domain/venue-events.ts';
import { readFacts } from '../journal/facts.ts';
import { type JournalStore, openStore } from '../journal/store.ts';

/** The directory a command works on: its option, else the server's setting, else `./data`. */
export function dataDirectory(option: string | undefined): string {
  return resolve(option ?? process.env.OPENBELL_DATA_DIR ?? './data');
}

/** Opens a journal to look at it; its server may run. */
export function openForReading(directory: string): JournalStore {
  return openStore(directory, { readOnly: true, durability: 'commit' });
}

/** Every market as it was listed last, up to a fact; the terms that give the numbers their meaning. */
export function listedMarkets(
  store: JournalStore,
  lastFact = Number.MAX_SAFE_INTEGER - 1,
): MarketListed[] {
  const listed = new Map<number, MarketListed>();
  for (const { json } of readFacts(store, 1, lastFact)) {
    const event = JSON.parse(json) as VenueEvent;
    if (event.kind === 'MarketListed') listed.set(event.marketId, event);
  }
  return [...listed.values()];
}

/**
 * A market as far as its listing describes it: enough for the ledger, the projections and the books,
 * which ask for nothing else.
 */
export function marketOf(listing: MarketListed): Market {
  const { kind: _, marketId, base, baseDecimals, quote, quoteDecimals, ...terms } = listing;
  return {
    ...terms,
    id: marketId,
    base: { name: base, decimals: baseDecimals },
    quote: { name: quote, decimals: quoteDecimals },
  } as Market;
}
