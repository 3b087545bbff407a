import { arbitrage } from './arbitrage.ts';
import { marketMaking } from './market-making.ts';
import { meanReversion } from './mean-reversion.ts';
import { momentum } from './momentum.ts';
import type { StrategyDefinition } from './strategy.ts';

/** Every strategy there is, in the order the catalogue is shown in. */
export const CATALOGUE: readonly StrategyDefinition[] = [
  momentum,
  meanReversion,
  marketMaking,
  arbitrage,
];

export function definitionOf(id: string): StrategyDefinition | undefined {
  return CATALOGUE.find((definition) => definition.id === id);
}
