import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SIDE_BUY, SIDE_SELL } from '../../../src/domain/orders.ts';
import { Prng } from '../../../src/lib/prng.ts';
import { NONE } from '../../../src/matching/layout.ts';
import { OrderBook } from '../../../src/matching/order-book.ts';
import type { PlainOrder } from '../../support/book-images.ts';

function rest(book: OrderBook, order: PlainOrder): void {
  const { orderId, portfolioId, side, priceTicks, remainingLots, totalLots } = order;
  const slot = book.orders.take();
  book.orders.write(slot, orderId, portfolioId, side, priceTicks, remainingLots, totalLots);
  book.rest(slot);
}

function cancel(book: OrderBook, orderId: number): void {
  const slot = book.index.find(orderId);
  book.unlink(slot);
  book.release(slot);
}

/** What rests, read from the ladders and queues. */
function readBook({ ladders, levels, orders }: OrderBook): PlainOrder[] {
  const found: PlainOrder[] = [];
  for (const ladder of ladders) {
    for (let level = ladder.bestLevel(); level !== NONE; level = ladder.nextWorse(level)) {
      for (let slot = levels.first(level); slot !== NONE; slot = orders.next(slot)) {
        found.push({
          orderId: orders.id(slot),
          portfolioId: orders.portfolio(slot),
          side: orders.side(slot),
          priceTicks: orders.price(slot),
          remainingLots: orders.remaining(slot),
          totalLots: orders.total(slot),
        });
      }
    }
  }
  return found;
}

/** Bids best first, asks best first; sorting is stable, so equals stay in order of arrival. */
function sorted(orders: Iterable<PlainOrder>): PlainOrder[] {
  const all = [...orders];
  const bids = all.filter((order) => order.side === SIDE_BUY);
  const asks = all.filter((order) => order.side === SIDE_SELL);
  bids.sort((a, b) => b.priceTicks - a.priceTicks);
  asks.sort((a, b) => a.priceTicks - b.priceTicks);
  return [...bids, ...asks];
}

describe('OrderBook', () => {
  it('grows far beyond what it starts with, and keeps every queue while prices drift', () => {
    const random = new Prng(7);
    const book = new OrderBook(1 << 20, 1 << 18);
    const live = new Map<number, PlainOrder>();
    let middle = 1_000_000;
    for (let orderId = 1; orderId <= 60_000; orderId += 1) {
      middle += random.integer(-40, 42);
      const side = random.integer(SIDE_BUY, SIDE_SELL);
      const offset = 1 + Math.floor(random.exponential(random.chance(0.02) ? 60_000 : 500));
      const priceTicks = side === SIDE_BUY ? Math.max(1, middle - offset) : middle + offset;
      const remainingLots = random.integer(1, 9);
      const order = { orderId, portfolioId: 1, side, priceTicks, remainingLots, totalLots: 10 };
      rest(book, order);
      live.set(orderId, order);
      if (orderId % 3 !== 0) continue;
      const victim = random.integer(1, orderId);
      if (!live.delete(victim)) continue;
      cancel(book, victim);
    }
    assert.ok(live.size > 40_000, 'pools and index have doubled several times');
    assert.equal(book.index.size, live.size);
    assert.deepEqual(readBook(book), sorted(live.values()));
    for (const orderId of live.keys()) cancel(book, orderId);
    assert.deepEqual(readBook(book), []);
    assert.equal(book.bids.bestPrice(), 0);
    assert.equal(book.asks.bestPrice(), 0);
  });

  it('finds the best again when a book is emptied from the best price on', () => {
    const book = new OrderBook(100, 100);
    const prices = [5, 40_000, 2 ** 33, 7, 90_000, 2 ** 33 + 40_000, 6, 41_000];
    prices.forEach((priceTicks, i) => {
      const order = { orderId: i + 1, portfolioId: 0, remainingLots: 1, totalLots: 1, priceTicks };
      rest(book, { ...order, side: SIDE_BUY });
      rest(book, { ...order, orderId: i + 101, side: SIDE_SELL });
    });
    const falling = prices.map((price, i) => ({ price, i })).sort((a, b) => b.price - a.price);
    for (const { price, i } of falling) {
      assert.equal(book.bids.bestPrice(), price);
      cancel(book, i + 1);
    }
    for (const { price, i } of falling.reverse()) {
      assert.equal(book.asks.bestPrice(), price);
      cancel(book, i + 101);
    }
    assert.equal(book.bids.bestPrice() + book.asks.bestPrice(), 0);
  });

  it('keeps long-lived orders findable among millions of ids', () => {
    const book = new OrderBook(1000, 1000);
    const order = { portfolioId: 0, side: SIDE_BUY, priceTicks: 100, remainingLots: 1 };
    const kept: number[] = [];
    for (let orderId = 1; orderId <= 300_000; orderId += 1) {
      rest(book, { ...order, orderId, totalLots: orderId });
      if (orderId % 1024 === 5) kept.push(orderId);
      else cancel(book, orderId);
    }
    assert.equal(book.index.size, kept.length);
    for (const orderId of kept) {
      assert.equal(book.orders.total(book.index.find(orderId)), orderId);
      assert.ok(book.index.has(orderId));
      assert.ok(!book.index.has(orderId + 1));
    }
  });

  it('an emptied level reads nothing even where its sum had left the safe integers', () => {
    const book = new OrderBook(10, 10);
    const most = Number.MAX_SAFE_INTEGER;
    const order = { portfolioId: 0, side: SIDE_SELL, priceTicks: 9, totalLots: most };
    rest(book, { ...order, orderId: 1, remainingLots: most });
    rest(book, { ...order, orderId: 2, remainingLots: most - 1 });
    rest(book, { ...order, orderId: 3, remainingLots: 3 });
    const level = book.asks.bestLevel();
    for (const orderId of [1, 2]) cancel(book, orderId);
    const last = book.index.find(3);
    book.unlink(last);
    assert.equal(book.levels.qty(level), 0);
    assert.equal(book.levels.orders(level), 0);
    book.release(last);
    assert.equal(book.asks.bestPrice(), 0);
  });
});
