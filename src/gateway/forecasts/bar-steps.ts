import type { BarCalendar } from '../../domain/candles.ts';

/** Bars looked at for the next one with trading: a month of hours. */
const BARS_LOOKED_AT = 31 * 24;

/**
 * When the next bars begin in which a market trades.
 * @param afterSeconds they begin at or after it
 * @param stepSeconds 86 400: days on the market's wall; else even steps since the epoch
 */
export function nextBars(
  calendar: BarCalendar,
  afterSeconds: number,
  stepSeconds: number,
  count: number,
): number[] {
  const starts: number[] = [];
  let at = afterSeconds;
  for (let looked = 0; starts.length < count && looked < count + BARS_LOOKED_AT; looked += 1) {
    const [startSeconds, endSeconds] = barWith(calendar, at, stepSeconds);
    if (startSeconds >= afterSeconds && trades(calendar, startSeconds, endSeconds)) {
      starts.push(startSeconds);
    }
    at = endSeconds;
  }
  return starts;
}

function barWith(calendar: BarCalendar, at: number, stepSeconds: number): [number, number] {
  if (stepSeconds === 86_400) {
    const { startSeconds, endSeconds } = calendar.period('day', at);
    return [startSeconds, endSeconds];
  }
  const startSeconds = Math.floor(at / stepSeconds) * stepSeconds;
  return [startSeconds, startSeconds + stepSeconds];
}

function trades(calendar: BarCalendar, startSeconds: number, endSeconds: number): boolean {
  const spell = calendar.spell(startSeconds);
  return spell.isTrading || spell.endSeconds < endSeconds;
}
