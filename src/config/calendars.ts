import { DateTime } from 'luxon';
import type { BarCalendar } from '../domain/candles.ts';
import { PHASE_CLOSED, PHASE_CONTINUOUS, PHASE_PRE_OPEN } from '../domain/orders.ts';
import { UTC_CALENDAR } from '../features/periods.ts';
import { WallCalendar } from './bar-calendar.ts';

/** A trading day in a time zone; times are `HH:MM` on the wall there. */
export interface CalendarEntry {
  /** IANA name, `America/New_York`. */
  timeZone: string;
  /** ISO days of the week on which there is trading: 1 is Monday. */
  weekdays: number[];
  /** When orders may come in for the opening auction. */
  preOpen: string;
  /** When the auction is held. */
  open: string;
  /** The day begins on the evening before: `preOpen` and `open` are times of the day before. */
  opensDayBefore?: boolean;
  close: string;
  /** `YYYY-MM-DD` without trading. */
  holidays?: string[];
  /** Days that close early: `YYYY-MM-DD` → `HH:MM`. */
  earlyCloses?: Record<string, string>;
}

export interface PhaseChange {
  /** Seconds since the Unix epoch. */
  readonly seconds: number;
  /** PHASE_… */
  readonly phase: number;
}

/** When a market trades. Pure: it is told what time it is. Times are seconds since the Unix epoch. */
export interface TradingCalendar {
  readonly name: string;
  /** What it is made of, to make it anew in another thread; `null` for `ALWAYS`. */
  readonly entry: CalendarEntry | null;
  /** PHASE_PRE_OPEN, PHASE_CONTINUOUS or PHASE_CLOSED. */
  phaseAt(seconds: number): number;
  /** The next change after this time; `null` when there is none. */
  nextChange(seconds: number): PhaseChange | null;
  /** When an order for the day leaves: the day's close, or the next day's when today's is over. */
  dayEnd(seconds: number): number;
  /** Where bars begin and end, and which of them have trading. */
  readonly bars: BarCalendar;
}

const DAY_SECONDS = 86_400;

/** Trades without a pause; a day ends at midnight UTC. */
export const ALWAYS: TradingCalendar = {
  name: 'always',
  entry: null,
  phaseAt: () => PHASE_CONTINUOUS,
  nextChange: () => null,
  dayEnd: (seconds) => (Math.floor(seconds / DAY_SECONDS) + 1) * DAY_SECONDS,
  bars: UTC_CALENDAR,
};

/** Days looked ahead for the next one with trading: longer than any run of holidays. */
const MOST_DAYS_CLOSED = 30;

interface Day {
  readonly preOpen: number;
  readonly open: number;
  readonly close: number;
}

/** A calendar of weekdays, hours and holidays. Daylight saving time is the time zone's. */
export class ExchangeCalendar implements TradingCalendar {
  readonly name: string;
  readonly bars: BarCalendar;
  readonly entry: CalendarEntry;
  private readonly holidays: ReadonlySet<string>;

  /** Throws with the place of a mistake. */
  constructor(name: string, entry: CalendarEntry) {
    this.name = name;
    this.entry = entry;
    this.holidays = new Set(entry.holidays ?? []);
    check(name, entry);
    const [hour, minute] = entry.preOpen.split(':').map(Number);
    const dayTurns = entry.opensDayBefore === true ? { hour, minute } : null;
    this.bars = new WallCalendar(entry.timeZone, dayTurns, (date) => this.day(date));
  }

  phaseAt(seconds: number): number {
    const today = this.localDate(seconds);
    // A trading day may have begun on the evening before it.
    for (const day of [this.day(today), this.day(today.plus({ days: 1 }))]) {
      if (day === null || seconds < day.preOpen || seconds >= day.close) continue;
      return seconds < day.open ? PHASE_PRE_OPEN : PHASE_CONTINUOUS;
    }
    return PHASE_CLOSED;
  }

  nextChange(seconds: number): PhaseChange | null {
    for (const { preOpen, open, close } of this.daysFrom(seconds)) {
      if (seconds < preOpen) return { seconds: preOpen, phase: PHASE_PRE_OPEN };
      if (seconds < open) return { seconds: open, phase: PHASE_CONTINUOUS };
      if (seconds < close) return { seconds: close, phase: PHASE_CLOSED };
    }
    return null;
  }

  dayEnd(seconds: number): number {
    for (const { close } of this.daysFrom(seconds)) {
      if (seconds < close) return close;
    }
    return ALWAYS.dayEnd(seconds);
  }

  /** Days with trading, from the one that this time is in. */
  private *daysFrom(seconds: number): Generator<Day> {
    let date = this.localDate(seconds);
    for (let i = 0; i < MOST_DAYS_CLOSED; i += 1) {
      const day = this.day(date);
      if (day !== null) yield day;
      date = date.plus({ days: 1 });
    }
  }

  private localDate(seconds: number): DateTime {
    return DateTime.fromSeconds(seconds, { zone: this.entry.timeZone }).startOf('day');
  }

  /** The hours of a date; `null` when there is no trading. */
  private day(date: DateTime): Day | null {
    const text = date.toISODate() ?? '';
    const { weekdays, preOpen, open, close, earlyCloses, opensDayBefore } = this.entry;
    if (!weekdays.includes(date.weekday) || this.holidays.has(text)) return null;
    const opening = opensDayBefore === true ? date.minus({ days: 1 }) : date;
    return {
      preOpen: at(opening, preOpen),
      open: at(opening, open),
      close: at(date, earlyCloses?.[text] ?? close),
    };
  }
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

function at(date: DateTime, time: string): number {
  const [hour, minute] = time.split(':').map(Number);
  return date.set({ hour, minute }).toSeconds();
}

function check(name: string, entry: CalendarEntry): void {
  const where = `calendar ${name}`;
  if (!DateTime.now().setZone(entry.timeZone).isValid) {
    throw new Error(`${where}: there is no time zone ${entry.timeZone}`);
  }
  const { weekdays, preOpen, open, close, opensDayBefore, holidays = [], earlyCloses = {} } = entry;
  if (
    weekdays.length === 0 ||
    !weekdays.every((day) => Number.isInteger(day) && day >= 1 && day <= 7)
  ) {
    throw new Error(`${where}: weekdays are numbers from 1, Monday, to 7`);
  }
  for (const time of [preOpen, open, close, ...Object.values(earlyCloses)]) {
    if (!TIME.test(time)) throw new Error(`${where}: "${time}" is no time like 09:30`);
  }
  if (preOpen > open || (open >= close && opensDayBefore !== true)) {
    throw new Error(`${where}: preOpen, open and close must follow each other`);
  }
  for (const [date, time] of Object.entries(earlyCloses)) {
    if (time <= open && opensDayBefore !== true)
      throw new Error(`${where}: ${date} closes before it opens`);
  }
  for (const date of [...holidays, ...Object.keys(earlyCloses)]) {
    if (!DateTime.fromFormat(date, 'yyyy-MM-dd').isValid) {
      throw new Error(`${where}: "${date}" is no date like 2026-12-25`);
    }
  }
}

/** The calendar of bars that an entry describes. */
export function barCalendar(entry: CalendarEntry | null): BarCalendar {
  return entry === null ? UTC_CALENDAR : new ExchangeCalendar('bars', entry).bars;
}
