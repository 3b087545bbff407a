import type { MarketRegistry } from '../../config/markets.ts';
import { definitionOf } from '../../strategies/catalogue.ts';
import { readParameters } from '../../strategies/parameters.ts';
import type { Deployment } from './deployments.ts';

/** Why a deployment of a former run cannot go on, if so. */
export function unrunnable(
  { strategy, parameters, marketIds }: Deployment,
  markets: MarketRegistry,
): string | undefined {
  const definition = definitionOf(strategy);
  if (definition === undefined) return `strategy ${strategy} is not in the catalogue any more`;
  if (marketIds.some((id) => markets.get(id) === undefined)) {
    return 'one of its markets is not listed any more';
  }
  const sources = marketIds.map((id) => markets.get(id)?.source);
  if (sources.includes('live')) return 'one of its markets is followed live now';
  if (sources.includes('off')) return 'one of its markets is switched off now';
  const read = readParameters(definition, {}, parameters);
  if (!('problem' in read)) return undefined;
  return `parameter ${read.problem.parameter} ${read.problem.message}`;
}
