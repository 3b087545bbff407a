import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMarginEvent } from '../../src/domain/margin-events.ts';
import { marginProblems } from '../../src/ledger/margin-audit.ts';
import { LeveragedRun } from '../support/leveraged-run.ts';
import { shippedMarkets } from '../support/markets.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? 1);
const MINUTES = 45;

describe('simulated traders on margin', () => {
  it(`take positions, are liquidated, and are followed by others (seed ${SEED})`, async () => {
    const markets = shippedMarkets([6, 7, 9]).all;
    const run = new LeveragedRun(markets, SEED, 60);
    await run.run(MINUTES * 60);
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
});
