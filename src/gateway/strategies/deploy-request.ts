import type { MarketRegistry } from '../../config/markets.ts';
import { type Market, marketName } from '../../domain/markets.ts';
import * as C from '../../domain/result-codes.ts';
import type { StrategyDefinition } from '../../strategies/strategy.ts';
import { invalidParameter, Refusal } from '../http/refusal.ts';
import { refusalOfResult } from '../http/result-refusal.ts';

/** A market as a caller names it. */
export interface NamedMarket {
  readonly exchange: string;
  readonly symbol: string;
}

/** The markets a deployment is asked for, or those of the strategy's defaults that are listed. */
export function deployedMarkets(
  definition: StrategyDefinition,
  markets: MarketRegistry,
  named: readonly NamedMarket[] | undefined,
): Market[] | Refusal {
  const { marketsMin, marketsMax, sameInstrument } = definition;
  const chosen: Market[] = [];
  for (const { exchange, symbol } of named ?? defaults(definition, markets)) {
    const market = markets.resolve(exchange, symbol);
    const name = `${exchange}:${symbol}`;
    if (market === undefined) {
      return new Refusal('not_found', 'UNKNOWN_MARKET', `There is no market ${name}.`, {
        details: { parameter: 'markets', value: name },
      });
    }
    if (market.source === 'live') return refusalOfResult(C.MARKET_IS_LIVE, {});
    if (market.source === 'off') return refusalOfResult(C.MARKET_IS_OFF, {});
    if (chosen.includes(market)) return invalidParameter('markets', name, 'is named twice');
    chosen.push(market);
  }
  const text = chosen.map(marketName).join(', ');
  if (chosen.length < marketsMin || chosen.length > marketsMax) {
    const bounds = marketsMin === marketsMax ? `${marketsMin}` : `${marketsMin} to ${marketsMax}`;
    return invalidParameter('markets', text, `this strategy takes ${bounds} markets`);
  }
  const [first] = chosen;
  if (chosen.some(({ quote }) => quote.name !== first.quote.name)) {
    return invalidParameter('markets', text, 'all markets must have one quote asset');
  }
  if (sameInstrument && chosen.some(({ base }) => base.name !== first.base.name)) {
    return invalidParameter('markets', text, 'all markets must be of one instrument');
  }
  return chosen;
}

function defaults(definition: StrategyDefinition, markets: MarketRegistry): NamedMarket[] {
  return definition.defaultMarkets
    .map((name) => {
      const [exchange, symbol] = name.split(':');
      return { exchange, symbol };
    })
    .filter(({ exchange, symbol }) => markets.resolve(exchange, symbol) !== undefined);
}
