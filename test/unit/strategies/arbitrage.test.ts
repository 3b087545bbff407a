import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { arbitrage } from '../../../src/strategies/arbitrage.ts';
import { type SceneOptions, StrategyScene } from '../../support/strategy-scene.ts';

/** BTC-USDT on binance (takers pay 5 bps) and on bybit (5.5 bps). */
const BINANCE = 6;
const BYBIT = 9;
const MID = 970_000;
const PARAMETERS = { min_edge_bps: 2, order_notional: 9_700, base_inventory: 9_700 };

function scene(options: Partial<SceneOptions> = {}): StrategyScene {
  const { parameters, ...others } = options;
  const on = new StrategyScene(arbitrage, {
    marketIds: [BINANCE, BYBIT],
    canShort: true,
    ...others,
    parameters: { ...PARAMETERS, ...parameters },
  });
  on.quote(BINANCE, MID - 10, MID + 10, 5000);
  on.quote(BYBIT, MID - 10, MID + 10, 5000);
  on.pass(500);
  return on;
}

describe('arbitrage', () => {
  it('takes both legs when what is left after the fees exceeds the threshold, and not before', () => {
    const on = scene();
    // 10.5 bps of fees and 2 bps of edge: a bid about 1 213 ticks above the ask at 970 010.
    on.quote(BYBIT, MID + 1200, MID + 1300, 5000);
    on.pass(500);
    assert.deepEqual(on.text, []);
    on.quote(BYBIT, MID + 1240, MID + 1300, 5000);
    on.pass(50);
    assert.deepEqual(on.text.slice(0, 2), [
      'place 9 sell 100@971240 ioc',
      'place 6 buy 100@970010 ioc',
    ]);
    assert.equal(on.host.positionLots(BINANCE), 100);
    assert.equal(on.host.positionLots(BYBIT), -100);
  });

  it('takes no more than both touches hold, and pauses between two trades', () => {
    const on = scene({ parameters: { cooldown_ms: 400 } });
    on.quote(BYBIT, MID + 2000, MID + 2100, 30);
    on.pass(300);
    assert.deepEqual(on.text, ['place 9 sell 30@972000 ioc', 'place 6 buy 30@970010 ioc']);
  });

  it('works off the leg that the other one missed, where that is cheapest', () => {
    const on = scene();
    // The bid is gone before the sale gets there: only the purchase trades.
    on.quote(BYBIT, MID + 2000, MID + 2100, 50);
    on.text.length = 0;
    const before = on.host.positionLots(BINANCE) + on.host.positionLots(BYBIT);
    assert.equal(before, 0, 'both legs have traded');
    on.host.record.fill(BINANCE, 7, MID, 0);
    on.pass(500);
    // Seven lots too many: sold where they bring most.
    assert.match(on.text[0], /^place \d+ sell 7@\d+ ioc$/);
    assert.equal(on.host.positionLots(BINANCE) + on.host.positionLots(BYBIT), 0);
  });

  it('buys something to sell where it cannot go short, and keeps that inventory', () => {
    const on = scene({ canShort: false });
    assert.match(on.text[0], /^place 6 buy 100@\d+ ioc$/);
    on.quote(BYBIT, MID + 2000, MID + 2100, 5000);
    on.pass(200);
    assert.match(on.text[1], /^place 9 sell 100@/, 'all of it, and no more');
    assert.ok(on.host.positionLots(BYBIT) <= -100);
    assert.equal(on.host.positionLots(BYBIT) + on.host.positionLots(BINANCE), 100);
  });

  it('brings positions back at a lower edge than it takes them', () => {
    const on = scene({ parameters: { rebalance_edge_bps: -12 } });
    on.quote(BYBIT, MID + 2000, MID + 2100, 5000);
    on.pass(50);
    assert.equal(on.host.positionLots(BYBIT), -100);
    on.quote(BYBIT, MID - 20, MID + 5, 5000);
    on.pass(500);
    // Back for the fees alone: selling on binance at 969 990, buying on bybit at 970 005.
    assert.equal(on.host.positionLots(BYBIT), 0);
    assert.equal(on.host.positionLots(BINANCE), 0);
  });

  it('stays within the greatest position', () => {
    const on = scene({ parameters: { max_position: 20_000 } });
    for (let i = 0; i < 10; i += 1) {
      on.quote(BYBIT, MID + 2000, MID + 2100, 5000);
      on.quote(BINANCE, MID - 10, MID + 10, 5000);
      on.pass(1000);
    }
    assert.ok(on.host.positionLots(BINANCE) <= 206, `${on.host.positionLots(BINANCE)}`);
    assert.ok(on.host.positionLots(BINANCE) >= 190);
    assert.equal(on.host.positionLots(BINANCE) + on.host.positionLots(BYBIT), 0);
  });
});
