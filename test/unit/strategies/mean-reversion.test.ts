import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SIDE_BUY } from '../../../src/domain/orders.ts';
import { meanReversion } from '../../../src/strategies/mean-reversion.ts';
import { type SceneOptions, StrategyScene } from '../../support/strategy-scene.ts';

const ETH = 7;
const START = 342_000;
const PARAMETERS = {
  window_samples: 20,
  entry_z: 2,
  exit_z: 0.5,
  stop_z: 4,
  min_deviation_bps: 1,
  position_notional: 3_420,
  cooldown_seconds: 60,
};

function scene(options: Partial<SceneOptions> = {}): StrategyScene {
  const { parameters, ...others } = options;
  return new StrategyScene(meanReversion, {
    marketIds: [ETH],
    ...others,
    parameters: { ...PARAMETERS, ...parameters },
  });
}

function sample(on: StrategyScene, ...mids: number[]): void {
  for (const mid of mids) {
    on.quote(ETH, mid - 2, mid + 2, 10_000);
    on.pass(1000);
  }
}

/** Twenty samples that swing by 100 ticks around the start: mean 342 000, deviation 100. */
function swing(on: StrategyScene): void {
  for (let i = 0; i < 20; i += 1) sample(on, START + (i % 2 === 0 ? 100 : -100));
}

describe('mean reversion', () => {
  it('buys what is two deviations below its mean and sells it when it is back', () => {
    const on = scene();
    swing(on);
    assert.deepEqual(on.text, []);
    sample(on, START - 240);
    // The newest sample is in the window: mean 341 983, deviation about 113; z is −2.
    assert.equal(on.text.length, 1);
    assert.match(on.text[0], /^place 7 buy 1000@341\d+ ioc$/);
    assert.equal(on.host.positionLots(ETH), 1000);
    sample(on, START - 150);
    assert.equal(on.host.positionLots(ETH), 1000, 'not back yet');
    sample(on, START + 20);
    assert.equal(on.host.positionLots(ETH), 0);
    assert.equal(on.text.length, 2);
  });

  it('sells what is too high only where it may go short', () => {
    const cash = scene();
    swing(cash);
    sample(cash, START + 240);
    assert.deepEqual(cash.text, []);
    const margin = scene({ canShort: true });
    swing(margin);
    sample(margin, START + 240);
    assert.match(margin.text[0], /^place 7 sell/);
  });

  it('gives up at the stop and keeps away for the pause', () => {
    const on = scene({ parameters: { entry_z: 1.5, stop_z: 2.5 } });
    swing(on);
    sample(on, START - 200);
    assert.equal(on.host.positionLots(ETH), 1000);
    sample(on, START - 1500);
    assert.equal(on.host.positionLots(ETH), 0, 'stopped');
    const sent = on.text.length;
    swing(on);
    sample(on, START - 200);
    assert.equal(on.text.length, sent, 'the pause is not over');
  });

  it('does not chase a price that is beyond the stop already, nor one that hardly moved', () => {
    const crash = scene({ parameters: { stop_z: 3 } });
    swing(crash);
    sample(crash, START - 3000);
    assert.deepEqual(crash.text, []);
    const calm = scene({ parameters: { min_deviation_bps: 50 } });
    swing(calm);
    sample(calm, START - 240);
    assert.deepEqual(calm.text, []);
  });

  it('measures against the trades when told to', () => {
    const on = scene({ parameters: { anchor: 'vwap', min_deviation_bps: 5 } });
    swing(on);
    sample(on, START - 240);
    assert.deepEqual(on.text, [], 'nothing has traded: there is no anchor');
    on.quote(ETH, START + 98, START + 102, 10_000);
    on.take(ETH, SIDE_BUY, START + 102, 500);
    sample(on, START - 200);
    // Three hundred ticks below the one trade there was.
    assert.match(on.text[0], /^place 7 buy/);
  });
});
