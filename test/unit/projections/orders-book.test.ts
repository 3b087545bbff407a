import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as R from '../../../src/codec/records.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../src/domain/orders.ts';
import { ACTION_EXECUTE, ACTION_REDUCE } from '../../../src/projections/order-changes.ts';
import { OrdersBook } from '../../../src/projections/orders-book.ts';
import { frameWord } from '../../../src/rings/frame.ts';
import { MarketFlow } from '../../support/market-flow.ts';

/** `[price, quantity]` of a side in the order in which the orders trade, from the naive list. */
function expectedQueue(flow: MarketFlow, side: number): [number, number][] {
  const direction = side === SIDE_BUY ? -1 : 1;
  return flow.orders
    .filter((order) => order.side === side)
    .sort((a, b) => (a.priceTicks - b.priceTicks) * direction)
    .map(({ priceTicks, qtyLots }) => [priceTicks, qtyLots]);
}

function queueOf(book: OrdersBook, flow: MarketFlow, side: number) {
  const direction = side === SIDE_BUY ? -1 : 1;
  const prices = [...flow.levels[side].keys()].sort((a, b) => (a - b) * direction);
  return prices.flatMap((price) => [...book.at(side, price)]);
}

test('whoever begins to follow finds every order in its place, and so does who followed', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 300 }),
      (seed, before, after) => {
        const flow = new MarketFlow(6, seed);
        const book = new OrdersBook();
        const run = (records: number): void => {
          for (let i = 0; i < records; i += 1) {
            flow.step();
            book.apply(flow.views, 0);
          }
        };
        run(before);
        book.follow(true);
        run(after);
        for (const side of [SIDE_BUY, SIDE_SELL]) {
          const queue = queueOf(book, flow, side);
          assert.deepEqual(
            queue.map(({ priceTicks, qtyLots }) => [priceTicks, qtyLots]),
            expectedQueue(flow, side),
          );
          assert.equal(book.count(side), queue.length);
        }
      },
    ),
    { numRuns: 100 },
  );
});

/** One record at offset 0, as far as the book looks at it. */
function record(type: number, seq: number, fields: [number, number][], bytes: [number, number][]) {
  const buffer = new ArrayBuffer(R.AUCTION_TRADE_BYTES);
  const views = {
    i32: new Int32Array(buffer),
    f64: new Float64Array(buffer),
    u8: new Uint8Array(buffer),
  };
  views.i32[1] = frameWord(type, 0, 6);
  views.f64[R.RECORD_SEQ >>> 3] = seq;
  for (const [at, value] of fields) views.f64[at >>> 3] = value;
  for (const [at, value] of bytes) views.u8[at] = value;
  return views;
}

function rested(seq: number, orderId: number, qtyLots: number) {
  return record(
    R.ORDER_RESTED,
    seq,
    [
      [R.EVENT_ORDER_ID, orderId],
      [R.RESTED_PRICE_TICKS, 100],
      [R.RESTED_QTY_LOTS, qtyLots],
    ],
    [[R.RESTED_SIDE, SIDE_SELL]],
  );
}

test('each part that an iceberg shows is another order; what it hides is nowhere', () => {
  const book = new OrdersBook();
  book.follow(true);
  book.apply(rested(5, 900, 10), 0);
  book.apply(rested(6, 901, 4), 0);
  const trade = record(
    R.TRADE_EXECUTED,
    7,
    [
      [R.TRADE_MAKER_ORDER_ID, 900],
      [R.TRADE_QTY_LOTS, 10],
      [R.TRADE_MAKER_REMAINING_LOTS, 90],
      [R.TRADE_ID, 3],
    ],
    [],
  );
  assert.equal(book.apply(trade, 0), true);
  book.apply(rested(8, 900, 10), 0);
  const queue = [...book.at(SIDE_SELL, 100)].map(({ publicId, qtyLots }) => [publicId, qtyLots]);
  assert.deepEqual(queue, [
    [6, 4],
    [8, 10],
  ]);
  assert.equal(book.publicIdOf(900), 8);
  const { changed } = book;
  assert.deepEqual([...changed.publicIds.subarray(0, changed.length)], [5, 6, 5, 8]);
  assert.deepEqual([...changed.qtysLots.subarray(0, changed.length)], [10, 4, 0, 10]);
  assert.equal(changed.actions[2], ACTION_EXECUTE);
  assert.deepEqual([changed.executedLots[2], changed.tradeIds[2]], [10, 3]);
});

test('an amendment of what an iceberg hides changes nothing that can be seen', () => {
  const book = new OrdersBook();
  book.follow(true);
  book.apply(rested(5, 900, 10), 0);
  const lowered = (openLots: number) =>
    record(
      R.ORDER_AMENDED,
      6,
      [
        [R.EVENT_ORDER_ID, 900],
        [R.AMENDED_NEW_REMAINING_LOTS, openLots],
      ],
      [
        [R.AMENDED_WAS_RESTING, 1],
        [R.AMENDED_KEPT_PRIORITY, 1],
      ],
    );
  assert.equal(book.apply(lowered(60), 0), false);
  assert.equal(book.changed.length, 1);
  assert.equal(book.apply(lowered(7), 0), true);
  assert.equal(book.changed.actions[1], ACTION_REDUCE);
  assert.deepEqual(
    [...book.at(SIDE_SELL, 100)].map(({ publicId, qtyLots }) => [publicId, qtyLots]),
    [[5, 7]],
  );
});

test('orders of a snapshot keep their order, before all that come later', () => {
  const book = new OrdersBook();
  book.restore(900, SIDE_SELL, 100, 5);
  book.restore(800, SIDE_SELL, 100, 6);
  book.apply(rested(40, 700, 7), 0);
  book.follow(true);
  assert.deepEqual(
    [...book.at(SIDE_SELL, 100)].map(({ qtyLots }) => qtyLots),
    [5, 6, 7],
  );
  assert.equal(book.count(SIDE_SELL), 3);
});
