import { Type } from 'typebox';
import {
  FUNDING_HISTORY_LIMIT,
  FundingHistoryQuery,
  FundingRateModel,
  MarketParams,
  OHLC_LIMIT,
  OhlcParams,
  OhlcQuery,
  OhlcResponse,
  OI_HISTORY_LIMIT,
  OI_HISTORY_PERIODS,
  OiHistoryQuery,
  OpenInterestModel,
} from '../../../schemas/takashi.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type Route } from '../../gateway/http/route.ts';
import { rangeRefusal } from './candle-range.ts';
import type { CandleReplies } from './candle-replies.ts';
import { funding, fundingHistory, openInterest } from './derivative-replies.ts';
import { OPEN } from './errors.ts';
import { findMarket, notCovered } from './exchanges.ts';
import type { LiveReplies } from './live-replies.ts';

const BITCOIN = { exchange: 'binance', symbol: 'BTCUSDT' };

/** What is asked of one exchange. */
export function marketRoutes(replies: CandleReplies, live: LiveReplies): Route[] {
  return [
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/{exchange}/ohlc/{symbol}/{interval}',
      summary: 'Candles, oldest first; the last one may still be under way',
      params: OhlcParams,
      query: OhlcQuery,
      response: OhlcResponse,
      examples: { params: { ...BITCOIN, interval: '1m' }, query: { limit: 2 } },
      refusals: notCovered('ohlc'),
      successStatus: 200,
      handler: ({ params, query, venue }) => {
        const { exchange, symbol, interval } = params;
        const market = findMarket(venue.markets, exchange, symbol, 'ohlc');
        if (market instanceof Refusal) return market;
        const { start_time: startMs, end_time: endMs, limit = OHLC_LIMIT } = query;
        const range = { startMs, endMs, limit };
        const wrong = rangeRefusal(range);
        if (wrong !== undefined) return wrong;
        if (market.source === 'live') return live.ohlc(market, interval, range);
        return Answer.encoded(replies.list(venue, market, interval, range));
      },
    }),
    ...openInterestRoutes(live),
    ...fundingRoutes(live),
  ];
}

function openInterestRoutes(live: LiveReplies): Route[] {
  return [
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/{exchange}/oi/{symbol}',
      summary: 'Open interest now',
      params: MarketParams,
      response: OpenInterestModel,
      examples: { params: BITCOIN },
      refusals: notCovered('open_interest'),
      successStatus: 200,
      handler: ({ params, venue, clock }) => {
        const market = findMarket(venue.markets, params.exchange, params.symbol, 'open_interest');
        if (market instanceof Refusal) return market;
        const derivatives = venue.margin.derivatives(market);
        const seconds = Math.floor(clock.nowMs() / 1000);
        const lots = derivatives?.openInterestLots ?? 0;
        const markTicks = derivatives?.markTicks ?? 0;
        const isTold = live.isFresh(market) && lots > 0;
        if (market.source === 'live' && !isTold) return live.openInterest(market, markTicks);
        return openInterest(market, { seconds, lots, markTicks });
      },
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/{exchange}/oi-hist/{symbol}',
      summary: 'Open interest at the ends of periods, oldest first; Binance alone',
      params: MarketParams,
      query: OiHistoryQuery,
      response: Type.Array(OpenInterestModel),
      examples: { params: BITCOIN, query: { limit: 2 } },
      refusals: notCovered('oi_hist'),
      successStatus: 200,
      handler: ({ params, query, venue, clock }) => {
        const market = findMarket(venue.markets, params.exchange, params.symbol, 'oi_hist');
        if (market instanceof Refusal) return market;
        const { period = '5m', limit = OI_HISTORY_LIMIT } = query;
        if (market.source === 'live') return live.openInterestHistory(market, period, limit);
        const points = venue.margin.openInterestHistory(market, {
          fromSeconds: 0,
          toSeconds: clock.nowMs() / 1000,
          intervalSeconds: OI_HISTORY_PERIODS[period],
          limit,
        });
        return points.map((point) => openInterest(market, point));
      },
    }),
  ];
}

function fundingRoutes(live: LiveReplies): Route[] {
  return [
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/{exchange}/funding/{symbol}',
      summary: 'Funding rate of the interval under way, and when it is applied',
      params: MarketParams,
      response: FundingRateModel,
      examples: { params: BITCOIN },
      refusals: notCovered('funding_rate'),
      successStatus: 200,
      handler: ({ params, venue, clock }) => {
        const market = findMarket(venue.markets, params.exchange, params.symbol, 'funding_rate');
        if (market instanceof Refusal) return market;
        const isTold = (venue.margin.derivatives(market)?.nextFundingSeconds ?? 0) !== 0;
        if (market.source === 'live' && !(live.isFresh(market) && isTold)) {
          return live.funding(market);
        }
        return funding(venue, market, Math.floor(clock.nowMs() / 1000));
      },
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/{exchange}/funding-hist/{symbol}',
      summary: 'Funding rates that were applied, oldest first',
      params: MarketParams,
      query: FundingHistoryQuery,
      response: Type.Array(FundingRateModel),
      examples: { params: BITCOIN, query: { limit: 2 } },
      refusals: notCovered('funding_rate'),
      successStatus: 200,
      handler: ({ params, query, venue, clock }) => {
        const market = findMarket(venue.markets, params.exchange, params.symbol, 'funding_rate');
        if (market instanceof Refusal) return market;
        const limit = query.limit ?? FUNDING_HISTORY_LIMIT;
        if (market.source === 'live') return live.fundingHistory(market, limit);
        return fundingHistory(venue, market, clock.nowMs() / 1000, limit);
      },
    }),
  ];
}
