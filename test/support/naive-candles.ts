import { CANDLE_INTERVALS, type CandleInterval } from '../../src/domain/candles.ts';

export interface NaiveTrade {
  seconds: number;
  priceTicks: number;
  qtyLots: number;
}

export interface NaiveBar {
  openSeconds: number;
  open: number;
  high: number;
  low: number;
  close: number;
  lots: number;
  tickLots: number;
  trades: number;
}

/** When the UTC period of an interval with this second begins, the way one would say it. */
export function naiveStart(interval: CandleInterval, seconds: number): number {
  const date = new Date(seconds * 1000);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const [hour, minute] = [date.getUTCHours(), date.getUTCMinutes()];
  const at = (onDay: number, atHour: number, atMinute = 0): number =>
    Date.UTC(year, month, onDay, atHour, atMinute) / 1000;
  switch (interval) {
    case '1m':
      return at(day, hour, minute);
    case '5m':
    case '15m':
    case '30m': {
      const length = Number(interval.slice(0, -1));
      return at(day, hour, minute - (minute % length));
    }
    case '1h':
      return at(day, hour);
    case '4h':
      return at(day, hour - (hour % 4));
    case '1d':
      return at(day, 0);
    case '1wk': {
      const sinceMonday = [6, 0, 1, 2, 3, 4, 5][date.getUTCDay()];
      return at(day - sinceMonday, 0);
    }
    case '1mo':
      return Date.UTC(year, month, 1) / 1000;
  }
}

/** Every bar with trades, oldest first: trades are gathered by the period they fall into. */
export function naiveBars(
  trades: readonly NaiveTrade[],
  startOf: (seconds: number) => number,
): NaiveBar[] {
  const gathered = new Map<number, NaiveTrade[]>();
  for (const trade of trades) {
    const start = startOf(trade.seconds);
    const within = gathered.get(start);
    if (within === undefined) gathered.set(start, [trade]);
    else within.push(trade);
  }
  return [...gathered].sort(([a], [b]) => a - b).map(([start, within]) => naiveBar(start, within));
}

function naiveBar(openSeconds: number, trades: readonly NaiveTrade[]): NaiveBar {
  const prices = trades.map((trade) => trade.priceTicks);
  return {
    openSeconds,
    open: prices[0],
    high: prices.reduce((one, other) => Math.max(one, other)),
    low: prices.reduce((one, other) => Math.min(one, other)),
    close: prices[prices.length - 1],
    lots: trades.reduce((sum, trade) => sum + trade.qtyLots, 0),
    tickLots: trades.reduce((sum, trade) => sum + trade.priceTicks * trade.qtyLots, 0),
    trades: trades.length,
  };
}

/** The same with an empty bar for every period without trades, up to the one with `nowSeconds`. */
export function naiveFilled(
  bars: readonly NaiveBar[],
  startOf: (seconds: number) => number,
  nowSeconds: number,
  stepSeconds: number,
): NaiveBar[] {
  const filled: NaiveBar[] = [];
  if (bars.length === 0) return filled;
  const byStart = new Map(bars.map((bar) => [bar.openSeconds, bar]));
  let close = bars[0].open;
  for (let seconds = bars[0].openSeconds; seconds <= nowSeconds; seconds += stepSeconds) {
    const start = startOf(seconds);
    if (filled.at(-1)?.openSeconds === start) continue;
    const bar = byStart.get(start) ?? {
      openSeconds: start,
      open: close,
      high: close,
      low: close,
      close,
      lots: 0,
      tickLots: 0,
      trades: 0,
    };
    close = bar.close;
    filled.push(bar);
  }
  return filled;
}

/** A step that meets every period of an interval. */
export function naiveStep(interval: CandleInterval): number {
  return CANDLE_INTERVALS.indexOf(interval) < CANDLE_INTERVALS.indexOf('1h') ? 60 : 3600;
}
