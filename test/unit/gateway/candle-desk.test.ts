import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CANDLE_INTERVALS } from '../../../src/domain/candles.ts';
import { CandleBuilder } from '../../../src/features/candle-builder.ts';
import { UTC_CALENDAR } from '../../../src/features/periods.ts';
import { type BarStore, CandleDesk } from '../../../src/gateway/candle-desk.ts';
import { Prng } from '../../../src/lib/prng.ts';
import { MarketViews } from '../../../src/projections/market-view.ts';
import { barsOf } from '../../support/bars.ts';
import { shippedMarkets } from '../../support/markets.ts';
import {
  type NaiveBar,
  type NaiveTrade,
  naiveBars,
  naiveFilled,
  naiveStart,
  naiveStep,
} from '../../support/naive-candles.ts';

const registry = shippedMarkets();
const market = registry.resolve('binance', 'BTC-USDT')!;
const START = Date.parse('2026-07-01T00:00:00Z') / 1000;

/** Trades over some days, with pauses of minutes and of hours. */
function makeTrades(seed: number, count: number): NaiveTrade[] {
  const prng = new Prng(seed);
  let seconds = START;
  return Array.from({ length: count }, () => {
    seconds += prng.chance(0.02) ? prng.integer(0, 20_000) : prng.integer(0, 100);
    return { seconds, priceTicks: prng.integer(900, 1100), qtyLots: prng.integer(1, 50) };
  });
}

function flat(bars: readonly NaiveBar[]): Float64Array<ArrayBuffer> {
  return Float64Array.from(bars.flatMap((bar) => Object.values(bar)));
}

/** A desk over trades of which the first ones are told by the journal alone. */
class Scene {
  readonly views = new MarketViews([market]);
  readonly desk: CandleDesk;
  nowSeconds = START;
  reads = 0;
  /** What the journal's closed bars are made of. */
  stored: readonly NaiveTrade[] = [];

  constructor() {
    const store: BarStore = {
      readBefore: (_id, interval, before, count) => {
        this.reads += 1;
        const name = CANDLE_INTERVALS[interval];
        const bars = naiveBars(this.stored, (seconds) => naiveStart(name, seconds));
        return flat(bars.filter(({ openSeconds }) => openSeconds < before).slice(-count));
      },
    };
    const clock = {
      seconds: 0,
      nanos: 0,
      tick: () => undefined,
      nowMs: () => this.nowSeconds * 1000,
    };
    this.desk = new CandleDesk({ views: this.views, store, clock });
  }

  get candles() {
    return this.views.get(market.id)!.candles;
  }

  /** As after a restart: the rows under way are what the trades so far say. */
  restore(trades: readonly NaiveTrade[]): void {
    const builder = new CandleBuilder(UTC_CALENDAR, { closed: () => undefined });
    for (const one of trades) builder.trade(one.seconds, one.priceTicks, one.qtyLots);
    this.candles.restore(builder.image(), trades.at(-1)?.seconds ?? 0);
    this.stored = trades;
  }

  trade(trades: readonly NaiveTrade[]): void {
    for (const one of trades) {
      this.candles.trade(one.seconds, one.priceTicks, one.qtyLots);
      this.nowSeconds = one.seconds;
    }
    this.views.get(market.id)!.ticker.lastPriceTicks = trades.at(-1)?.priceTicks ?? 0;
  }
}

const query = fc.record({
  name: fc.constantFrom(...CANDLE_INTERVALS),
  from: fc.double({ min: -0.2, max: 1.1, noNaN: true }),
  span: fc.double({ min: 0, max: 1, noNaN: true }),
  limit: fc.constantFrom(1, 2, 10, 100, 1000),
});

describe('the desk of bars', () => {
  it('answers any range as a recomputation does, from memory and from the journal', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(query, { minLength: 1, maxLength: 12 }),
        (seed, share, queries) => {
          const trades = makeTrades(seed, 600);
          const before = Math.floor(share * trades.length);
          const scene = new Scene();
          scene.restore(trades.slice(0, before));
          scene.trade(trades.slice(before));
          scene.nowSeconds = trades[trades.length - 1].seconds + 200;
          const length = scene.nowSeconds - START;
          for (const { name, from, span, limit } of queries) {
            const fromSeconds = Math.floor(START + from * length);
            const toSeconds = Math.floor(fromSeconds + span * length);
            const startOf = (seconds: number): number => naiveStart(name, seconds);
            const all = naiveFilled(
              naiveBars(trades, startOf),
              startOf,
              Math.min(toSeconds, scene.nowSeconds),
              naiveStep(name),
            );
            const expected = all
              .filter((bar) => bar.openSeconds >= fromSeconds && bar.openSeconds <= toSeconds)
              .slice(-limit);
            const range = { fromSeconds, toSeconds, limit };
            assert.deepEqual(barsOf(scene.desk.series(market, name).read(range)), expected);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('asks the journal once for what it then keeps', () => {
    const trades = makeTrades(3, 2000);
    const scene = new Scene();
    scene.restore(trades.slice(0, 1900));
    scene.trade(trades.slice(1900));
    const series = scene.desk.series(market, '1m');
    const range = { fromSeconds: 0, toSeconds: scene.nowSeconds, limit: 300 };
    const first = barsOf(series.read(range));
    const { reads } = scene;
    assert.deepEqual(barsOf(series.read(range)), first);
    assert.equal(scene.reads, reads);
    assert.ok(reads > 0);
  });

  it('takes generated history in while it runs, and continues its last bars', () => {
    const past = makeTrades(4, 800);
    const end = naiveStart('1m', past[past.length - 1].seconds) + 60;
    const live = makeTrades(5, 100).map((one) => ({ ...one, seconds: one.seconds - START + end }));
    const scene = new Scene();
    scene.trade(live);
    const now = scene.nowSeconds;
    const read = (name: (typeof CANDLE_INTERVALS)[number]): unknown[] =>
      barsOf(scene.desk.series(market, name).read({ fromSeconds: 0, toSeconds: now, limit: 5000 }));
    const expected = (name: (typeof CANDLE_INTERVALS)[number], trades: NaiveTrade[]): unknown[] => {
      const startOf = (seconds: number): number => naiveStart(name, seconds);
      return naiveFilled(naiveBars(trades, startOf), startOf, now, naiveStep(name)).slice(-5000);
    };
    for (const name of CANDLE_INTERVALS) assert.deepEqual(read(name), expected(name, live));
    const newest = CANDLE_INTERVALS.map((name) =>
      naiveBars(past, (seconds) => naiveStart(name, seconds)).at(-1),
    );
    scene.stored = [...past, ...live];
    scene.candles.joinHistory(flat(newest as NaiveBar[]), end);
    for (const name of CANDLE_INTERVALS) {
      assert.deepEqual(read(name), expected(name, [...past, ...live]), name);
    }
    assert.equal(scene.desk.series(market, '1m').generatedBefore(), end);
  });

  it('is asked before anything traded, and before the first trade after generated history', () => {
    const scene = new Scene();
    scene.nowSeconds = START + 5;
    assert.deepEqual(
      scene.desk.candles(market, '1m', { fromSeconds: 0, toSeconds: 1e10, limit: 10 }),
      [],
    );
    assert.equal(scene.desk.statistics(market).previousCloseTicks, null);
    assert.equal(scene.desk.statistics(market).lastTicks, 0);
    const past = [{ seconds: START - 30, priceTicks: 700, qtyLots: 3 }];
    scene.stored = past;
    const newest = CANDLE_INTERVALS.map((name) =>
      naiveBars(past, (seconds) => naiveStart(name, seconds)).at(-1),
    );
    scene.candles.joinHistory(flat(newest as NaiveBar[]), START);
    const day = { fromSeconds: 0, toSeconds: 1e10, limit: 10 };
    assert.deepEqual(
      scene.desk.candles(market, '1d', day).map(({ openTicks, trades }) => [openTicks, trades]),
      [
        [700, 1],
        [700, 0],
      ],
    );
    scene.trade([{ seconds: START + 10, priceTicks: 705, qtyLots: 4 }]);
    assert.deepEqual(
      scene.desk.candles(market, '1mo', day).map(({ closeTicks, trades }) => [closeTicks, trades]),
      [
        [700, 1],
        [705, 1],
      ],
    );
    // The week of the last generated trade goes on.
    assert.deepEqual(
      scene.desk
        .candles(market, '1wk', day)
        .map((bar) => [bar.openTicks, bar.closeTicks, bar.trades]),
      [[700, 705, 2]],
    );
  });
});

describe('statistics', () => {
  it('equal a recomputation from the trades of the window', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 3000 }), (seed, count) => {
        const trades = makeTrades(seed, count);
        const scene = new Scene();
        const half = Math.floor(trades.length / 2);
        scene.restore(trades.slice(0, half));
        for (let at = half; at < trades.length; at += 200) {
          scene.trade(trades.slice(at, at + 200));
          scene.desk.statistics(market);
        }
        const from = naiveStart('1m', scene.nowSeconds) - 86_400;
        const within = trades.filter(({ seconds }) => seconds >= from);
        const before = trades.filter(({ seconds }) => seconds < from).at(-1);
        const last = trades[trades.length - 1];
        const prices = within.map(({ priceTicks }) => priceTicks);
        // The price stood still until the first trade in the window, if that left a minute empty.
        const stood = before !== undefined && naiveStart('1m', within[0].seconds) > from;
        if (stood) prices.push(before.priceTicks);
        const found = scene.desk.statistics(market);
        const open = before?.priceTicks ?? within[0].priceTicks;
        const tickLots = within.reduce((sum, one) => sum + one.priceTicks * one.qtyLots, 0);
        const today = trades.filter((one) => one.seconds >= naiveStart('1d', last.seconds));
        const yesterday = trades.filter((one) => one.seconds < naiveStart('1d', last.seconds));
        assert.deepEqual(found, {
          lastTicks: last.priceTicks,
          openTicks: open,
          changeTicks: last.priceTicks - open,
          highTicks: Math.max(...prices),
          lowTicks: Math.min(...prices),
          volumeLots: within.reduce((sum, one) => sum + one.qtyLots, 0),
          notionalUnits: tickLots * market.quoteUnitsPerTickLot,
          volumeTickLots: tickLots,
          trades: within.length,
          windowSeconds: 86_400,
          dayOpenTicks: today[0].priceTicks,
          dayHighTicks: Math.max(...today.map((one) => one.priceTicks)),
          dayLowTicks: Math.min(...today.map((one) => one.priceTicks)),
          dayVolumeLots: today.reduce((sum, one) => sum + one.qtyLots, 0),
          previousCloseTicks: yesterday.at(-1)?.priceTicks ?? null,
        });
      }),
      { numRuns: 40 },
    );
  });
});
