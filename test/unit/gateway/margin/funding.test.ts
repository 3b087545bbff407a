import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fundingRatePpb } from '../../../../src/domain/funding.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../../src/domain/orders.ts';
import type { VenueEvent } from '../../../../src/domain/venue-events.ts';
import { MarginScene } from '../../../support/margin-scene.ts';
import { shippedMarkets } from '../../../support/markets.ts';

const markets = shippedMarkets([6, 11]);
const [btc, hourly] = markets.all;
const COLLATERAL = { USDT: 10_000e6, USDC: 10_000e6 };
const PRICE = 1_000_000;
const HOUR_MS = 3_600_000;

async function scene(): Promise<MarginScene> {
  const made = new MarginScene(markets, { collateral: COLLATERAL });
  made.quote(btc, PRICE - 10, PRICE + 10, 100_000);
  made.quote(hourly, 100_000 - 1, 100_000 + 1, 100_000_000);
  await made.pass(3);
  return made;
}

function of<K extends VenueEvent['kind']>({ venue }: MarginScene, kind: K, marketId: number) {
  return venue.recorded.filter(
    (event) => event.kind === kind && 'marketId' in event && event.marketId === marketId,
  ) as (VenueEvent & { kind: K })[];
}

/** Puts the clock a second before the end of the market's interval. */
function nearEnd(made: MarginScene, marketId: number): void {
  const next = made.venue.views.get(marketId)?.derivatives.nextFundingSeconds ?? 0;
  assert.ok(next > 0);
  made.nowMs = (next - 1) * 1000;
}

describe('funding', () => {
  it('is the premium drawn towards the interest, for the length of the interval, within bounds', () => {
    const eight = 8 * 3600;
    // No premium: 0.01 % for eight hours. Up to 0.05 % around the interest nothing else.
    assert.equal(fundingRatePpb(0, eight, 7_500_000), 100_000);
    assert.equal(fundingRatePpb(600_000, eight, 7_500_000), 100_000);
    assert.equal(fundingRatePpb(-400_000, eight, 7_500_000), 100_000);
    assert.equal(fundingRatePpb(1_000_000, eight, 7_500_000), 500_000);
    assert.equal(fundingRatePpb(-1_000_000, eight, 7_500_000), -500_000);
    assert.equal(fundingRatePpb(1_000_000, 3600, 7_500_000), 62_500);
    assert.equal(fundingRatePpb(90_000_000, eight, 7_500_000), 7_500_000);
    assert.equal(Object.is(fundingRatePpb(-500_000, eight, 7_500_000), 0), true, 'no -0');
  });

  it('moves from longs to shorts at the end of each interval, once, and sums to zero', async () => {
    const made = await scene();
    await made.open(1, btc, SIDE_BUY, 500, 10);
    await made.open(2, btc, SIDE_SELL, 300, 10);
    nearEnd(made, btc.id);
    await made.pass(5);
    const [settled, ...more] = of(made, 'FundingSettled', btc.id);
    assert.equal(more.length, 0);
    assert.equal(settled.intervalEndSeconds % 28_800, 0);
    assert.equal(settled.ratePpb, 100_000);
    // 500 lots are 50 000 USDT: 0.01 % of them are 5 USDT; the maker is short what remains of them.
    assert.deepEqual(settled.payments, [
      [60, -200, 2_000_000],
      [101, 500, -5_000_000],
      [102, -300, 3_000_000],
    ]);
    const position = made.account(1).positions.find(({ market }) => market === btc);
    assert.equal(position?.fundingUnits, -5_000_000);
    assert.equal(made.venue.ledger.sumOf('USDT'), 0n);
    const history = { fromSeconds: 0, toSeconds: 4e9, intervalSeconds: 300, limit: 10 };
    const points = made.venue.engine.margin.fundingHistory(btc, history);
    assert.deepEqual(points, [
      { seconds: settled.intervalEndSeconds, ratePpb: 100_000, markTicks: PRICE },
    ]);
  });

  it('is neither paid twice nor left out when the clock jumps or nothing ran', async () => {
    const made = await scene();
    await made.open(1, hourly, SIDE_BUY, 1_000_000, 10);
    nearEnd(made, hourly.id);
    await made.pass(3);
    made.nowMs -= 2 * HOUR_MS;
    await made.pass(3);
    assert.equal(of(made, 'FundingSettled', hourly.id).length, 1, 'nothing for an hour once more');
    nearEnd(made, hourly.id);
    await made.pass(3);
    // Ten hours go by: the one that had begun is settled late, the others are skipped, and that is said.
    made.nowMs += 10 * HOUR_MS;
    await made.pass(4);
    const settled = of(made, 'FundingSettled', hourly.id);
    const [skipped, ...more] = of(made, 'FundingSkipped', hourly.id);
    assert.equal(settled.length, 3);
    assert.equal(more.length, 0);
    assert.equal(skipped.fromSeconds, settled[2].nextSeconds);
    assert.equal((skipped.toSeconds - skipped.fromSeconds) / 3600, 8);
    const { nextFundingSeconds } = made.venue.views.get(hourly.id)?.derivatives ?? {};
    assert.equal(nextFundingSeconds, skipped.nextSeconds);
    assert.ok((nextFundingSeconds ?? 0) * 1000 > made.nowMs);
  });

  it('samples open interest every five minutes', async () => {
    const made = await scene();
    await made.open(1, btc, SIDE_BUY, 123, 10);
    for (let i = 0; i < 3; i += 1) {
      made.nowMs += 300_000;
      await made.pass(2);
    }
    const history = { fromSeconds: 0, toSeconds: 4e9, intervalSeconds: 300, limit: 2 };
    const points = made.venue.engine.margin.openInterestHistory(btc, history);
    assert.deepEqual(
      points.map(({ lots }) => lots),
      [123, 123],
    );
    assert.equal(points[1].seconds - points[0].seconds, 300);
  });
});
