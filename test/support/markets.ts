import { join } from 'node:path';
import { loadMarkets, MarketRegistry } from '../../src/config/markets.ts';
import { repositoryRoot } from './repository.ts';

/** The markets that the repository ships with, or some of them by their ids. */
export function shippedMarkets(ids?: readonly number[]): MarketRegistry {
  const all = loadMarkets(join(repositoryRoot, 'config/markets.json'));
  if (ids === undefined) return all;
  const some = all.all.filter(({ id }) => ids.includes(id));
  return new MarketRegistry(some, new Map(some.map((market) => [market, []])));
}
