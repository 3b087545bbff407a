import { MINUTE_SECONDS } from '../domain/candles.ts';
import * as BAR from '../features/bar-rows.ts';

/** How a seam reaches the outside. */
export interface SeamPorts {
  /**
   * Asks the exchange for the minutes from one on, oldest first, the one under way last.
   * `done` is called once; with `undefined` when it does not answer.
   */
  readonly fetch: (
    fromSeconds: number,
    done: (rows: readonly Float64Array[] | undefined) => void,
  ) => void;
  /** Puts a minute as the exchange tells it into the market's bars. */
  readonly emit: (row: Float64Array) => void;
  readonly nowMs: () => number;
  /** Calls once after so many milliseconds; the result takes it back. */
  readonly after: (delayMs: number, call: () => void) => () => void;
}

/** When a minute has ended, its bar is final at the exchange a moment later. */
export const CONFIRM_MS = 1_500;
const RETRY_MS = 2_000;
const TRIES = 3;
/** A longer absence leaves a hole in the bars of minutes. */
export const SEAM_SECONDS_MAX = 3 * 86_400;

/**
 * Joins what was traded before and after a time in which trades were missed: a start, or a lost
 * connection. The minutes missed, and those seen in part, are the exchange's own bars.
 *
 * | state      | trades                              | goes on                                          |
 * |------------|-------------------------------------|--------------------------------------------------|
 * | seeding    | do not count                        | bars up to now have come: partial                |
 * | partial    | count, on top of the bar that came  | the minute is over: confirming                   |
 * | confirming | do not count, are added up here     | the minute's final bar has come: it, then what   |
 * |            |                                     | was added up, go into the bars: whole            |
 * | whole      | count                               | trades are missed: seeding                       |
 *
 * Without an answer it goes on with what it has seen, and counts that in `unconfirmed`.
 */
export class MinuteSeam {
  /** Minutes that had to be left as they were seen. */
  unconfirmed = 0;
  private readonly ports: SeamPorts;
  private state: 'seeding' | 'partial' | 'confirming' | 'whole' = 'whole';
  /** The newest minute that bars are known of. */
  private minute: number;
  private partialMinute = 0;
  private readonly added: Float64Array[] = [];
  private cancel: () => void = () => undefined;
  /** Answers to older questions are void. */
  private question = 0;

  /** @param minuteSeconds the newest minute that bars are known of, or the first to be asked for */
  constructor(ports: SeamPorts, minuteSeconds: number) {
    this.ports = ports;
    this.minute = minuteSeconds;
  }

  /** Trades were missed, or may have been. */
  begin(): void {
    this.cancel();
    this.added.length = 0;
    this.state = 'seeding';
    this.ask(1);
  }

  stop(): void {
    this.cancel();
    this.question += 1;
  }

  /** Takes in a trade. @returns whether it enters the bars by itself */
  trade(seconds: number, priceTicks: number, qtyLots: number): boolean {
    const minute = seconds - (seconds % MINUTE_SECONDS);
    if (this.state === 'partial' && minute > this.partialMinute) this.confirm();
    if (this.state === 'whole' || this.state === 'partial') {
      this.minute = Math.max(this.minute, minute);
      return true;
    }
    if (this.state === 'confirming') this.add(minute, priceTicks, qtyLots);
    return false;
  }

  private ask(attempt: number): void {
    this.question += 1;
    const { question, ports } = this;
    const oldest = Math.floor(ports.nowMs() / 1000) - SEAM_SECONDS_MAX;
    const from = Math.max(this.minute, oldest - (oldest % MINUTE_SECONDS));
    ports.fetch(from, (rows) => {
      if (question !== this.question) return;
      if (rows === undefined && attempt < TRIES) {
        this.cancel = ports.after(RETRY_MS, () => this.ask(attempt + 1));
        return;
      }
      if (rows === undefined) this.unconfirmed += 1;
      if (this.state === 'seeding') this.seed(rows ?? []);
      else this.finish(rows ?? []);
    });
  }

  private seed(rows: readonly Float64Array[]): void {
    for (const row of rows) this.emit(row);
    const nowMs = this.ports.nowMs();
    const nowMinute = Math.floor(nowMs / 60_000) * MINUTE_SECONDS;
    this.partialMinute = Math.max(nowMinute, this.minute);
    this.minute = this.partialMinute;
    this.state = 'partial';
    const endMs = (this.partialMinute + MINUTE_SECONDS) * 1000;
    this.cancel = this.ports.after(endMs - nowMs, () => this.confirm());
  }

  private confirm(): void {
    if (this.state !== 'partial') return;
    this.cancel();
    this.state = 'confirming';
    this.cancel = this.ports.after(CONFIRM_MS, () => this.ask(1));
  }

  private finish(rows: readonly Float64Array[]): void {
    for (const row of rows) if (row[BAR.BAR_SECONDS] <= this.partialMinute) this.emit(row);
    for (const row of this.added) this.emit(row);
    this.added.length = 0;
    this.state = 'whole';
  }

  private emit(row: Float64Array): void {
    if (row[BAR.BAR_SECONDS] < this.minute) return;
    this.minute = row[BAR.BAR_SECONDS];
    this.ports.emit(row);
  }

  private add(minute: number, priceTicks: number, qtyLots: number): void {
    // A trade of the minute that is being confirmed is in the bar to come.
    if (minute <= this.partialMinute) return;
    let row = this.added.at(-1);
    if (row === undefined || row[BAR.BAR_SECONDS] < minute) {
      row = new Float64Array(BAR.BAR_FIELDS);
      row[BAR.BAR_SECONDS] = minute;
      row[BAR.BAR_OPEN] = priceTicks;
      row[BAR.BAR_HIGH] = priceTicks;
      row[BAR.BAR_LOW] = priceTicks;
      this.added.push(row);
    }
    row[BAR.BAR_HIGH] = Math.max(row[BAR.BAR_HIGH], priceTicks);
    row[BAR.BAR_LOW] = Math.min(row[BAR.BAR_LOW], priceTicks);
    row[BAR.BAR_CLOSE] = priceTicks;
    row[BAR.BAR_LOTS] += qtyLots;
    row[BAR.BAR_TICK_LOTS] += priceTicks * qtyLots;
    row[BAR.BAR_TRADES] += 1;
  }
}
