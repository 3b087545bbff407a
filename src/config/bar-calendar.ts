import { DateTime } from 'luxon';
import type { BarCalendar, CalendarUnit, Period, TradingSpell } from '../domain/candles.ts';

/** Trading hours of a date; `null` when there is none. */
export type HoursOf = (date: DateTime) => { readonly open: number; readonly close: number } | null;

interface WallTime {
  readonly hour: number;
  readonly minute: number;
}

/** The days of one month on the wall: `starts` has one more entry, where the next month begins. */
interface MonthTable {
  readonly starts: Float64Array;
  /** NaN on days without trading. */
  readonly opens: Float64Array;
  readonly closes: Float64Array;
}

/** Days looked at before and after for the next one with trading. */
const MOST_DAYS_CLOSED = 30;
const DAY_SECONDS = 86_400;
const NOWHERE: Period = { startSeconds: 0, endSeconds: 0 };

/**
 * Days, weeks and months on the wall of a time zone. A trading day that begins on the evening before
 * has that evening in it: its day turns at `dayTurns`, a time of the day before.
 *
 * Months are tabulated when they are first asked for: bars ask for days in long runs.
 */
export class WallCalendar implements BarCalendar {
  private readonly timeZone: string;
  private readonly dayTurns: WallTime | null;
  private readonly hoursOf: HoursOf;
  /** By months since year 0. */
  private readonly months = new Map<number, MonthTable>();
  private readonly last: Record<CalendarUnit, Period> = {
    day: NOWHERE,
    week: NOWHERE,
    month: NOWHERE,
  };
  private lastSpell: TradingSpell = { ...NOWHERE, isTrading: false };

  /** @param dayTurns `null`: at midnight */
  constructor(timeZone: string, dayTurns: WallTime | null, hoursOf: HoursOf) {
    this.timeZone = timeZone;
    this.dayTurns = dayTurns;
    this.hoursOf = hoursOf;
  }

  period(unit: CalendarUnit, seconds: number): Period {
    const last = this.last[unit];
    if (seconds >= last.startSeconds && seconds < last.endSeconds) return last;
    const found = this.findPeriod(unit, seconds);
    this.last[unit] = found;
    return found;
  }

  spell(seconds: number): TradingSpell {
    const last = this.lastSpell;
    if (seconds >= last.startSeconds && seconds < last.endSeconds) return last;
    this.lastSpell = this.findSpell(seconds);
    return this.lastSpell;
  }

  private findPeriod(unit: CalendarUnit, seconds: number): Period {
    const month = this.monthOf(seconds);
    const { starts } = this.table(month);
    if (unit === 'month') {
      return { startSeconds: starts[0], endSeconds: starts[starts.length - 1] };
    }
    const day = dayIn(starts, seconds);
    if (unit === 'day') return { startSeconds: starts[day], endSeconds: starts[day + 1] };
    // Months since year 0 and the day of the month give the date, and so the day of the week.
    const weekday = new Date(Date.UTC(Math.floor(month / 12), month % 12, day + 1)).getUTCDay();
    const monday = day - ((weekday + 6) % 7);
    return {
      startSeconds: this.startOf(month, monday),
      endSeconds: this.startOf(month, monday + 7),
    };
  }

  private findSpell(seconds: number): TradingSpell {
    const month = this.monthOf(seconds);
    const today = dayIn(this.table(month).starts, seconds);
    let startSeconds = Number.NEGATIVE_INFINITY;
    let endSeconds = Number.POSITIVE_INFINITY;
    for (let i = 0; i < MOST_DAYS_CLOSED; i += 1) {
      const { open, close } = this.hoursOn(month, today - i);
      // Not a number on a day without trading: no comparison holds.
      if (!(open <= seconds)) continue;
      if (seconds < close) return { startSeconds: open, endSeconds: close, isTrading: true };
      startSeconds = close;
      break;
    }
    for (let i = 0; i < MOST_DAYS_CLOSED; i += 1) {
      const { open } = this.hoursOn(month, today + i);
      if (!(open > seconds)) continue;
      endSeconds = open;
      break;
    }
    return { startSeconds, endSeconds, isTrading: false };
  }

  /** The month whose days have this second. */
  private monthOf(seconds: number): number {
    const date = new Date(seconds * 1000);
    const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
    const { starts } = this.table(month);
    if (seconds < starts[0]) return month - 1;
    return seconds < starts[starts.length - 1] ? month : month + 1;
  }

  /** When a day begins; days before and after the month are counted on. */
  private startOf(month: number, day: number): number {
    const { starts } = this.table(month);
    if (day < 0) return this.startOf(month - 1, day + this.daysOf(month - 1));
    return day < starts.length ? starts[day] : this.startOf(month + 1, day - starts.length + 1);
  }

  private hoursOn(month: number, day: number): { open: number; close: number } {
    if (day < 0) return this.hoursOn(month - 1, day + this.daysOf(month - 1));
    const { opens, closes } = this.table(month);
    if (day >= opens.length) return this.hoursOn(month + 1, day - opens.length);
    return { open: opens[day], close: closes[day] };
  }

  private daysOf(month: number): number {
    return this.table(month).opens.length;
  }

  private table(month: number): MonthTable {
    const known = this.months.get(month);
    if (known !== undefined) return known;
    const first = DateTime.fromObject(
      { year: Math.floor(month / 12), month: (month % 12) + 1, day: 1 },
      { zone: this.timeZone },
    );
    const days = first.daysInMonth ?? 0;
    const starts = new Float64Array(days + 1);
    const opens = new Float64Array(days).fill(Number.NaN);
    const closes = new Float64Array(days).fill(Number.NaN);
    for (let day = 0; day <= days; day += 1) {
      const date = first.plus({ days: day });
      starts[day] = this.turnOf(date);
      if (day === days) break;
      const hours = this.hoursOf(date);
      if (hours === null) continue;
      opens[day] = hours.open;
      closes[day] = hours.close;
    }
    const table = { starts, opens, closes };
    this.months.set(month, table);
    return table;
  }

  /** When the day of a date begins. */
  private turnOf(date: DateTime): number {
    const { dayTurns } = this;
    return (dayTurns === null ? date : date.minus({ days: 1 }).set(dayTurns)).toSeconds();
  }
}

/** Days are an hour longer or shorter at most. */
function dayIn(starts: Float64Array, seconds: number): number {
  let day = Math.min(starts.length - 2, Math.floor((seconds - starts[0]) / DAY_SECONDS));
  while (starts[day] > seconds) day -= 1;
  while (starts[day + 1] <= seconds) day += 1;
  return day;
}
