import { endOf } from '../intervals.ts';
import { Malformed } from '../malformed.ts';
import type {
  CandleRecord,
  FundingPayment,
  Instrument,
  MarkRecord,
  OpenInterestRecord,
  TickerRecord,
} from '../normalised.ts';
import { decimalOf, integerOf, optionalDecimal, optionalTimeMs } from '../reading.ts';
import { RestClient, type RestRequest } from '../rest/client.ts';
import {
  candlesFreshMs,
  FUNDING_FRESH_MS,
  LISTING_FRESH_MS,
  PRICE_FRESH_MS,
  samplesFreshMs,
} from '../rest/lifetimes.ts';
import { readReply, unsupported } from '../rest/reading-replies.ts';
import { mapped, type RestResult } from '../rest/result.ts';
import type {
  CandleQuery,
  HistoryQuery,
  InterestHistoryQuery,
  RawReply,
  RestOptions,
  VenueRest,
} from '../venue-adapter.ts';
import { PERIOD_MS } from '../venue-adapter.ts';
import { BINANCE_INTERVALS } from './names.ts';
import {
  depthReply,
  exchangeInfoReply,
  fundingRateReply,
  klinesReply,
  openInterestHistoryReply,
  openInterestReply,
  type PremiumIndexRow,
  premiumIndexesReply,
  premiumIndexReply,
  ticker24hrReply,
} from './replies.ts';
import {
  ALL_MARKS_WEIGHT,
  ALL_TICKERS_WEIGHT,
  DEPTH_LIMIT,
  DEPTH_WEIGHT,
  klinesWeight,
  WEIGHT_PER_MINUTE,
} from './weights.ts';

/** Binance USD-M over HTTP. */
export class BinanceRest implements VenueRest {
  readonly client: RestClient;
  private readonly nowMs: () => number;

  constructor(options: RestOptions) {
    this.nowMs = () => options.timers.nowMs();
    this.client = new RestClient({
      ...options,
      usedWeightHeader: 'x-mbx-used-weight-1m',
      limits: {
        weight: { windowMs: 60_000, weightMax: WEIGHT_PER_MINUTE },
        ...options.limits,
      },
    });
  }

  async instruments(): Promise<RestResult<readonly Instrument[]>> {
    const reply = await this.client.get({
      path: '/fapi/v1/exchangeInfo',
      weight: 1,
      freshMs: LISTING_FRESH_MS,
      check: exchangeInfoReply,
    });
    return readReply(reply, ({ symbols }) =>
      symbols.flatMap((row): Instrument | [] => {
        const tick = row.filters.find((each) => each.filterType === 'PRICE_FILTER')?.tickSize;
        const lot = row.filters.find((each) => each.filterType === 'LOT_SIZE')?.stepSize;
        // What has no steps cannot be followed, and must not hide what can.
        if (tick === undefined || lot === undefined) return [];
        return {
          symbol: row.symbol,
          base: row.baseAsset,
          quote: row.quoteAsset,
          tick: decimalOf(tick),
          lot: decimalOf(lot),
          contractSize: { units: 1, decimals: 0 },
          isInverse: false,
          isTrading: row.status === 'TRADING',
        };
      }),
    );
  }

  async candles(query: CandleQuery): Promise<RestResult<readonly CandleRecord[]>> {
    const { symbol, interval } = query;
    const reply = await this.client.get(this.klines(query));
    return readReply(reply, (rows, receivedMs) =>
      rows.map((row): CandleRecord => {
        const openTimeMs = integerOf(row[0]);
        const endTimeMs = endOf(interval, openTimeMs);
        return {
          kind: 'candle',
          symbol,
          interval,
          openTimeMs,
          endTimeMs,
          open: decimalOf(row[1]),
          high: decimalOf(row[2]),
          low: decimalOf(row[3]),
          close: decimalOf(row[4]),
          volume: decimalOf(row[5]),
          quoteVolume: decimalOf(row[7]),
          trades: integerOf(row[8]),
          isClosed: endTimeMs <= receivedMs,
        };
      }),
    );
  }

  async openInterest(symbol: string): Promise<RestResult<OpenInterestRecord>> {
    const reply = await this.client.get({
      path: '/fapi/v1/openInterest',
      query: { symbol },
      weight: 1,
      freshMs: PRICE_FRESH_MS,
      check: openInterestReply,
    });
    return readReply(reply, ({ openInterest, time }) => ({
      kind: 'open_interest',
      symbol,
      openInterest: decimalOf(openInterest),
      value: null,
      venueTimeMs: integerOf(time),
    }));
  }

  async openInterestHistory({
    symbol,
    period,
    limit,
    startMs,
    endMs,
  }: InterestHistoryQuery): Promise<RestResult<readonly OpenInterestRecord[]>> {
    const reply = await this.client.get({
      path: '/futures/data/openInterestHist',
      query: { symbol, period, limit, startTime: startMs, endTime: endMs },
      weight: 1,
      freshMs: samplesFreshMs(PERIOD_MS[period], this.nowMs()),
      check: openInterestHistoryReply,
    });
    return readReply(reply, (rows) =>
      rows.map(
        (row): OpenInterestRecord => ({
          kind: 'open_interest',
          symbol,
          openInterest: decimalOf(row.sumOpenInterest),
          value: decimalOf(row.sumOpenInterestValue),
          venueTimeMs: integerOf(row.timestamp),
        }),
      ),
    );
  }

  async mark(symbol: string): Promise<RestResult<MarkRecord>> {
    const reply = await this.client.get({
      path: '/fapi/v1/premiumIndex',
      query: { symbol },
      weight: 1,
      freshMs: PRICE_FRESH_MS,
      check: premiumIndexReply,
    });
    return readReply(reply, markOf);
  }

  async marks(): Promise<RestResult<readonly MarkRecord[]>> {
    return readReply(await this.client.get(ALL_MARKS), (rows) => rows.map(markOf));
  }

  async fundingHistory({
    symbol,
    limit,
    startMs,
    endMs,
  }: HistoryQuery): Promise<RestResult<readonly FundingPayment[]>> {
    const reply = await this.client.get({
      path: '/fapi/v1/fundingRate',
      query: { symbol, limit, startTime: startMs, endTime: endMs },
      weight: 1,
      freshMs: FUNDING_FRESH_MS,
      check: fundingRateReply,
    });
    return readReply(reply, (rows) =>
      rows.map(
        ({ fundingRate, fundingTime, markPrice }): FundingPayment => ({
          symbol,
          fundingRate: decimalOf(fundingRate),
          fundingTimeMs: integerOf(fundingTime),
          markPrice: optionalDecimal(markPrice),
        }),
      ),
    );
  }

  predictedFunding(): Promise<RestResult<never>> {
    return unsupported('Binance predicts no other exchange');
  }

  async tickers(): Promise<RestResult<readonly TickerRecord[]>> {
    return readReply(await this.client.get(ALL_TICKERS), (rows) =>
      rows.map(
        (row): TickerRecord => ({
          kind: 'ticker',
          symbol: row.symbol,
          last: decimalOf(row.lastPrice),
          open: decimalOf(row.openPrice),
          high: decimalOf(row.highPrice),
          low: decimalOf(row.lowPrice),
          volume: decimalOf(row.volume),
          quoteVolume: decimalOf(row.quoteVolume),
          trades: integerOf(row.count),
          venueTimeMs: integerOf(row.closeTime),
        }),
      ),
    );
  }

  async bookSnapshot(symbol: string): Promise<RestResult<string>> {
    const reply = await this.client.get({
      path: '/fapi/v1/depth',
      query: { symbol, limit: DEPTH_LIMIT },
      weight: DEPTH_WEIGHT,
      // A snapshot has to be newer than the diffs that wait for it.
      freshMs: 0,
      check: depthReply,
    });
    return mapped(reply, ({ text }) => text);
  }

  async raw(
    reply: RawReply,
    query: Readonly<Record<string, string | number>>,
  ): Promise<RestResult<string>> {
    const request = rawRequest(reply, query);
    return mapped(await this.client.get(request), ({ text }) => text);
  }

  private klines({ symbol, interval, limit, startMs, endMs }: CandleQuery) {
    const name = BINANCE_INTERVALS.nameOf(interval);
    if (name === undefined) throw new Malformed(`no interval ${interval}`);
    return {
      path: KLINES_PATH,
      query: { symbol, interval: name, limit, startTime: startMs, endTime: endMs },
      weight: klinesWeight(limit),
      freshMs: candlesFreshMs(interval, endMs, this.nowMs()),
      check: klinesReply,
    };
  }
}

const KLINES_PATH = '/fapi/v1/klines';
const ALL_MARKS = {
  path: '/fapi/v1/premiumIndex',
  weight: ALL_MARKS_WEIGHT,
  freshMs: PRICE_FRESH_MS,
  check: premiumIndexesReply,
};
const ALL_TICKERS = {
  path: '/fapi/v1/ticker/24hr',
  weight: ALL_TICKERS_WEIGHT,
  freshMs: PRICE_FRESH_MS,
  check: ticker24hrReply,
};

function rawRequest(
  reply: RawReply,
  query: Readonly<Record<string, string | number>>,
): RestRequest<unknown> {
  if (reply === 'ticker24hr') return ALL_TICKERS;
  if (reply === 'premiumIndex') return ALL_MARKS;
  const weight = klinesWeight(Number(query.limit ?? 500));
  return { path: KLINES_PATH, query, weight, freshMs: PRICE_FRESH_MS, check: klinesReply };
}

function markOf(row: PremiumIndexRow): MarkRecord {
  const nextFundingTimeMs = optionalTimeMs(row.nextFundingTime);
  return {
    kind: 'mark',
    symbol: row.symbol,
    markPrice: decimalOf(row.markPrice),
    indexPrice: optionalDecimal(row.indexPrice),
    fundingRate: nextFundingTimeMs === null ? null : optionalDecimal(row.lastFundingRate),
    nextFundingTimeMs,
    venueTimeMs: integerOf(row.time),
  };
}
