import type { Market } from '../../src/domain/markets.ts';
import {
  AMEND_REMAINING,
  ORDER_FLAG_POST_ONLY,
  ORDER_TYPE_LIMIT,
  SELF_TRADE_ALLOWED,
  SELF_TRADE_EXPIRE_MAKER,
  SELF_TRADE_EXPIRE_TAKER,
  SIDE_BUY,
  SIDE_SELL,
  TIF_GTC,
  TIF_IOC,
} from '../../src/domain/orders.ts';
import { OK } from '../../src/domain/result-codes.ts';
import type { OrderView } from '../../src/gateway/venue.ts';
import { TrackRecord } from '../../src/ledger/track-record.ts';
import { orderName } from '../../src/strategies/client-ids.ts';
import type {
  DeploymentHost,
  DeploymentSpec,
  OrderSink,
} from '../../src/strategies/deployment-host.ts';
import type { HostedOrder } from '../../src/strategies/own-order.ts';
import { readParameters } from '../../src/strategies/parameters.ts';
import type { OrderIntent, StrategyDefinition } from '../../src/strategies/strategy.ts';
import { StrategyRuntime } from '../../src/strategies/strategy-runtime.ts';
import { shippedMarkets } from './markets.ts';
import { OneThreadVenue } from './one-thread-venue.ts';

const OTHERS = { userId: 1, portfolioId: 2 };
const TRADER = { userId: 2, portfolioId: 3 };
export const DEPLOYMENT_ID = 7;

export interface SceneOptions {
  readonly marketIds: readonly number[];
  readonly parameters?: Readonly<Record<string, number | boolean | string>>;
  /** As a margin portfolio would be: the runtime lets it go short, the fake money is there. */
  readonly canShort?: boolean;
  /** Of both users, in whole units of each asset; plenty unless told. */
  readonly balances?: Readonly<Record<string, number>>;
}

type Sent =
  | { readonly kind: 'place'; readonly order: HostedOrder; readonly intent: OrderIntent }
  | { readonly kind: 'cancel'; readonly order: HostedOrder }
  | { readonly kind: 'amend'; readonly order: HostedOrder; readonly price: number; lots: number };

/**
 * A strategy on the real door, ledger and matching, in one thread and with a clock that only the test
 * moves: what a backtest does. `text` tells every command the strategy sent.
 */
export class StrategyScene implements OrderSink {
  readonly markets: readonly Market[];
  readonly venue: OneThreadVenue;
  readonly runtime: StrategyRuntime;
  /** Every command of the strategy, in words. */
  readonly text: string[] = [];
  nowMs: number;
  private readonly queue: Sent[] = [];
  private told = 0;
  private readonly resting = new Map<number, number[]>();

  constructor(definition: StrategyDefinition, options: SceneOptions) {
    const registry = shippedMarkets(options.marketIds);
    this.markets = registry.all;
    const balances: Record<string, number> = {};
    for (const { base, quote } of registry.all) {
      for (const { name, decimals } of [base, quote]) {
        const whole = options.balances?.[name] ?? 10_000_000;
        balances[name] = Math.round(whole * 10 ** decimals);
      }
    }
    this.venue = new OneThreadVenue(registry, { balances, users: 2, commandRingBytes: 1 << 18 });
    this.nowMs = this.venue.clock.nowMs();
    this.runtime = new StrategyRuntime(registry.all, [], this, () => definition);
    const read = readParameters(definition, options.parameters ?? {});
    if ('problem' in read) throw new Error(`${read.problem.parameter} ${read.problem.message}`);
    const record = new TrackRecord(new Map());
    const spec: DeploymentSpec = {
      deploymentId: DEPLOYMENT_ID,
      strategy: definition.id,
      portfolioId: TRADER.portfolioId,
      canShort: options.canShort ?? false,
      marketIds: options.marketIds,
      parameters: read.parameters,
      record: record.image(),
    };
    this.runtime.start(spec, this.nowMs);
  }

  get host(): DeploymentHost {
    const host = this.runtime.host(DEPLOYMENT_ID);
    if (host === undefined) throw new Error('the deployment has ended');
    return host;
  }

  /** Others quote both sides with one order each, in place of what they quoted before. */
  quote(marketId: number, bidTicks: number, askTicks: number, lots: number): void {
    const former = this.resting.get(marketId) ?? [];
    const ids = [this.other(marketId, SIDE_BUY, bidTicks, lots)];
    ids.push(this.other(marketId, SIDE_SELL, askTicks, lots));
    // The new ones first (what they would meet of the old leaves): the book is never one-sided.
    for (const orderId of former) {
      this.venue.engine.cancel(OTHERS.userId, orderId, () => undefined);
    }
    this.resting.set(marketId, ids);
    this.settle();
  }

  /** Somebody else takes what is there up to a price. */
  take(marketId: number, side: number, priceTicks: number, lots: number): void {
    this.other(marketId, side, priceTicks, lots, TIF_IOC);
    this.settle();
  }

  /** Time goes on, with timers every 50 ms. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 50) {
      this.nowMs += Math.min(50, left);
      this.venue.clock.seconds = Math.floor(this.nowMs / 1000);
      this.venue.clock.nanos = (this.nowMs % 1000) * 1e6;
      this.runtime.timer(this.nowMs);
      this.settle();
    }
  }

  /** Carries everything on until nothing moves any more. */
  settle(): void {
    for (let round = 0; round < 100; round += 1) {
      this.venue.settle();
      const { journal } = this.venue;
      const isQuiet = this.told === journal.length && this.queue.length === 0;
      if (isQuiet) return;
      for (; this.told < journal.length; this.told += 1) {
        const { buffer } = journal[this.told];
        const views = {
          i32: new Int32Array(buffer),
          f64: new Float64Array(buffer),
          u8: new Uint8Array(buffer),
        };
        this.runtime.record(views, 0);
      }
      for (const sent of this.queue.splice(0)) this.carryOut(sent);
    }
    throw new Error('the strategy and the market never come to rest');
  }

  /** The strategy's open orders as `side price lots`, best first for each side. */
  quotes(marketId: number): string[] {
    return [...this.host.orders(marketId)]
      .toSorted((a, b) => a.side - b.side || a.priceTicks - b.priceTicks)
      .map(({ side, priceTicks, remainingLots }) => `${name(side)} ${priceTicks} ${remainingLots}`);
  }

  place(_spec: DeploymentSpec, order: HostedOrder, intent: OrderIntent): boolean {
    this.queue.push({ kind: 'place', order, intent });
    const how = intent.immediate ? ' ioc' : intent.postOnly ? ' post-only' : '';
    const { side, priceTicks, qtyLots, marketId } = order;
    this.text.push(`place ${marketId} ${name(side)} ${qtyLots}@${priceTicks}${how}`);
    return true;
  }

  cancel(_spec: DeploymentSpec, order: HostedOrder): boolean {
    this.queue.push({ kind: 'cancel', order });
    this.text.push(`cancel ${order.marketId} ${name(order.side)} ${order.priceTicks}`);
    return true;
  }

  amend(_spec: DeploymentSpec, order: HostedOrder, price: number, lots: number): boolean {
    this.queue.push({ kind: 'amend', order, price, lots });
    const { marketId, side, priceTicks, remainingLots } = order;
    const from = `${remainingLots}@${priceTicks}`;
    this.text.push(`amend ${marketId} ${name(side)} ${from} to ${lots}@${price}`);
    return true;
  }

  private carryOut(sent: Sent): void {
    const { engine } = this.venue;
    const { order } = sent;
    const isPlacement = sent.kind === 'place';
    const done = ({ code, order: view }: { code: number; order: OrderView | null }): void => {
      if (code === OK || (isPlacement && view !== null) || code >= 400) return;
      this.runtime.denied(DEPLOYMENT_ID, order.number, isPlacement, code);
    };
    if (sent.kind === 'cancel') return engine.cancel(TRADER.userId, order.orderId, done);
    if (sent.kind === 'amend') {
      const { price: priceTicks, lots: qtyLots } = sent;
      const { orderId } = order;
      const request = {
        userId: TRADER.userId,
        orderId,
        mode: AMEND_REMAINING,
        priceTicks,
        qtyLots,
      };
      return engine.amend(request, done);
    }
    engine.place(
      {
        ...TRADER,
        market: this.market(order.marketId),
        side: order.side,
        orderType: ORDER_TYPE_LIMIT,
        tif: sent.intent.immediate ? TIF_IOC : TIF_GTC,
        flags: sent.intent.postOnly ? ORDER_FLAG_POST_ONLY : 0,
        selfTrade: SELF_TRADE_EXPIRE_TAKER,
        priceTicks: order.priceTicks,
        qtyLots: order.qtyLots,
        clientOrderId: orderName(DEPLOYMENT_ID, order.number),
      },
      done,
    );
  }

  private other(
    marketId: number,
    side: number,
    priceTicks: number,
    qtyLots: number,
    tif: number = TIF_GTC,
  ): number {
    let orderId = 0;
    const request = {
      ...OTHERS,
      market: this.market(marketId),
      side,
      orderType: ORDER_TYPE_LIMIT,
      tif,
      flags: 0,
      selfTrade: tif === TIF_GTC ? SELF_TRADE_EXPIRE_MAKER : SELF_TRADE_ALLOWED,
      priceTicks,
      qtyLots,
      clientOrderId: '',
    };
    this.venue.engine.place(request, ({ order, code }) => {
      if (order === null) throw new Error(`the others' order was denied with code ${code}`);
      orderId = order.orderId;
    });
    this.venue.settle();
    return orderId;
  }

  private market(marketId: number): Market {
    const market = this.markets.find(({ id }) => id === marketId);
    if (market === undefined) throw new Error(`market ${marketId} is not in the scene`);
    return market;
  }
}

function name(side: number): string {
  return side === SIDE_BUY ? 'buy' : 'sell';
}
