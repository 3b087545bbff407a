import { assert } from '../lib/assert.ts';
import { NONE } from './layout.ts';
import type { OrderBook } from './order-book.ts';
import type { PriceLadder } from './price-ladder.ts';

export interface OrderImage {
  readonly orderId: number;
  readonly portfolioId: number;
  readonly side: number;
  readonly priceTicks: number;
  /** What is open. */
  readonly remainingLots: number;
  /** What is open and what has traded. */
  readonly totalLots: number;
}

/** A market's whole state: from it, and the commands after it, everything else follows. */
export interface BookImage {
  readonly marketId: number;
  /** Sequence of the newest record it contains. */
  readonly seq: number;
  /** PHASE_… */
  readonly phase: number;
  readonly lastTradeId: number;
  /** Price of the newest trade in the book, 0 before the first; prints do not count. */
  readonly lastTradePriceTicks: number;
  /** Bids best first, at one price by time; then asks likewise. */
  readonly orders: readonly OrderImage[];
}

const HEAD_FIELDS = 7;
const ORDER_FIELDS = 6;
/** Version of the encoding; images are stored in snapshots. */
const VERSION = 1;

/**
 * One array of doubles: version, marketId, seq, phase, lastTradeId, lastTradePriceTicks, number of
 * orders; then for each order orderId, portfolioId, side, priceTicks, remainingLots, totalLots.
 */
export function encodeImage(image: BookImage): Float64Array<ArrayBuffer> {
  const { orders } = image;
  const encoded = new Float64Array(HEAD_FIELDS + orders.length * ORDER_FIELDS);
  encoded[0] = VERSION;
  encoded[1] = image.marketId;
  encoded[2] = image.seq;
  encoded[3] = image.phase;
  encoded[4] = image.lastTradeId;
  encoded[5] = image.lastTradePriceTicks;
  encoded[6] = orders.length;
  let at = HEAD_FIELDS;
  for (const order of orders) {
    encoded[at] = order.orderId;
    encoded[at + 1] = order.portfolioId;
    encoded[at + 2] = order.side;
    encoded[at + 3] = order.priceTicks;
    encoded[at + 4] = order.remainingLots;
    encoded[at + 5] = order.totalLots;
    at += ORDER_FIELDS;
  }
  return encoded;
}

/** Reads what `encodeImage` wrote. Throws when it is of another version or cut short. */
export function decodeImage(encoded: Float64Array): BookImage {
  const [version, marketId, seq, phase, lastTradeId, lastTradePriceTicks, count] = encoded;
  if (version !== VERSION) throw new Error(`book image has version ${version}, not ${VERSION}`);
  if (encoded.length !== HEAD_FIELDS + count * ORDER_FIELDS) {
    throw new Error(`book image of ${count} orders has ${encoded.length} fields`);
  }
  const orders: OrderImage[] = [];
  for (let at = HEAD_FIELDS; at < encoded.length; at += ORDER_FIELDS) {
    orders.push({
      orderId: encoded[at],
      portfolioId: encoded[at + 1],
      side: encoded[at + 2],
      priceTicks: encoded[at + 3],
      remainingLots: encoded[at + 4],
      totalLots: encoded[at + 5],
    });
  }
  return { marketId, seq, phase, lastTradeId, lastTradePriceTicks, orders };
}

/** One resting order as an object of its own. */
export function orderImage(book: OrderBook, slot: number): OrderImage {
  const { orders } = book;
  return {
    orderId: orders.id(slot),
    portfolioId: orders.portfolio(slot),
    side: orders.side(slot),
    priceTicks: orders.price(slot),
    remainingLots: orders.remaining(slot),
    totalLots: orders.total(slot),
  };
}

/** All resting orders in an image's order. */
export function readBook(book: OrderBook): OrderImage[] {
  const images: OrderImage[] = [];
  readSide(book, book.bids, images);
  readSide(book, book.asks, images);
  return images;
}

function readSide(book: OrderBook, ladder: PriceLadder, images: OrderImage[]): void {
  let level = ladder.bestLevel();
  while (level !== NONE) {
    let slot = book.levels.first(level);
    while (slot !== NONE) {
      images.push(orderImage(book, slot));
      slot = book.orders.next(slot);
    }
    level = ladder.nextWorse(level);
  }
}

/** Puts an image's orders into an empty book. Throws when the image cannot be one of a book. */
export function fillBook(book: OrderBook, image: BookImage): void {
  assert(book.index.size === 0, 'only an empty book is filled from an image');
  for (const order of image.orders) {
    const { orderId, portfolioId, side, priceTicks, remainingLots } = order;
    assert(!book.index.has(orderId), 'the image has an order twice');
    const slot = book.orders.take();
    const { totalLots } = order;
    book.orders.write(slot, orderId, portfolioId, side, priceTicks, remainingLots, totalLots);
    book.rest(slot);
  }
  const bid = book.bids.bestPrice();
  const ask = book.asks.bestPrice();
  assert(bid === 0 || ask === 0 || bid < ask, 'the image is of a crossed book');
}
