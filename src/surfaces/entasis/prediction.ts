import { PredictionQuery, PredictionResponse, SymbolParams } from '../../../schemas/entasis.ts';
import { TOO_MANY_JOBS } from '../../domain/result-codes.ts';
import type { ForecastDesk, ForecastWish } from '../../gateway/forecasts/forecast-desk.ts';
import { insufficientData, TOO_LITTLE_DATA } from '../../gateway/http/insufficient-data.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import { defineRoute, type Route } from '../../gateway/http/route.ts';
import { marketOf, NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import { SURFACE } from './errors.ts';
import { secondsText } from './times.ts';

/** The close of the next bar of a timeframe. */
export function predictionRoute(base: string, forecasts: ForecastDesk): Route {
  return defineRoute({
    surface: SURFACE,
    limit: 'rest',
    auth: 'required',
    scope: 'read',
    method: 'GET',
    path: `${base}/analysis/prediction/{symbol}`,
    summary: 'The next bar’s close by a model, with bounds and how well it did on the past',
    params: SymbolParams,
    query: PredictionQuery,
    response: PredictionResponse,
    examples: { params: { symbol: 'BTC-USDT' } },
    refusals: [...NO_SUCH_MARKET, ...TOO_LITTLE_DATA, ...refusalsOfResults(TOO_MANY_JOBS)],
    successStatus: 200,
    handler: async (context) => {
      const { params, query, venue, clock } = context;
      const market = marketOf(venue.markets, params.symbol, query.exchange);
      if (market instanceof Refusal) return market;
      const wish: ForecastWish = {
        market,
        model: (query.model ?? 'ensemble') as ForecastWish['model'],
        interval: (query.timeframe ?? '1h') as ForecastWish['interval'],
        horizon: 1,
      };
      const outcome = await forecasts.forecast(wish, context);
      if (outcome instanceof Refusal) return outcome;
      if ('code' in outcome) {
        const { closes, needed } = outcome;
        const message = `a forecast needs ${needed} bars with trades, there are ${closes}`;
        return insufficientData(message, { symbol: market.symbol, observations: closes, needed });
      }
      const { points, level, record } = outcome.forecast;
      const decimals = Math.max(2, market.priceDecimals);
      const [next] = points;
      return {
        symbol: market.symbol,
        prediction: next.price.toFixed(decimals),
        confidence: level,
        timeframe: wish.interval,
        model: wish.model,
        timestamp: secondsText(Math.floor(clock.nowMs() / 1000)),
        exchange: market.exchange,
        lower_bound: next.lower.toFixed(decimals),
        upper_bound: next.upper.toFixed(decimals),
        origins: record.origins,
        mae: record.meanAbsoluteError.toFixed(decimals),
        naive_mae: record.naiveMeanAbsoluteError.toFixed(decimals),
        coverage: Number(record.coverage.toFixed(4)),
      };
    },
  });
}
