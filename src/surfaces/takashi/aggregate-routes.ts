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
  type OhlcResponse,
  PredictedFundingResponse,
  SymbolParams,
} from '../../../schemas/takashi.ts';
import type { CandleInterval } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type Route } from '../../gateway/http/route.ts';
import type { Venue } from '../../gateway/venue.ts';
import { markPrice, ticker24h } from './binance-replies.ts';
import { type CandleQuery, rangeRefusal } from './candle-range.ts';
import type { CandleReplies } from './candle-replies.ts';
import { predictedFunding } from './derivative-replies.ts';
import { OPEN } from './errors.ts';
import {
  coveredExchanges,
  findMarket,
  marketsOf,
  NOT_SERVING,
  notCovered,
  venueSymbol,
} from './exchanges.ts';
import type { LiveReplies } from './live-replies.ts';

const BINANCE = 'binance';
const HYPERLIQUID = 'hyperliquid';

/** What is asked of all exchanges together. */
export function aggregateRoutes(replies: CandleReplies, live: LiveReplies): Route[] {
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
        const wrong = rangeRefusal(range);
        if (wrong !== undefined) return wrong;
        if (found.some(([, market]) => market?.source === 'live')) {
          return multiLive(venue, replies, live, found, interval, range);
        }
        return Answer.encoded(replies.byExchange(venue, found, interval, range));
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
      refusals: [notOnAny('Coin', 'DOGE'), NOT_SERVING],
      successStatus: 200,
      handler: async ({ query, venue }) => {
        const isLive = isFollowed(venue, HYPERLIQUID);
        const all = isLive ? await live.predictedFunding(HYPERLIQUID) : predictedFunding(venue);
        if (all instanceof Refusal) return all;
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
export function binanceRoutes(replies: CandleReplies, live: LiveReplies): Route[] {
  return [
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/binance/tickers/24hr',
      summary: 'The last 24 hours of every Binance market, in Binance’s format',
      response: BinanceTickers,
      refusals: [NOT_SERVING],
      successStatus: 200,
      handler: async ({ venue, clock }) => {
        if (isFollowed(venue, BINANCE)) return encoded(await live.raw(BINANCE, 'ticker24hr'));
        return binanceMarkets(venue).map((one) => ticker24h(venue, one, clock.nowMs()));
      },
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/binance/mark-prices',
      summary: 'Mark prices and funding of every Binance market, in Binance’s format',
      response: BinanceMarkPrices,
      refusals: [NOT_SERVING],
      successStatus: 200,
      handler: async ({ venue, clock }) => {
        if (isFollowed(venue, BINANCE)) return encoded(await live.raw(BINANCE, 'premiumIndex'));
        return binanceMarkets(venue).flatMap(
          (market) => markPrice(venue, market, clock.nowMs()) ?? [],
        );
      },
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
      handler: async ({ params, query, venue }) => {
        const market = findMarket(venue.markets, BINANCE, params.symbol, 'ohlc');
        if (market instanceof Refusal) return market;
        const { startTime: startMs, endTime: endMs, limit = OHLC_LIMIT } = query;
        const range = { startMs, endMs, limit };
        const wrong = rangeRefusal(range);
        if (wrong !== undefined) return wrong;
        const { interval } = params;
        if (market.source !== 'live') {
          return Answer.encoded(replies.klines(venue, market, interval, range));
        }
        const asked = { ...query, limit, symbol: venueSymbol(market), interval };
        return encoded(await live.raw(BINANCE, 'klines', asked));
      },
    }),
  ];
}

function binanceMarkets({ markets }: Venue): Market[] {
  return coveredExchanges(markets).includes(BINANCE) ? marketsOf(markets, BINANCE) : [];
}

/** True where an exchange's facts come from itself. */
function isFollowed({ markets }: Venue, exchange: string): boolean {
  return marketsOf(markets, exchange).some(({ source }) => source === 'live');
}

/** JSON as an exchange wrote it. */
function encoded(reply: string | Refusal): Answer | Refusal {
  return reply instanceof Refusal ? reply : Answer.encoded(reply);
}

/**
 * Candles of exchanges of which some are followed live. One that does not answer has none here, like one
 * without such a market; when none of them answers, the first one's refusal is the answer.
 */
async function multiLive(
  venue: Venue,
  replies: CandleReplies,
  live: LiveReplies,
  found: readonly (readonly [string, Market | undefined])[],
  interval: CandleInterval,
  range: CandleQuery,
): Promise<Answer | Refusal> {
  const told = await Promise.all(
    found.map(async ([, market]) => {
      if (market === undefined) return [];
      if (market.source === 'live') return live.ohlc(market, interval, range);
      const bytes = replies.list(venue, market, interval, range);
      return JSON.parse(Buffer.from(bytes).toString('utf8')) as OhlcResponse;
    }),
  );
  const refusals = told.filter((one) => one instanceof Refusal);
  const asked = found.filter(([, market]) => market !== undefined).length;
  if (refusals.length > 0 && refusals.length === asked) return refusals[0];
  const body = Object.fromEntries(
    found.map(([exchange], i) => {
      const candles = told[i];
      return [exchange, candles instanceof Refusal ? [] : candles];
    }),
  );
  return Answer.json(body);
}
