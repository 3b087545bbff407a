import { SettingError, type Settings } from '../../config/settings.ts';
import type { JobPool } from '../../jobs/job-pool.ts';
import type { Venue } from '../venue.ts';
import { type Benchmark, findBenchmark } from './benchmark-markets.ts';
import { RiskDesk } from './risk-desk.ts';
import { loadScenarios } from './scenario-file.ts';

const SCENARIOS = new URL('../../../../config/stress-scenarios.json', import.meta.url);

export interface RiskDeskOptions {
  readonly settings: Pick<Settings, 'riskBenchmark' | 'riskFreeRate'>;
  readonly venue: Pick<Venue, 'candleSeries' | 'valuation' | 'markets'>;
  readonly jobs: JobPool;
}

/** The desk as the settings want it; throws `SettingError` for a benchmark that does not exist. */
export function openRiskDesk({ settings, venue, jobs }: RiskDeskOptions): RiskDesk {
  const { markets } = venue;
  const { riskFreeRate } = settings;
  const scenarios = loadScenarios(SCENARIOS);
  return new RiskDesk({
    venue,
    markets,
    jobs,
    scenarios,
    benchmark: benchmarkOf(settings, markets),
    riskFreeRate,
  });
}

function benchmarkOf(
  { riskBenchmark }: RiskDeskOptions['settings'],
  markets: Venue['markets'],
): Benchmark | undefined {
  const { name, isGiven } = riskBenchmark;
  const found = findBenchmark(markets, name);
  // The default one is of the markets that come with Openbell; others may not have it.
  if (found === undefined && isGiven) {
    const message = `OPENBELL_RISK_BENCHMARK is "${name}"; there is no such market`;
    throw new SettingError(`${message}, and no exchange of that name`);
  }
  return found;
}
