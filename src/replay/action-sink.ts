import { LIMITS } from '../config/limits.ts';
import { AMEND_REDUCE_BY, AMEND_REMAINING, type Side, TIF_GTC, TIF_IOC } from '../domain/orders.ts';
import type { DepthSide } from '../projections/depth.ts';
import type {
  Action,
  BookCheck,
  ExpectedAuction,
  ExpectedFill,
  LevelImage,
  Step,
} from './actions.ts';
import { ROW_END } from './actions.ts';
import { type Counts, countOne } from './counts.ts';
import type { QueueBook, RecordedOrder } from './queue-book.ts';

type Body<T> = T extends Action ? Omit<T, 'requestId' | 'row' | 'seconds' | 'nanos'> : never;

/**
 * Where a mapping puts its actions. It numbers them, stamps them with the row's time, keeps the
 * files' book in step with what it emits, and counts by name what could not be mapped.
 */
export class ActionSink {
  readonly book: QueueBook;
  /** Rows that refer to orders nobody has told us of, by kind. */
  readonly unknownReferences: Counts = {};
  /** Rows from which nothing follows, by reason. */
  readonly skippedRows: Counts = {};
  /** What the mapping did beyond one action per row, by reason. */
  readonly adjustments: Counts = {};
  lastRequestId = 0;
  row = 0;
  /** While true only the files' book is kept: nothing is emitted, numbered or counted. */
  quiet = false;
  /** The book after the last action that is not repeated; set when the first new one is emitted. */
  resumedBook: LevelImage[] = [];
  private readonly resumeAfterRequestId: number;
  private steps: Step[] = [];
  private seconds = 0;
  private nanos = 0;
  private seeds = 0;

  /** @param resumeAfterRequestId actions up to this number are not emitted; 0 emits all */
  constructor(book: QueueBook, resumeAfterRequestId = 0) {
    this.book = book;
    this.resumeAfterRequestId = resumeAfterRequestId;
  }

  /** Takes what was emitted since the last call. */
  take(): Step[] {
    const { steps } = this;
    this.steps = [];
    return steps;
  }

  beginRow(row: number, seconds: number, nanos: number): void {
    this.row = row;
    this.seconds = seconds;
    this.nanos = nanos;
  }

  endRow(check: BookCheck | null): void {
    if (this.quiet || this.repeats()) return;
    this.steps.push(check === null ? ROW_END : { kind: 'row_end', check });
  }

  unknown(kind: string): void {
    if (!this.quiet && !this.repeats()) countOne(this.unknownReferences, kind);
  }

  skipped(reason: string): void {
    if (!this.quiet && !this.repeats()) countOne(this.skippedRows, reason);
  }

  adjusted(reason: string): void {
    if (!this.quiet && !this.repeats()) countOne(this.adjustments, reason);
  }

  /** Places an order that rests. `clientOrderId` differs from `id` where the id was used before. */
  rest(id: string, side: Side, priceTicks: number, qtyLots: number, clientOrderId = id): void {
    this.emit({
      kind: 'place',
      clientOrderId,
      side,
      tif: TIF_GTC,
      priceTicks,
      qtyLots,
      expected: null,
      exception: null,
    });
    this.book.add({ id, clientOrderId, side, priceTicks, qtyLots });
  }

  /** Places quantity of which the files know the level but not the orders. */
  seed(side: Side, priceTicks: number, qtyLots: number): void {
    this.seeds += 1;
    this.rest(`${SEED_PREFIX}${this.seeds}`, side, priceTicks, qtyLots);
  }

  /** Sends an aggressor that shall trade exactly with these orders, and takes them off the book. */
  aggress(
    side: Side,
    priceTicks: number,
    makers: readonly { order: RecordedOrder; qtyLots: number }[],
    exception: string | null = null,
  ): void {
    const lots = new Map<string, number>();
    for (const { order, qtyLots } of makers) {
      const id = recordedId(order.id);
      lots.set(id, (lots.get(id) ?? 0) + qtyLots);
    }
    const expected: ExpectedFill[] = [...lots].map(([id, qtyLots]) => ({ id, qtyLots }));
    this.emit({
      kind: 'place',
      clientOrderId: `x${this.lastRequestId + 1}`,
      side,
      tif: TIF_IOC,
      priceTicks,
      qtyLots: expected.reduce((sum, fill) => sum + fill.qtyLots, 0),
      expected,
      exception,
    });
    for (const { order, qtyLots } of makers) this.book.reduce(order, qtyLots);
  }

  reduce(order: RecordedOrder, byLots: number): void {
    const { clientOrderId } = order;
    if (byLots >= order.qtyLots) {
      this.cancel(order);
      return;
    }
    this.emit({
      kind: 'amend',
      clientOrderId,
      mode: AMEND_REDUCE_BY,
      priceTicks: 0,
      qtyLots: byLots,
    });
    this.book.reduce(order, byLots);
  }

  /** Gives an order another price or more quantity, either of which costs it its place. */
  replace(order: RecordedOrder, priceTicks: number, qtyLots: number): void {
    const { id, clientOrderId, side } = order;
    this.emit({
      kind: 'amend',
      clientOrderId,
      mode: AMEND_REMAINING,
      priceTicks: priceTicks === order.priceTicks ? 0 : priceTicks,
      qtyLots,
    });
    this.book.remove(order);
    this.book.add({ id, clientOrderId, side, priceTicks, qtyLots });
  }

  /** Sends an order to the end of its queue: one lot more costs the place, one less keeps it. */
  requeue(order: RecordedOrder): void {
    const { clientOrderId, qtyLots } = order;
    this.replace(order, order.priceTicks, qtyLots + 1);
    const moved = this.book.get(order.id) as RecordedOrder;
    this.emit({ kind: 'amend', clientOrderId, mode: AMEND_REDUCE_BY, priceTicks: 0, qtyLots: 1 });
    this.book.reduce(moved, 1);
  }

  cancel(order: RecordedOrder): void {
    this.emit({ kind: 'cancel', clientOrderId: order.clientOrderId });
    this.book.remove(order);
  }

  /** Cancels everything; one command cancels only so many, so there may have to be several. */
  cancelAll(): void {
    do {
      this.emit({ kind: 'cancel_all' });
      this.book.clear(LIMITS.fillsPerCommand);
    } while (this.book.size > 0);
  }

  print(side: number, priceTicks: number, qtyLots: number): void {
    this.emit({ kind: 'print', side, priceTicks, qtyLots });
  }

  phase(phase: number, expected: ExpectedAuction | null = null): void {
    this.emit({ kind: 'phase', phase, expected });
  }

  /** The event that held an auction is over: its book is compared with the engine's. */
  auctionEnd(): void {
    if (this.quiet || this.repeats()) return;
    const { row, book } = this;
    this.steps.push({
      kind: 'auction_end',
      row,
      bids: pairs(book.levels(0)),
      asks: pairs(book.levels(1)),
    });
  }

  private emit(body: Body<Action>): void {
    if (this.quiet) return;
    this.lastRequestId += 1;
    if (this.repeats()) return;
    if (this.lastRequestId === this.resumeAfterRequestId + 1) this.resumedBook = image(this.book);
    const { row, seconds, nanos, lastRequestId: requestId } = this;
    // Added in place: a copy of every body would cost more than all the rest of a mapping.
    this.steps.push(Object.assign(body, { requestId, row, seconds, nanos }));
  }

  /** True while the actions are those that a resumed replay has behind it. */
  private repeats(): boolean {
    return this.resumeAfterRequestId > 0 && this.lastRequestId <= this.resumeAfterRequestId;
  }
}

const SEED_PREFIX = 'seed-';

/** The recording's id of an order of ours: what follows a tilde tells several of one id apart. */
export function recordedId(name: string): string {
  const end = name.indexOf('~');
  return end < 0 ? name : name.slice(0, end);
}

export function isSeed(id: string): boolean {
  return id.startsWith(SEED_PREFIX);
}

function pairs({ length, pricesTicks, qtysLots }: DepthSide): number[] {
  const levels: number[] = [];
  for (let i = 0; i < length; i += 1) levels.push(pricesTicks[i], qtysLots[i]);
  return levels;
}

function image(book: QueueBook): LevelImage[] {
  const levels: LevelImage[] = [];
  for (const side of [0, 1] as const) {
    const { length, pricesTicks, qtysLots, orders } = book.levels(side);
    for (let i = 0; i < length; i += 1) {
      levels.push({
        side,
        priceTicks: pricesTicks[i],
        qtyLots: qtysLots[i],
        orders: orders[i],
      });
    }
  }
  return levels;
}
