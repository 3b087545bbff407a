import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ExchangeCalendar } from '../../src/config/calendars.ts';
import type { MarketsFile } from '../../src/config/markets.ts';
import { CANDLE_INTERVALS } from '../../src/domain/candles.ts';
import { BarRows } from '../../src/features/bar-rows.ts';
import { fillBars } from '../../src/features/fill-bars.ts';
import { UTC_CALENDAR } from '../../src/features/periods.ts';
import { MarketCandles } from '../../src/projections/market-candles.ts';
import { barsOf } from '../support/bars.ts';
import {
  type NaiveTrade,
  naiveBars,
  naiveFilled,
  naiveStart,
  naiveStep,
} from '../support/naive-candles.ts';
import { recordingPath, skipWithout } from '../support/recordings.ts';
import { repositoryRoot } from '../support/repository.ts';

const FILE = 'trades/equity-spy-trades-20131008.csv.gz';
/** Midnight of that day in New York, daylight saving time. */
const MIDNIGHT = Date.UTC(2013, 9, 8, 4) / 1000;
const OPEN = MIDNIGHT + 9.5 * 3600;
const CLOSE = MIDNIGHT + 16 * 3600;

/** Lines of milliseconds since midnight, price × 10 000, size, …; the price in ticks of 0.0001. */
function readTrades(): NaiveTrade[] {
  const text = gunzipSync(readFileSync(recordingPath(FILE))).toString('ascii');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [ms, price, size] = line.split(',').map(Number);
      return { seconds: MIDNIGHT + Math.floor(ms / 1000), priceTicks: price, qtyLots: size };
    });
}

function usEquities(): ExchangeCalendar {
  const path = join(repositoryRoot, 'config/markets.json');
  const { calendars = {} } = JSON.parse(readFileSync(path, 'utf8')) as MarketsFile;
  return new ExchangeCalendar('us_equities', calendars.us_equities);
}

/** Days, weeks and months of New York: that day lies in one of each. */
function newYorkStart(interval: (typeof CANDLE_INTERVALS)[number], seconds: number): number {
  if (interval === '1d') return MIDNIGHT;
  if (interval === '1wk') return Date.UTC(2013, 9, 7, 4) / 1000;
  if (interval === '1mo') return Date.UTC(2013, 9, 1, 4) / 1000;
  return naiveStart(interval, seconds);
}

describe('a day of SPY, 451 545 trades', { skip: skipWithout(FILE) }, () => {
  const trades = skipWithout(FILE) === false ? readTrades() : [];
  const last = trades.at(-1)?.seconds ?? 0;

  function filled(candles: MarketCandles, interval: number): unknown[] {
    const rows = new BarRows(1);
    const count = candles.countWithCurrent(interval);
    const range = { fromSeconds: 0, toSeconds: last, limit: 5_000 };
    fillBars(candles.calendar, interval, candles.closedBars[interval], count, range, rows);
    return barsOf(rows);
  }

  it('equals a recomputation, empty minutes and all, where trading never pauses', () => {
    const candles = new MarketCandles(UTC_CALENDAR);
    for (const { seconds, priceTicks, qtyLots } of trades) {
      candles.trade(seconds, priceTicks, qtyLots);
    }
    assert.equal(trades.length, 451_545);
    let empty = 0;
    for (const [interval, name] of CANDLE_INTERVALS.entries()) {
      const startOf = (seconds: number): number => naiveStart(name, seconds);
      const expected = naiveFilled(naiveBars(trades, startOf), startOf, last, naiveStep(name));
      assert.deepEqual(filled(candles, interval), expected, name);
      if (name === '1m') empty = expected.filter((bar) => bar.trades === 0).length;
    }
    assert.ok(empty > 10, `only ${empty} empty minutes`);
  });

  it('has empty minutes in trading hours alone by the calendar of New York', () => {
    const candles = new MarketCandles(usEquities().bars);
    // Half of the hour before noon is left out, so that trading hours have empty minutes too.
    const some = trades.filter(({ seconds }) => seconds < OPEN + 5400 || seconds >= OPEN + 7200);
    for (const { seconds, priceTicks, qtyLots } of some) {
      candles.trade(seconds, priceTicks, qtyLots);
    }
    for (const [interval, name] of CANDLE_INTERVALS.entries()) {
      const startOf = (seconds: number): number => newYorkStart(name, seconds);
      const length = name.endsWith('m') ? Number(name.slice(0, -1)) * 60 : 3600;
      const expected = naiveFilled(naiveBars(some, startOf), startOf, last, naiveStep(name)).filter(
        ({ openSeconds, trades: count }) =>
          count > 0 || (openSeconds + length > OPEN && openSeconds < CLOSE),
      );
      assert.deepEqual(filled(candles, interval), expected, name);
      if (name === '1m') assert.ok(expected.some((bar) => bar.trades === 0));
    }
  });
});
