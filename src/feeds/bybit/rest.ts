import { endOf } from '../intervals.ts';
import type {
  CandleRecord,
  FeedRecord,
  FundingPayment,
  Instrument,
  MarkRecord,
  OpenInterestRecord,
  TickerRecord,
} from '../normalised.ts';
import { decimalOf, integerOf } from '../reading.ts';
import { RestClient } from '../rest/client.ts';
import {
  candlesFreshMs,
  FUNDING_FRESH_MS,
  LISTING_FRESH_MS,
  PRICE_FRESH_MS,
  samplesFreshMs,
} from '../rest/lifetimes.ts';
import { every, one, readReply, unsupported } from '../rest/reading-replies.ts';
import { failure, type RestResult } from '../rest/result.ts';
import {
  type CandleQuery,
  type HistoryQuery,
  type InterestHistoryQuery,
  type InterestPeriod,
  PERIOD_MS,
  type RestOptions,
  type VenueRest,
} from '../venue-adapter.ts';
import { BYBIT_INTERVALS } from './names.ts';
import {
  fundingHistoryReply,
  instrumentsReply,
  klineReply,
  openInterestReply,
  refusalIn,
  tickersReply,
} from './replies.ts';
import { recordsOf } from './ticker-state.ts';

const CATEGORY = 'linear';
/** Bybit grants 600 requests in 5 seconds and address. */
const LIMITS = { weight: { windowMs: 5_000, weightMax: 400 } };
const KLINES_MAX = 1000;
/** Of 1 000 instruments each: some ten times what there is. */
const PAGES_MAX = 10;
const FUNDING_ROWS_MAX = 200;
const INTEREST_ROWS_MAX = 200;
/** Bybit's names of the periods that it has samples of. */
const PERIODS: Partial<Record<InterestPeriod, string>> = {
  '5m': '5min',
  '15m': '15min',
  '30m': '30min',
  '1h': '1h',
  '4h': '4h',
  '1d': '1d',
};

/** Bybit v5 over HTTP, linear contracts. */
export class BybitRest implements VenueRest {
  readonly client: RestClient;
  private readonly nowMs: () => number;

  constructor(options: RestOptions) {
    this.nowMs = () => options.timers.nowMs();
    this.client = new RestClient({ ...options, limits: { ...LIMITS, ...options.limits } });
  }

  async instruments(): Promise<RestResult<readonly Instrument[]>> {
    const listed: Instrument[] = [];
    let cursor: string | undefined;
    for (let page = 1; ; page += 1) {
      const reply = await this.client.get({
        path: '/v5/market/instruments-info',
        query: { category: CATEGORY, limit: 1000, cursor },
        weight: 1,
        freshMs: LISTING_FRESH_MS,
        check: instrumentsReply,
        refusalIn,
      });
      const part = readReply(reply, ({ result: { list = [], nextPageCursor } }) => ({
        next: nextPageCursor ?? '',
        rows: list.map(
          (row): Instrument => ({
            symbol: row.symbol,
            base: row.baseCoin,
            quote: row.quoteCoin,
            tick: decimalOf(row.priceFilter.tickSize),
            lot: decimalOf(row.lotSizeFilter.qtyStep),
            contractSize: { units: 1, decimals: 0 },
            isInverse: false,
            isTrading: row.status === 'Trading',
          }),
        ),
      }));
      if (!part.isOk) return part;
      listed.push(...part.value.rows);
      const { next } = part.value;
      if (next === '' || page === PAGES_MAX) return { ...part, value: listed };
      cursor = next;
    }
  }

  async candles(query: CandleQuery): Promise<RestResult<readonly CandleRecord[]>> {
    const { symbol, interval, limit, startMs, endMs } = query;
    const name = BYBIT_INTERVALS.nameOf(interval);
    if (name === undefined) return failure('UNSUPPORTED', `no candles of ${interval}`);
    const reply = await this.client.get({
      path: '/v5/market/kline',
      query: {
        category: CATEGORY,
        symbol,
        interval: name,
        limit: Math.min(limit, KLINES_MAX),
        start: startMs,
        end: endMs,
      },
      weight: 1,
      freshMs: candlesFreshMs(interval, endMs, this.nowMs()),
      check: klineReply,
      refusalIn,
    });
    return readReply(reply, ({ result: { list = [] } }, receivedMs) =>
      list.map((row) => candleOf(symbol, interval, row, receivedMs)).reverse(),
    );
  }

  async openInterest(symbol: string): Promise<RestResult<OpenInterestRecord>> {
    const found = await this.tickerRecords(symbol);
    return one<OpenInterestRecord>(found, symbol, 'open_interest');
  }

  async openInterestHistory({
    symbol,
    period,
    limit,
    startMs,
    endMs,
  }: InterestHistoryQuery): Promise<RestResult<readonly OpenInterestRecord[]>> {
    const intervalTime = PERIODS[period];
    if (intervalTime === undefined) return failure('UNSUPPORTED', `no samples of ${period}`);
    const reply = await this.client.get({
      path: '/v5/market/open-interest',
      query: {
        category: CATEGORY,
        symbol,
        intervalTime,
        limit: Math.min(limit, INTEREST_ROWS_MAX),
        startTime: startMs,
        endTime: endMs,
      },
      weight: 1,
      freshMs: samplesFreshMs(PERIOD_MS[period], this.nowMs()),
      check: openInterestReply,
      refusalIn,
    });
    return readReply(reply, ({ result: { list = [] } }) =>
      list
        .map(
          (row): OpenInterestRecord => ({
            kind: 'open_interest',
            symbol,
            openInterest: decimalOf(row.openInterest),
            value: null,
            venueTimeMs: integerOf(row.timestamp),
          }),
        )
        .reverse(),
    );
  }

  async mark(symbol: string): Promise<RestResult<MarkRecord>> {
    return one<MarkRecord>(await this.tickerRecords(symbol), symbol, 'mark');
  }

  async marks(): Promise<RestResult<readonly MarkRecord[]>> {
    return every<MarkRecord>(await this.tickerRecords(), 'mark');
  }

  async tickers(): Promise<RestResult<readonly TickerRecord[]>> {
    return every<TickerRecord>(await this.tickerRecords(), 'ticker');
  }

  async fundingHistory({
    symbol,
    limit,
    startMs,
    endMs,
  }: HistoryQuery): Promise<RestResult<readonly FundingPayment[]>> {
    // A start without an end is refused.
    const end = startMs !== undefined && endMs === undefined ? this.nowMs() : endMs;
    const reply = await this.client.get({
      path: '/v5/market/funding/history',
      query: {
        category: CATEGORY,
        symbol,
        limit: Math.min(limit, FUNDING_ROWS_MAX),
        startTime: startMs,
        endTime: end,
      },
      weight: 1,
      freshMs: FUNDING_FRESH_MS,
      check: fundingHistoryReply,
      refusalIn,
    });
    return readReply(reply, ({ result: { list = [] } }) =>
      list
        .map(
          (row): FundingPayment => ({
            symbol: row.symbol,
            fundingRate: decimalOf(row.fundingRate),
            fundingTimeMs: integerOf(row.fundingRateTimestamp),
            markPrice: null,
          }),
        )
        .reverse(),
    );
  }

  predictedFunding(): Promise<RestResult<never>> {
    return unsupported('Bybit predicts no other exchange');
  }

  bookSnapshot(): Promise<RestResult<never>> {
    return unsupported('books of Bybit begin with a snapshot on the socket');
  }

  raw(): Promise<RestResult<never>> {
    return unsupported('nothing of Bybit is passed through');
  }

  private async tickerRecords(symbol?: string): Promise<RestResult<readonly FeedRecord[]>> {
    const reply = await this.client.get({
      path: '/v5/market/tickers',
      query: { category: CATEGORY, symbol },
      weight: 1,
      freshMs: PRICE_FRESH_MS,
      check: tickersReply,
      refusalIn,
    });
    return readReply(reply, ({ result: { list = [] }, time }) =>
      list.flatMap((row) => recordsOf(row.symbol, row, row, integerOf(time))),
    );
  }
}

function candleOf(
  symbol: string,
  interval: CandleQuery['interval'],
  row: readonly string[],
  receivedMs: number,
): CandleRecord {
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
    quoteVolume: decimalOf(row[6]),
    trades: null,
    isClosed: endTimeMs <= receivedMs,
  };
}
