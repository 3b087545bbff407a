import {
  type BarCalendar,
  type CalendarUnit,
  INTERVAL_1D,
  INTERVAL_SECONDS,
  type Period,
  type TradingSpell,
} from '../domain/candles.ts';

const UNITS: readonly CalendarUnit[] = ['day', 'week', 'month'];
const DAY_SECONDS = 86_400;
/** The first of January 1970 was a Thursday. */
const FIRST_MONDAY_SECONDS = -3 * DAY_SECONDS;
const WEEK_SECONDS = 7 * DAY_SECONDS;
const ALWAYS_TRADING: TradingSpell = {
  startSeconds: Number.NEGATIVE_INFINITY,
  endSeconds: Number.POSITIVE_INFINITY,
  isTrading: true,
};

/** Days, weeks and months in UTC, and trading without a pause. */
export const UTC_CALENDAR: BarCalendar = {
  period(unit, seconds) {
    if (unit === 'month') return utcMonth(seconds);
    const [length, origin] =
      unit === 'day' ? [DAY_SECONDS, 0] : [WEEK_SECONDS, FIRST_MONDAY_SECONDS];
    const startSeconds = Math.floor((seconds - origin) / length) * length + origin;
    return { startSeconds, endSeconds: startSeconds + length };
  },
  spell: () => ALWAYS_TRADING,
};

function utcMonth(seconds: number): Period {
  const date = new Date(seconds * 1000);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return {
    startSeconds: Date.UTC(year, month, 1) / 1000,
    endSeconds: Date.UTC(year, month + 1, 1) / 1000,
  };
}

/** The period of an interval with this second. */
export function periodOf(calendar: BarCalendar, interval: number, seconds: number): Period {
  const length = INTERVAL_SECONDS[interval];
  if (length === 0) return calendar.period(UNITS[interval - INTERVAL_1D], seconds);
  const startSeconds = Math.floor(seconds / length) * length;
  return { startSeconds, endSeconds: startSeconds + length };
}

/** When the period of an interval with this second begins; allocates nothing within a day. */
export function periodStart(calendar: BarCalendar, interval: number, seconds: number): number {
  const length = INTERVAL_SECONDS[interval];
  if (length > 0) return Math.floor(seconds / length) * length;
  return calendar.period(UNITS[interval - INTERVAL_1D], seconds).startSeconds;
}

/** True when the market trades at some time of a period. */
export function tradesWithin(calendar: BarCalendar, startSeconds: number, end: number): boolean {
  const spell = calendar.spell(startSeconds);
  return spell.isTrading || spell.endSeconds < end;
}
