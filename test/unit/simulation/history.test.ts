import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ExchangeCalendar } from '../../../src/config/calendars.ts';
import type { MarketsFile } from '../../../src/config/markets.ts';
import { CANDLE_INTERVALS } from '../../../src/domain/candles.ts';
import { BAR_FIELDS, BarRows } from '../../../src/features/bar-rows.ts';
import { UTC_CALENDAR } from '../../../src/features/periods.ts';
import { generateHistory, type HistoryTask } from '../../../src/simulation/history.ts';
import { historyRates } from '../../../src/simulation/market-profile.ts';
import { barsOf } from '../../support/bars.ts';
import { shippedMarkets } from '../../support/markets.ts';
import type { NaiveBar } from '../../support/naive-candles.ts';
import { repositoryRoot } from '../../support/repository.ts';
import { autocorrelation, excessKurtosis } from '../../support/statistics.ts';

const registry = shippedMarkets();
const rates = historyRates(registry.all, 120);
/** A Wednesday, at noon in New York. */
const END = Date.parse('2026-07-15T16:00:00Z') / 1000;

function taskOf(names: readonly [string, string][], seed = 7): HistoryTask {
  const markets = names.map(([exchange, symbol]) => registry.resolve(exchange, symbol)!);
  const { base, assetClass, reference } = markets[0];
  return {
    asset: {
      name: base.name,
      group: assetClass === 'equity' ? 'equity' : 'crypto',
      annualVolatility: reference.annualVolatility ?? 0,
    },
    markets: markets.map((market) => ({ market, endSeconds: END, ...rates.get(market)! })),
    seed,
  };
}

function bars(rows: Float64Array): NaiveBar[] {
  const all = new BarRows(1);
  all.append(rows);
  return barsOf(all);
}

const BTC = taskOf([
  ['binance', 'BTC-USDT'],
  ['bybit', 'BTC-USDT'],
]);
const [binance, bybit] = generateHistory(BTC, UTC_CALENDAR);
const minutes = bars(binance[0]);
const days = bars(binance[CANDLE_INTERVALS.indexOf('1d')]);

function returnsOf(all: readonly NaiveBar[]): number[] {
  return all.slice(1).map((bar, i) => Math.log(bar.close / all[i].close));
}

function deviation(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

test('minutes end where the live simulation begins, at its price; the same task gives the same', () => {
  assert.equal(minutes[minutes.length - 1].openSeconds, END - 60);
  assert.equal(minutes[minutes.length - 1].close, 972_500);
  assert.equal(bars(bybit[0]).at(-1)?.close, 972_500);
  assert.ok(minutes.length >= 30 * 1440 && minutes.length < 31 * 1440);
  assert.deepEqual(generateHistory(BTC, UTC_CALENDAR), [binance, bybit]);
  const other = generateHistory({ ...BTC, seed: 8 }, UTC_CALENDAR);
  assert.notDeepEqual(other[0][0], binance[0]);
});

test('each bar opens where the one before closed, and could have been traded', () => {
  for (const [i, bar] of minutes.entries()) {
    if (i > 0) {
      assert.equal(bar.openSeconds, minutes[i - 1].openSeconds + 60);
      assert.equal(bar.open, minutes[i - 1].close);
    }
    for (const value of Object.values(bar)) assert.ok(Number.isSafeInteger(value) && value > 0);
    assert.ok(bar.low <= Math.min(bar.open, bar.close));
    assert.ok(bar.high >= Math.max(bar.open, bar.close));
    assert.ok(bar.tickLots >= bar.low * bar.lots && bar.tickLots <= bar.high * bar.lots);
  }
});

test('days reach back five years, and the newest of them are the sums of their minutes', () => {
  assert.equal(days[0].openSeconds, Date.parse('2021-07-15T00:00:00Z') / 1000);
  assert.equal(days.at(-1)?.openSeconds, Date.parse('2026-07-15T00:00:00Z') / 1000);
  const whole = days.filter(({ openSeconds }) => openSeconds >= minutes[0].openSeconds);
  for (const day of whole) {
    const of = minutes.filter(
      ({ openSeconds: at }) => at >= day.openSeconds && at < day.openSeconds + 86_400,
    );
    assert.equal(day.open, of[0].open);
    assert.equal(day.close, of[of.length - 1].close);
    assert.equal(day.high, Math.max(...of.map(({ high }) => high)));
    assert.equal(day.low, Math.min(...of.map(({ low }) => low)));
    assert.equal(
      day.lots,
      of.reduce((sum, { lots }) => sum + lots, 0),
    );
    assert.equal(
      day.trades,
      of.reduce((sum, { trades }) => sum + trades, 0),
    );
  }
  const old = days[days.length - whole.length - 1];
  assert.ok(Math.abs(old.close / whole[0].open - 1) < 0.001, 'no seam where minutes begin');
});

test('two venues of one asset go together, and are not the same', () => {
  const other = bars(bybit[0]);
  const apart = minutes.map((bar, i) => Math.abs(bar.close - other[i].close));
  assert.ok(Math.max(...apart) <= 2);
  assert.ok(apart.some((ticks) => ticks > 0));
  assert.notDeepEqual(
    minutes.slice(0, 50).map(({ lots }) => lots),
    other.slice(0, 50).map(({ lots }) => lots),
  );
});

test('returns have the market’s volatility, fat tails and clusters; volumes have them too', () => {
  const byMinute = returnsOf(minutes);
  const annual = deviation(byMinute) * Math.sqrt(365.25 * 1440);
  assert.ok(annual > 0.45 && annual < 0.68, `annualised by the minute: ${annual}`);
  assert.ok(excessKurtosis(byMinute) > 1, `kurtosis ${excessKurtosis(byMinute)}`);
  const sizes = byMinute.map(Math.abs);
  assert.ok(autocorrelation(sizes, 1) > 0.1, `clusters ${autocorrelation(sizes, 1)}`);
  const volumes = minutes.map(({ lots }) => lots);
  assert.ok(autocorrelation(volumes, 1) > 0.3, `volumes ${autocorrelation(volumes, 1)}`);
  const byDay = returnsOf(days);
  const annualByDay = deviation(byDay) * Math.sqrt(365.25);
  assert.ok(annualByDay > 0.42 && annualByDay < 0.75, `annualised by days: ${annualByDay}`);
  assert.ok(excessKurtosis(byDay) > 0.3, `kurtosis of days ${excessKurtosis(byDay)}`);
});

test('a market with trading hours has bars in them alone, busy at both ends', () => {
  const { calendars = {} } = JSON.parse(
    readFileSync(join(repositoryRoot, 'config/markets.json'), 'utf8'),
  ) as MarketsFile;
  const calendar = new ExchangeCalendar('us_equities', calendars.us_equities).bars;
  const [intervals] = generateHistory(taskOf([['NASDAQ', 'AAPL']]), calendar);
  const byMinute = bars(intervals[0]);
  const byDay = bars(intervals[CANDLE_INTERVALS.indexOf('1d')]);
  for (const { openSeconds } of byMinute) assert.ok(calendar.spell(openSeconds).isTrading);
  assert.equal(byMinute.at(-1)?.openSeconds, END - 60);
  assert.equal(byMinute.at(-1)?.close, 21_250);
  const dates = new Set(
    byDay.map(({ openSeconds: at }) => new Date(at * 1000).toISOString().slice(0, 10)),
  );
  assert.ok(dates.has('2026-07-02') && !dates.has('2026-07-03') && !dates.has('2024-12-25'));
  assert.equal(dates.size, byDay.length);
  for (const year of [2022, 2023, 2024, 2025]) {
    const count = [...dates].filter((date) => date.startsWith(String(year))).length;
    assert.ok(count >= 250 && count <= 252, `${year} has ${count} days`);
  }
  const tradesAt = (from: number, to: number): number => {
    const within = byMinute.filter(({ openSeconds }) => {
      const minute = (openSeconds - calendar.spell(openSeconds).startSeconds) / 60;
      return minute >= from && minute < to;
    });
    return within.reduce((sum, { trades }) => sum + trades, 0) / within.length;
  };
  const noon = tradesAt(180, 210);
  assert.ok(tradesAt(0, 15) > 1.8 * noon && tradesAt(375, 390) > 1.8 * noon);
  assert.equal(intervals[0].length % BAR_FIELDS, 0);
});
