import { resultName } from '../domain/result-codes.ts';
import type { StrategyParameters } from '../domain/strategy-events.ts';
import { TrackRecord, type TrackRecordImage } from '../ledger/track-record.ts';
import { assert } from '../lib/assert.ts';
import type { MarketFeed } from './market-feed.ts';
import { OrderLimits } from './order-limits.ts';
import { HostedOrder, HostedOrders } from './own-order.ts';
import type { CommonParameters } from './parameters.ts';
import type {
  MarketSeen,
  OrderIntent,
  OrderNews,
  OwnOrder,
  Strategy,
  StrategyContext,
  StrategyDefinition,
} from './strategy.ts';

/** What a deployment starts from, at its first start and at every other. */
export interface DeploymentSpec {
  readonly deploymentId: number;
  readonly strategy: string;
  readonly portfolioId: number;
  readonly canShort: boolean;
  readonly marketIds: readonly number[];
  readonly parameters: StrategyParameters;
  readonly record: TrackRecordImage;
}

/** Where a deployment's commands go; false when there is no room for one now. */
export interface OrderSink {
  place(spec: DeploymentSpec, order: HostedOrder, intent: OrderIntent): boolean;
  cancel(spec: DeploymentSpec, order: HostedOrder): boolean;
  amend(spec: DeploymentSpec, order: HostedOrder, priceTicks: number, lots: number): boolean;
}

interface QueuedNews extends OrderNews {
  readonly order: HostedOrder;
}

/**
 * One deployment: keeps its orders, position and limits, and tells its strategy what happens. Pure: events
 * and times in, commands out, so that it runs live and in a backtest alike. A strategy that throws is
 * heard no more; why, `failure` tells.
 */
export class DeploymentHost implements StrategyContext {
  readonly spec: DeploymentSpec;
  readonly markets: readonly MarketSeen[];
  readonly canShort: boolean;
  readonly record: TrackRecord;
  nowMs = 0;
  /** Why the strategy ended, or `undefined` while it lives. */
  failure: string | undefined;
  /** True once the loss has reached its bound: nothing is sent any more. */
  lossReached = false;
  private readonly byId: ReadonlyMap<number, MarketSeen>;
  private readonly open = new HostedOrders();
  private readonly limits: OrderLimits;
  private readonly sink: OrderSink;
  private readonly strategy: Strategy | undefined;
  private readonly news: QueuedNews[] = [];
  /** The group that is being read is what a command of this deployment led to. */
  private isOwnGroup = false;
  private readonly othersMs = new Map<number, number>();
  private lastNumber: number;

  constructor(
    spec: DeploymentSpec,
    definition: StrategyDefinition,
    markets: readonly MarketSeen[],
    sink: OrderSink,
    nowMs: number,
  ) {
    this.spec = spec;
    this.markets = markets;
    this.canShort = spec.canShort;
    this.sink = sink;
    this.nowMs = nowMs;
    this.byId = new Map(markets.map((seen) => [seen.market.id, seen]));
    this.record = new TrackRecord(
      new Map(markets.map(({ market }) => [market.id, market.quoteUnitsPerTickLot])),
    );
    this.record.restore(spec.record);
    this.lastNumber = spec.record.lastOrderNumber;
    const parameters = spec.parameters as unknown as CommonParameters;
    this.limits = new OrderLimits(parameters, this.byId, this.open, this.record, spec.canShort);
    let strategy: Strategy | undefined;
    this.guard(() => {
      strategy = definition.create(this, spec.parameters);
    });
    this.strategy = strategy;
  }

  // --- StrategyContext ----------------------------------------------------------------------

  market(marketId: number): MarketSeen {
    const seen = this.byId.get(marketId);
    assert(seen !== undefined, `the deployment trades in market ${marketId}`);
    return seen;
  }

  positionLots(marketId: number): number {
    return this.record.positions.get(marketId)?.qtyLots ?? 0;
  }

  sellableLots(marketId: number): number {
    return this.limits.sellableLots(marketId);
  }

  roomLots(marketId: number, side: number, priceTicks: number): number {
    return this.limits.roomLots(marketId, side, priceTicks);
  }

  lotsOf(marketId: number, quoteAmount: number): number {
    const { market, midTicks, lastTradeTicks } = this.market(marketId);
    const ticks = midTicks || lastTradeTicks;
    if (ticks === 0) return 0;
    const units = quoteAmount * 10 ** market.quote.decimals;
    return Math.min(market.maxQtyLots, Math.floor(units / (ticks * market.quoteUnitsPerTickLot)));
  }

  othersActedMs(marketId: number): number {
    return this.othersMs.get(marketId) ?? 0;
  }

  orders(marketId: number): readonly OwnOrder[] {
    return this.open.in(marketId);
  }

  place(intent: OrderIntent): OwnOrder | undefined {
    if (this.isOver) return undefined;
    const { marketId, side, priceTicks, qtyLots, tag = '' } = intent;
    const { market } = this.market(marketId);
    if (!Number.isSafeInteger(priceTicks) || priceTicks <= 0) return undefined;
    if (!Number.isSafeInteger(qtyLots) || qtyLots < market.minQtyLots) return undefined;
    if (!this.limits.admit(marketId, side, priceTicks, qtyLots, this.nowMs)) return undefined;
    const order = new HostedOrder(this.lastNumber + 1, marketId, side, priceTicks, qtyLots, tag);
    if (!this.sink.place(this.spec, order, intent)) return undefined;
    this.lastNumber += 1;
    this.open.add(order);
    return order;
  }

  cancel(order: OwnOrder): boolean {
    const own = this.open.byOrderNumber(order.number);
    if (own === undefined || own.isBusy || own.cancelWanted || this.isOver) return false;
    if (own.orderId === 0) own.cancelWanted = true;
    else own.isBusy = this.sink.cancel(this.spec, own);
    return own.cancelWanted || own.isBusy;
  }

  amend(order: OwnOrder, priceTicks: number, remainingLots: number): boolean {
    const own = this.open.byOrderNumber(order.number);
    if (own === undefined || own.state !== 'open' || own.isBusy || this.isOver) return false;
    if (!Number.isSafeInteger(priceTicks) || priceTicks <= 0 || remainingLots <= 0) return false;
    const { marketId, side } = own;
    const moreLots = remainingLots - own.remainingLots;
    if (!this.limits.admitAmendment(marketId, side, priceTicks, moreLots, this.nowMs)) return false;
    own.isBusy = this.sink.amend(this.spec, own, priceTicks, remainingLots);
    return own.isBusy;
  }

  // --- What happens, told by the runtime ----------------------------------------------------

  /** An order of this deployment came to its book. */
  echoed(orderNumber: number, orderId: number): void {
    this.isOwnGroup = true;
    this.record.sent(orderNumber);
    const order = this.open.byOrderNumber(orderNumber);
    if (order !== undefined) this.open.named(order, orderId);
  }

  /** A cancel or an amendment of this order came to its book. */
  commanded(orderId: number): void {
    if (this.open.byOrderId(orderId) !== undefined) this.isOwnGroup = true;
  }

  hostedOrder(orderId: number): HostedOrder | undefined {
    return this.open.byOrderId(orderId);
  }

  accepted(order: HostedOrder): void {
    order.state = 'open';
    this.tell(order, 'accepted', 0);
    if (!order.cancelWanted) return;
    order.cancelWanted = false;
    order.isBusy = this.sink.cancel(this.spec, order);
  }

  /** The signed quantity is positive for a purchase. */
  filled(
    order: HostedOrder,
    signedLots: number,
    priceTicks: number,
    remainingLots: number,
    feeUnits: number,
  ): void {
    this.record.fill(order.marketId, signedLots, priceTicks, feeUnits);
    order.remainingLots = remainingLots;
    if (remainingLots === 0) this.open.close(order);
    this.news.push({ order, what: 'filled', code: 0, filledLots: signedLots, priceTicks });
  }

  amended(order: HostedOrder, priceTicks: number, remainingLots: number): void {
    order.priceTicks = priceTicks;
    order.remainingLots = remainingLots;
    order.isBusy = false;
    this.tell(order, 'amended', 0);
  }

  closed(order: HostedOrder, what: 'cancelled' | 'rejected', code: number): void {
    this.open.close(order);
    this.tell(order, what, code);
  }

  /** A cancel or an amendment changed nothing. */
  refused(order: HostedOrder, code: number): void {
    order.isBusy = false;
    this.tell(order, 'refused', code);
  }

  /** The gateway denied a command of this deployment, so that no event will tell of it. */
  denied(orderNumber: number, isPlacement: boolean, code: number): void {
    const order = this.open.byOrderNumber(orderNumber);
    if (order === undefined) return;
    if (isPlacement) {
      this.open.close(order);
      this.limits.denied(order.marketId, order.side, this.nowMs);
      this.tell(order, 'denied', code);
    } else this.refused(order, code);
  }

  /** A group of events of one of its markets is complete: the strategy hears of it. */
  groupEnded(feed: MarketFeed): void {
    const { trades, bookMoved, changedAtMs: ms } = feed;
    const seen: MarketSeen = feed;
    if (!this.isOwnGroup) this.othersMs.set(seen.market.id, ms);
    this.isOwnGroup = false;
    this.nowMs = Math.max(this.nowMs, ms);
    for (const { priceTicks } of trades) this.record.mark(seen.market.id, priceTicks);
    this.record.pass(this.nowMs / 1000);
    this.guard(() => {
      for (const trade of trades) this.strategy?.onTrade(seen, trade);
      this.tellNews();
      if (bookMoved) this.strategy?.onBook(seen);
    });
    if (this.limits.lossReached) this.lossReached = true;
  }

  timer(nowMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs);
    this.guard(() => {
      this.tellNews();
      this.strategy?.onTimer(this.nowMs);
    });
  }

  configure(parameters: StrategyParameters): void {
    this.limits.configure(parameters as unknown as CommonParameters);
    this.guard(() => this.strategy?.configure(parameters));
  }

  private get isOver(): boolean {
    return this.failure !== undefined || this.lossReached;
  }

  private tellNews(): void {
    // What a strategy does about one piece of news may not add to the list before it is through.
    for (const { order, ...news } of this.news.splice(0)) this.strategy?.onOrder(order, news);
  }

  private tell(order: HostedOrder, what: OrderNews['what'], code: number): void {
    this.news.push({ order, what, code, filledLots: 0, priceTicks: order.priceTicks });
  }

  private guard(act: () => void): void {
    if (this.failure !== undefined) return;
    try {
      act();
    } catch (error) {
      this.failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  }
}

/** The news as a log line or a test shows it. */
export function describeNews({ what, code }: OrderNews): string {
  return code === 0 ? what : `${what} (${resultName(code)})`;
}
