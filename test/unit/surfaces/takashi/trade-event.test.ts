import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIDE_BUY, SIDE_SELL, SIDE_UNKNOWN } from '../../../../src/domain/orders.ts';
import { MarketView } from '../../../../src/projections/market-view.ts';
import { AggressorTrades } from '../../../../src/surfaces/takashi/trade-event.ts';
import { shippedMarkets } from '../../../support/markets.ts';

const BTC = shippedMarkets().get(6)!;

/** Order id of the aggressor, side, price in ticks, lots, nanoseconds. */
type Fill = readonly [number, number, number, number, number];

function collector() {
  const view = new MarketView(BTC);
  const trades = new AggressorTrades();
  return (fills: readonly Fill[], groupEnded = true) => {
    view.trades.clear();
    view.groupEnded = groupEnded;
    fills.forEach(([taker, side, ticks, lots, nanos], i) => {
      view.trades.length = i + 1;
      view.trades.takers[i] = taker;
      view.trades.sides[i] = side;
      view.trades.pricesTicks[i] = ticks;
      view.trades.qtysLots[i] = lots;
      view.trades.seconds[i] = 1_700_000_000;
      view.trades.nanos[i] = nanos;
    });
    return trades
      .collect(view)
      .map(({ side, priceUnits, qtyLots, valueUnits, nanos }) => [
        side,
        priceUnits,
        qtyLots,
        valueUnits,
        nanos,
      ]);
  };
}

test('fills of one aggressor are one trade at their mean price', () => {
  const collect = collector();
  const told = collect([
    [7, SIDE_BUY, 1000, 1, 5],
    [7, SIDE_BUY, 1001, 2, 5],
    [8, SIDE_SELL, 999, 4, 5],
    [9, SIDE_SELL, 998, 1, 6],
    [9, SIDE_SELL, 998, 1, 7],
  ]);
  assert.deepEqual(told, [
    [SIDE_BUY, 1001, 3, 3002 * 100, 5],
    [SIDE_SELL, 999, 4, 3996 * 100, 5],
    [SIDE_SELL, 998, 1, 998 * 100, 6],
    [SIDE_SELL, 998, 1, 998 * 100, 7],
  ]);
});

test('a command that is published in parts is one trade, when its end is there', () => {
  const collect = collector();
  assert.deepEqual(collect([[7, SIDE_BUY, 1000, 1, 5]], false), []);
  assert.deepEqual(collect([], false), []);
  assert.deepEqual(
    collect([
      [7, SIDE_BUY, 1000, 2, 5],
      [8, SIDE_SELL, 900, 1, 6],
    ]),
    [
      [SIDE_BUY, 1000, 3, 3000 * 100, 5],
      [SIDE_SELL, 900, 1, 900 * 100, 6],
    ],
  );
  assert.deepEqual(collect([[9, SIDE_BUY, 1000, 1, 7]], false), []);
  assert.deepEqual(collect([]), [[SIDE_BUY, 1000, 1, 1000 * 100, 7]]);
  assert.deepEqual(collect([]), []);
});

test('what has no aggressor is left out; what was only reported counts by itself', () => {
  const collect = collector();
  const told = collect([
    [7, SIDE_BUY, 1000, 1, 5],
    [0, SIDE_UNKNOWN, 1000, 9, 5],
    [0, SIDE_BUY, 1000, 2, 5],
    [0, SIDE_BUY, 1000, 3, 5],
  ]);
  assert.deepEqual(
    told.map(([, , lots]) => lots),
    [1, 2, 3],
  );
});
