import type { PriceForecast, TooShort } from '../../forecasts/forecast.ts';
import type { FORECAST_MODELS, PriceSeries } from '../../forecasts/model.ts';
import type { JobKind } from '../../jobs/job-kind.ts';

export interface ForecastTask {
  readonly model: (typeof FORECAST_MODELS)[number];
  readonly series: PriceSeries;
  readonly horizon: number;
  readonly level: number;
}

/** Trying a model out at many origins of a market's past, and continuing that past by it. */
export const FORECAST: JobKind<ForecastTask, PriceForecast | TooShort> = {
  name: 'forecast',
  file: new URL('../../../workers/jobs/forecast.js', import.meta.url),
};
