import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { momentum } from '../../../src/strategies/momentum.ts';
import { type SceneOptions, StrategyScene } from '../../support/strategy-scene.ts';

const BTC = 6;
const START = 970_000;
/** Four samples of a second fast, twelve slow. */
const PARAMETERS = {
  fast_samples: 4,
  slow_samples: 12,
  entry_bps: 5,
  exit_bps: 0,
  stop_bps: 50,
  position_notional: 9_700,
  target_volatility: 100,
  cooldown_seconds: 20,
};

function scene(options: Partial<SceneOptions> = {}): StrategyScene {
  const { parameters, ...others } = options;
  return new StrategyScene(momentum, {
    marketIds: [BTC],
    ...others,
    parameters: { ...PARAMETERS, ...parameters },
  });
}

/** The price goes by so many ticks each second, a touch of four ticks around it. */
function drift(on: StrategyScene, from: number, ticksASecond: number, seconds: number): number {
  let mid = from;
  for (let i = 0; i < seconds; i += 1) {
    mid += ticksASecond;
    on.quote(BTC, mid - 2, mid + 2, 1000);
    on.pass(1000);
  }
  return mid;
}

describe('momentum', () => {
  it('stays out while the averages are together, and before there are enough samples', () => {
    const on = scene();
    drift(on, START, 500, 11);
    assert.deepEqual(on.text, []);
    const calm = scene();
    drift(calm, START, 0, 40);
    assert.deepEqual(calm.text, []);
  });

  it('buys when the fast average leaves the slow one upwards, at the touch and a bounded way through', () => {
    const on = scene();
    drift(on, START, 200, 12);
    // 9 700 of quote at about 97 240 a coin are 99 lots of a thousandth.
    assert.deepEqual(on.text, ['place 6 buy 99@972888 ioc']);
    assert.equal(on.host.positionLots(BTC), 99);
  });

  it('gives the position up when the averages meet again, and then rests for a while', () => {
    const on = scene();
    const top = drift(on, START, 200, 14);
    drift(on, top, -200, 10);
    assert.equal(on.host.positionLots(BTC), 0);
    assert.equal(on.text.length, 2);
    assert.match(on.text[1], /^place 6 sell 99@\d+ ioc$/);
    // Up again at once: the pause after the exit is not over.
    const again = drift(on, top - 2000, 400, 8);
    assert.equal(on.text.length, 2);
    drift(on, again, 400, 14);
    assert.equal(on.text.length, 3);
  });

  it('goes short only where the portfolio may', () => {
    const cash = scene();
    drift(cash, START, -200, 20);
    assert.deepEqual(cash.text, []);
    const margin = scene({ canShort: true });
    drift(margin, START, -200, 14);
    assert.match(margin.text[0], /^place 6 sell 100@\d+ ioc$/);
    assert.ok(margin.host.positionLots(BTC) < 0);
  });

  it('is smaller in proportion when prices swing more than it aims at', () => {
    const on = scene({ parameters: { target_volatility: 0.6 } });
    drift(on, START, 200, 14);
    // 200 ticks a second are 2.06 basis points: 115.6 % a year. 0.6 / 1.156 of 99 lots.
    assert.match(on.text[0], /^place 6 buy 51@/);
  });

  it('stops a loss against the entry price whatever the averages say', () => {
    const on = scene({ parameters: { exit_bps: -1000, stop_bps: 30 } });
    const top = drift(on, START, 200, 14);
    drift(on, top, -800, 5);
    assert.equal(on.host.positionLots(BTC), 0);
    assert.equal(on.text.length, 2);
  });

  it('works off what an order did not fill, and holds on to a position over other parameters', () => {
    const on = scene();
    let mid = drift(on, START, 200, 11);
    mid += 200;
    on.quote(BTC, mid - 2, mid + 2, 60);
    on.pass(1000);
    assert.equal(on.host.positionLots(BTC), 60);
    drift(on, mid, 200, 1);
    assert.equal(on.host.positionLots(BTC), 99);
    on.host.configure({ ...on.host.spec.parameters, entry_bps: 50 });
    on.pass(1000);
    assert.equal(on.host.positionLots(BTC), 99);
  });
});
