import { EnsembleModel } from '../../src/forecasts/ensemble.ts';
import { EtsModel } from '../../src/forecasts/ets.ts';
import { forecast, type PriceForecast, type TooShort } from '../../src/forecasts/forecast.ts';
import { LstmModel } from '../../src/forecasts/lstm.ts';
import type { ForecastModel } from '../../src/forecasts/model.ts';
import { NaiveModel } from '../../src/forecasts/naive.ts';
import { ProphetModel } from '../../src/forecasts/prophet.ts';
import type { ForecastTask } from '../../src/gateway/forecasts/forecast-jobs.ts';
import { defineJob } from '../../src/jobs/define-job.ts';

const MODELS: Readonly<Record<ForecastTask['model'], (stepSeconds: number) => ForecastModel>> = {
  prophet: () => new ProphetModel(),
  ets: () => new EtsModel(),
  lstm: () => new LstmModel(),
  ensemble: (stepSeconds) =>
    new EnsembleModel([new NaiveModel(), new EtsModel(), new LstmModel()], stepSeconds),
};

export default defineJob<ForecastTask, PriceForecast | TooShort>(
  ({ model, series, horizon, level }, control) =>
    forecast(MODELS[model](series.stepSeconds), series, horizon, level, control),
);
