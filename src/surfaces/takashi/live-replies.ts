import type {
  FundingRateModel,
  OhlcResponse,
  OpenInterestModel,
  PredictedFundingResponse,
} from '../../../schemas/takashi.ts';
import type { CandleInterval } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import { type Decimal, decimalToNumber } from '../../feeds/decimal.ts';
import type { CandleRecord, MarkRecord, OpenInterestRecord } from '../../feeds/normalised.ts';
import type { RestFailure, RestResult } from '../../feeds/rest/result.ts';
import type { InterestPeriod } from '../../feeds/venue-adapter.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import type { LiveVenues } from '../../gateway/live-venues.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';
import type { CandleQuery } from './candle-range.ts';
import { exchangeUnavailable, venueSymbol } from './exchanges.ts';
import { isoSeconds } from './times.ts';

type Reply<T> = Promise<T | Refusal>;

/** What exchanges that are followed live answer over HTTP, in the models of this surface. */
export class LiveReplies {
  private readonly venues: LiveVenues;

  constructor(venues: LiveVenues) {
    this.venues = venues;
  }

  /** True while the exchange's sockets bring data: then what they told last holds. */
  isFresh({ exchange }: Market): boolean {
    return this.venues.state(exchange)?.isFresh === true;
  }

  async ohlc(market: Market, interval: CandleInterval, query: CandleQuery): Reply<OhlcResponse> {
    const { limit, startMs, endMs } = query;
    const range = {
      limit,
      ...(startMs === undefined ? {} : { startMs }),
      ...(endMs === undefined ? {} : { endMs }),
    };
    const reply = await this.ask(market)?.candles({
      symbol: venueSymbol(market),
      interval,
      ...range,
    });
    return told(market, reply, (candles) => candles.map((candle) => ohlcOf(market, candle)));
  }

  /** @param markTicks what it is valued at where the exchange does not tell; 0: unknown */
  async openInterest(market: Market, markTicks: number): Reply<OpenInterestModel> {
    const reply = await this.ask(market)?.openInterest(venueSymbol(market));
    return told(market, reply, (record) => {
      const told = interestOf(market, record);
      if (told.open_interest_value !== null || markTicks === 0) return told;
      const mark = scaledToNumber(markTicks * market.tickUnits, market.priceDecimals);
      return { ...told, open_interest_value: told.open_interest * mark };
    });
  }

  async openInterestHistory(
    market: Market,
    period: InterestPeriod,
    limit: number,
  ): Reply<OpenInterestModel[]> {
    const query = { symbol: venueSymbol(market), period, limit };
    const reply = await this.ask(market)?.openInterestHistory(query);
    return told(market, reply, (records) => records.map((record) => interestOf(market, record)));
  }

  async funding(market: Market): Reply<FundingRateModel> {
    const reply = await this.ask(market)?.mark(venueSymbol(market));
    return told(market, reply, (record) => fundingOf(market, record));
  }

  async fundingHistory(market: Market, limit: number): Reply<FundingRateModel[]> {
    const query = { symbol: venueSymbol(market), limit };
    const reply = await this.ask(market)?.fundingHistory(query);
    return told(market, reply, (payments) =>
      payments.map(({ fundingRate, fundingTimeMs }) => ({
        ...nameOf(market),
        timestamp: isoMs(fundingTimeMs),
        funding_rate: decimalToNumber(fundingRate),
        funding_time: isoMs(fundingTimeMs),
      })),
    );
  }

  async predictedFunding(exchange: string): Reply<PredictedFundingResponse> {
    const reply = await this.venues.rest(exchange)?.predictedFunding();
    return told({ exchange }, reply, (coins) =>
      coins.map(({ coin, venues }) => ({
        coin,
        venues: venues.map(({ venue, fundingRate, nextFundingTimeMs }) => ({
          venue,
          funding_rate: decimalToNumber(fundingRate),
          next_funding_time: isoMs(nextFundingTimeMs),
        })),
      })),
    );
  }

  /** The exchange's own JSON, untouched. */
  async raw(
    exchange: string,
    what: 'ticker24hr' | 'premiumIndex' | 'klines',
    query: Readonly<Record<string, string | number | undefined>> = {},
  ): Reply<string> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const asked = Object.fromEntries(given) as Record<string, string | number>;
    const reply = await this.venues.rest(exchange)?.raw(what, asked);
    return told({ exchange }, reply, (text) => text);
  }

  private ask({ exchange }: Market): ReturnType<LiveVenues['rest']> {
    return this.venues.rest(exchange);
  }
}

/** The value in the form of this surface, or why there is none. */
function told<T, U>(
  { exchange }: Pick<Market, 'exchange'>,
  reply: RestResult<T> | undefined,
  form: (value: T) => U,
): U | Refusal {
  if (reply === undefined) return exchangeUnavailable(exchange, 'it is not followed yet', 1);
  return reply.isOk ? form(reply.value) : refusalOf(exchange, reply);
}

function refusalOf(exchange: string, { code, detail, retryAfterMs }: RestFailure): Refusal {
  if (code === 'UNSUPPORTED' || code === 'REFUSED') {
    return new Refusal('not_found', 'NOT_FOUND', `${exchange} knows nothing of that: ${detail}`);
  }
  return exchangeUnavailable(
    exchange,
    detail,
    Math.max(1, Math.ceil((retryAfterMs ?? 1_000) / 1000)),
  );
}

function nameOf(market: Market) {
  return { exchange: market.exchange, symbol: venueSymbol(market) };
}

/** What an exchange does not tell of a candle (turnover, number of trades) is 0. */
function ohlcOf(market: Market, candle: CandleRecord): OhlcResponse[number] {
  const { interval, openTimeMs, quoteVolume, trades, isClosed } = candle;
  return {
    ...nameOf(market),
    timestamp: isoMs(openTimeMs),
    interval: interval as OhlcResponse[number]['interval'],
    open: decimalToNumber(candle.open),
    high: decimalToNumber(candle.high),
    low: decimalToNumber(candle.low),
    close: decimalToNumber(candle.close),
    volume: decimalToNumber(candle.volume),
    quote_volume: quoteVolume === null ? 0 : decimalToNumber(quoteVolume),
    trades_count: trades ?? 0,
    is_closed: isClosed,
  };
}

function interestOf(market: Market, record: OpenInterestRecord): OpenInterestModel {
  return {
    ...nameOf(market),
    timestamp: isoMs(record.venueTimeMs),
    open_interest: decimalToNumber(record.openInterest),
    open_interest_value: numberOrNull(record.value),
  };
}

function fundingOf(market: Market, record: MarkRecord): FundingRateModel {
  const { fundingRate, nextFundingTimeMs, venueTimeMs } = record;
  return {
    ...nameOf(market),
    timestamp: isoMs(venueTimeMs),
    funding_rate: numberOrNull(fundingRate) ?? 0,
    funding_time: nextFundingTimeMs === null ? null : isoMs(nextFundingTimeMs),
  };
}

function numberOrNull(value: Decimal | null): number | null {
  return value === null ? null : decimalToNumber(value);
}

function isoMs(ms: number): string {
  return isoSeconds(Math.floor(ms / 1000));
}
