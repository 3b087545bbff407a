import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import { indexLevels } from '../../risk/benchmark.ts';
import type { PriceSeries } from '../../risk/price-series.ts';
import type { DailyCloses } from './daily-closes.ts';

export type Weighting = 'single' | 'capitalisation' | 'equal';

/** What portfolios are compared with: one market, or an index of all of an exchange's. */
export interface Benchmark {
  /** As configured: `NASDAQ:AAPL`, `NASDAQ:*`. */
  readonly name: string;
  readonly markets: readonly Market[];
  readonly weighting: Weighting;
}

/** Finds what a setting names; `undefined` where there is no such market. */
export function findBenchmark(markets: MarketRegistry, name: string): Benchmark | undefined {
  const at = name.indexOf(':');
  const [exchange, symbol] = [name.slice(0, at), name.slice(at + 1)];
  if (symbol !== '*') {
    const market = markets.resolve(exchange, symbol);
    return market && { name, markets: [market], weighting: 'single' };
  }
  const listed = markets.all.filter((market) => market.exchange === markets.exchangeName(exchange));
  if (listed.length === 0) return undefined;
  const known = listed.every(({ reference }) => reference.sharesOutstanding !== null);
  return { name, markets: listed, weighting: known ? 'capitalisation' : 'equal' };
}

/** Levels of the benchmark on the days on which all of its markets have a close. */
export function benchmarkLevels(benchmark: Benchmark, closes: DailyCloses): PriceSeries {
  const { markets, weighting } = benchmark;
  const series = markets.map((market) => closes.read(market));
  if (weighting === 'single') return series[0];
  return indexLevels(series, weighting === 'capitalisation' ? markets.map(valueOfTick) : undefined);
}

/** Closes are in ticks: what all shares are worth when the price is one tick, in the quote asset. */
function valueOfTick({ reference, tickUnits, priceDecimals }: Market): number {
  return ((reference.sharesOutstanding ?? 0) * tickUnits) / 10 ** priceDecimals;
}
