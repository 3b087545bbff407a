import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository.ts';

/** Writes a file of those shipped markets, `exchange:symbol`, and gives its path. */
export function writeSomeMarkets(directory: string, names: readonly string[]): string {
  const file = JSON.parse(readFileSync(join(repositoryRoot, 'config/markets.json'), 'utf8'));
  file.markets = file.markets.filter(({ exchange, symbol }: { exchange: string; symbol: string }) =>
    names.includes(`${exchange}:${symbol}`),
  );
  const path = join(directory, 'markets.json');
  writeFileSync(path, JSON.stringify(file));
  return path;
}
