import { join } from 'node:path';
import { loadMarkets, type MarketRegistry } from '../../src/config/markets.ts';
import { repositoryRoot } from './repository.ts';

/** The markets that the repository ships with. */
export function shippedMarkets(): MarketRegistry {
  return loadMarkets(join(repositoryRoot, 'config/markets.json'));
}
