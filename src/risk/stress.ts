import { type InsufficientData, isInsufficient, OBSERVATIONS_MIN } from './insufficient.ts';
import { type PastStretch, stretchBetween, worstStretch } from './past-stretch.ts';
import { alignSeries, type PriceSeries, simpleReturns } from './price-series.ts';
import { beta } from './ratios.ts';
import { applyScenario, type Scenario, type StressedAsset, type StressResult } from './scenario.ts';

/** A scenario that the portfolio's own history is asked for. */
export type PastScenario =
  | { readonly kind: 'worst'; readonly horizonDays: number }
  | { readonly kind: 'between'; readonly firstDay: number; readonly lastDay: number };

export interface StressTask {
  readonly assets: readonly Omit<StressedAsset, 'beta'>[];
  /** One for each asset. */
  readonly series: readonly PriceSeries[];
  readonly benchmark: PriceSeries | null;
  /** Daily returns that betas rest on. */
  readonly window: number;
  readonly scenarios: readonly (Scenario | PastScenario)[];
}

export interface StressAnswer {
  /** In the order of the scenarios. */
  readonly results: readonly (StressResult | PastStress | InsufficientData)[];
  /** One for each asset. */
  readonly betas: readonly AssetBeta[];
}

export interface AssetBeta {
  readonly beta: number | null;
  readonly observations: number;
}

/** What the past would do, repeated. */
export interface PastStress extends StressResult {
  readonly stretch: PastStretch;
}

export function stressTest(task: StressTask, pause: () => void = () => undefined): StressAnswer {
  const betas = task.series.map((one) => {
    pause();
    return betaOf(one, task.benchmark, task.window);
  });
  const assets = task.assets.map((asset, i) => ({ ...asset, beta: betas[i].beta }));
  const results = task.scenarios.map((scenario) => {
    pause();
    return 'id' in scenario ? applyScenario(scenario, assets) : repeatPast(task, scenario);
  });
  return { results, betas };
}

function betaOf(series: PriceSeries, benchmark: PriceSeries | null, window: number): AssetBeta {
  if (benchmark === null) return { beta: null, observations: 0 };
  const { values, observations } = simpleReturns(alignSeries([series, benchmark], window + 1));
  if (observations < OBSERVATIONS_MIN) return { beta: null, observations };
  return {
    beta: beta(values.subarray(0, observations), values.subarray(observations)),
    observations,
  };
}

function repeatPast(task: StressTask, past: PastScenario): PastStress | InsufficientData {
  const stretch =
    past.kind === 'between'
      ? stretchBetween(task.series, past.firstDay, past.lastDay)
      : worstStretch(
          alignSeries(task.series),
          Float64Array.from(task.assets, ({ value }) => value),
          past.horizonDays,
        );
  if (isInsufficient(stretch)) return stretch;
  const positions = stretch.shocks.map((shock, i) => ({
    shock,
    basis: shock === null ? ('none' as const) : ('asset' as const),
    profit: shock === null ? 0 : shock * task.assets[i].value,
  }));
  const profit = positions.reduce((sum, position) => sum + position.profit, 0);
  return { profit, positions, stretch };
}
