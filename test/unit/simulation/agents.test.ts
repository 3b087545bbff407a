import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ORDER_TYPE_MARKET,
  SIDE_BUY,
  SIDE_SELL,
  TIF_GTC,
  TIF_IOC,
} from '../../../src/domain/orders.ts';
import { Prng } from '../../../src/lib/prng.ts';
import { Arbitrageurs } from '../../../src/simulation/agents/arbitrage.ts';
import { MarketMaker } from '../../../src/simulation/agents/market-maker.ts';
import { MomentumTraders } from '../../../src/simulation/agents/momentum.ts';
import { NoiseTraders } from '../../../src/simulation/agents/noise.ts';
import { ValueTraders } from '../../../src/simulation/agents/value.ts';
import { DeskBench } from '../../support/desk-bench.ts';
import { mean } from '../../support/statistics.ts';

const MAKER = 101;
const FAIR = 21_250;

describe('a market maker', () => {
  function quoted(inventoryLots: number): DeskBench {
    const bench = new DeskBench().book([], [], FAIR);
    const maker = new MarketMaker(MAKER);
    maker.inventoryLots = inventoryLots;
    maker.quoteAll(bench.desk);
    return bench;
  }

  it('quotes a ladder on both sides of the fair value, largest in the middle', () => {
    const { sink } = quoted(0);
    const [bids, asks] = [sink.placed(SIDE_BUY), sink.placed(SIDE_SELL)];
    assert.equal(bids.length, 9);
    assert.equal(asks.length, 9);
    assert.ok(bids.every(({ priceTicks }) => priceTicks < FAIR));
    assert.ok(asks.every(({ priceTicks }) => priceTicks > FAIR));
    assert.equal(new Set(bids.map(({ priceTicks }) => priceTicks)).size, 9);
    assert.ok(bids[4].qtyLots > bids[0].qtyLots && bids[4].qtyLots > bids[8].qtyLots);
  });

  it('leans against its inventory', () => {
    const best = (bench: DeskBench): number =>
      Math.max(...bench.sink.placed(SIDE_BUY).map(({ priceTicks }) => priceTicks));
    assert.ok(best(quoted(1e6)) < best(quoted(0)));
    assert.ok(best(quoted(-1e6)) > best(quoted(0)));
  });

  it('widens when the unit does', () => {
    const bench = new DeskBench().book([], [], FAIR);
    bench.desk.unitTicks = 10;
    new MarketMaker(MAKER).quoteAll(bench.desk);
    const bids = bench.sink.placed(SIDE_BUY).map(({ priceTicks }) => priceTicks);
    assert.ok(Math.max(...bids) <= FAIR - 4 && Math.min(...bids) < FAIR - 60);
  });

  it('does nothing when its ladder stands, and nothing while answers are missing', () => {
    const bench = quoted(0);
    const maker = new MarketMaker(MAKER);
    assert.equal(maker.act(bench.desk), false, 'the quotes are under way');
    bench.settle();
    assert.equal(maker.act(bench.desk), false, 'the quotes stand');
    assert.deepEqual(bench.sink.sent, []);
  });

  it('follows the fair value by amending, a few at a time, and ends where it should', () => {
    const bench = quoted(0);
    const maker = new MarketMaker(MAKER);
    bench.settle();
    bench.desk.fairTicks = FAIR - 12;
    let rounds = 0;
    for (; rounds < 60; rounds += 1) {
      if (!maker.act(bench.desk)) break;
      assert.ok(bench.sink.sent.length <= 3);
      assert.ok(bench.sink.sent.every(({ kind }) => kind !== 'place'));
      bench.settle();
    }
    assert.ok(rounds > 1 && rounds < 60, `${rounds} rounds`);
    const bids = bench.view.own.maker(MAKER, SIDE_BUY).orders.map(({ priceTicks }) => priceTicks);
    assert.equal(bids.length, 9);
    assert.ok(Math.max(...bids) < FAIR - 12 && Math.max(...bids) >= FAIR - 15);
  });

  it('replaces what was filled', () => {
    const bench = quoted(0);
    bench.settle();
    const { own } = bench.view;
    const best = [...own.maker(MAKER, SIDE_SELL).orders].sort(
      (a, b) => a.priceTicks - b.priceTicks,
    )[0];
    own.close(best);
    assert.equal(new MarketMaker(MAKER).act(bench.desk), true);
    assert.deepEqual(
      bench.sink.placed().map(({ side, priceTicks }) => [side, priceTicks]),
      [[SIDE_SELL, best.priceTicks]],
    );
  });
});

describe('value traders', () => {
  const value = new ValueTraders([131]);

  it('leave a book alone whose touch holds the fair value', () => {
    const { desk, sink } = new DeskBench().book([[99, 5]], [[101, 5]], 100);
    assert.equal(value.act(desk), false);
    assert.deepEqual(sink.sent, []);
  });

  it('buy what is offered below the fair value and nothing above it', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const asks: [number, number][] = [
        [101, 500],
        [102, 500],
        [106, 500],
      ];
      const { desk, sink } = new DeskBench(1, seed).book([[99, 500]], asks, 104.6);
      assert.equal(value.act(desk), true);
      const [order] = sink.placed();
      assert.equal(order.side, SIDE_BUY);
      assert.ok(order.priceTicks >= 101 && order.priceTicks <= 104, `${order.priceTicks}`);
      assert.ok(order.qtyLots >= 500);
      assert.ok(order.tif === TIF_GTC || order.tif === TIF_IOC);
      assert.equal(value.act(desk), false, 'the view still shows what this order takes');
    }
  });

  it('sell in the mirrored case', () => {
    const { desk, sink } = new DeskBench().book([[99, 500]], [[101, 500]], 96.5);
    assert.equal(value.act(desk), true);
    assert.equal(sink.placed()[0].side, SIDE_SELL);
    assert.ok(sink.placed()[0].priceTicks >= 97);
  });

  it('never take more than their bound, however much is offered', () => {
    const { desk, sink } = new DeskBench().book([], [[101, 1e12]], 200);
    assert.equal(value.act(desk), true);
    assert.equal(sink.placed()[0].qtyLots, desk.sizes.sweepLotsMax);
  });
});

describe('momentum traders', () => {
  function trend(step: number): DeskBench {
    const bench = new DeskBench().book([[99, 50]], [[101, 50]], 100);
    const traders = new MomentumTraders([121]);
    for (let i = 0; i < 300; i += 1) traders.observe(100 + step * i, 100);
    traders.act(bench.desk);
    return bench;
  }

  it('follow a trend in both directions and let a still market be', () => {
    assert.equal(trend(0.3).sink.placed()[0].side, SIDE_BUY);
    assert.equal(trend(-0.3).sink.placed()[0].side, SIDE_SELL);
    assert.deepEqual(trend(0).sink.sent, []);
  });
});

describe('arbitrageurs', () => {
  // binance and hyperliquid: one BTC has 1000 and 100000 lots, one dollar 10 and 1 ticks.
  function venues(bidTicks: number, askTicks: number): [DeskBench, DeskBench, Arbitrageurs] {
    const binance = new DeskBench(6).book([[972_400, 2_000]], [[972_500, 2_000]], 972_450);
    const other = new DeskBench(11).book([[bidTicks, 50_000]], [[askTicks, 50_000]], 97_245);
    const traders = new Arbitrageurs([141]);
    traders.connect([other.desk]);
    return [binance, other, traders];
  }

  it('buy where it is cheap and sell the same amount where it is dear', () => {
    const [binance, other, traders] = venues(97_300, 97_310);
    assert.equal(traders.act(binance.desk), true);
    const [bought] = binance.sink.placed();
    const [sold] = other.sink.placed();
    assert.deepEqual(
      [bought.side, bought.priceTicks, bought.qtyLots, bought.tif],
      [SIDE_BUY, 972_500, 500, TIF_IOC],
    );
    assert.deepEqual([sold.side, sold.priceTicks, sold.qtyLots], [SIDE_SELL, 97_300, 50_000]);
    assert.equal(traders.act(binance.desk), false, 'not twice on one view');
  });

  it('do it the other way round too', () => {
    const [binance, other, traders] = venues(97_180, 97_190);
    assert.equal(traders.act(binance.desk), true);
    assert.equal(binance.sink.placed()[0].side, SIDE_SELL);
    assert.equal(other.sink.placed()[0].side, SIDE_BUY);
  });

  it('leave a gap that does not pay, and a halted venue', () => {
    const [binance, other, traders] = venues(97_252, 97_260);
    assert.equal(traders.act(binance.desk), false);
    const halted = venues(97_400, 97_410);
    halted[1].view.halted = true;
    assert.equal(halted[2].act(halted[0].desk), false);
    assert.deepEqual([...binance.sink.sent, ...other.sink.sent], []);
  });
});

describe('noise traders', () => {
  const BIDS = Array.from({ length: 30 }, (_, i): [number, number] => [FAIR - 2 - i, 100]);
  const ASKS = Array.from({ length: 30 }, (_, i): [number, number] => [FAIR + 2 + i, 100]);

  function acted(orders: number, turns: number): DeskBench {
    const bench = new DeskBench(1, 3).book(BIDS, ASKS, FAIR);
    for (let i = 0; i < orders; i += 1) {
      bench.rest(111, i % 2, i % 2 === SIDE_BUY ? FAIR - 2 - (i % 30) : FAIR + 2 + (i % 30), 100);
    }
    const traders = new NoiseTraders([111, 112], new Prng(5));
    for (let turn = 0; turn < turns; turn += 1) {
      bench.desk.begin(turn * 100_000);
      traders.act(bench.desk);
    }
    return bench;
  }

  function share(bench: DeskBench, kind: string): number {
    return (
      bench.sink.sent.filter((command) => command.kind === kind).length / bench.sink.sent.length
    );
  }

  it('cancel the more the fuller the book is, and nothing of a thin one', () => {
    assert.equal(share(acted(60, 400), 'cancel'), 0);
    const normal = share(acted(240, 1_000), 'cancel');
    const full = share(acted(320, 1_000), 'cancel');
    assert.ok(normal > 0.15 && normal < 0.4, `${normal}`);
    assert.ok(full > normal + 0.2, `${full}`);
  });

  it('place limit orders near and far by a heavy-tailed distance, never through the touch', () => {
    const { sink } = acted(240, 4_000);
    const bids = sink.placed(SIDE_BUY).filter(({ orderType }) => orderType !== ORDER_TYPE_MARKET);
    const distances = bids.map(({ priceTicks }) => FAIR + 2 - priceTicks);
    assert.ok(distances.every((distance) => distance >= 1));
    const near = distances.filter((distance) => distance <= 12).length / distances.length;
    const far = distances.filter((distance) => distance > 60).length / distances.length;
    assert.ok(near > 0.5 && far > 0.02 && far < 0.25, `${near} ${far}`);
  });

  it('send market orders in runs of one direction', () => {
    const { sink } = acted(240, 6_000);
    const signs = sink
      .placed()
      .filter(({ orderType }) => orderType === ORDER_TYPE_MARKET)
      .map(({ side }) => (side === SIDE_BUY ? 1 : -1));
    const same = signs.slice(1).map((sign, i) => (sign === signs[i] ? 1 : 0));
    assert.ok(signs.length > 500);
    assert.ok(mean(same) > 0.55, `${mean(same)}`);
  });

  it('fill an empty book on both sides of the fair value', () => {
    const bench = new DeskBench().book([], [], FAIR);
    new NoiseTraders([111], new Prng(6)).seed(bench.desk, 200);
    assert.equal(bench.sink.placed(SIDE_BUY).length, 100);
    assert.ok(bench.sink.placed(SIDE_BUY).every(({ priceTicks }) => priceTicks < FAIR));
    assert.ok(bench.sink.placed(SIDE_SELL).every(({ priceTicks }) => priceTicks > FAIR));
  });
});
