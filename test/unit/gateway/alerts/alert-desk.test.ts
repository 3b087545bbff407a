import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AlertEvent, isAlertEvent } from '../../../../src/domain/alert-events.ts';
import * as C from '../../../../src/domain/result-codes.ts';
import type { VenueEvent } from '../../../../src/domain/venue-events.ts';
import { AlertDesk, type PastTrade } from '../../../../src/gateway/alerts/alert-desk.ts';
import type { Valuation } from '../../../../src/gateway/portfolios/valuation.ts';
import type { Clock } from '../../../../src/lib/clock.ts';
import type { TradeBatch } from '../../../../src/projections/trade-batch.ts';
import { shippedMarkets } from '../../../support/markets.ts';

const [MARKET] = shippedMarkets().all;
const TERMS = { userId: 1, direction: 'above', repeats: false, note: '' } as const;
const PRICE = { ...TERMS, marketId: MARKET.id, priceTicks: 100 } as const;

/** A desk whose facts become durable when told, over a portfolio whose value is told. */
class Scene {
  readonly facts: AlertEvent[];
  readonly fired: [id: number, value: number][] = [];
  readonly errors: unknown[] = [];
  readonly desk: AlertDesk;
  lastTicks = 0;
  trades: PastTrade[] = [];
  nowMs = 1_000_000;
  totalUnits = 0;
  ringIsFull = false;
  private readonly waiting: { event: AlertEvent; done: () => void }[] = [];

  constructor(facts: readonly AlertEvent[] = []) {
    this.facts = [...facts];
    const clock = { nowMs: () => this.nowMs, tick: () => undefined, seconds: 0, nanos: 0 } as Clock;
    this.desk = new AlertDesk({
      clock,
      record: (event: VenueEvent) => this.record(event),
      refusal: () => C.OK,
      valuation: () => this.valuation(),
      marketsOf: () => new Set([MARKET]),
      figures: async () => ({ var95: 50, var99: null, maxDrawdown: -0.5 }),
      recentTrades: () => this.trades,
      lastTicks: () => this.lastTicks,
      isOpenPortfolio: (userId, portfolioId) => userId === 1 && portfolioId === 7,
      onError: (error) => this.errors.push(error),
    });
    this.desk.onFired(({ alertId }, value) => this.fired.push([alertId, value]));
    for (const fact of facts) this.desk.apply(fact);
  }

  private record(event: VenueEvent): Promise<void> {
    assert.ok(isAlertEvent(event));
    if (this.ringIsFull) return Promise.reject(new Error('the venue ring is full'));
    return new Promise((done) => this.waiting.push({ event, done }));
  }

  private valuation(): Valuation {
    const money = { cashUnits: this.totalUnits, freeCashUnits: 0, positionsUnits: 0 };
    const { quote: currency } = MARKET;
    const whose = { portfolioId: 7, userId: 1, kind: 'cash', title: '' } as const;
    const { totalUnits } = this;
    return { ...whose, ...money, totalUnits, currency, positions: [], dayChangeUnits: 0 };
  }

  /** Everything recorded becomes durable. */
  async settle(): Promise<void> {
    for (let i = 0; i < 3; i += 1) {
      for (const { event, done } of this.waiting.splice(0)) {
        this.facts.push(event);
        this.desk.apply(event);
        done();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  trade(...prices: number[]): void {
    const trades = { length: prices.length, pricesTicks: Float64Array.from(prices) } as TradeBatch;
    this.lastTicks = prices.at(-1) ?? 0;
    this.desk.publish({ market: MARKET, trades, derivatives: { markTicks: 0 } });
  }

  async set(terms: object = {}): Promise<void> {
    const made = this.desk.setPrice({ ...PRICE, ...terms });
    await this.settle();
    assert.equal(typeof (await made), 'object');
  }
}

describe('the alert desk', () => {
  it('fires once, when that is durable, for any trade of a batch', async () => {
    const scene = new Scene();
    scene.desk.start();
    await scene.set();
    scene.trade(90, 105, 91);
    scene.trade(110);
    assert.deepEqual(scene.fired, [], 'not before it is durable');
    await scene.settle();
    scene.trade(120);
    await scene.settle();
    assert.deepEqual(scene.fired, [[1, 105]]);
    assert.equal(scene.facts.filter(({ kind }) => kind === 'AlertFired').length, 1);
    const [alert] = scene.desk.list(1);
    assert.deepEqual([alert.firings, alert.firedValue], [1, 105]);
  });

  it('fires at once for what is reached when it is set', async () => {
    const scene = new Scene();
    scene.desk.start();
    scene.trade(150);
    await scene.set();
    await scene.settle();
    assert.deepEqual(scene.fired, [[1, 150]]);
  });

  it('repeats only after the price was on the other side', async () => {
    const scene = new Scene();
    scene.desk.start();
    await scene.set({ repeats: true });
    for (const price of [101, 102, 100, 99, 100]) {
      scene.trade(price);
      await scene.settle();
    }
    assert.deepEqual(scene.fired, [
      [1, 101],
      [1, 100],
    ]);
  });

  it('a kill before the fact was durable is made good at the next start, after it changes nothing', async () => {
    const before = new Scene();
    before.desk.start();
    await before.set();
    // This process dies here: the trade is durable, the firing is not.
    before.trade(105, 90);
    const atMs = before.nowMs;
    const next = new Scene(before.facts);
    next.lastTicks = 90;
    next.trades = [
      { priceTicks: 130, atMs: atMs - 1 },
      { priceTicks: 105, atMs },
      { priceTicks: 107, atMs },
      { priceTicks: 90, atMs },
    ];
    next.desk.start();
    await next.settle();
    assert.deepEqual(next.fired, [[1, 105]], 'and not for what was before it was set');
    const last = new Scene(next.facts);
    last.trades = next.trades;
    last.lastTicks = 200;
    last.desk.start();
    last.trade(200);
    await last.settle();
    assert.deepEqual(last.fired, []);
  });

  it('a firing that could not be written is tried again by the next price', async () => {
    const scene = new Scene();
    scene.desk.start();
    await scene.set();
    scene.ringIsFull = true;
    scene.trade(105);
    await scene.settle();
    assert.equal(scene.errors.length, 1);
    scene.ringIsFull = false;
    scene.trade(106);
    await scene.settle();
    assert.deepEqual(scene.fired, [[1, 106]]);
  });

  it('what was taken back while it fired is told nobody', async () => {
    const scene = new Scene();
    scene.desk.start();
    await scene.set();
    const removed = scene.desk.remove(1, 1);
    scene.trade(105);
    await scene.settle();
    assert.equal(typeof (await removed), 'object');
    assert.deepEqual([scene.fired, scene.desk.list(1)], [[], []]);
    assert.equal(await scene.desk.remove(1, 1), C.UNKNOWN_ALERT);
    assert.equal(await scene.desk.remove(2, 1), C.UNKNOWN_ALERT);
  });

  it('looks at a portfolio’s figures when its account or a price of it changes', async () => {
    const scene = new Scene();
    scene.desk.start();
    scene.totalUnits = 10_000_000;
    const terms = { ...TERMS, portfolioId: 7, direction: 'below' } as const;
    const set = [
      scene.desk.setRisk({ ...terms, metric: 'total_value', threshold: 5 }),
      scene.desk.setRisk({ ...terms, metric: 'max_drawdown', threshold: -0.4 }),
      scene.desk.setRisk({ ...terms, metric: 'var_99', threshold: 1e9 }),
    ];
    assert.equal(
      await scene.desk.setRisk({ ...terms, portfolioId: 8, metric: 'day_change', threshold: 0 }),
      C.UNKNOWN_PORTFOLIO,
    );
    await scene.settle();
    await Promise.all(set);
    // The later ones were set within the interval of the first look.
    scene.nowMs += 1000;
    scene.trade(1);
    await scene.settle();
    // Of the history there is a drawdown, and no such value at risk.
    assert.deepEqual(scene.fired, [[2, -0.5]]);
    scene.totalUnits = 4_000_000;
    scene.nowMs += 1000;
    scene.trade(1);
    await scene.settle();
    assert.deepEqual(scene.fired.at(-1), [1, 4]);
    scene.nowMs += 1000;
    scene.desk.accountChanged(7);
    await scene.settle();
    assert.equal(scene.fired.length, 2);
  });
});
