import { PHASE_CONTINUOUS, PHASE_HALTED, type Side } from '../domain/orders.ts';
import { type ActionSink, isSeed } from './action-sink.ts';
import { SIDE_UNKNOWN } from './actions.ts';
import * as L from './lobster.ts';
import type { RecordedOrder } from './queue-book.ts';

/** The recording executes an order behind one that was there before, and that one lives on. */
const PASSED_OVER = 'passed_over';
/** The same, and the ids, which rise in order of arrival, say that the row came too late. */
const LISTED_LATE = 'listed_late';
/** The recording never submits the order (it rested before, or came outside the recorded levels): the
 * book file tells its level, nobody its identity. */
const ORDER_NOT_IN_RECORDING = 'order_not_in_recording';
/** The same, but its level also has orders of which we cannot know whether they were there first. */
const SEED_PRIORITY_UNKNOWN = 'seed_priority_unknown';

interface LobsterScale {
  /** File units in one tick. */
  readonly priceUnitsPerTick: number;
  /** Seconds since the epoch when the recorded day began. */
  readonly midnightSeconds: number;
}

/** What LOBSTER messages ask of the engine: the table is in docs/replay.md. */
export class LobsterMapping {
  private readonly sink: ActionSink;
  private readonly scale: LobsterScale;
  private halted = false;
  /** Orders that came during a halt, which our book takes when trading goes on. */
  private readonly held = new Map<string, RecordedOrder>();

  constructor(sink: ActionSink, scale: LobsterScale) {
    this.sink = sink;
    this.scale = scale;
  }

  /** Starts a row; what is emitted until the next one carries its number and time. */
  begin(message: L.LobsterMessage, row: number): void {
    this.sink.beginRow(row, this.scale.midnightSeconds + message.seconds, message.nanos);
  }

  apply(message: L.LobsterMessage): void {
    switch (message.type) {
      case L.LOBSTER_SUBMISSION:
        this.submit(message);
        return;
      case L.LOBSTER_PARTIAL_CANCEL:
      case L.LOBSTER_DELETION:
        this.takeOff(message);
        return;
      case L.LOBSTER_EXECUTION:
        this.execute(message);
        return;
      case L.LOBSTER_HIDDEN_EXECUTION:
        this.print(message, 1 - message.side);
        return;
      case L.LOBSTER_CROSS_TRADE:
        this.print(message, SIDE_UNKNOWN);
        return;
      default:
        this.changePhase(message.price);
    }
  }

  /** Takes quantity off a level that the files show smaller than its orders: seeds first. */
  shrink(side: Side, priceTicks: number, byLots: number): void {
    const queue = this.sink.book.queue(side, priceTicks);
    const seeds = queue.filter((order) => isSeed(order.id));
    const others = queue.filter((order) => !isSeed(order.id)).reverse();
    let left = byLots;
    for (const order of [...seeds, ...others]) {
      if (left === 0) return;
      const lots = Math.min(left, order.qtyLots);
      this.sink.reduce(order, lots);
      left -= lots;
    }
  }

  private submit(message: L.LobsterMessage): void {
    const { sink } = this;
    const { orderId: id, side, size: qtyLots } = message;
    const priceTicks = this.ticks(message.price);
    if (qtyLots === 0 || priceTicks <= 0) {
      sink.skipped('order_without_size_or_price');
    } else if (sink.book.get(id) !== undefined || this.held.has(id)) {
      sink.skipped('order_id_submitted_twice');
    } else if (this.halted) {
      this.held.set(id, { id, clientOrderId: id, side, priceTicks, qtyLots });
      sink.adjusted('held_back_in_halt');
    } else {
      while (sink.book.crosses(side, priceTicks)) this.dropStale((1 - side) as Side);
      sink.rest(id, side, priceTicks, qtyLots);
    }
  }

  private takeOff(message: L.LobsterMessage): void {
    const { sink } = this;
    const whole = message.type === L.LOBSTER_DELETION;
    const held = this.held.get(message.orderId);
    if (held !== undefined) {
      held.qtyLots -= message.size;
      if (whole || held.qtyLots <= 0) this.held.delete(held.id);
      return;
    }
    const order = sink.book.get(message.orderId);
    if (order === undefined) {
      let left = message.size;
      for (const seed of this.seedsAt(message)) {
        const lots = Math.min(left, seed.qtyLots);
        if (lots > 0) sink.reduce(seed, lots);
        left -= lots;
      }
      if (left > 0) sink.unknown(whole ? 'deletion' : 'partial_cancel');
    } else if (whole) {
      if (message.size !== order.qtyLots) sink.adjusted('deletion_of_another_size');
      sink.cancel(order);
    } else {
      sink.reduce(order, message.size);
    }
  }

  private execute(message: L.LobsterMessage): void {
    const order = this.sink.book.get(message.orderId);
    if (order !== undefined) {
      if (message.size > order.qtyLots) this.sink.adjusted('execution_larger_than_order');
      this.hit(order, Math.min(message.size, order.qtyLots), null);
      return;
    }
    let left = message.size;
    for (const seed of this.seedsAt(message)) {
      const lots = Math.min(left, seed.qtyLots);
      if (lots > 0) this.hit(seed, lots, ORDER_NOT_IN_RECORDING);
      left -= lots;
    }
    if (left > 0) this.sink.unknown('execution');
  }

  /** Sends the aggressor that the exchange matched with this order. */
  private hit(order: RecordedOrder, lots: number, known: string | null): void {
    const { sink } = this;
    const { side, priceTicks } = order;
    if (this.halted) {
      // Our book matches nothing in a halt: the trade is reported and the order shrinks.
      sink.adjusted('execution_in_halt');
      sink.print(SIDE_UNKNOWN, priceTicks, lots);
      sink.reduce(order, lots);
      return;
    }
    while (sink.book.best(side) !== priceTicks) this.dropStale(side);
    let exception = known;
    const first = sink.book.first(side, priceTicks) as RecordedOrder;
    if (first !== order) {
      exception = isSeed(order.id) || isSeed(first.id) ? SEED_PRIORITY_UNKNOWN : PASSED_OVER;
      if (exception === PASSED_OVER && arrivedBefore(order.id, first.id)) exception = LISTED_LATE;
      for (const ahead of sink.book.queue(side, priceTicks)) {
        if (ahead === order) break;
        sink.adjusted(`sent_back_${exception}`);
        sink.requeue(ahead);
      }
    }
    sink.aggress((1 - side) as Side, priceTicks, [{ order, qtyLots: lots }], exception);
  }

  /**
   * Cancels the best level of a side. An exchange trades at the best visible price and shows no
   * crossed book, so a row that trades behind our best price, or rests through it, proves that the
   * orders there have gone unseen (outside the recorded levels).
   */
  private dropStale(side: Side): void {
    const { book } = this.sink;
    for (const order of book.queue(side, book.best(side))) {
      this.sink.adjusted('cancelled_unseen');
      this.sink.cancel(order);
    }
  }

  private seedsAt(message: L.LobsterMessage): RecordedOrder[] {
    const queue = this.sink.book.queue(message.side, this.ticks(message.price));
    return queue.filter((order) => isSeed(order.id));
  }

  private print(message: L.LobsterMessage, side: number): void {
    const priceTicks = this.ticks(message.price);
    if (priceTicks <= 0 || message.size === 0) {
      this.sink.skipped('trade_without_size_or_price');
      return;
    }
    this.sink.print(side, priceTicks, message.size);
  }

  /** Price -1 halts, 0 lets orders come in again, 1 lets them trade: our book knows the first and last. */
  private changePhase(price: number): void {
    const { sink } = this;
    const halt = price !== 1;
    if (halt === this.halted) {
      sink.skipped(price === 0 ? 'quoting_resumes' : 'phase_already_so');
      return;
    }
    this.halted = halt;
    sink.phase(halt ? PHASE_HALTED : PHASE_CONTINUOUS);
    if (halt) return;
    for (const order of this.held.values()) {
      if (sink.book.crosses(order.side, order.priceTicks)) sink.adjusted('crosses_after_halt');
      else sink.rest(order.id, order.side, order.priceTicks, order.qtyLots);
    }
    this.held.clear();
  }

  private ticks(price: number): number {
    return price / this.scale.priceUnitsPerTick;
  }
}

/** Order ids are assigned in order flow: the lower came first. They may exceed 53 bits. */
function arrivedBefore(id: string, other: string): boolean {
  return id.length === other.length ? id < other : id.length < other.length;
}
