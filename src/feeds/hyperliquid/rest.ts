import type { Decimal } from '../decimal.ts';
import { INTERVAL_MS } from '../intervals.ts';
import type {
  CandleRecord,
  FeedRecord,
  FundingPayment,
  Instrument,
  MarkRecord,
  OpenInterestRecord,
  PredictedFunding,
  TickerRecord,
} from '../normalised.ts';
import { decimalOf } from '../reading.ts';
import { RestClient } from '../rest/client.ts';
import { candlesFreshMs, FUNDING_FRESH_MS, PRICE_FRESH_MS } from '../rest/lifetimes.ts';
import { every, one, readReply, unsupported } from '../rest/reading-replies.ts';
import { failure, type RestResult } from '../rest/result.ts';
import type { CandleQuery, HistoryQuery, RestOptions, VenueRest } from '../venue-adapter.ts';
import { HYPERLIQUID_INTERVALS } from './names.ts';
import { candleOf, contextRecords } from './records.ts';
import {
  candlesReply,
  fundingHistoryReply,
  metaAndContextsReply,
  predictedFundingsReply,
} from './replies.ts';

/** Hyperliquid grants a weight of 1 200 a minute; most questions weigh 20. */
const LIMITS = { weight: { windowMs: 60_000, weightMax: 1_000 } };
const WEIGHT = 20;
const HOUR_MS = 3_600_000;
/** Prices of perpetuals have at most so many decimals, less those of the size … */
const PRICE_DECIMALS = 6;
/** … and so many significant digits, but whole numbers are always allowed. */
const SIGNIFICANT_DIGITS = 5;
/** Rows of one reply of `fundingHistory`; they begin at the start that was asked for. */
const FUNDING_ROWS_MAX = 500;

/** Hyperliquid perpetuals over HTTP. Symbols are coins. */
export class HyperliquidRest implements VenueRest {
  readonly client: RestClient;
  private readonly nowMs: () => number;

  constructor(options: RestOptions) {
    this.nowMs = () => options.timers.nowMs();
    this.client = new RestClient({ ...options, limits: { ...LIMITS, ...options.limits } });
  }

  async instruments(): Promise<RestResult<readonly Instrument[]>> {
    return readReply(await this.contexts(), ([{ universe }, contexts]) =>
      universe.map(({ name, szDecimals, isDelisted }, i) => ({
        symbol: name,
        base: name,
        quote: 'USDC',
        tick: tickOf(contexts[i]?.markPx ?? '1', szDecimals),
        lot: { units: 1, decimals: szDecimals },
        contractSize: { units: 1, decimals: 0 },
        isInverse: false,
        isTrading: isDelisted !== true,
      })),
    );
  }

  async candles(query: CandleQuery): Promise<RestResult<readonly CandleRecord[]>> {
    const { symbol: coin, interval, limit, startMs, endMs } = query;
    const name = HYPERLIQUID_INTERVALS.nameOf(interval);
    if (name === undefined) return failure('UNSUPPORTED', `no candles of ${interval}`);
    const lengthMs = INTERVAL_MS[interval] ?? 31 * 86_400_000;
    const endTime = endMs ?? this.nowMs();
    // It knows no limit but the period. On the interval's grid equal questions stay equal.
    const firstMs = Math.floor(endTime / lengthMs - limit + 1) * lengthMs;
    const startTime = Math.max(0, startMs ?? firstMs);
    const lastMs = endMs ?? Math.ceil(endTime / lengthMs) * lengthMs;
    const reply = await this.client.get({
      path: '/info',
      body: { type: 'candleSnapshot', req: { coin, interval: name, startTime, endTime: lastMs } },
      weight: WEIGHT,
      freshMs: candlesFreshMs(interval, endMs, this.nowMs()),
      check: candlesReply,
    });
    return readReply(reply, (rows, receivedMs) => {
      const candles = rows.flatMap((row) => candleOf(row, row.T < receivedMs) ?? []);
      return startMs === undefined ? candles.slice(-limit) : candles.slice(0, limit);
    });
  }

  async openInterest(coin: string): Promise<RestResult<OpenInterestRecord>> {
    return one<OpenInterestRecord>(await this.records(), coin, 'open_interest');
  }

  openInterestHistory(): Promise<RestResult<never>> {
    return unsupported('Hyperliquid tells no history of the open interest');
  }

  async mark(coin: string): Promise<RestResult<MarkRecord>> {
    return one<MarkRecord>(await this.records(), coin, 'mark');
  }

  async marks(): Promise<RestResult<readonly MarkRecord[]>> {
    return every<MarkRecord>(await this.records(), 'mark');
  }

  async tickers(): Promise<RestResult<readonly TickerRecord[]>> {
    return every<TickerRecord>(await this.records(), 'ticker');
  }

  async fundingHistory({
    symbol: coin,
    limit,
    startMs,
    endMs,
  }: HistoryQuery): Promise<RestResult<readonly FundingPayment[]>> {
    const rowsMax = Math.min(limit, FUNDING_ROWS_MAX);
    const endHourMs = Math.floor((endMs ?? this.nowMs()) / HOUR_MS) * HOUR_MS;
    const startTime = startMs ?? endHourMs - rowsMax * HOUR_MS;
    const reply = await this.client.get({
      path: '/info',
      body: { type: 'fundingHistory', coin, startTime, endTime: endMs },
      weight: WEIGHT,
      freshMs: FUNDING_FRESH_MS,
      check: fundingHistoryReply,
    });
    return readReply(reply, (rows) => {
      const payments = rows.map(
        ({ fundingRate, time }): FundingPayment => ({
          symbol: coin,
          fundingRate: decimalOf(fundingRate),
          fundingTimeMs: time,
          markPrice: null,
        }),
      );
      return startMs === undefined ? payments.slice(-limit) : payments.slice(0, limit);
    });
  }

  async predictedFunding(): Promise<RestResult<readonly PredictedFunding[]>> {
    const reply = await this.client.get({
      path: '/info',
      body: { type: 'predictedFundings' },
      weight: WEIGHT,
      freshMs: FUNDING_FRESH_MS,
      check: predictedFundingsReply,
    });
    return readReply(reply, (rows) =>
      rows.map(
        ([coin, venues]): PredictedFunding => ({
          coin,
          // Who does not list the coin is `null`.
          venues: venues.flatMap(([venue, prediction]) =>
            prediction === null
              ? []
              : {
                  venue,
                  fundingRate: decimalOf(prediction.fundingRate),
                  nextFundingTimeMs: prediction.nextFundingTime,
                },
          ),
        }),
      ),
    );
  }

  bookSnapshot(): Promise<RestResult<never>> {
    return unsupported('every push of a book of Hyperliquid is a snapshot');
  }

  raw(): Promise<RestResult<never>> {
    return unsupported('nothing of Hyperliquid is passed through');
  }

  private contexts() {
    return this.client.get({
      path: '/info',
      body: { type: 'metaAndAssetCtxs' },
      weight: WEIGHT,
      freshMs: PRICE_FRESH_MS,
      check: metaAndContextsReply,
    });
  }

  private async records(): Promise<RestResult<readonly FeedRecord[]>> {
    return readReply(await this.contexts(), ([{ universe }, contexts], receivedMs) => {
      // Funding is applied at every full hour; the reply carries no time of its own.
      const nextMs = (Math.floor(receivedMs / HOUR_MS) + 1) * HOUR_MS;
      return universe.flatMap(({ name }, i) => {
        const context = contexts[i];
        return context === undefined ? [] : contextRecords(name, context, receivedMs, nextMs);
      });
    });
  }
}

/** The finest step of prices near this one. */
function tickOf(price: string, sizeDecimals: number): Decimal {
  const whole = price.split('.')[0].replace(/^0+/, '').length;
  const leadingZeros = whole > 0 ? 0 : (/^0*\.(0*)/.exec(price)?.[1].length ?? 0);
  const bySignificance = SIGNIFICANT_DIGITS - whole + leadingZeros;
  const decimals = Math.min(PRICE_DECIMALS - sizeDecimals, bySignificance);
  return { units: 1, decimals: Math.max(0, decimals) };
}
