import {
  HELD_UNPRICED,
  PEG_PRIMARY,
  PLACE_RESTING,
  SIDE_BUY,
  SIDE_SELL,
} from '../domain/orders.ts';
import type { ExtraPool } from './extra-pool.ts';
import { IdList } from './id-list.ts';
import { EXTRA, NONE as NO_ORDER } from './layout.ts';
import type { OrderBook } from './order-book.ts';

const NONE = NO_ORDER;

/** Pegged orders that rest or wait for a price, and the prices they follow. */
export class Pegs {
  count = 0;
  readonly list: IdList;
  private readonly book: OrderBook;
  private readonly extras: ExtraPool;
  /** By level, how many of its orders are pegged. */
  private pegged = new Int32Array(1024);
  /** The prices to follow, by side, as they were when the orders before `cursor` were found right. */
  private readonly followed = new Float64Array([Number.NaN, Number.NaN]);
  /** No order before this one has a wrong price, going by the prices above. */
  private cursor: number = NONE;

  constructor(book: OrderBook, extras: ExtraPool) {
    this.book = book;
    this.extras = extras;
    const { I_FOLLOW_NEXT, I_FOLLOW_PREVIOUS } = EXTRA;
    this.list = new IdList(book.orders, extras, I_FOLLOW_NEXT, I_FOLLOW_PREVIOUS);
  }

  /** From now on the order follows. */
  add(slot: number): void {
    this.list.insert(slot);
    this.count += 1;
  }

  remove(slot: number): void {
    if (this.cursor === slot) this.cursor = this.list.next(slot);
    this.list.remove(slot);
    this.count -= 1;
  }

  /** A pegged order has joined its level (1), or left it (-1). */
  countInLevel(slot: number, change: number): void {
    const level = this.book.orders.level(slot);
    if (level >= this.pegged.length) {
      const { pegged } = this;
      this.pegged = new Int32Array(2 ** Math.ceil(Math.log2(level + 1)));
      this.pegged.set(pegged);
    }
    this.pegged[level] += change;
  }

  /** Best price of a side, pegged orders left out; 0 when there is none. */
  bestUnpegged(side: number): number {
    const { levels, ladders } = this.book;
    const ladder = ladders[side];
    let level = ladder.bestLevel();
    while (level !== NONE && this.pegged[level] === levels.orders(level)) {
      level = ladder.nextWorse(level);
    }
    return level === NONE ? 0 : levels.price(level);
  }

  /** The side whose best price the order follows. */
  followedSide(slot: number): number {
    const side = this.book.orders.side(slot);
    const kind = this.extras.int(this.book.orders.extra(slot), EXTRA.I_UNITS) >>> 8;
    return kind === PEG_PRIMARY ? side : 1 - side;
  }

  /** The price the order should have when it follows this one. */
  price(slot: number, followedTicks: number): number {
    const extra = this.book.orders.extra(slot);
    const offset = this.extras.double(extra, EXTRA.F_PEG_OFFSET);
    const limit = this.extras.double(extra, EXTRA.F_LIMIT);
    if (this.book.orders.side(slot) === SIDE_BUY) {
      return Math.max(1, Math.min(limit, followedTicks - offset));
    }
    return Math.max(1, limit, followedTicks + offset);
  }

  /** The order with the lowest id whose price is not the one it should have, or `NONE`. */
  firstWrong(): number {
    if (this.count === 0) return NONE;
    const { followed, list } = this;
    const bid = this.bestUnpegged(SIDE_BUY);
    const ask = this.bestUnpegged(SIDE_SELL);
    if (followed[SIDE_BUY] !== bid || followed[SIDE_SELL] !== ask) {
      followed[SIDE_BUY] = bid;
      followed[SIDE_SELL] = ask;
      this.cursor = list.first;
    }
    while (this.cursor !== NONE && !this.isWrong(this.cursor)) {
      this.cursor = list.next(this.cursor);
    }
    return this.cursor;
  }

  /** The order has come to rest, or to wait for a price: whether that is right is not known. */
  note(slot: number): void {
    const { orders } = this.book;
    if (this.cursor === NONE || orders.id(slot) < orders.id(this.cursor)) this.cursor = slot;
  }

  private isWrong(slot: number): boolean {
    const { orders } = this.book;
    const followed = this.followed[this.followedSide(slot)];
    if (followed === 0) return false;
    const place = this.extras.int(orders.extra(slot), EXTRA.I_PLACE);
    if (place === HELD_UNPRICED) return true;
    return place === PLACE_RESTING && orders.price(slot) !== this.price(slot, followed);
  }
}
