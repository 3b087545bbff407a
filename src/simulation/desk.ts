import {
  ORDER_TYPE_LIMIT,
  ORDER_TYPE_MARKET,
  SIDE_BUY,
  TIF_GTC,
  TIF_IOC,
} from '../domain/orders.ts';
import type { Prng } from '../lib/prng.ts';
import type { MarketProfile } from './market-profile.ts';
import type { MarketView } from './market-view.ts';
import type { OrderSink } from './order-sink.ts';
import type { OrderSizes } from './order-sizes.ts';
import type { OwnOrder } from './own-orders.ts';

/** A command whose outcome is not seen after this time counts as lost. */
const COMMAND_LOST_MS = 3_000;

/**
 * What a trader of one market works with during a step: what it sees, what it believes, and the
 * means to send. The touch is provisional: orders sent in this step already count, so that two
 * traders in one step do not trade with each other by accident.
 */
export class Desk {
  readonly profile: MarketProfile;
  readonly view: MarketView;
  readonly prng: Prng;
  readonly sizes: OrderSizes;
  /** Best prices, 0 while the side is empty; orders of this step included. */
  bidTicks = 0;
  askTicks = 0;
  /** Fair value in ticks, with a fraction. */
  fairTicks = 0;
  /** Of a perpetual: how far its price is meant to be from the asset's value, a fraction of it. */
  basis = 0;
  /** The distance that matters at present, in ticks, at least 1: quotes and thresholds scale with it. */
  unitTicks = 1;
  nowMs = 0;
  /** Commands sent since the desk was made. */
  sent = 0;
  /** The sink took no more: nothing further is tried in this step. */
  blocked = false;
  /** Side of the sweep sent in this step, -1 before one: its levels are gone, the view shows them yet. */
  sweptSide = -1;
  private readonly sink: OrderSink;
  private sentAtMs = 0;
  private nextClientId = 1;
  private readonly clientIdPrefix: string;

  constructor(
    profile: MarketProfile,
    view: MarketView,
    prng: Prng,
    sizes: OrderSizes,
    sink: OrderSink,
  ) {
    this.profile = profile;
    this.view = view;
    this.prng = prng;
    this.sizes = sizes;
    this.sink = sink;
    this.clientIdPrefix = `s${profile.market.id.toString(36)}-`;
  }

  /** Continues after the ids of a former run, which may still be in the book. */
  skipClientIds(usedIds: Iterable<string>): void {
    for (const id of usedIds) {
      if (!id.startsWith(this.clientIdPrefix)) continue;
      const number = Number.parseInt(id.slice(this.clientIdPrefix.length), 36);
      if (number >= this.nextClientId) this.nextClientId = number + 1;
    }
  }

  /** Starts a step: what was seen since the last one is in the view. */
  begin(nowMs: number): void {
    this.nowMs = nowMs;
    this.blocked = false;
    this.sweptSide = -1;
    if (nowMs - this.sentAtMs > COMMAND_LOST_MS) this.view.inFlight = 0;
    this.bidTicks = this.view.depth.bestBidTicks();
    this.askTicks = this.view.depth.bestAskTicks();
  }

  /** A limit order that shall rest: its price is kept away from the other side of the touch. */
  quote(portfolioId: number, side: number, priceTicks: number, qtyLots: number): boolean {
    const price = this.passivePrice(side, priceTicks);
    if (price === 0) return false;
    if (!this.send(portfolioId, side, ORDER_TYPE_LIMIT, TIF_GTC, price, qtyLots)) return false;
    this.improve(side, price);
    return true;
  }

  /** A limit order that takes what is there up to its price; what is left rests when told so. */
  take(
    portfolioId: number,
    side: number,
    priceTicks: number,
    qtyLots: number,
    restRemainder: boolean,
  ): boolean {
    const tif = restRemainder ? TIF_GTC : TIF_IOC;
    if (!this.inBounds(priceTicks)) return false;
    if (!this.send(portfolioId, side, ORDER_TYPE_LIMIT, tif, priceTicks, qtyLots)) return false;
    this.sweptSide = 1 - side;
    return true;
  }

  /** A market order with the protective limit a venue would give it. */
  market(portfolioId: number, side: number, limitTicks: number, qtyLots: number): boolean {
    if (!this.inBounds(limitTicks)) return false;
    return this.send(portfolioId, side, ORDER_TYPE_MARKET, TIF_IOC, limitTicks, qtyLots);
  }

  /**
   * A market order of a margin portfolio. The venue may refuse it without a word, so nobody waits for
   * its echo.
   */
  marginOrder(portfolioId: number, side: number, limitTicks: number, qtyLots: number): boolean {
    const { inFlight } = this.view;
    const sent = this.market(portfolioId, side, limitTicks, qtyLots);
    this.view.inFlight = inFlight;
    return sent;
  }

  cancel(order: OwnOrder): boolean {
    if (this.blocked || order.busyUntilMs > this.nowMs) return false;
    const { id } = this.profile.market;
    if (!this.sink.cancel(id, order.portfolioId, order.clientOrderId)) return this.block();
    return this.count(order);
  }

  /** Moves a resting order; the price is kept away from the other side of the touch. */
  amend(order: OwnOrder, priceTicks: number, remainingLots: number): boolean {
    if (this.blocked || order.busyUntilMs > this.nowMs) return false;
    const price = this.passivePrice(order.side, priceTicks);
    if (price === 0) return false;
    const { id } = this.profile.market;
    const { portfolioId, clientOrderId } = order;
    if (!this.sink.amend(id, portfolioId, clientOrderId, price, remainingLots)) {
      return this.block();
    }
    this.improve(order.side, price);
    return this.count(order);
  }

  /** True when a limit order at this price would trade, orders of this step included. */
  crosses(side: number, priceTicks: number): boolean {
    if (side === SIDE_BUY) return this.askTicks > 0 && priceTicks >= this.askTicks;
    return priceTicks <= this.bidTicks;
  }

  /** True when the price is one the market takes. */
  inBounds(priceTicks: number): boolean {
    return priceTicks >= 1 && priceTicks <= this.profile.market.maxPriceTicks;
  }

  private passivePrice(side: number, priceTicks: number): number {
    let price = priceTicks;
    if (this.crosses(side, price))
      price = side === SIDE_BUY ? this.askTicks - 1 : this.bidTicks + 1;
    return this.inBounds(price) ? price : 0;
  }

  private improve(side: number, priceTicks: number): void {
    if (side === SIDE_BUY) this.bidTicks = Math.max(this.bidTicks, priceTicks);
    else if (this.askTicks === 0 || priceTicks < this.askTicks) this.askTicks = priceTicks;
  }

  private send(
    portfolioId: number,
    side: number,
    orderType: number,
    tif: number,
    priceTicks: number,
    qtyLots: number,
  ): boolean {
    if (this.blocked) return false;
    const clientOrderId = this.clientIdPrefix + this.nextClientId.toString(36);
    const marketId = this.profile.market.id;
    const sent = this.sink.place(
      marketId,
      portfolioId,
      clientOrderId,
      side,
      orderType,
      tif,
      priceTicks,
      qtyLots,
    );
    if (!sent) return this.block();
    this.nextClientId += 1;
    return this.count(undefined);
  }

  private count(order: OwnOrder | undefined): boolean {
    if (order !== undefined) order.busyUntilMs = this.nowMs + COMMAND_LOST_MS;
    this.sent += 1;
    this.sentAtMs = this.nowMs;
    this.view.inFlight += 1;
    return true;
  }

  private block(): false {
    this.blocked = true;
    return false;
  }
}
