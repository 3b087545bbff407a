import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as R from '../../../src/codec/records.ts';
import { PHASE_CONTINUOUS, PHASE_HALTED, SIDE_BUY } from '../../../src/domain/orders.ts';
import { MarketView, MarketViews } from '../../../src/projections/market-view.ts';
import { TradeBatch } from '../../../src/projections/trade-batch.ts';
import { FRAME_FLAG_END, frameWord } from '../../../src/rings/frame.ts';
import { MarketFlow } from '../../support/market-flow.ts';
import { shippedMarkets } from '../../support/markets.ts';

const registry = shippedMarkets();
const market = registry.resolve('binance', 'BTC-USDT')!;

function tradesOf(batch: TradeBatch): unknown[] {
  return Array.from({ length: batch.length }, (_, i) => ({
    id: batch.ids[i],
    priceTicks: batch.pricesTicks[i],
    qtyLots: batch.qtysLots[i],
    side: batch.sides[i],
    printed: batch.printed[i] === 1,
  }));
}

test('trades are handed over once, in order, and the counters add them up', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer({ min: 1, max: 200 })), (seed, runs) => {
      const flow = new MarketFlow(market.id, seed);
      const view = new MarketView(market);
      const seen: unknown[] = [];
      for (const run of runs) {
        for (let i = 0; i < run; i += 1) {
          flow.step();
          view.apply(flow.views, 0);
        }
        view.settle();
        seen.push(...tradesOf(view.trades));
        view.clearChanges();
        assert.equal(view.hasChanges, false);
        assert.equal(view.trades.length, 0);
      }
      assert.deepEqual(seen, flow.trades);
      const last = flow.trades.at(-1);
      assert.equal(view.ticker.lastPriceTicks, last?.priceTicks ?? 0);
      assert.equal(view.ticker.lastQtyLots, last?.qtyLots ?? 0);
      assert.equal(view.ticker.tradesTotal, flow.trades.length);
      let lots = 0;
      let notional = 0;
      for (const trade of flow.trades) {
        lots += trade.qtyLots;
        notional += trade.priceTicks * trade.qtyLots * market.quoteUnitsPerTickLot;
      }
      assert.equal(view.ticker.tradedLotsTotal, lots);
      assert.equal(view.ticker.tradedNotionalUnitsTotal, notional);
      assert.equal(view.ticker.seq, flow.seq);
    }),
    { numRuns: 60 },
  );
});

test('positions name the newest event of their channel and the one published before', () => {
  const flow = new MarketFlow(market.id, 11);
  const view = new MarketView(market);
  let bookSeq = 0;
  let tradeSeq = 0;
  let bestBefore = '';
  for (let round = 0; round < 300; round += 1) {
    const [bookBefore, tradesBefore, bboBefore] = [bookSeq, tradeSeq, view.bboPosition.seq];
    for (let i = 0; i < round % 5; i += 1) {
      const levelsBefore = JSON.stringify([...flow.levels[0], ...flow.levels[1]]);
      const tradesSoFar = flow.trades.length;
      flow.step();
      view.apply(flow.views, 0);
      if (JSON.stringify([...flow.levels[0], ...flow.levels[1]]) !== levelsBefore)
        bookSeq = flow.seq;
      if (flow.trades.length > tradesSoFar) tradeSeq = flow.seq;
    }
    view.settle();
    assert.equal(view.bookPosition.seq, bookSeq);
    assert.equal(view.bookPosition.publishedSeq, bookBefore);
    assert.equal(view.tradesPosition.seq, tradeSeq);
    assert.equal(view.tradesPosition.publishedSeq, tradesBefore);
    const { bidTicks, bidLots, askTicks, askLots } = view.best;
    const best = [bidTicks, bidLots, askTicks, askLots].join();
    const bestChanged = bestBefore !== '' && best !== bestBefore;
    assert.equal(view.bboPosition.publishedSeq, bboBefore);
    if (bestBefore !== '') assert.equal(view.bboPosition.changed, bestChanged);
    if (bestChanged) assert.equal(view.bboPosition.seq, bookSeq);
    bestBefore = best;
    view.clearChanges();
  }
});

test('a phase change is counted and is nothing to publish', () => {
  const view = new MarketView(market);
  const bytes = new ArrayBuffer(64);
  const views = {
    i32: new Int32Array(bytes),
    f64: new Float64Array(bytes),
    u8: new Uint8Array(bytes),
  };
  views.i32[1] = frameWord(R.PHASE_CHANGED, FRAME_FLAG_END, market.id);
  views.f64[R.RECORD_SEQ >>> 3] = 1;
  views.i32[R.RECORD_SECONDS >>> 2] = 3_000_000_000;
  views.i32[R.PHASE_TO >>> 2] = PHASE_HALTED;
  assert.equal(view.ticker.phase, PHASE_CONTINUOUS);
  view.apply(views, 0);
  assert.equal(view.ticker.phase, PHASE_HALTED);
  assert.equal(view.ticker.updatedSeconds, 3_000_000_000, 'seconds are unsigned');
  assert.equal(view.hasChanges, false);
});

test('what recovery sets outright counts as published', () => {
  const view = new MarketView(market);
  view.depth.setLevel(SIDE_BUY, 100, 5, 1);
  view.ticker.seq = 42;
  view.ticker.updatedSeconds = 9;
  view.markRecovered();
  view.settle();
  assert.equal(view.hasChanges, false);
  assert.equal(view.bboPosition.changed, false);
  assert.equal(view.bookPosition.publishedSeq, 42);
  assert.equal(view.best.bidTicks, 100);
});

test('views are routed by market and listed once while dirty; venue records concern nobody', () => {
  const views = new MarketViews(registry.all);
  const one = new MarketFlow(6, 1);
  const other = new MarketFlow(9, 2);
  const stranger = new MarketFlow(0, 3);
  for (let i = 0; i < 50; i += 1) {
    for (const flow of [one, other, stranger]) {
      flow.step();
      views.apply(flow.views, 0);
    }
  }
  assert.deepEqual(
    views.dirty.map((view) => view.market.id),
    [6, 9],
  );
  assert.equal(views.get(6)?.ticker.seq, 50);
  assert.equal(views.get(7)?.ticker.seq, 0);
  views.clearChanges();
  assert.equal(views.dirty.length, 0);
  assert.equal(views.get(6)?.hasChanges, false);
  one.step();
  while (!views.get(6)?.hasChanges) {
    views.apply(one.views, 0);
    one.step();
  }
  assert.equal(views.dirty.length, 1);
});

test('a batch takes over all trades of another, across its growth', () => {
  const flow = new MarketFlow(6, 5);
  const from = new TradeBatch();
  const to = new TradeBatch();
  while (flow.trades.length < 100) {
    flow.step();
    from.add(flow.views, 0);
    if (from.length === 7) {
      to.append(from);
      from.clear();
    }
  }
  to.append(from);
  assert.deepEqual(tradesOf(to), flow.trades);
});
