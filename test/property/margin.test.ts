import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { marketOf } from '../../src/cli/data-directory.ts';
import { isMarginEvent } from '../../src/domain/margin-events.ts';
import type { Market } from '../../src/domain/markets.ts';
import { ORDER_FLAG_REDUCE_ONLY } from '../../src/domain/orders.ts';
import { OK } from '../../src/domain/result-codes.ts';
import { listing } from '../../src/gateway/accounts.ts';
import { StateFollower } from '../../src/gateway/state-follower.ts';
import { decodeState, encodeState, restoreState } from '../../src/gateway/state-image.ts';
import { marginProblems } from '../../src/ledger/margin-audit.ts';
import { viewsOf } from '../support/frame-bytes.ts';
import { MarginScene, marginPortfolio } from '../support/margin-scene.ts';
import { shippedMarkets } from '../support/markets.ts';
import { NaiveMargin } from '../support/naive-margin.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);
const RUNS = Number(process.env.OPENBELL_TEST_RUNS ?? 40);
const USERS = 3;
const markets = shippedMarkets([1, 6, 8, 11]);
const MIDDLES = new Map([
  [1, 20_000],
  [6, 1_000_000],
  [8, 20_000],
  [11, 100_000],
]);
const ASSETS = ['USDT', 'USDC', 'USD'];
const COLLATERAL = { USDT: 10_000e6, USDC: 10_000e6, USD: 10_000e6 };

const marketId = fc.constantFrom(1, 6, 8, 11);
const userId = fc.integer({ min: 1, max: USERS });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('trade' as const),
      userId,
      marketId,
      side: fc.integer({ min: 0, max: 1 }),
      /** Notional in units of collateral. */
      size: fc.double({ min: 0.01, max: 8, noNaN: true }),
      /** Of the middle; absent: a market order. */
      offset: fc.option(fc.double({ min: -0.02, max: 0.02, noNaN: true })),
      reduceOnly: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('open' as const),
      userId,
      marketId,
      side: fc.integer({ min: 0, max: 1 }),
      leverage: fc.constantFrom(4, 10, 40, 100),
      /** Part of what the collateral reaches with this leverage. */
      part: fc.double({ min: 0.05, max: 0.75, noNaN: true }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('leverage' as const),
      userId,
      marketId,
      leverage: fc.constantFrom(1, 4, 10, 40, 100),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('quote' as const),
      marketId,
      move: fc.double({ min: -0.15, max: 0.15, noNaN: true }),
      lots: fc.constantFrom(5, 100, 100_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('pass' as const),
      seconds: fc.constantFrom(1, 5, 60),
      jumpMs: fc.constantFrom(0, 0, 0, 3_600_000, 9 * 3_600_000, 40 * 3_600_000, -7_200_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('shift' as const),
      marketId,
      move: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
      lots: fc.constantFrom(20, 1000, 100_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('cancel' as const), userId }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Somebody is liquidated, and funding is settled, whatever chance brings. */
const LIQUIDATED: Step[] = [
  { op: 'open', userId: 1, marketId: 6, side: 0, leverage: 40, part: 0.7 },
  { op: 'pass', seconds: 5, jumpMs: 9 * 3_600_000 },
  { op: 'shift', marketId: 6, move: -0.15, lots: 100_000 },
];

/**
 * Whatever users do, prices and the clock do:
 *  - every asset sums to zero over all portfolios;
 *  - equity, maintenance margin and open interest are what a ledger in BigInt says from the journal;
 *  - after a step of the clockwork nobody is below the maintenance margin who is not being
 *    liquidated, and a liquidation begins only below it;
 *  - what one side pays in funding the other side gets, less what rounding leaves, once an interval;
 *  - the journal alone leads to the same state, also by way of a snapshot;
 *  - what orders count for is gone with the orders.
 */
describe('margin', () => {
  it(`keeps its books and its word (seed ${SEED})`, async () => {
    let liquidations = 0;
    let fundings = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const scene = new MarginScene(markets, { collateral: COLLATERAL, users: USERS });
        const checks = new Checks(scene);
        for (const market of markets.all) quote(scene, market, 0, 100_000);
        await scene.pass(1);
        for (const one of steps) {
          await perform(scene, one);
          checks.all(one.op === 'pass' || one.op === 'shift');
        }
        for (const market of markets.all) quote(scene, market, 0, 1_000_000);
        await scene.pass(120);
        checks.end();
        liquidations += checks.count('LiquidationStarted');
        fundings += checks.count('FundingSettled');
      }),
      { seed: SEED, numRuns: RUNS, includeErrorInReport: true, examples: [[LIQUIDATED]] },
    );
    assert.ok(liquidations > 0, 'somebody was liquidated');
    assert.ok(fundings > 0, 'funding was settled');
  });
});

function quote(scene: MarginScene, market: Market, move: number, lots: number): void {
  const middle = Math.round((MIDDLES.get(market.id) ?? 0) * (1 + move));
  scene.quote(market, middle - 2, middle + 2, lots);
}

async function perform(scene: MarginScene, one: Step): Promise<void> {
  const market = 'marketId' in one ? markets.get(one.marketId) : undefined;
  switch (one.op) {
    case 'pass':
      scene.nowMs += one.jumpMs;
      return scene.pass(one.seconds);
    case 'cancel':
      for (const any of markets.all) {
        const id = marginPortfolio(one.userId);
        scene.venue.engine.desk.cancelPortfolio(any, id, () => undefined);
      }
      return scene.settled();
    case 'quote':
      assert.ok(market !== undefined);
      return quote(scene, market, one.move, one.lots);
    case 'shift':
      assert.ok(market !== undefined);
      quote(scene, market, one.move, one.lots);
      return scene.pass(40);
    case 'leverage': {
      assert.ok(market !== undefined);
      let code: number | undefined;
      const { userId: user, leverage } = one;
      scene.venue.engine.margin.setLeverage({ userId: user, market, leverage }, (result) => {
        code = result;
      });
      await scene.settled();
      await scene.settled();
      assert.ok(code !== undefined);
      return;
    }
    case 'open': {
      assert.ok(market !== undefined);
      const lot = (MIDDLES.get(market.id) ?? 0) * market.quoteUnitsPerTickLot;
      const leverage = Math.min(one.leverage, market.margin?.maxLeverage ?? 1);
      const lots = Math.max(1, Math.round((one.part * leverage * COLLATERAL.USDT) / lot));
      await scene.open(one.userId, market, one.side, lots, leverage);
      return;
    }
    case 'trade': {
      assert.ok(market !== undefined);
      const middle = MIDDLES.get(market.id) ?? 0;
      const lot = middle * market.quoteUnitsPerTickLot;
      const lots = Math.max(1, Math.round((one.size * COLLATERAL.USDT) / lot));
      const price = one.offset === null ? 0 : Math.round(middle * (1 + one.offset));
      const flags = one.reduceOnly ? ORDER_FLAG_REDUCE_ONLY : 0;
      scene.trade(one.userId, market, one.side, lots, price, flags);
      return;
    }
  }
}

class Checks {
  private readonly scene: MarginScene;
  private readonly naive = new NaiveMargin(markets.all);
  private readonly portfolios = Array.from({ length: USERS }, (_, i) => marginPortfolio(i + 1));
  private frames = 0;
  private events = 0;

  constructor(scene: MarginScene) {
    this.scene = scene;
    for (const fact of scene.venue.facts) this.naive.event(fact);
  }

  count(kind: string): number {
    return this.scene.venue.recorded.filter((event) => event.kind === kind).length;
  }

  all(isStepped: boolean): void {
    const { venue } = this.scene;
    for (; this.frames < venue.journal.length; this.frames += 1) {
      this.naive.frame(venue.journal[this.frames]);
    }
    for (; this.events < venue.recorded.length; this.events += 1) {
      this.naive.event(venue.recorded[this.events]);
    }
    for (const asset of [...ASSETS, 'AAPL', 'BTC', 'SOL']) {
      assert.equal(venue.ledger.sumOf(asset), 0n, `${asset} was made or lost`);
    }
    const mark = (market: Market): number => venue.views.get(market.id)?.derivatives.markTicks ?? 0;
    for (const id of this.portfolios) {
      for (const asset of ASSETS) {
        const account = venue.engine.margin.rules.account(venue.ledger.get(id), asset);
        const equity = this.naive.equity(id, asset, mark);
        const maintenance = this.naive.maintenance(id, asset, mark);
        assert.equal(BigInt(account.equityUnits), equity, `equity of ${id} in ${asset}`);
        assert.equal(BigInt(account.maintenanceUnits), maintenance, 'maintenance margin');
        const isTaken = venue.ledger.get(id).margin?.liquidations.has(asset) === true;
        if (isStepped && !isTaken) assert.ok(equity >= maintenance, `${id} is under water`);
      }
    }
    for (const market of markets.all) {
      const lots = venue.ledger.interest.lots(market.id);
      assert.equal(BigInt(lots), this.naive.openInterest(this.portfolios, market));
    }
  }

  end(): void {
    this.all(true);
    const { venue, errors } = this.scene;
    assert.deepEqual(errors, []);
    const settled = new Map<number, number>();
    const open = new Set<string>();
    for (const event of venue.recorded.filter(isMarginEvent)) {
      assert.deepEqual(marginProblems(event), []);
      if (event.kind === 'FundingSettled') {
        const sum = event.payments.reduce((total, [, , units]) => total + units, 0);
        assert.ok(sum <= 0 && -sum <= event.payments.length, 'rounding alone goes to the fund');
        const before = settled.get(event.marketId) ?? 0;
        assert.ok(event.intervalEndSeconds > before, 'an interval is settled once');
        settled.set(event.marketId, event.intervalEndSeconds);
      } else if (event.kind === 'FundingSkipped') {
        assert.ok(event.fromSeconds > (settled.get(event.marketId) ?? 0));
        settled.set(event.marketId, event.toSeconds);
      } else if (event.kind === 'LiquidationStarted') {
        const key = `${event.portfolioId}/${event.asset}`;
        assert.ok(!open.has(key), 'nobody is liquidated twice at once');
        open.add(key);
      } else if (event.kind === 'LiquidationEnded') {
        assert.ok(open.delete(`${event.portfolioId}/${event.asset}`));
      }
    }
    assert.equal(open.size, 0, 'every liquidation has ended');
    this.assertRecovered();
    for (const userId of [1, 2, 3]) this.assertReleased(userId);
  }

  /** The journal alone leads to the same state, also through a snapshot's bytes, on listed terms. */
  private assertRecovered(): void {
    const { venue } = this.scene;
    const listed = markets.all.map((market) => marketOf(listing(market)));
    const follow = (): StateFollower => {
      const follower = new StateFollower(listed, () => undefined);
      for (const fact of venue.facts) follower.learn(fact);
      return follower;
    };
    const state = follow();
    for (const bytes of venue.journal) state.apply(viewsOf(bytes), 0);
    const body = encodeState(state);
    const restored = follow();
    restoreState(restored, decodeState(body));
    assert.deepEqual(encodeState(restored), body);
    for (const { id, balances, positions, margin } of venue.ledger.portfolios.values()) {
      for (const { ledger } of [state, restored]) {
        const twin = ledger.get(id);
        for (const asset of new Set([...balances.keys(), ...twin.balances.keys()])) {
          assert.equal(twin.balances.get(asset)?.total ?? 0, balances.get(asset)?.total ?? 0);
        }
        assert.deepEqual(twin.positions, positions);
        assert.deepEqual(twin.margin?.leverages, margin?.leverages);
        assert.deepEqual(twin.margin?.liquidations, margin?.liquidations);
      }
    }
    for (const { market, derivatives } of venue.views.all) {
      const twin = restored.views.get(market.id)?.derivatives;
      assert.deepEqual(twin?.fundingPoints, derivatives.fundingPoints);
      assert.deepEqual(twin?.interestPoints, derivatives.interestPoints);
      assert.deepEqual(twin?.recentLiquidations, derivatives.recentLiquidations);
      assert.equal(twin?.nextFundingSeconds, derivatives.nextFundingSeconds);
    }
  }

  private assertReleased(user: number): void {
    const { venue } = this.scene;
    const id = marginPortfolio(user);
    for (const market of markets.all) {
      venue.engine.desk.cancelPortfolio(market, id, () => undefined);
    }
    venue.settle();
    const { margin, openOrders } = venue.ledger.get(id);
    assert.equal(openOrders, OK);
    for (const exposure of margin?.exposures.values() ?? []) {
      assert.ok(Object.values(exposure).every((counted) => counted === 0));
    }
  }
}
