import {
  BinanceKlines,
  BinanceMarkPrices,
  BinanceTickers,
  CoinQuery,
  KlinesQuery,
  MULTI_LIMIT,
  MultiOhlcQuery,
  MultiOhlcResponse,
  OHLC_LIMIT,
  PredictedFundingResponse,
  SymbolParams,
} from '../../../schemas/takashi.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type Route } from '../../gateway/http/route.ts';
import { markPrice, ticker24h } from './binance-replies.ts';
import { rangeRefusal } from './candle-range.ts';
import type { CandleReplies } from './candle-replies.ts';
import { predictedFunding } from './derivative-replies.ts';
import { OPEN } from './errors.ts';
import { coveredExchanges, findMarket, marketsOf, notCovered } from './exchanges.ts';

const BINANCE = 'binance';

/** What is asked of all exchanges together. */
export function aggregateRoutes(replies: CandleReplies): Route[] {
  return [
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/multi/ohlc/{symbol}/{interval}',
      summary: 'Candles of every exchange; empty where it has no such market',
      params: SymbolParams,
      query: MultiOhlcQuery,
      response: MultiOhlcResponse,
      examples: { params: { symbol: 'BTCUSDT', interval: '1m' }, query: { limit: 2 } },
      refusals: [notOnAny('Symbol', 'DOGEUSDT')],
      successStatus: 200,
      handler: ({ params, query, venue }) => {
        const { symbol, interval } = params;
        const found = coveredExchanges(venue.markets).map((exchange) => {
          const market = findMarket(venue.markets, exchange, symbol, 'ohlc');
          return [exchange, market instanceof Refusal ? undefined : market] as const;
        });
        if (found.every(([, market]) => market === undefined)) {
          return notOnAny('Symbol', symbol);
        }
        const { start_time: startMs, end_time: endMs, limit = MULTI_LIMIT } = query;
        const range = { startMs, endMs, limit };
        return (
          rangeRefusal(range) ?? Answer.encoded(replies.byExchange(venue, found, interval, range))
        );
      },
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/hyperliquid/predicted-funding',
      summary: 'By coin what each exchange would settle next',
      query: CoinQuery,
      response: PredictedFundingResponse,
      examples: { query: { coin: 'BTC' } },
      refusals: [notOnAny('Coin', 'DOGE')],
      successStatus: 200,
      handler: ({ query, venue }) => {
        const all = predictedFunding(venue);
        const { coin } = query;
        if (coin === undefined) return all;
        const own = all.filter((one) => one.coin === coin.toUpperCase());
        if (own.length > 0) return own;
        return notOnAny('Coin', coin);
      },
    }),
  ];
}

function notOnAny(what: 'Symbol' | 'Coin', name: string): Refusal {
  const message = `${what} '${name.slice(0, 100)}' not found on any exchange`;
  return new Refusal('not_found', 'NOT_FOUND', message);
}

/** What Binance itself answers, in its own format. */
export function binanceRoutes(replies: CandleReplies): Route[] {
  return [
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/binance/tickers/24hr',
      summary: 'The last 24 hours of every Binance market, in Binance’s format',
      response: BinanceTickers,
      successStatus: 200,
      handler: ({ venue, clock }) =>
        marketsOf(venue.markets, BINANCE).map((one) => ticker24h(venue, one, clock.nowMs())),
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/binance/mark-prices',
      summary: 'Mark prices and funding of every Binance market, in Binance’s format',
      response: BinanceMarkPrices,
      successStatus: 200,
      handler: ({ venue, clock }) =>
        marketsOf(venue.markets, BINANCE).flatMap(
          (market) => markPrice(venue, market, clock.nowMs()) ?? [],
        ),
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/binance/klines/{symbol}/{interval}',
      summary: 'Candles in Binance’s format',
      params: SymbolParams,
      query: KlinesQuery,
      response: BinanceKlines,
      examples: { params: { symbol: 'BTCUSDT', interval: '1m' }, query: { limit: 2 } },
      refusals: notCovered('ohlc'),
      successStatus: 200,
      handler: ({ params, query, venue }) => {
        const market = findMarket(venue.markets, BINANCE, params.symbol, 'ohlc');
        if (market instanceof Refusal) return market;
        const { startTime: startMs, endTime: endMs, limit = OHLC_LIMIT } = query;
        const range = { startMs, endMs, limit };
        return (
          rangeRefusal(range) ??
          Answer.encoded(replies.klines(venue, market, params.interval, range))
        );
      },
    }),
  ];
}
