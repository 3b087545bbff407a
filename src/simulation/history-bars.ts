import type { BarCalendar } from '../domain/candles.ts';
import { BAR_FIELDS, BarRows } from '../features/bar-rows.ts';
import type { Prng } from '../lib/prng.ts';
import type { HistoryMarket } from './history.ts';
import { type DayPath, type MinutePath, STEPS_A_DAY, STEPS_A_MINUTE } from './history-path.ts';

/** How busy minutes follow each other: what is kept of one, and the deviation of the logarithm. */
const ACTIVITY_KEPT = 0.9;
const ACTIVITY_DEVIATION = 0.45;
/** Spread of the logarithm of the mean size of a minute's trades. */
const SIZE_DEVIATION = 0.35;
/** Chance that a trade is a tick off the value: buyers and sellers take turns. */
const OFF_CHANCE = 0.6;
/** Trades at the edges of a session over those in its middle. */
const EDGE_TRADES = 2.2;
const MIDDLE_TRADES = 0.65;
/** Sessions longer than this have no edges: the market hardly pauses. */
const SESSION_SECONDS_MAX = 12 * 3600;

/** Turns an asset's value into bars of one of its markets. */
export class HistoryBars {
  private readonly one: HistoryMarket;
  private readonly prng: Prng;
  private readonly startTicks: number;
  /** REUSED for every bar. */
  private readonly row = new Float64Array(BAR_FIELDS);
  private activity = 0;

  constructor(one: HistoryMarket, prng: Prng) {
    const { market } = one;
    this.one = one;
    this.prng = prng;
    const tickValue = market.tickUnits / 10 ** market.priceDecimals;
    this.startTicks = Number(market.reference.startPrice) / tickValue;
  }

  /** The minutes before the live simulation; the last one closes at the start price. */
  minutes(path: MinutePath, calendar: BarCalendar): BarRows {
    const { seconds, values, volatility } = path;
    const count = this.minutesBeforeEnd(path);
    const rows = new BarRows(count + 1);
    const stride = STEPS_A_MINUTE + 1;
    const atEnd = this.valueAtEnd(path);
    let close = 0;
    for (let i = 0; i < count; i += 1) {
      const from = i * stride;
      const spell = calendar.spell(seconds[i]);
      const isFirst = i === 0 || seconds[i] === spell.startSeconds;
      const ticks: number[] = [isFirst ? this.ticks(values[from] - atEnd, true) : close];
      for (let step = 1; step <= STEPS_A_MINUTE; step += 1) {
        const isLast = i === count - 1 && step === STEPS_A_MINUTE;
        ticks.push(this.ticks(values[from + step] - atEnd, !isLast));
      }
      close = ticks[STEPS_A_MINUTE];
      const session = spell.endSeconds - spell.startSeconds;
      const shape =
        session > SESSION_SECONDS_MAX
          ? 1
          : sessionShape((seconds[i] - spell.startSeconds) / session);
      const busy = Math.min(3, Math.max(0.5, 0.4 + 0.6 * volatility[i]));
      this.write(seconds[i], ticks, this.one.tradesPerMinute * shape * busy * this.wave(1));
      rows.push(this.row, 0);
    }
    return rows;
  }

  /** The days before the minutes; the last one closes where the minutes begin. */
  daysBefore(path: DayPath, minutes: MinutePath): BarRows {
    const { seconds, values, volatility, hours } = path;
    const rows = new BarRows(seconds.length + 1);
    const stride = STEPS_A_DAY + 1;
    const offset = minutes.values[0] - this.valueAtEnd(minutes) - values[values.length - 1];
    for (let i = 0; i < seconds.length; i += 1) {
      const ticks: number[] = [];
      for (let step = 0; step <= STEPS_A_DAY; step += 1) {
        ticks.push(this.ticks(values[i * stride + step] + offset, true));
      }
      const busy = 0.4 + 0.6 * volatility[i];
      const trades = this.one.tradesPerMinute * 60 * hours[i] * busy * this.wave(0.5);
      this.write(seconds[i], ticks, trades);
      rows.push(this.row, 0);
    }
    return rows;
  }

  private minutesBeforeEnd({ seconds }: MinutePath): number {
    let count = seconds.length;
    while (count > 0 && seconds[count - 1] >= this.one.endSeconds) count -= 1;
    return count;
  }

  private valueAtEnd(path: MinutePath): number {
    const count = this.minutesBeforeEnd(path);
    return count === 0 ? path.values[0] : path.values[count * (STEPS_A_MINUTE + 1) - 1];
  }

  /** Price at a log value relative to the start price. */
  private ticks(value: number, mayBeOff: boolean): number {
    const { prng } = this;
    const off = mayBeOff && prng.chance(OFF_CHANCE) ? prng.integer(-1, 1) : 0;
    const ticks = Math.round(this.startTicks * Math.exp(value)) + off;
    return Math.min(this.one.market.maxPriceTicks, Math.max(1, ticks));
  }

  /** A multiple of the mean activity: a wave over minutes or days, with a mean of 1. */
  private wave(scale: number): number {
    const fresh = Math.sqrt(1 - ACTIVITY_KEPT ** 2) * this.prng.normal();
    this.activity = this.activity * ACTIVITY_KEPT + fresh;
    const deviation = scale * ACTIVITY_DEVIATION;
    return Math.exp(deviation * this.activity - deviation ** 2 / 2);
  }

  private write(seconds: number, ticks: readonly number[], meanTrades: number): void {
    const { row, prng, one } = this;
    const [open, close] = [ticks[0], ticks[ticks.length - 1]];
    const [high, low] = [Math.max(...ticks), Math.min(...ticks)];
    // So many trades it takes to have been at all these prices.
    const places = 1 + Number(close !== open) + Number(high > Math.max(open, close));
    const least = places + Number(low < Math.min(open, close));
    const spread = Math.sqrt(Math.max(1, meanTrades));
    const trades = Math.max(least, Math.round(meanTrades + spread * prng.normal()));
    const size = Math.exp(SIZE_DEVIATION * prng.normal() - SIZE_DEVIATION ** 2 / 2);
    const lots = Math.max(trades, Math.round(trades * one.lotsPerTrade * size));
    const mean = ticks.reduce((sum, one) => sum + one, 0) / ticks.length;
    row[0] = seconds;
    row[1] = open;
    row[2] = high;
    row[3] = low;
    row[4] = close;
    row[5] = lots;
    row[6] = tickLots(mean, lots, trades, { open, high, low, close });
    row[7] = trades;
  }
}

/** Trades over a session: many after the opening, few at noon, many before the close. */
function sessionShape(part: number): number {
  return MIDDLE_TRADES + (EDGE_TRADES - MIDDLE_TRADES) * (2 * part - 1) ** 4;
}

interface Prices {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Sum of price × quantity that trades at these prices can have, near a mean price. */
function tickLots(mean: number, lots: number, trades: number, prices: Prices): number {
  const { open, high, low, close } = prices;
  if (trades === 1) return open * lots;
  const bounded = Math.min(high * lots, Math.max(low * lots, Math.round(mean * lots)));
  // One lot at least was traded at the high, and one at the low.
  const most = high * (lots - 1) + low;
  const least = low * (lots - 1) + high;
  if (high === low) return close * lots;
  return Math.min(most, Math.max(least, bounded));
}
