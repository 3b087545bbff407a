import * as O from '../../src/domain/orders.ts';
import type { BookImage, OrderImage } from '../../src/matching/book-image.ts';
import type { MachineConfig } from '../../src/matching/machine-config.ts';
import * as N from './naive-orders.ts';
import { ARRIVING, type NaiveOrder, READY, RESTING } from './naive-orders.ts';

/**
 * What a market knows: one array of all open orders, and a few numbers. Every question is answered
 * by looking through the array; nothing is kept twice.
 */
export class NaiveState {
  readonly config: MachineConfig;
  orders: NaiveOrder[] = [];
  /** Bought less sold, by portfolio. */
  readonly positions = new Map<number, number>();
  phase: number = O.PHASE_CONTINUOUS;
  seq = 0;
  seconds = 0;
  nanos = 0;
  lastTradeId = 0;
  lastTradePriceTicks = 0;
  referenceTicks = 0;
  referenceSeconds = 0;
  auctionPriceTicks = 0;
  private queueNumber = 0;

  constructor(config: MachineConfig) {
    this.config = config;
  }

  find(orderId: number): NaiveOrder | undefined {
    return this.orders.find((order) => order.orderId === orderId);
  }

  isOpen(order: NaiveOrder): boolean {
    return this.orders.includes(order);
  }

  remove(order: NaiveOrder): void {
    this.orders = this.orders.filter((one) => one !== order);
  }

  /** Puts an order somewhere, behind all who stand there already. */
  put(order: NaiveOrder, place: number): void {
    this.queueNumber += 1;
    order.since = this.queueNumber;
    order.place = place;
    order.visibleLots =
      place === RESTING ? Math.min(order.displayLots || order.openLots, order.openLots) : 0;
  }

  at(place: number): NaiveOrder[] {
    return this.orders.filter((order) => order.place === place);
  }

  /** One side of the book, next to trade first. */
  queue(side: number): NaiveOrder[] {
    const better = side === O.SIDE_BUY ? -1 : 1;
    return this.at(RESTING)
      .filter((order) => order.side === side)
      .sort((a, b) => better * (a.priceTicks - b.priceTicks) || a.since - b.since);
  }

  /** Who is next to trade on a side. */
  first(side: number): NaiveOrder | undefined {
    return this.queue(side)[0];
  }

  /** Best price of a side, 0 when it is empty. */
  best(side: number): number {
    return this.first(side)?.priceTicks ?? 0;
  }

  isCrossed(): boolean {
    const [bid, ask] = [this.best(O.SIDE_BUY), this.best(O.SIDE_SELL)];
    return bid !== 0 && ask !== 0 && bid >= ask;
  }

  /** True when an order meets somebody within its limit. */
  crosses(order: NaiveOrder): boolean {
    const bestTicks = this.best(N.other(order.side));
    return bestTicks !== 0 && N.withinLimit(order, bestTicks);
  }

  /** What a level shows, and how many orders it has. */
  level(side: number, priceTicks: number): { levelLots: number; levelOrders: number } {
    const orders = this.at(RESTING).filter(
      (order) => order.side === side && order.priceTicks === priceTicks,
    );
    const levelLots = orders.reduce((sum, order) => sum + order.visibleLots, 0);
    return { levelLots, levelOrders: orders.length };
  }

  /** True when one more order may rest at this price. */
  hasRoom(side: number, priceTicks: number): boolean {
    const resting = this.at(RESTING);
    const levels = new Set(resting.map((order) => `${order.side} ${order.priceTicks}`));
    const levelExists = levels.has(`${side} ${priceTicks}`);
    return (
      resting.length < this.config.maxOrders && (levelExists || levels.size < this.config.maxLevels)
    );
  }

  /** Answers a question as if these orders were gone. */
  without<T>(gone: readonly NaiveOrder[], question: () => T): T {
    const { orders } = this;
    this.orders = orders.filter((order) => !gone.includes(order));
    const answer = question();
    this.orders = orders;
    return answer;
  }

  children(parent: NaiveOrder): NaiveOrder[] {
    return this.orders
      .filter((order) => order.parentOrderId === parent.orderId)
      .sort((a, b) => a.orderId - b.orderId);
  }

  position(portfolioId: number): number {
    return this.positions.get(portfolioId) ?? 0;
  }

  move(portfolioId: number, lots: number): void {
    this.positions.set(portfolioId, this.position(portfolioId) + lots);
  }

  /** What a reduce-only order may trade: as much as brings its portfolio's position to zero. */
  allowance(order: NaiveOrder): number {
    const position = this.position(order.portfolioId);
    return Math.max(0, order.side === O.SIDE_BUY ? -position : position);
  }

  /** What a resting order offers to whom it meets. */
  offer(order: NaiveOrder): number {
    return N.isReduceOnly(order)
      ? Math.min(order.visibleLots, this.allowance(order))
      : order.visibleLots;
  }

  /** Where a pegged order should be; 0 without a price to follow. */
  pegPrice(order: NaiveOrder): number {
    const side = order.pegKind === O.PEG_PRIMARY ? order.side : N.other(order.side);
    const followed = this.queue(side).find((one) => !N.isPegged(one));
    if (followed === undefined) return 0;
    const { pegOffsetTicks, limitTicks } = order;
    const priceTicks =
      order.side === O.SIDE_BUY
        ? Math.min(followed.priceTicks - pegOffsetTicks, limitTicks)
        : Math.max(followed.priceTicks + pegOffsetTicks, limitTicks);
    return Math.max(1, priceTicks);
  }

  /** False when the market halts rather than trade at this price. */
  mayTradeAt(priceTicks: number): boolean {
    return this.isWithin(priceTicks, this.config.volatilityHaltBps);
  }

  isWithinBand(priceTicks: number): boolean {
    return this.isWithin(priceTicks, this.config.priceBandBps);
  }

  private isWithin(priceTicks: number, bps: number): boolean {
    if (bps === 0 || this.referenceTicks === 0) return true;
    const [lowest, highest] = N.bounds(this.referenceTicks, bps);
    return priceTicks >= lowest && priceTicks <= highest;
  }

  /** All orders in an image's sequence. */
  canonical(): NaiveOrder[] {
    const stops = this.at(O.HELD_STOP);
    const byId = (a: NaiveOrder, b: NaiveOrder): number => a.orderId - b.orderId;
    const byAge = (a: NaiveOrder, b: NaiveOrder): number => a.since - b.since;
    return [
      ...this.queue(O.SIDE_BUY),
      ...this.queue(O.SIDE_SELL),
      ...stops
        .filter((order) => order.side === O.SIDE_BUY)
        .sort((a, b) => a.triggerTicks - b.triggerTicks || byAge(a, b)),
      ...stops
        .filter((order) => order.side === O.SIDE_SELL)
        .sort((a, b) => b.triggerTicks - a.triggerTicks || byAge(a, b)),
      ...this.at(O.HELD_CHILD).sort(byId),
      ...this.at(O.HELD_UNPRICED).sort(byId),
      ...this.at(READY).sort(byAge),
    ];
  }

  image(): BookImage {
    const { phase, seq, seconds, nanos, lastTradeId, lastTradePriceTicks } = this;
    const { referenceTicks, referenceSeconds, auctionPriceTicks } = this;
    return {
      marketId: this.config.marketId,
      ...{ seq, seconds, nanos, phase, lastTradeId, lastTradePriceTicks },
      ...{ referenceTicks, referenceSeconds, auctionPriceTicks },
      orders: this.canonical().map(imageOf),
      positions: [...this.positions]
        .map(([portfolioId, qtyLots]) => ({ portfolioId, qtyLots }))
        .filter(({ qtyLots }) => qtyLots !== 0)
        .sort((a, b) => a.portfolioId - b.portfolioId),
    };
  }

  restore(image: BookImage): void {
    const { phase, seq, seconds, nanos, lastTradeId, lastTradePriceTicks } = image;
    const { referenceTicks, referenceSeconds, auctionPriceTicks } = image;
    Object.assign(this, { phase, seq, seconds, nanos, lastTradeId, lastTradePriceTicks });
    Object.assign(this, { referenceTicks, referenceSeconds, auctionPriceTicks });
    for (const { portfolioId, qtyLots } of image.positions) this.move(portfolioId, qtyLots);
    for (const { remainingLots, ...same } of image.orders) {
      const order: NaiveOrder = { ...same, openLots: remainingLots, since: 0 };
      this.put(order, same.place);
      order.visibleLots = same.visibleLots;
      this.orders.push(order);
    }
  }
}

function imageOf(order: NaiveOrder): OrderImage {
  const { openLots, since: _, ...same } = order;
  if (order.place === ARRIVING) throw new Error('an order is nowhere between two groups');
  return { ...same, remainingLots: openLots };
}
