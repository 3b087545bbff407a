import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMarginEvent } from '../../src/domain/margin-events.ts';
import { marginProblems } from '../../src/ledger/margin-audit.ts';
import { type BarFacts, SPIKE_THRESHOLDS, spikeOf } from '../../src/surfaces/takashi/spikes.ts';
import { LeveragedRun } from '../support/leveraged-run.ts';
import { shippedMarkets } from '../support/markets.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? 1);
const MINUTES = 45;

describe('simulated traders on margin', () => {
  it(`take positions, are liquidated, and are followed by others (seed ${SEED})`, async () => {
    const markets = shippedMarkets([6, 7, 9]).all;
    const run = new LeveragedRun(markets, SEED, 60);
    const premiums: number[] = [];
    for (let minute = 0; minute < MINUTES; minute += 1) {
      await run.run(60);
      for (const { id } of markets) {
        premiums.push(Math.abs(run.venue.views.get(id)?.derivatives.premiumPpb ?? 0));
      }
    }
    // Funding is paid for what one-sided traders pay above the index: basis points, not thousandths.
    assert.ok(Math.max(...premiums) > 400_000, `premiums up to ${Math.max(...premiums)}`);
    assert.ok(Math.max(...premiums) < 6_000_000);
    const { recorded, ledger, views } = run.venue;
    assert.deepEqual(run.errors, []);
    const entries = recorded.filter(isMarginEvent);
    assert.deepEqual(entries.flatMap(marginProblems), []);
    const count = (kind: string): number => entries.filter((one) => one.kind === kind).length;
    const begun = count('LiquidationStarted');
    // A few an hour in a busy market: neither none in three of them, nor a flood.
    assert.ok(begun >= 1 && begun < 60, `${begun} liquidations`);
    assert.ok(begun - count('LiquidationEnded') <= 1);
    assert.ok(count('CollateralMoved') > run.traders.length, 'new traders came');
    for (const asset of ['USDT', 'BTC', 'ETH']) assert.equal(ledger.sumOf(asset), 0n);
    for (const market of markets) {
      const { openInterestLots, interestPoints, nextFundingSeconds } =
        views.get(market.id)?.derivatives ?? {};
      assert.ok((openInterestLots ?? 0) > 0, 'there is open interest');
      assert.ok((interestPoints?.length ?? 0) >= 9, 'and its history');
      assert.ok((nextFundingSeconds ?? 0) % 28_800 === 0);
    }
  });

  const long =
    process.env.OPENBELL_TEST_LONG === '1' ? false : 'takes a minute: OPENBELL_TEST_LONG=1';
  it('move funding, and now and then the open interest out of the ordinary', {
    skip: long,
  }, async () => {
    const run = new LeveragedRun(shippedMarkets([6, 9, 11]).all, SEED, 30);
    const bars: BarFacts[] = [];
    const rates = new Set<number>();
    let spikes = 0;
    let interest = 0;
    let volume = 0;
    for (let bar = 0; bar < 12 * 9; bar += 1) {
      await run.run(300);
      const { derivatives, ticker } = run.venue.views.get(6)!;
      const { openInterestLots, predictedRatePpb } = derivatives;
      const volumeLots = ticker.tradedLotsTotal - volume;
      bars.push({ interestLots: openInterestLots - interest, volumeLots });
      interest = openInterestLots;
      volume = ticker.tradedLotsTotal;
      rates.add(predictedRatePpb);
      if (spikeOf(bars, SPIKE_THRESHOLDS['5m']) !== undefined) spikes += 1;
    }
    assert.ok(rates.size > 3, `rates ${[...rates]}`);
    assert.ok(spikes >= 1 && spikes < 20, `${spikes} spikes`);
  });
});
