import * as O from '../../src/domain/orders.ts';
import { assert } from '../../src/lib/assert.ts';
import { NaiveGroup } from './naive-group.ts';
import * as N from './naive-orders.ts';
import { type NaiveOrder, READY, REPLENISHING, RESTING } from './naive-orders.ts';

const PPM = 1_000_000n;

/** Sections 3 and 7 of the matching rules: how orders trade, leave, and take others along. */
export class NaiveTrading extends NaiveGroup {
  protected haltsAtEnd = false;
  protected hasTraded = false;

  /** An order leaves the market; its partner and its children leave with it. */
  protected leave(order: NaiveOrder, reason: number): void {
    const { state } = this;
    const wasResting = order.place === RESTING;
    state.remove(order);
    this.emit('cancelled', {
      orderId: order.orderId,
      priceTicks: order.priceTicks,
      qtyLots: order.openLots,
      ...this.levelOf(order, wasResting),
      side: order.side,
      reason,
      wasResting: wasResting ? 1 : 0,
    });
    this.partnerLeaves(order);
    for (const child of state.children(order)) {
      if (state.isOpen(child)) this.leave(child, O.CANCEL_PARENT_GONE);
    }
  }

  /** One cancels other: the link ends, and the partner leaves. */
  protected partnerLeaves(order: NaiveOrder): void {
    const partner = order.ocoOrderId === 0 ? undefined : this.state.find(order.ocoOrderId);
    order.ocoOrderId = 0;
    if (partner === undefined) return;
    partner.ocoOrderId = 0;
    this.leave(partner, O.CANCEL_OCO);
  }

  /** What comes after a trade, for each of both orders in turn. */
  private followTrade(orders: readonly NaiveOrder[]): void {
    const { state } = this;
    for (const order of orders) if (order.place === REPLENISHING) this.rest(order);
    for (const order of orders) this.partnerLeaves(order);
    for (const order of orders) {
      if (order.openLots > 0) continue;
      for (const child of state.children(order)) {
        child.parentOrderId = 0;
        child.heldFor = O.HELD_CHILD;
        state.put(child, READY);
      }
    }
  }

  protected rest(order: NaiveOrder): void {
    this.state.put(order, RESTING);
    this.emit('rested', {
      orderId: order.orderId,
      priceTicks: order.priceTicks,
      qtyLots: order.visibleLots,
      ...this.levelOf(order, true),
      side: order.side,
    });
  }

  /** Makes an order smaller where it is; what is hidden goes first. */
  protected shrink(order: NaiveOrder, openLots: number): void {
    order.totalLots -= order.openLots - openLots;
    order.openLots = openLots;
    order.visibleLots = Math.min(order.visibleLots, openLots);
  }

  /** As `shrink`, and says so. */
  protected amendDown(order: NaiveOrder, openLots: number): void {
    const { priceTicks, openLots: oldLots } = order;
    this.shrink(order, openLots);
    this.sayAmended(order, { priceTicks, oldLots }, true);
  }

  protected sayAmended(
    order: NaiveOrder,
    old: { readonly priceTicks: number; readonly oldLots: number },
    kept: boolean,
    wasResting = order.place === RESTING,
  ): void {
    this.emit('amended', {
      orderId: order.orderId,
      oldPriceTicks: old.priceTicks,
      priceTicks: order.priceTicks,
      oldLots: old.oldLots,
      qtyLots: order.openLots,
      ...this.levelOf({ side: order.side, priceTicks: old.priceTicks }, wasResting),
      side: order.side,
      kept: kept ? 1 : 0,
      wasResting: wasResting ? 1 : 0,
    });
  }

  private levelOf(
    order: { readonly side: number; readonly priceTicks: number },
    hasLevel: boolean,
  ): { levelLots: number; levelOrders: number } {
    if (!hasLevel) return { levelLots: 0, levelOrders: 0 };
    return this.state.level(order.side, order.priceTicks);
  }

  /** Section 3, then section 2, step 7: the order trades where it may, and what is left rests. */
  protected arrive(taker: NaiveOrder): void {
    const { state } = this;
    if (state.phase === O.PHASE_CONTINUOUS) this.trade(taker);
    if (!state.isOpen(taker)) return;
    const reason = this.remainderReason(taker);
    if (reason === O.CANCEL_VOLATILITY_HALT) this.haltsAtEnd = true;
    if (reason !== 0) return this.leave(taker, reason);
    assert(state.hasRoom(taker.side, taker.priceTicks), 'no room for what may rest');
    this.rest(taker);
  }

  private remainderReason(taker: NaiveOrder): number {
    const { state } = this;
    if (state.phase === O.PHASE_CONTINUOUS && state.crosses(taker)) {
      const mayTrade = state.mayTradeAt(state.best(N.other(taker.side)));
      return mayTrade ? O.CANCEL_FILL_LIMIT : O.CANCEL_VOLATILITY_HALT;
    }
    return N.remainderReason(taker);
  }

  private trade(taker: NaiveOrder): void {
    const { state } = this;
    this.beginWork();
    while (state.isOpen(taker) && this.mayWork()) {
      const maker = state.first(N.other(taker.side));
      if (maker === undefined || !N.withinLimit(taker, maker.priceTicks)) return;
      if (!state.mayTradeAt(maker.priceTicks)) return;
      this.meet(maker, taker);
    }
  }

  private meet(maker: NaiveOrder, taker: NaiveOrder): void {
    if (taker.selfTrade !== O.SELF_TRADE_ALLOWED && maker.portfolioId === taker.portfolioId) {
      this.preventSelfTrade(maker, taker);
    } else if (this.state.offer(maker) === 0) {
      this.leave(maker, O.CANCEL_REDUCE_ONLY);
    } else {
      this.execute(maker, taker);
    }
  }

  private preventSelfTrade(maker: NaiveOrder, taker: NaiveOrder): void {
    const { state } = this;
    const mode = taker.selfTrade;
    const qtyLots = Math.min(maker.openLots, taker.openLots);
    this.emit('prevented', {
      maker: maker.orderId,
      taker: taker.orderId,
      priceTicks: maker.priceTicks,
      qtyLots,
      mode,
    });
    const leaves = (order: NaiveOrder): void => {
      if (state.isOpen(order)) this.leave(order, O.CANCEL_SELF_TRADE);
    };
    const shrinks = (order: NaiveOrder): void => {
      if (order.openLots === qtyLots) leaves(order);
      else if (state.isOpen(order)) this.amendDown(order, order.openLots - qtyLots);
    };
    if (mode === O.SELF_TRADE_EXPIRE_TAKER) leaves(taker);
    if (mode === O.SELF_TRADE_EXPIRE_MAKER) leaves(maker);
    if (mode === O.SELF_TRADE_EXPIRE_BOTH) {
      leaves(maker);
      leaves(taker);
    }
    if (mode === O.SELF_TRADE_DECREMENT) {
      shrinks(maker);
      shrinks(taker);
    }
  }

  private execute(maker: NaiveOrder, taker: NaiveOrder): void {
    const { state, config } = this;
    const { priceTicks } = maker;
    const qtyLots = Math.min(taker.openLots, state.offer(maker));
    this.exchange(maker, taker, qtyLots, priceTicks);
    this.emit('trade', {
      maker: maker.orderId,
      taker: taker.orderId,
      priceTicks,
      qtyLots,
      makerLeft: maker.openLots,
      takerLeft: taker.openLots,
      ...this.levelOf({ side: maker.side, priceTicks }, true),
      makerFee: this.fee(priceTicks, qtyLots, config.makerFeePpm),
      takerFee: this.fee(priceTicks, qtyLots, config.takerFeePpm),
      makerPortfolio: maker.portfolioId,
      takerPortfolio: taker.portfolioId,
      side: taker.side,
      tradeId: state.lastTradeId,
    });
    this.followTrade([maker, taker]);
  }

  /** Both orders shrink by what they trade, positions move, and who has traded whole is gone. */
  private exchange(a: NaiveOrder, b: NaiveOrder, qtyLots: number, priceTicks: number): void {
    const { state } = this;
    for (const order of [a, b]) {
      order.openLots -= qtyLots;
      state.move(order.portfolioId, order.side === O.SIDE_BUY ? qtyLots : -qtyLots);
      if (order.place === RESTING) {
        order.visibleLots -= qtyLots;
        // An iceberg whose visible part is gone joins its level again after the trade.
        if (order.visibleLots === 0 && order.openLots > 0) order.place = REPLENISHING;
      }
      if (order.openLots === 0) state.remove(order);
    }
    state.lastTradeId += 1;
    state.lastTradePriceTicks = priceTicks;
    this.hasTraded = true;
  }

  private fee(priceTicks: number, qtyLots: number, feePpm: number): number {
    const units = BigInt(priceTicks) * BigInt(qtyLots) * BigInt(this.config.quoteUnitsPerTickLot);
    return Number((units * BigInt(feePpm)) / PPM);
  }

  /** Two resting orders trade at the auction's price, or one that may not is cancelled. */
  protected auctionStep(bid: NaiveOrder, ask: NaiveOrder, priceTicks: number): void {
    const { state, config } = this;
    const nothing = [bid, ask].find((order) => state.offer(order) === 0);
    if (nothing !== undefined) {
      this.leave(nothing, O.CANCEL_REDUCE_ONLY);
      return;
    }
    const qtyLots = Math.min(state.offer(bid), state.offer(ask));
    this.exchange(bid, ask, qtyLots, priceTicks);
    const [bidLevel, askLevel] = [this.levelOf(bid, true), this.levelOf(ask, true)];
    const fee = this.fee(priceTicks, qtyLots, config.auctionFeePpm);
    this.emit('auctionTrade', {
      bid: bid.orderId,
      ask: ask.orderId,
      priceTicks,
      qtyLots,
      bidLeft: bid.openLots,
      askLeft: ask.openLots,
      bidTicks: bid.priceTicks,
      bidLevelLots: bidLevel.levelLots,
      askTicks: ask.priceTicks,
      askLevelLots: askLevel.levelLots,
      bidFee: fee,
      askFee: fee,
      tradeId: state.lastTradeId,
      bidPortfolio: bid.portfolioId,
      askPortfolio: ask.portfolioId,
      bidLevelOrders: bidLevel.levelOrders,
      askLevelOrders: askLevel.levelOrders,
    });
    this.followTrade([bid, ask]);
  }

  /**
   * True when an arriving order would trade whole: looks ahead through the orders within its limit
   * and the halt bounds, at most as many as one command may work on.
   */
  protected tradesWhole(taker: NaiveOrder): boolean {
    const { state, config } = this;
    let left = taker.openLots;
    for (const maker of state.queue(N.other(taker.side)).slice(0, config.maxFillsPerCommand)) {
      const { priceTicks } = maker;
      if (!N.withinLimit(taker, priceTicks) || !state.mayTradeAt(priceTicks)) break;
      const own = maker.portfolioId === taker.portfolioId;
      if (own && taker.selfTrade === O.SELF_TRADE_EXPIRE_MAKER) continue;
      if (own && taker.selfTrade !== O.SELF_TRADE_ALLOWED) break;
      const { openLots } = maker;
      left -= N.isReduceOnly(maker) ? Math.min(openLots, state.allowance(maker)) : openLots;
    }
    return left <= 0;
  }
}
