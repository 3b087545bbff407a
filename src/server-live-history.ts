import type { Logger } from 'pino';
import type { FollowedExchange } from './config/exchange-settings.ts';
import { CANDLE_INTERVALS, INTERVAL_1D, INTERVAL_COUNT } from './domain/candles.ts';
import type { Market } from './domain/markets.ts';
import { BAR_FIELDS, BAR_SECONDS, BarRows } from './features/bar-rows.ts';
import { UTC_CALENDAR } from './features/periods.ts';
import { rollUp } from './features/roll-up.ts';
import { adapterOf } from './feeds/open-venue.ts';
import type { LiveVenues } from './gateway/live-venues.ts';
import type { RecoveredState } from './gateway/recover.ts';
import type { Threads } from './gateway/threads.ts';
import { StoredBars } from './journal/bar-queries.ts';
import type { JournalStore } from './journal/store.ts';
import type { SystemClock } from './lib/clock.ts';
import { nearestLots, rowOfCandle, tickLots } from './live/candle-rows.ts';
import { keepBars } from './server-bars.ts';

export interface LiveHistoryParts {
  /** Live ones. */
  readonly markets: readonly Market[];
  readonly venues: LiveVenues;
  readonly recovered: RecoveredState;
  readonly threads: Threads;
  readonly store: JournalStore;
  readonly clock: SystemClock;
  readonly log: Logger;
}

const DAY_SECONDS = 86_400;
const CANDLES = 1_000;
const RETRY_MS = 15_000;
const INTEREST_POINTS = 500;

/**
 * The past of live markets, as their exchanges tell it: bars before the first that were followed here,
 * fetched once for each data directory and put where generated history is. They are no records of
 * the journal; the bars that were followed here are.
 */
export class LiveHistory {
  private readonly parts: LiveHistoryParts;
  private readonly stored: StoredBars;
  private readonly done: Promise<void>;
  private stopping = false;
  private wake: () => void = () => undefined;

  constructor(parts: LiveHistoryParts) {
    this.parts = parts;
    this.stored = new StoredBars(parts.store);
    this.done = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.done;
  }

  private async run(): Promise<void> {
    for (const market of this.parts.markets) if (!this.stopping) await this.learnInterest(market);
    let left = this.parts.markets.filter(({ id }) => this.stored.generatedEnd(id) === undefined);
    while (left.length > 0 && !this.stopping) {
      const failed: Market[] = [];
      for (const market of left) if (!(await this.fetch(market))) failed.push(market);
      left = failed;
      if (left.length > 0 && !this.stopping) await this.pause();
    }
  }

  /** Open interest of the last days, where the exchange tells it: nobody has to wait for its history. */
  private async learnInterest(market: Market): Promise<void> {
    const { venues, recovered } = this.parts;
    const query = { symbol: symbolAt(market), period: '5m', limit: INTEREST_POINTS } as const;
    const reply = await venues.rest(market.exchange)?.openInterestHistory(query);
    if (reply?.isOk !== true) return;
    const derivatives = recovered.views.get(market.id)?.derivatives;
    derivatives?.learnInterest(
      reply.value.map(({ venueTimeMs, openInterest, value }) => {
        const lots = nearestLots(market, openInterest);
        const mark = value === null || lots === 0 ? 0 : tickLots(market, value) / lots;
        return { seconds: Math.round(venueTimeMs / 1000), lots, markTicks: Math.round(mark) };
      }),
    );
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** False when the exchange has to be asked again. */
  private async fetch(market: Market): Promise<boolean> {
    const { log, threads, recovered, venues, clock } = this.parts;
    const first = this.stored.firstSeconds(market.id) ?? Math.floor(clock.nowMs() / 1000);
    const endSeconds = first - (first % DAY_SECONDS);
    const intervals: Float64Array<ArrayBuffer>[] = [];
    for (let interval = 0; interval <= INTERVAL_1D; interval += 1) {
      if (this.stopping) return true;
      const rows = await this.rowsOf(market, interval, endSeconds, venues);
      if (rows === undefined) return false;
      // An exchange that tells no candles (of OKX liquidations alone are followed) has no past.
      if (rows === null) return true;
      intervals.push(rows);
    }
    const days = new BarRows();
    days.append(intervals[INTERVAL_1D]);
    for (let interval = INTERVAL_1D + 1; interval < INTERVAL_COUNT; interval += 1) {
      const longer = new BarRows();
      rollUp(UTC_CALENDAR, interval, days, longer);
      intervals.push(longer.data.slice(0, longer.length * BAR_FIELDS));
    }
    try {
      const { journal } = threads;
      const ask = (work: () => Promise<void>): Promise<void> =>
        this.stopping ? Promise.reject(new Error('the server stops')) : work();
      const keeper = { journal, views: recovered.views, stored: this.stored, ask };
      const bars = await keepBars(keeper, market.id, endSeconds, intervals);
      log.info({ exchange: market.exchange, symbol: market.symbol, bars }, 'history fetched');
    } catch (error) {
      if (!this.stopping) log.error({ err: error }, 'the history of a live market was not kept');
    }
    return true;
  }

  /** `undefined`: ask again; `null`: the exchange tells none. */
  private async rowsOf(
    market: Market,
    interval: number,
    endSeconds: number,
    venues: LiveVenues,
  ): Promise<Float64Array<ArrayBuffer> | undefined | null> {
    const rest = venues.rest(market.exchange);
    if (rest === undefined) return undefined;
    const reply = await rest.candles({
      symbol: symbolAt(market),
      interval: CANDLE_INTERVALS[interval],
      limit: CANDLES,
      endMs: endSeconds * 1000 - 1,
    });
    if (!reply.isOk) return reply.code === 'UNSUPPORTED' ? null : undefined;
    const rows = reply.value
      .flatMap((candle) => rowOfCandle(market, candle) ?? [])
      .filter((row) => row[BAR_SECONDS] < endSeconds);
    const all = new Float64Array(rows.length * BAR_FIELDS);
    for (const [i, row] of rows.entries()) all.set(row, i * BAR_FIELDS);
    return all;
  }
}

/** How the market's exchange spells it. */
function symbolAt({ exchange, base, quote }: Market): string {
  return adapterOf(exchange as FollowedExchange).symbolOf(base.name, quote.name);
}
