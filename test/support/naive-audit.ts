import assert from 'node:assert/strict';
import * as R from '../../src/codec/records.ts';
import * as O from '../../src/domain/orders.ts';
import type { BookImage } from '../../src/matching/book-image.ts';
import { frameType } from '../../src/rings/frame.ts';
import type { Group } from './naive-harness.ts';
import type { NaiveEvent } from './naive-records.ts';

interface Audited {
  readonly orderId: number;
  readonly portfolioId: number;
  readonly side: number;
  readonly isReduceOnly: boolean;
  priceTicks: number;
  totalLots: number;
  openLots: number;
  tradedLots: number;
  visibleLots: number;
}

/**
 * Watches the groups of one market and knows nothing but what they say. Holds against them what is
 * true whatever the rules are: no order trades before who stands before it, no lot appears or is
 * lost, nothing happens to an order nobody placed, levels and positions are the sums they say.
 */
export class NaiveAudit {
  private readonly open = new Map<number, Audited>();
  /** By side: who rests, next to trade first. */
  private readonly queues: readonly [Audited[], Audited[]] = [[], []];
  private readonly positions = new Map<number, number>();
  private phase: number = O.PHASE_CONTINUOUS;
  private lastTradeId = 0;

  /** Notes one group. Throws where it is not true to what came before. */
  note({ records, events }: Group): void {
    const [command] = records;
    assert.ok(frameType(command.readInt32LE(4)) < R.FIRST_EVENT_TYPE, 'no event without a command');
    for (const event of events) this.event(event, command);
    for (const order of this.open.values()) {
      const { totalLots, openLots, tradedLots, orderId } = order;
      assert.equal(totalLots, openLots + tradedLots, `lots of order ${orderId} are conserved`);
      assert.ok(openLots > 0, `order ${orderId} is open with nothing open`);
    }
  }

  /** Holds a state against what was noted; `settled`: no work is due, so no book may be crossed. */
  check(image: BookImage, settled: boolean): void {
    const resting = image.orders.filter(({ place }) => place === O.PLACE_RESTING);
    assert.deepEqual(
      resting.map(({ orderId }) => orderId),
      this.queues.flatMap((queue) => queue.map(({ orderId }) => orderId)),
      'the queues are what the events say',
    );
    assert.equal(image.orders.length, this.open.size, 'open orders');
    for (const order of image.orders) {
      const audited = this.open.get(order.orderId);
      assert.ok(audited !== undefined);
      assert.equal(order.remainingLots, audited.openLots, `open of order ${order.orderId}`);
      assert.equal(order.totalLots, audited.totalLots, `total of order ${order.orderId}`);
      assert.equal(order.visibleLots, audited.visibleLots, `visible of order ${order.orderId}`);
    }
    const positions = [...this.positions].filter(([, lots]) => lots !== 0);
    assert.deepEqual(
      new Map(image.positions.map(({ portfolioId, qtyLots }) => [portfolioId, qtyLots])),
      new Map(positions),
      'positions are the sum of the fills',
    );
    assert.equal(image.phase, this.phase);
    const [bid, ask] = this.queues.map(([first]) => first?.priceTicks ?? 0);
    const crossed = bid !== 0 && ask !== 0 && bid >= ask;
    assert.ok(!settled || this.phase !== O.PHASE_CONTINUOUS || !crossed, 'the book is crossed');
  }

  private event(event: NaiveEvent, command: Buffer): void {
    const n = (field: string): number => Number(event[field]);
    switch (event.type) {
      case 'accepted':
        return this.accept(n('orderId'), command);
      case 'rested':
        return this.rest(this.order(n('orderId')), n('priceTicks'), n('qtyLots'), event);
      case 'trade': {
        const maker = this.order(n('maker'));
        assert.equal(maker.priceTicks, n('priceTicks'), "a trade is at the maker's price");
        const taker = this.order(n('taker'));
        assert.equal(taker.side, n('side'));
        this.reduces(maker, taker, n('qtyLots'));
        this.fill(maker, n('qtyLots'), n('makerLeft'), true);
        this.fill(taker, n('qtyLots'), n('takerLeft'), false);
        this.level(maker.side, maker.priceTicks, n('levelLots'), n('levelOrders'));
        return this.trade(n('tradeId'));
      }
      case 'auctionTrade': {
        const [bid, ask] = [this.order(n('bid')), this.order(n('ask'))];
        assert.ok(bid.priceTicks >= n('priceTicks') && ask.priceTicks <= n('priceTicks'));
        this.reduces(bid, ask, n('qtyLots'));
        this.fill(bid, n('qtyLots'), n('bidLeft'), true);
        this.fill(ask, n('qtyLots'), n('askLeft'), true);
        this.level(O.SIDE_BUY, n('bidTicks'), n('bidLevelLots'), n('bidLevelOrders'));
        this.level(O.SIDE_SELL, n('askTicks'), n('askLevelLots'), n('askLevelOrders'));
        return this.trade(n('tradeId'));
      }
      case 'printed':
        return this.trade(n('tradeId'));
      case 'cancelled':
        return this.cancel(this.order(n('orderId')), event);
      case 'amended':
        return this.amend(this.order(n('orderId')), event);
      case 'phase':
        assert.equal(n('from'), this.phase);
        this.phase = n('to');
        return;
      case 'held':
      case 'triggered':
        assert.ok(!this.isResting(this.order(n('orderId'))), 'who rests does not wait');
        return;
      case 'prevented':
        assert.equal(this.order(n('maker')).portfolioId, this.order(n('taker')).portfolioId);
        return;
      default:
        return;
    }
  }

  private order(orderId: number): Audited {
    const order = this.open.get(orderId);
    assert.ok(order !== undefined, `an event speaks of order ${orderId}, which is not open`);
    return order;
  }

  private isResting(order: Audited): boolean {
    return this.queues[order.side].includes(order);
  }

  private accept(orderId: number, command: Buffer): void {
    assert.equal(frameType(command.readInt32LE(4)), R.PLACE_ORDER);
    assert.equal(command.readDoubleLE(R.COMMAND_ORDER_ID), orderId);
    assert.ok(!this.open.has(orderId));
    const qtyLots = command.readDoubleLE(R.PLACE_QTY_LOTS);
    this.open.set(orderId, {
      orderId,
      portfolioId: command.readInt32LE(R.COMMAND_PORTFOLIO_ID),
      side: command.readUInt8(R.PLACE_SIDE),
      isReduceOnly: (command.readUInt8(R.PLACE_FLAGS) & O.ORDER_FLAG_REDUCE_ONLY) !== 0,
      priceTicks: command.readDoubleLE(R.PLACE_PRICE_TICKS),
      totalLots: qtyLots,
      openLots: qtyLots,
      tradedLots: 0,
      visibleLots: 0,
    });
  }

  private rest(order: Audited, priceTicks: number, visibleLots: number, event: NaiveEvent): void {
    assert.ok(!this.isResting(order), 'an order rests twice');
    const { side } = order;
    assert.equal(side, event.side);
    order.priceTicks = priceTicks;
    order.visibleLots = visibleLots;
    assert.ok(visibleLots > 0 && visibleLots <= order.openLots);
    const queue = this.queues[side];
    const isWorse = (one: Audited): boolean =>
      side === O.SIDE_BUY ? one.priceTicks < priceTicks : one.priceTicks > priceTicks;
    const at = queue.findIndex(isWorse);
    queue.splice(at < 0 ? queue.length : at, 0, order);
    this.level(side, priceTicks, Number(event.levelLots), Number(event.levelOrders));
  }

  /** An order trades; who rests has to be the first of its side. */
  private fill(order: Audited, qtyLots: number, leftLots: number, rests: boolean): void {
    assert.ok(qtyLots > 0);
    assert.equal(this.isResting(order), rests);
    order.openLots -= qtyLots;
    order.tradedLots += qtyLots;
    assert.equal(order.openLots, leftLots, `what order ${order.orderId} has left`);
    const lots = order.side === O.SIDE_BUY ? qtyLots : -qtyLots;
    const { portfolioId } = order;
    this.positions.set(portfolioId, (this.positions.get(portfolioId) ?? 0) + lots);
    if (rests) {
      const [first] = this.queues[order.side];
      assert.equal(order.orderId, first.orderId, 'price first, then time');
      order.visibleLots -= qtyLots;
      assert.ok(order.visibleLots >= 0, 'more traded than was shown');
      if (order.visibleLots === 0) this.unlist(order);
    }
    if (leftLots === 0) this.open.delete(order.orderId);
  }

  /** Reduce-only orders bring their portfolio's position nearer to zero, and not beyond it. */
  private reduces(one: Audited, other: Audited, qtyLots: number): void {
    // Who trades with itself keeps its position.
    if (one.portfolioId === other.portfolioId) return;
    for (const { isReduceOnly, side, portfolioId, orderId } of [one, other]) {
      const position = this.positions.get(portfolioId) ?? 0;
      const most = side === O.SIDE_BUY ? -position : position;
      assert.ok(!isReduceOnly || qtyLots <= most, `reduce-only order ${orderId} reduces`);
    }
  }

  private trade(tradeId: number): void {
    this.lastTradeId += 1;
    assert.equal(tradeId, this.lastTradeId, 'trades are numbered without gaps');
  }

  private unlist(order: Audited): void {
    const queue = this.queues[order.side];
    const at = queue.indexOf(order);
    if (at >= 0) queue.splice(at, 1);
    order.visibleLots = 0;
  }

  private cancel(order: Audited, event: NaiveEvent): void {
    assert.equal(event.qtyLots, order.openLots, `what is cancelled of order ${order.orderId}`);
    assert.equal(event.wasResting, this.isResting(order) ? 1 : 0);
    this.unlist(order);
    this.open.delete(order.orderId);
    if (event.wasResting !== 1) return;
    this.level(order.side, order.priceTicks, Number(event.levelLots), Number(event.levelOrders));
  }

  private amend(order: Audited, event: NaiveEvent): void {
    assert.equal(event.oldLots, order.openLots, `what was open of order ${order.orderId}`);
    assert.equal(event.wasResting, this.isResting(order) ? 1 : 0);
    // The limit of a waiting trailing stop moves with its trigger, and no event says so.
    const old = event.wasResting === 1 ? order.priceTicks : Number(event.oldPriceTicks);
    assert.equal(event.oldPriceTicks, old, `the old price of order ${order.orderId}`);
    order.totalLots += Number(event.qtyLots) - order.openLots;
    order.openLots = Number(event.qtyLots);
    order.priceTicks = Number(event.priceTicks);
    if (event.kept === 1) order.visibleLots = Math.min(order.visibleLots, order.openLots);
    else this.unlist(order);
    if (event.wasResting !== 1) return;
    this.level(order.side, old, Number(event.levelLots), Number(event.levelOrders));
  }

  /** A level is what its orders show. */
  private level(side: number, priceTicks: number, lots: number, orders: number): void {
    const level = this.queues[side].filter((order) => order.priceTicks === priceTicks);
    const sum = level.reduce((total, { visibleLots }) => total + visibleLots, 0);
    assert.deepEqual([lots, orders], [sum, level.length], `level ${priceTicks}`);
  }
}
