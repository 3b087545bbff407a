import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CANDLE_INTERVALS, INTERVAL_COUNT } from '../../src/domain/candles.ts';
import { BarRows } from '../../src/features/bar-rows.ts';
import { CandleBuilder } from '../../src/features/candle-builder.ts';
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

/** Seconds between two trades: mostly within a minute, at times over hours, days and months. */
const pause = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 400 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 30_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 * 86_400 }) },
);
const steps = fc.array(
  fc.record({
    pause,
    priceTicks: fc.integer({ min: 1, max: 1_000_000 }),
    qtyLots: fc.integer({ min: 1, max: 1_000_000 }),
    restart: fc.boolean(),
  }),
  { minLength: 1, maxLength: 120 },
);
const start = fc.integer({ min: 0, max: 2_000_000_000 });

function tradesOf(
  from: number,
  all: readonly { pause: number; priceTicks: number; qtyLots: number }[],
) {
  let seconds = from;
  return all.map(({ pause: after, priceTicks, qtyLots }): NaiveTrade => {
    seconds += after;
    return { seconds, priceTicks, qtyLots };
  });
}

test('bars of all intervals equal a naive recomputation, across restarts', () => {
  fc.assert(
    fc.property(start, steps, (from, all) => {
      const trades = tradesOf(from, all);
      const closed = Array.from({ length: INTERVAL_COUNT }, () => new BarRows(1));
      const sink = {
        closed: (interval: number, rows: Float64Array, at: number) =>
          closed[interval].push(rows, at),
      };
      let builder = new CandleBuilder(UTC_CALENDAR, sink);
      trades.forEach((trade, i) => {
        if (all[i].restart) {
          const image = builder.image();
          builder = new CandleBuilder(UTC_CALENDAR, sink);
          builder.restore(image);
        }
        builder.trade(trade.seconds, trade.priceTicks, trade.qtyLots);
      });
      const current = new Float64Array(8);
      CANDLE_INTERVALS.forEach((name, interval) => {
        builder.current(interval, current, 0);
        closed[interval].push(current, 0);
        const expected = naiveBars(trades, (seconds) => naiveStart(name, seconds));
        assert.deepEqual(barsOf(closed[interval]), expected, name);
      });
    }),
    { numRuns: 300 },
  );
});

test('a range is filled as a naive recomputation fills it', () => {
  const query = fc.record({
    interval: fc.constantFrom(...CANDLE_INTERVALS),
    before: fc.integer({ min: -100_000, max: 400_000 }),
    span: fc.integer({ min: 0, max: 400_000 }),
    limit: fc.integer({ min: 1, max: 600 }),
  });
  // Days apart at most: the naive twin walks minute by minute.
  const near = steps.map((all) => all.map((one) => ({ ...one, pause: one.pause % 20_000 })));
  fc.assert(
    fc.property(start, near, query, (from, all, { interval: name, before, span, limit }) => {
      const trades = tradesOf(from, all);
      const interval = CANDLE_INTERVALS.indexOf(name);
      const startOf = (seconds: number): number => naiveStart(name, seconds);
      const rows = new BarRows(1);
      const candles = new MarketCandles();
      for (const { seconds, priceTicks, qtyLots } of trades) {
        candles.trade(seconds, priceTicks, qtyLots);
      }
      const count = candles.countWithCurrent(interval);
      const fromSeconds = Math.max(0, from + before);
      const range = { fromSeconds, toSeconds: fromSeconds + span, limit };
      fillBars(UTC_CALENDAR, interval, candles.closedBars[interval], count, range, rows);
      const expected = naiveFilled(
        naiveBars(trades, startOf),
        startOf,
        range.toSeconds,
        naiveStep(name),
      )
        .filter(({ openSeconds }) => openSeconds >= fromSeconds && openSeconds <= range.toSeconds)
        .slice(-limit);
      assert.deepEqual(barsOf(rows), expected);
    }),
    { numRuns: 150 },
  );
});

test('what is told of as closed, publication by publication, is every bar once', () => {
  fc.assert(
    fc.property(start, steps, (from, all) => {
      const near = all.map((one) => ({ ...one, pause: one.pause % 3_000 }));
      const trades = tradesOf(from, near);
      const candles = new MarketCandles();
      candles.advance(from);
      candles.clearChanges();
      const told = CANDLE_INTERVALS.map((): unknown[] => []);
      const publish = (): void => {
        if (!candles.hasClosings) return;
        for (const [interval, bars] of told.entries()) {
          bars.push(...barsOf(candles.closedSinceTold(interval)));
        }
        candles.clearChanges();
      };
      trades.forEach(({ seconds, priceTicks, qtyLots }, i) => {
        candles.advance(seconds);
        // A publication comes before the trade that opens the next bar, or after it.
        if (near[i].restart) publish();
        candles.trade(seconds, priceTicks, qtyLots);
        if (!near[i].restart) publish();
      });
      publish();
      for (const [interval, name] of CANDLE_INTERVALS.entries()) {
        const startOf = (seconds: number): number => naiveStart(name, seconds);
        const now = trades[trades.length - 1].seconds;
        const underWay = startOf(now);
        const bars = naiveFilled(naiveBars(trades, startOf), startOf, now, naiveStep(name));
        assert.deepEqual(
          told[interval],
          bars.filter(({ openSeconds }) => openSeconds < underWay),
          name,
        );
      }
    }),
    { numRuns: 150 },
  );
});
