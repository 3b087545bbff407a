import * as L from './layout.ts';
import type { OrderBook } from './order-book.ts';

const NONE = L.NONE;

/** Takes levels, best first. */
interface LevelSink {
  add(priceTicks: number, qtyLots: number, orders: number): void;
}

/** A look at the visible levels of a live book. */
export class WatchedBook {
  private readonly book: OrderBook;

  constructor(book: OrderBook) {
    this.book = book;
  }

  /** Best price, 0 when the side is empty. */
  bestTicks(side: number): number {
    return this.book.ladders[side].bestPrice();
  }

  /** Gives out the best levels, best first, at most so many. */
  readTop(side: number, levelsMax: number, into: LevelSink): void {
    const { levels } = this.book;
    const ladder = this.book.ladders[side];
    let level = ladder.bestLevel();
    for (let i = 0; i < levelsMax && level !== NONE; i += 1) {
      into.add(levels.price(level), levels.qty(level), levels.orders(level));
      level = ladder.nextWorse(level);
    }
  }
}
