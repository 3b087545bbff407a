import MiniSearch, { type SearchOptions } from 'minisearch';
import type { SearchResponse } from '../../../schemas/octopus-market.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';

/** What a market is found by. */
interface Entry {
  readonly id: number;
  readonly symbol: string;
  /** Without separators: `BTCUSDT`. */
  readonly bare: string;
  readonly name: string;
}

/** One letter in four may be wrong, but not in words so short that another word would be meant. */
const TYPOS = 0.25;
const SHORTEST_WITH_TYPOS = 4;

const OPTIONS: SearchOptions = {
  boost: { symbol: 3 },
  prefix: true,
  fuzzy: (term) => (term.length < SHORTEST_WITH_TYPOS ? 0 : TYPOS),
  combineWith: 'AND',
};

/** Finds markets by words of their symbols and names; letters may be missing or wrong. */
export class MarketSearch {
  private readonly markets: MarketRegistry;
  private readonly index = new MiniSearch<Entry>({ fields: ['symbol', 'bare', 'name'] });

  constructor(markets: MarketRegistry) {
    this.markets = markets;
    this.index.addAll(
      markets.all.map(({ id, symbol, reference }) => {
        return { id, symbol, bare: symbol.replaceAll(/[-/_]/g, ''), name: reference.name };
      }),
    );
  }

  /**
   * The best first: a symbol counts for more than a name, a whole word for more than its beginning;
   * what is equally good in the order of the configuration.
   */
  find(query: string, limit: number): SearchResponse {
    let found = this.index.search(query, { ...OPTIONS, fields: ['symbol', 'name'] });
    // Only then, because markets would rank by how rare the other half of their symbols is.
    if (found.length === 0) found = this.index.search(query, { ...OPTIONS, fields: ['bare'] });
    const results = found.slice(0, limit).map(({ id }) => toWire(this.markets.get(id) as Market));
    return { query, results };
  }
}

function toWire(market: Market): SearchResponse['results'][number] {
  const { symbol, exchange, assetClass, reference, quote } = market;
  return {
    symbol,
    name: reference.name,
    exchange,
    asset_class: assetClass,
    sector: reference.sector,
    currency: quote.name,
  };
}
