import { PredictBody, PredictResponse } from '../../../schemas/octopus-forecast.ts';
import { TOO_MANY_JOBS } from '../../domain/result-codes.ts';
import type { TooShort } from '../../forecasts/forecast.ts';
import type {
  DatedForecast,
  ForecastDesk,
  ForecastWish,
} from '../../gateway/forecasts/forecast-desk.ts';
import { insufficientData, TOO_LITTLE_DATA } from '../../gateway/http/insufficient-data.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import { defineRoute, type Route } from '../../gateway/http/route.ts';
import { marketOf, NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import { isoMillis } from '../../lib/clock.ts';
import { SURFACE } from './errors.ts';

/** Bars ahead at most, by the letter of a horizon, and days or hours that a letter stands for. */
const HORIZONS = {
  h: { interval: '1h', steps: 1, most: 48 },
  d: { interval: '1d', steps: 1, most: 30 },
  w: { interval: '1d', steps: 7, most: 4 },
} as const;

export interface PredictServices {
  readonly forecasts: ForecastDesk;
}

/** Prices to come, each with bounds as wide as the model's errors in the past. */
export function predictRoutes({ forecasts }: PredictServices): Route[] {
  return [
    defineRoute({
      surface: SURFACE,
      limit: 'default',
      auth: 'required',
      scope: 'read',
      method: 'POST',
      path: '/api/ml/predict',
      summary: 'Closing prices to come by a model, with how well it did on the past',
      body: PredictBody,
      response: PredictResponse,
      examples: { body: { symbol: 'AAPL', horizon: '7d', model: 'prophet' } },
      refusals: [...NO_SUCH_MARKET, ...TOO_LITTLE_DATA, ...refusalsOfResults(TOO_MANY_JOBS)],
      successStatus: 200,
      handler: async (context) => {
        const { body, venue } = context;
        const market = marketOf(venue.markets, body.symbol, body.exchange);
        if (market instanceof Refusal) return market;
        const ahead = horizonOf(body.horizon ?? '7d');
        if (ahead instanceof Refusal) return ahead;
        const model = (body.model ?? 'prophet') as ForecastWish['model'];
        const wish: ForecastWish = { market, model, ...ahead };
        const outcome = await forecasts.forecast(wish, context);
        return outcome instanceof Refusal ? outcome : toWire(wish, outcome);
      },
    }),
  ];
}

function horizonOf(text: string): Pick<ForecastWish, 'interval' | 'horizon'> | Refusal {
  const letter = text.slice(-1) as keyof typeof HORIZONS;
  const count = Number(text.slice(0, -1));
  const { interval, steps, most } = HORIZONS[letter];
  if (count > most) {
    const message = `horizon is at most ${most}${letter}`;
    return invalidParameter('horizon', text, message);
  }
  return { interval, horizon: count * steps };
}

function toWire(
  { market, interval }: ForecastWish,
  outcome: DatedForecast | TooShort,
): PredictResponse | Refusal {
  if ('code' in outcome) {
    const { closes, needed } = outcome;
    const message = `a forecast needs ${needed} bars of ${interval} with trades, there are ${closes}`;
    return insufficientData(message, { symbol: market.symbol, observations: closes, needed });
  }
  const { forecast, asOfSeconds, dates } = outcome;
  const { record, points, level, model } = forecast;
  const price = (value: number): number => Number(value.toFixed(market.priceDecimals));
  const date = (seconds: number): string => {
    // Twelve hours into a day it is that date in UTC too, wherever the market is.
    if (interval === '1d') return isoMillis(seconds + 43_200, 0).slice(0, 10);
    return isoMillis(seconds, 0);
  };
  return {
    symbol: market.symbol,
    predictions: dates.map((seconds, i) => ({
      date: date(seconds),
      predicted_price: price(points[i].price),
      lower_bound: price(points[i].lower),
      upper_bound: price(points[i].upper),
      confidence: level,
    })),
    model,
    interval,
    as_of: isoMillis(asOfSeconds, 0),
    origins: record.origins,
    mae: price(record.meanAbsoluteError),
    naive_mae: price(record.naiveMeanAbsoluteError),
    coverage: Number(record.coverage.toFixed(4)),
  };
}
