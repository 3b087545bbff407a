import * as R from '../../src/codec/records.ts';
import * as O from '../../src/domain/orders.ts';
import * as C from '../../src/domain/result-codes.ts';
import { assert } from '../../src/lib/assert.ts';
import type { BookImage } from '../../src/matching/book-image.ts';
import { imageHash } from '../../src/matching/state-hash.ts';
import { type FrameViews, frameType } from '../../src/rings/frame.ts';
import { auctionPrice } from './naive-auction.ts';
import { NaiveEntry } from './naive-entry.ts';
import { bytesAt, continueRecord } from './naive-group.ts';
import * as N from './naive-orders.ts';
import { ARRIVING, type NaiveOrder, READY, RESTING } from './naive-orders.ts';
import { orderOf } from './naive-place.ts';

/**
 * The rules of `docs/matching.md` written to be obviously right and nothing else: one array of
 * orders, looked through whenever somebody asks. It shares no code with the engine, takes the same
 * records and has to write the same bytes.
 */
export class NaiveMachine extends NaiveEntry {
  private auctionIsOver = false;

  get seq(): number {
    return this.state.seq;
  }

  bestBidTicks(): number {
    return this.state.best(O.SIDE_BUY);
  }

  bestAskTicks(): number {
    return this.state.best(O.SIDE_SELL);
  }

  image(): BookImage {
    return this.state.image();
  }

  stateHash(): string {
    return imageHash(this.image());
  }

  restore(image: BookImage): void {
    this.state.restore(image);
  }

  /** Carries out the command at `at`, one group. */
  apply(views: FrameViews, at: number): void {
    const command = bytesAt(views, at);
    const type = frameType(command.readInt32LE(4));
    const orderId = command.readDoubleLE(R.COMMAND_ORDER_ID);
    const portfolioId = command.readInt32LE(R.COMMAND_PORTFOLIO_ID);
    this.wholeGroup(command, () => {
      if (type === R.PLACE_ORDER) this.placeFrom(command);
      else if (type === R.CANCEL_ORDER) this.cancel(orderId, portfolioId);
      else if (type === R.AMEND_ORDER) this.amend(command, orderId, portfolioId);
      else if (type === R.SET_PHASE) this.setPhase(command.readInt32LE(R.SET_PHASE_TO));
      else if (type === R.PRINT_TRADE) this.print(command);
      else if (type === R.CANCEL_ALL) this.cancelAll(portfolioId);
      else if (type === R.CONTINUE_WORK) this.work(command.readInt32LE(R.CONTINUE_KIND), orderId);
      else if (type === R.SET_REFERENCE) {
        this.setReference(command.readDoubleLE(R.SET_REFERENCE_TICKS));
      } else assert(type === R.ADVANCE_TIME, 'a market was sent a record that is no command');
    });
  }

  /** True when orders expire before this command may be applied. */
  isDue(views: FrameViews, at: number): boolean {
    const command = bytesAt(views, at);
    return this.expiredBy(timeOf(command)).length > 0;
  }

  /** Writes one group in which orders expire, under the command's time. */
  expire(views: FrameViews, at: number): void {
    const time = timeOf(bytesAt(views, at));
    this.wholeGroup(continueRecord(O.CONTINUE_EXPIRE, 0, time), () =>
      this.work(O.CONTINUE_EXPIRE, 0),
    );
  }

  /** True when continued work is due. */
  hasWork(): boolean {
    return this.nextWork().kind !== 0;
  }

  /** Writes one group of continued work, under the newest command's time. */
  continueWork(): void {
    const { kind, orderId } = this.nextWork();
    this.wholeGroup(continueRecord(kind, orderId, this.state), () => this.work(kind, orderId));
  }

  private wholeGroup(command: Buffer, carryOut: () => void): void {
    this.hasTraded = false;
    this.haltsAtEnd = false;
    this.auctionIsOver = false;
    this.group(command, () => {
      carryOut();
      this.endGroup();
    });
  }

  /** What the end of a group brings: stops, the reference price, phases. */
  private endGroup(): void {
    const { state, config } = this;
    const newest = state.lastTradePriceTicks;
    if (this.hasTraded) {
      this.triggerStops(newest);
      this.moveTrails(newest);
    }
    if (config.priceBandBps > 0 || config.volatilityHaltBps > 0) {
      const age = state.seconds - state.referenceSeconds;
      const isOld = state.referenceTicks === 0 || age >= config.referenceWindowSeconds;
      if (this.auctionIsOver) this.setReference(state.auctionPriceTicks);
      else if (this.hasTraded && state.phase !== O.PHASE_AUCTION && isOld) {
        this.setReference(newest);
      }
    }
    if (this.auctionIsOver) {
      state.auctionPriceTicks = 0;
      this.changePhase(O.PHASE_CONTINUOUS);
    }
    if (this.haltsAtEnd) this.changePhase(O.PHASE_HALTED);
  }

  private triggerStops(newestTicks: number): void {
    const { state } = this;
    const met = state
      .canonical()
      .filter((order) => order.place === O.HELD_STOP && N.triggerMet(order, newestTicks));
    for (const order of met) {
      order.heldFor = O.HELD_STOP;
      state.put(order, READY);
    }
  }

  private moveTrails(newestTicks: number): void {
    const { state } = this;
    const trails = state.at(O.HELD_STOP).filter(N.isTrailing);
    for (const order of trails.sort((a, b) => a.orderId - b.orderId)) {
      const to = N.trailedTrigger(order, newestTicks);
      const by = to - order.triggerTicks;
      const follows = order.side === O.SIDE_BUY ? by < 0 : by > 0;
      if (!follows) continue;
      order.triggerTicks = to;
      order.priceTicks = Math.max(1, order.priceTicks + by);
      state.put(order, O.HELD_STOP);
    }
  }

  private setReference(priceTicks: number): void {
    const { state } = this;
    state.referenceTicks = priceTicks;
    state.referenceSeconds = priceTicks === 0 ? 0 : state.seconds;
    this.emit('referenceSet', { priceTicks });
  }

  private changePhase(to: number): void {
    this.emit('phase', { from: this.state.phase, to });
    this.state.phase = to;
  }

  private placeFrom(command: Buffer): void {
    const { order, replaces } = orderOf(command);
    assert(order.priceTicks > 0, 'an order without a price');
    assert(order.openLots > 0, 'an order without a quantity');
    this.place(order, replaces);
  }

  private refuse(orderId: number, code: number): void {
    this.emit('refused', { orderId, code });
  }

  /** The open order a command speaks of; portfolio 0 speaks of everyone's. */
  private findOwn(orderId: number, portfolioId: number): NaiveOrder | undefined {
    const order = this.state.find(orderId);
    const isOwn = portfolioId === 0 || order?.portfolioId === portfolioId;
    return isOwn ? order : undefined;
  }

  private cancel(orderId: number, portfolioId: number): void {
    const order = this.findOwn(orderId, portfolioId);
    if (order === undefined) this.refuse(orderId, C.ORDER_NOT_IN_BOOK);
    else this.leave(order, O.CANCEL_BY_REQUEST);
  }

  private cancelAll(portfolioId: number): void {
    const { state } = this;
    const resting = state.canonical().filter(({ place }) => place === RESTING);
    const waiting = state.orders.filter(N.isWaiting).sort((a, b) => a.orderId - b.orderId);
    const wanted = [...resting, ...waiting].filter(
      (order) => portfolioId === 0 || order.portfolioId === portfolioId,
    );
    this.leaveWhileWorkLasts(wanted, O.CANCEL_MASS);
    const count = this.events.filter(({ type }) => type === 'cancelled').length;
    this.emit('allCancelled', { orderId: 0, count });
  }

  private leaveWhileWorkLasts(orders: readonly NaiveOrder[], reason: number): void {
    this.beginWork();
    for (const order of orders) {
      if (this.mayWork() && this.state.isOpen(order)) this.leave(order, reason);
    }
  }

  private amend(command: Buffer, orderId: number, portfolioId: number): void {
    const order = this.findOwn(orderId, portfolioId);
    if (order === undefined) return this.refuse(orderId, C.ORDER_NOT_IN_BOOK);
    const mode = command.readUInt8(R.AMEND_MODE);
    const qtyLots = command.readDoubleLE(R.AMEND_QTY_LOTS);
    const priceTicks = command.readDoubleLE(R.AMEND_PRICE_TICKS) || order.priceTicks;
    const traded = N.tradedLots(order);
    const wanted = [qtyLots - traded, qtyLots, order.openLots - qtyLots][mode];
    const openLots = qtyLots === 0 ? order.openLots : wanted;
    if (mode === O.AMEND_REDUCE_BY && openLots <= 0) return this.leave(order, O.CANCEL_BY_REQUEST);
    const samePrice = priceTicks === order.priceTicks;
    const changes = openLots !== order.openLots || !samePrice;
    if (openLots <= 0 || !changes || (N.isPegged(order) && !samePrice)) {
      return this.refuse(orderId, C.AMEND_INVALID);
    }
    if (N.isWaiting(order)) {
      this.change(order, priceTicks, openLots, true);
    } else if (samePrice && openLots < order.openLots) {
      this.amendDown(order, openLots);
    } else {
      const code = this.moveRefusal({ ...order, priceTicks, openLots }, order);
      if (code !== C.OK) return this.refuse(orderId, code);
      order.place = ARRIVING;
      order.visibleLots = 0;
      this.change(order, priceTicks, openLots, false);
      this.arriveAnew(order);
    }
  }

  /** Gives an order another price and quantity, and says so. */
  private change(order: NaiveOrder, priceTicks: number, openLots: number, kept: boolean): void {
    const old = { priceTicks: order.priceTicks, oldLots: order.openLots };
    order.priceTicks = priceTicks;
    order.totalLots += openLots - order.openLots;
    order.openLots = openLots;
    this.sayAmended(order, old, kept, !kept);
  }

  /** Why a resting order may not become this one, losing its place; or `OK`. */
  private moveRefusal(amended: NaiveOrder, order: NaiveOrder): number {
    const { state } = this;
    const { side, priceTicks } = amended;
    if (state.phase === O.PHASE_CLOSED) return C.MARKET_CLOSED;
    if (state.phase === O.PHASE_HALTED || state.phase === O.PHASE_AUCTION) return C.MARKET_HALTED;
    const isLimit = order.orderType === O.ORDER_TYPE_LIMIT;
    if (isLimit && !state.isWithinBand(priceTicks)) return C.PRICE_OUTSIDE_BAND;
    const trades = state.phase === O.PHASE_CONTINUOUS;
    const makerOnly = O.ORDER_FLAG_POST_ONLY | O.ORDER_FLAG_POST_ONLY_SLIDE;
    if (trades && N.hasFlag(order, makerOnly) && state.crosses(amended)) {
      return C.POST_ONLY_WOULD_TAKE;
    }
    const hasRoom = state.without([order], () => state.hasRoom(side, priceTicks));
    const isWhole = trades && this.tradesWhole(amended);
    return hasRoom || isWhole ? C.OK : C.ORDER_POOL_FULL;
  }

  private print(command: Buffer): void {
    const { state } = this;
    state.lastTradeId += 1;
    this.emit('printed', {
      priceTicks: command.readDoubleLE(R.PRINT_PRICE_TICKS),
      qtyLots: command.readDoubleLE(R.PRINT_QTY_LOTS),
      side: command.readUInt8(R.PRINT_SIDE),
      tradeId: state.lastTradeId,
    });
  }

  private setPhase(to: number): void {
    assert(to in O.PHASE_NAMES && to !== O.PHASE_AUCTION, 'a phase that nobody may set');
    const uncrosses = to === O.PHASE_CONTINUOUS && this.state.isCrossed();
    this.changePhase(uncrosses ? O.PHASE_AUCTION : to);
    if (uncrosses) this.uncross();
  }

  /** The auction goes on until the book is not crossed, or the work of the group is used up. */
  private uncross(): void {
    const { state } = this;
    this.beginWork();
    while (state.isCrossed() && this.mayWork()) {
      const { auctionPriceTicks: priceTicks } = state;
      const [bid] = state.queue(O.SIDE_BUY);
      const [ask] = state.queue(O.SIDE_SELL);
      if (priceTicks > 0 && bid.priceTicks >= priceTicks && ask.priceTicks <= priceTicks) {
        this.auctionStep(bid, ask, priceTicks);
      } else {
        const reference = state.referenceTicks || state.lastTradePriceTicks;
        const priced = auctionPrice(state.at(RESTING), reference);
        state.auctionPriceTicks = priced.priceTicks;
        this.emit('auctionPriced', { ...priced });
      }
    }
    this.auctionIsOver = !state.isCrossed();
  }

  private expiredBy(time: { readonly seconds: number; readonly nanos: number }): NaiveOrder[] {
    return this.state.orders
      .filter((order) => N.hasExpired(order, time.seconds, time.nanos))
      .sort(
        (a, b) =>
          a.expireSeconds - b.expireSeconds ||
          a.expireNanos - b.expireNanos ||
          a.orderId - b.orderId,
      );
  }

  private dayOrders(): NaiveOrder[] {
    return this.state.orders
      .filter(({ tif }) => tif === O.TIF_DAY)
      .sort((a, b) => a.orderId - b.orderId);
  }

  /** Resting reduce-only orders with more open than the position. */
  private overReducing(): NaiveOrder[] {
    const { state } = this;
    return state
      .at(RESTING)
      .filter((order) => N.isReduceOnly(order) && order.openLots > state.allowance(order))
      .sort((a, b) => a.orderId - b.orderId);
  }

  private firstReady(): NaiveOrder | undefined {
    return this.state.at(READY).sort((a, b) => a.since - b.since)[0];
  }

  /** What is to be carried on with, in order of precedence; kind 0 for nothing. */
  private nextWork(): { kind: number; orderId: number } {
    const { phase } = this.state;
    if (phase === O.PHASE_AUCTION) return { kind: O.CONTINUE_AUCTION, orderId: 0 };
    if (phase === O.PHASE_CLOSED && this.dayOrders().length > 0) {
      return { kind: O.CONTINUE_DAY_END, orderId: 0 };
    }
    if (this.overReducing().length > 0) return { kind: O.CONTINUE_REDUCE_ONLY, orderId: 0 };
    const nothing = { kind: 0, orderId: 0 };
    if (phase !== O.PHASE_CONTINUOUS) return nothing;
    const ready = this.firstReady();
    if (ready !== undefined) return { kind: O.CONTINUE_READY, orderId: ready.orderId };
    const peg = this.pegDue();
    return peg === undefined ? nothing : { kind: O.CONTINUE_PEG, orderId: peg.orderId };
  }

  /** One group of continued work. */
  private work(kind: number, orderId: number): void {
    const { state } = this;
    if (kind === O.CONTINUE_EXPIRE) {
      this.leaveWhileWorkLasts(this.expiredBy(state), O.CANCEL_EXPIRED);
      return;
    }
    const next = this.nextWork();
    assert(next.kind === kind && next.orderId === orderId, 'work is continued that is not due');
    const order = state.find(orderId);
    if (kind === O.CONTINUE_AUCTION) this.uncross();
    else if (kind === O.CONTINUE_DAY_END) {
      this.leaveWhileWorkLasts(this.dayOrders(), O.CANCEL_EXPIRED);
    } else if (kind === O.CONTINUE_REDUCE_ONLY) this.reduceToPositions();
    else if (kind === O.CONTINUE_READY && order !== undefined) this.activate(order);
    else if (order !== undefined) this.follow(order);
  }

  private reduceToPositions(): void {
    const { state } = this;
    this.beginWork();
    for (const order of this.overReducing()) {
      if (!this.mayWork()) return;
      if (!state.isOpen(order)) continue;
      const most = state.allowance(order);
      if (most === 0) this.leave(order, O.CANCEL_REDUCE_ONLY);
      else this.amendDown(order, most);
    }
  }
}

function timeOf(command: Buffer): { seconds: number; nanos: number } {
  return {
    seconds: command.readUInt32LE(R.RECORD_SECONDS),
    nanos: command.readUInt32LE(R.RECORD_NANOS),
  };
}
