import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Prng } from '../../../src/lib/prng.ts';
import { HawkesFlow, RateGovernor } from '../../../src/simulation/order-flow.ts';
import { autocorrelation, mean, variance } from '../../support/statistics.ts';

function counts(flow: HawkesFlow, perSecond: number, steps: number, stepMs: number): number[] {
  return Array.from({ length: steps }, () => flow.arrivals(stepMs, perSecond));
}

describe('self-exciting arrivals', () => {
  it('settle at the mean they are asked for', () => {
    for (const perSecond of [0.5, 8, 60]) {
      const flow = new HawkesFlow(new Prng(1), perSecond);
      const found = mean(counts(flow, perSecond, 100_000, 50)) * 20;
      assert.ok(Math.abs(found / perSecond - 1) < 0.08, `${found} of ${perSecond}`);
    }
  });

  it('come in bursts that a Poisson process has not', () => {
    const flow = new HawkesFlow(new Prng(2), 8);
    const perSecond = counts(flow, 8, 20_000, 1_000);
    assert.ok(variance(perSecond) / mean(perSecond) > 1.8);
    assert.ok(autocorrelation(perSecond, 1) > 0.1);
  });

  it('answer to what excites them, and forget it', () => {
    const flow = new HawkesFlow(new Prng(3), 1);
    flow.excite(100);
    const soon = counts(flow, 1, 40, 50).reduce((sum, count) => sum + count, 0);
    assert.ok(soon > 60, `${soon}`);
    counts(flow, 1, 4_000, 50);
    const late = mean(counts(flow, 1, 4_000, 50)) * 20;
    assert.ok(late < 2, `${late}`);
  });

  it('never run away within one step', () => {
    const flow = new HawkesFlow(new Prng(4), 1);
    flow.excite(1e9);
    assert.equal(flow.arrivals(1_000, 1), 200);
  });
});

describe('the rate governor', () => {
  it('finds the arrivals that give the target, whatever an arrival costs', () => {
    for (const cost of [0.6, 1, 2.5]) {
      const governor = new RateGovernor(10);
      let commands = 0;
      for (let step = 0; step < 60_000; step += 1) {
        const sent = (governor.arrivalsPerSecond * cost) / 10;
        if (step >= 30_000) commands += sent;
        governor.record(sent, 100);
      }
      const found = commands / 3_000;
      assert.ok(Math.abs(found / 10 - 1) < 0.05, `${found} at a cost of ${cost}`);
    }
  });

  it('keeps within its range when nothing helps', () => {
    const governor = new RateGovernor(10);
    for (let step = 0; step < 100_000; step += 1) governor.record(0, 100);
    assert.equal(governor.arrivalsPerSecond, 30);
    for (let step = 0; step < 100_000; step += 1) governor.record(1_000, 100);
    assert.equal(governor.arrivalsPerSecond, 1);
  });
});
