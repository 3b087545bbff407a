import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CandleInterval, INTERVAL_SECONDS } from '../../../../src/domain/candles.ts';
import type { BarRange } from '../../../../src/features/fill-bars.ts';
import { CandleDesk, NO_BARS } from '../../../../src/gateway/candle-desk.ts';
import type { CandleSeries } from '../../../../src/gateway/candle-series.ts';
import { formatScaled } from '../../../../src/lib/fixed-point.ts';
import { JsonWriter } from '../../../../src/lib/json-writer.ts';
import { Prng } from '../../../../src/lib/prng.ts';
import { MarketViews } from '../../../../src/projections/market-view.ts';
import { EncodedBars } from '../../../../src/surfaces/entasis/encoded-bars.ts';
import { MarketFlow } from '../../../support/market-flow.ts';
import { shippedMarkets } from '../../../support/markets.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? 20_261_121);
const registry = shippedMarkets();
const BTC = registry.get(6)!;

interface Bar {
  readonly timestamp: string;
  readonly volume: string;
}

/** A market whose time goes on as the test says, with gaps of any length in it. */
function market(interval: CandleInterval, seed: number) {
  const views = new MarketViews(registry.all);
  const flow = new MarketFlow(BTC.id, seed);
  const clock = {
    seconds: 0,
    nanos: 0,
    tick() {},
    nowMs: () => flow.seconds * 1000 + flow.nanos / 1e6,
  };
  const desk = new CandleDesk({ views, store: NO_BARS, clock });
  return {
    flow,
    series: desk.series(BTC, interval),
    candles: (range: BarRange) => desk.candles(BTC, interval, range),
    run: (records: number) => {
      for (let i = 0; i < records; i += 1) {
        flow.step();
        views.apply(flow.views, 0);
      }
      views.clearChanges();
    },
  };
}

function read(bars: EncodedBars, range: BarRange): { bars: Bar[]; first: number; count: number } {
  const writer = new JsonWriter(64);
  writer.begin();
  const { firstSeconds, count } = bars.write(range, writer);
  const text = Buffer.from(writer.take()).toString();
  return { bars: JSON.parse(`[${text}]`), first: firstSeconds, count };
}

test(`kept text says what the bars are, whatever is asked in which order, seed ${SEED}`, () => {
  for (const [round, interval] of (['1m', '5m', '1h'] as const).entries()) {
    const prng = new Prng(SEED + round);
    const { flow, series, candles, run } = market(interval, SEED + round);
    const kept = new EncodedBars(series);
    const length = INTERVAL_SECONDS[series.interval];
    for (let turn = 0; turn < 400; turn += 1) {
      run(prng.integer(0, 30));
      flow.seconds += prng.chance(0.3) ? prng.integer(0, 40 * length) : prng.integer(0, length);
      const toSeconds = prng.chance(0.6)
        ? flow.seconds + prng.integer(0, 5)
        : flow.seconds - prng.integer(0, 900 * length);
      const fromSeconds = prng.chance(0.5) ? 0 : toSeconds - prng.integer(0, 500 * length);
      const range = { fromSeconds, toSeconds, limit: prng.integer(1, 800) };
      const expected = candles(range).map((bar) => {
        const price = (ticks: number) => formatScaled(ticks * BTC.tickUnits, 1, 1);
        return {
          timestamp: `${new Date(bar.openSeconds * 1000).toISOString().slice(0, 19)}Z`,
          open: price(bar.openTicks),
          high: price(bar.highTicks),
          low: price(bar.lowTicks),
          close: price(bar.closeTicks),
          volume: formatScaled(bar.volumeLots * BTC.lotUnits, 3, 3),
        };
      });
      const what = `turn ${turn}, ${interval}, ${JSON.stringify(range)}`;
      const got = read(kept, range);
      assert.deepEqual(got.bars, expected, what);
      assert.equal(got.count, expected.length, what);
      if (got.count > 0) assert.equal(got.first * 1000, Date.parse(got.bars[0].timestamp), what);
    }
  }
});

test('bars that became others are written anew', () => {
  const { flow, series, run } = market('1m', SEED);
  run(400);
  flow.seconds += 600;
  run(400);
  let shift = 0;
  const changing: CandleSeries = {
    ...series,
    get version() {
      return shift;
    },
    sealedBefore: () => series.sealedBefore(),
    nowSeconds: () => series.nowSeconds(),
    read: (range) => {
      const rows = series.read(range);
      for (let i = 0; i < rows.length; i += 1) rows.data[i * 8 + 5] += shift;
      return rows;
    },
  };
  const kept = new EncodedBars(changing);
  const range = { fromSeconds: 0, toSeconds: flow.seconds, limit: 500 };
  const before = read(kept, range).bars[0].volume;
  assert.equal(read(kept, range).bars[0].volume, before);
  shift = 1;
  assert.equal(Number(read(kept, range).bars[0].volume), Number(before) + 0.001);
});
