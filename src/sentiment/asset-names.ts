import type { Market } from '../domain/markets.ts';

/** Words behind a company's or a coin's name that headlines leave out. */
const TAILS =
  /(?:[,.]?\s+(?:Inc|Corp|Corporation|Company|Co|Ltd|plc|PLC|N\.V|S\.A|AG|SE|Holdings|Group|Class [A-Z]|perpetual)\.?|\.com)$/;
/** Shorter symbols and names are words of the language too often to mean anything in lower case. */
const SYMBOL_LENGTH_MIN = 3;

/**
 * Finds out which base assets a headline is about: by symbols (`AAPL`, `$btc`, `BTC-USDT`) and by
 * the names of the markets and of `newsNames` in their configuration (`Apple`, `Bitcoin`).
 * Capitals count: an apple is no company, and "sol" no coin.
 */
export class AssetNames {
  private readonly byWord = new Map<string, string>();
  private readonly byName: readonly (readonly [pattern: RegExp, asset: string])[];

  constructor(markets: readonly Market[]) {
    const names = new Map<string, string>();
    for (const market of markets) {
      const { symbol } = market;
      const base = market.base.name;
      if (base.length >= SYMBOL_LENGTH_MIN) this.byWord.set(base, base);
      this.byWord.set(`$${base}`, base);
      this.byWord.set(symbol.toUpperCase(), base);
      this.byWord.set(symbol.replace(/[-/]/g, '').toUpperCase(), base);
      for (const name of [shortName(market.reference.name), ...market.reference.newsNames]) {
        if (name.length >= SYMBOL_LENGTH_MIN) names.set(name, base);
      }
    }
    this.byName = [...names].map(([name, asset]) => {
      const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const capitals = name.toUpperCase().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return [new RegExp(`(?<![\\w$])(?:${escaped}|${capitals})(?!\\w)`), asset];
    });
  }

  /** Base assets, each once; empty where the headline names none. */
  find(headline: string): string[] {
    const found = new Set<string>();
    for (const word of headline.match(/\$?[\w-]+/g) ?? []) {
      // A cashtag is meant in any case; other symbols are written in capitals.
      const asset = this.byWord.get(word.startsWith('$') ? word.toUpperCase() : word);
      if (asset !== undefined) found.add(asset);
    }
    for (const [pattern, asset] of this.byName) if (pattern.test(headline)) found.add(asset);
    return [...found];
  }
}

/** `Apple Inc.` → `Apple`, `Amazon.com, Inc.` → `Amazon`, `Bitcoin perpetual` → `Bitcoin`. */
export function shortName(name: string): string {
  let rest = name;
  for (;;) {
    const shorter = rest.replace(TAILS, '').replace(/[\s,]+$/, '');
    if (shorter === rest || shorter === '') return rest;
    rest = shorter;
  }
}
