import { Buffer } from 'node:buffer';
import type { Transaction } from 'lmdb';
import { VENUE_EVENT } from '../codec/records.ts';
import { INTERVAL_1D } from '../domain/candles.ts';
import { BAR_FIELDS } from '../features/bar-rows.ts';
import { CandleBuilder } from '../features/candle-builder.ts';
import { periodStart, UTC_CALENDAR } from '../features/periods.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { barKey, barKeyPrefix, bytesOfRows, openRowsKey, rowsOf } from './bar-image.ts';
import { applyTrade, isBarRecord } from './candle-table.ts';
import { sourceSet } from './facts.ts';
import { META_CANDLES_BATCH } from './format.ts';
import type { JournalStore } from './store.ts';

/** More would not be told anyway. */
const PROBLEMS_A_MARKET = 100;

interface MarketBars {
  readonly builder: CandleBuilder;
  /** By interval: bars that were closed and compared. */
  readonly closed: number[];
  /** Second of the first trade that the frames tell of. */
  firstSeconds: number;
  /** What differs from the table; void when another source takes over, for then the bars go. */
  problems: string[];
}

/**
 * Builds the bars of a day's parts from the frames again and compares them with the table. Days and longer
 * ones are sums of these by the market's calendar, which the journal does not know. Where the frames
 * begin after a snapshot, bars that began before their first trade are left alone.
 */
export class BarCheck {
  /** Closed bars compared. */
  bars = 0;
  private readonly store: JournalStore;
  private readonly transaction: Transaction;
  private readonly isWhole: boolean;
  private readonly note: (problem: string) => void;
  /** The rows under way in the table are as of this batch; `undefined`: there is no table. */
  private readonly mark: number | undefined;
  private readonly markets = new Map<number, MarketBars>();
  private openCompared = false;

  /** @param isWhole the frames are all there ever were */
  constructor(
    store: JournalStore,
    transaction: Transaction,
    isWhole: boolean,
    note: (problem: string) => void,
  ) {
    this.store = store;
    this.transaction = transaction;
    this.isWhole = isWhole;
    this.note = note;
    this.mark = store.meta.get(META_CANDLES_BATCH, { transaction });
  }

  frame(views: FrameViews, at: number, batch: number): void {
    if (this.mark === undefined) return;
    if (batch > this.mark) this.compareOpen();
    const word = views.i32[(at + 4) >>> 2];
    const type = frameType(word);
    const restarted = type === VENUE_EVENT ? sourceSet(views, at) : undefined;
    if (restarted !== undefined) this.restart(restarted);
    if (!isBarRecord(type)) return;
    const marketId = frameMarketId(word);
    let market = this.markets.get(marketId);
    if (market === undefined) {
      market = this.begin(marketId);
      this.markets.set(marketId, market);
    }
    const { builder } = market;
    applyTrade(builder, views, at);
    if (market.firstSeconds < 0) market.firstSeconds = builder.minuteSeconds;
  }

  /** After the last frame. */
  end(): void {
    if (this.mark === undefined) return;
    this.compareOpen();
    const { store, transaction } = this;
    for (const [marketId, { closed, problems }] of this.markets) {
      for (const problem of problems) this.note(problem);
      for (let interval = 0; interval < INTERVAL_1D; interval += 1) {
        const start = this.bound(marketId, interval);
        const range = { start, end: barKeyPrefix(marketId, interval + 1), transaction };
        const rows = store.candles.getCount(range);
        if (rows === closed[interval]) continue;
        const what = `market ${marketId}, interval ${interval}`;
        this.note(
          `table candles has ${rows} bars of ${what}, the trades lead to ${closed[interval]}`,
        );
      }
    }
  }

  /** Another source took over: the table forgot the bars of the former one. */
  private restart(marketId: number): void {
    const market = this.markets.get(marketId);
    if (market === undefined) return;
    this.bars -= market.closed.reduce((sum, closed) => sum + closed, 0);
    market.builder.clear();
    market.closed.fill(0);
    market.firstSeconds = -1;
    market.problems = [];
  }

  private begin(marketId: number): MarketBars {
    const closed = new Array<number>(INTERVAL_1D).fill(0);
    const sink = {
      closed: (interval: number, rows: Float64Array, at: number): void => {
        if (interval >= INTERVAL_1D || !this.isKnown(marketId, interval, rows[at])) return;
        closed[interval] += 1;
        this.bars += 1;
        this.compare(marketId, interval, rows.subarray(at, at + BAR_FIELDS));
      },
    };
    const builder = new CandleBuilder(UTC_CALENDAR, sink);
    return { builder, closed, firstSeconds: -1, problems: [] };
  }

  private compare(marketId: number, interval: number, row: Float64Array): void {
    const key = barKey(marketId, interval, row[0]);
    const stored = this.store.candles.get(key, { transaction: this.transaction });
    if (stored !== undefined && Buffer.compare(stored, bytesOfRows(row)) === 0) return;
    const when = new Date(row[0] * 1000).toISOString();
    const what = `market ${marketId}, interval ${interval}, ${when}`;
    const problems = this.markets.get(marketId)?.problems ?? [];
    if (problems.length >= PROBLEMS_A_MARKET) return;
    problems.push(`bar of ${what}: the table differs from what its trades say`);
  }

  /** The rows under way, when the batch they are as of has been applied. */
  private compareOpen(): void {
    if (this.openCompared) return;
    this.openCompared = true;
    const { store, transaction } = this;
    for (const [marketId, { builder }] of this.markets) {
      const stored = store.candles.get(openRowsKey(marketId), { transaction });
      const rows = stored === undefined ? new Float64Array(0) : rowsOf(stored);
      const image = builder.image();
      for (let interval = 0; interval < INTERVAL_1D; interval += 1) {
        const at = interval * BAR_FIELDS;
        if (!this.isKnown(marketId, interval, image[at])) continue;
        const own = bytesOfRows(image.subarray(at, at + BAR_FIELDS));
        if (Buffer.compare(bytesOfRows(rows.subarray(at, at + BAR_FIELDS)), own) === 0) continue;
        this.note(`market ${marketId}, interval ${interval}: the bar under way differs`);
      }
    }
  }

  /** False for a bar of which some trades may lie before the frames. */
  private isKnown(marketId: number, interval: number, seconds: number): boolean {
    return this.isWhole || seconds > this.firstStart(marketId, interval);
  }

  private firstStart(marketId: number, interval: number): number {
    const firstSeconds = this.markets.get(marketId)?.firstSeconds ?? -1;
    if (firstSeconds < 0) return Number.POSITIVE_INFINITY;
    return periodStart(UTC_CALENDAR, interval, firstSeconds);
  }

  /** Key of the first bar that is known. */
  private bound(marketId: number, interval: number): Uint8Array {
    if (this.isWhole) return barKeyPrefix(marketId, interval);
    return barKey(marketId, interval, this.firstStart(marketId, interval) + 1);
  }
}
