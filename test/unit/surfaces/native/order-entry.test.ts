import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../../src/config/limits.ts';
import {
  ORDER_FLAG_POST_ONLY,
  ORDER_TYPE_LIMIT,
  ORDER_TYPE_MARKET,
  PLAIN_TERMS,
  SIDE_BUY,
  SIDE_SELL,
  STATUS_FILLED,
  STATUS_PARTIALLY_FILLED,
  TIF_FOK,
  TIF_GTC,
  TIF_IOC,
} from '../../../../src/domain/orders.ts';
import {
  COMMAND_RING_FULL,
  FOK_NOT_FILLABLE,
  INSUFFICIENT_BALANCE,
  OK,
  ORDER_NOT_IN_BOOK,
} from '../../../../src/domain/result-codes.ts';
import { requestedTerms } from '../../../../src/gateway/order-terms.ts';
import { orderBench as bench, ORDER } from '../../../support/order-entry-bench.ts';
import type { FakeSocket } from '../../../support/stream-fakes.ts';

test('a message with an ambiguous member is refused as over REST', () => {
  const { loggedIn, venue } = bench();
  const text = JSON.stringify(ORDER);
  for (const bad of [
    text.replace('{', '{"price":"1",'),
    text.replace('{', '{"__proto__":{},'),
    text.replace('"150.50"', '1e999'),
    text.replace('"150.50"', '150.500000000000000001'),
    text.replace('"150.50"', `${'['.repeat(40)}${']'.repeat(40)}`),
  ]) {
    const refused = loggedIn().answer(bad);
    assert.equal(refused.code, 'INVALID_JSON', bad);
  }
  assert.equal(venue.placed.length, 0);
});

test('what is asked for is what the venue gets, number for number', () => {
  const { venue, loggedIn } = bench();
  const alice = loggedIn();
  const placed = (change: object) => {
    const { type, code } = alice.answer({ ...ORDER, ...change });
    assert.equal(type, 'order', code);
    return venue.placed.at(-1)!;
  };
  const plain = placed({});
  assert.deepEqual(requestedTerms(plain), {
    ...PLAIN_TERMS,
    side: SIDE_BUY,
    orderType: ORDER_TYPE_LIMIT,
    tif: TIF_GTC,
    flags: 0,
    priceTicks: 15_050,
    qtyLots: 100,
  });
  assert.deepEqual(
    [plain.market, plain.userId, plain.portfolioId, plain.clientOrderId],
    [venue.market('NASDAQ', 'AAPL'), 7, 70, ''],
  );
  const numbers = placed({ side: 'sell', quantity: 7, price: 0.07, portfolio_id: 71 });
  assert.deepEqual(
    [numbers.side, numbers.qtyLots, numbers.priceTicks, numbers.portfolioId],
    [SIDE_SELL, 7, 7, 71],
  );
  assert.equal(placed({ portfolio_id: '70' }).portfolioId, 70);
  assert.equal(placed({ price: '150.5000' }).priceTicks, 15_050);
  const bitcoin = placed({ market: 'binance:btc/usdt', quantity: '0.003', price: '97250.1' });
  assert.deepEqual([bitcoin.market.id, bitcoin.qtyLots, bitcoin.priceTicks], [6, 3, 972_501]);
  assert.equal(placed({ market: 'msft' }).market, venue.market('NASDAQ', 'MSFT'));
  assert.equal(placed({ time_in_force: 'fok' }).tif, TIF_FOK);
  assert.equal(placed({ post_only: true }).flags, ORDER_FLAG_POST_ONLY);
  assert.equal(placed({ client_order_id: 'mine ~1' }).clientOrderId, 'mine ~1');
  const market = placed({ type: 'market', price: undefined });
  assert.deepEqual(
    [market.orderType, market.tif, market.priceTicks],
    [ORDER_TYPE_MARKET, TIF_IOC, 0],
  );
  assert.equal(placed({ type: 'market', price: undefined, time_in_force: 'fok' }).tif, TIF_FOK);
});

/** Field, wrong value (`undefined`: absent), code, and the parameter the error names. */
const WRONG: readonly [object, string, string | undefined][] = [
  [{ market: undefined }, 'UNKNOWN_MARKET', undefined],
  [{ market: '*' }, 'UNKNOWN_MARKET', undefined],
  [{ market: 'NASDAQ:*' }, 'UNKNOWN_MARKET', undefined],
  [{ market: 'NASDAQ:DOGE' }, 'UNKNOWN_MARKET', undefined],
  [{ market: 'kraken:BTC-USDT' }, 'UNKNOWN_MARKET', undefined],
  [{ market: 'BTC-USDT' }, 'UNKNOWN_MARKET', undefined],
  [{ side: undefined }, 'INVALID_REQUEST', 'side'],
  [{ side: 'BUY' }, 'INVALID_REQUEST', 'side'],
  [{ side: 0 }, 'INVALID_REQUEST', 'side'],
  [{ type: undefined }, 'INVALID_REQUEST', 'type'],
  [{ type: 'iceberg' }, 'INVALID_REQUEST', 'type'],
  [{ quantity: undefined }, 'INVALID_REQUEST', 'quantity'],
  [{ quantity: null }, 'INVALID_REQUEST', 'quantity'],
  [{ quantity: '' }, 'INVALID_REQUEST', 'quantity'],
  [{ quantity: '1e2' }, 'INVALID_REQUEST', 'quantity'],
  [{ quantity: ' 1' }, 'INVALID_REQUEST', 'quantity'],
  [{ quantity: '0x10' }, 'INVALID_REQUEST', 'quantity'],
  [{ quantity: ['1'] }, 'INVALID_REQUEST', 'quantity'],
  [{ quantity: '9'.repeat(25) }, 'INVALID_REQUEST', 'quantity'],
  [{ quantity: '0' }, 'QUANTITY_OFF_LOT', 'quantity'],
  [{ quantity: '-1' }, 'QUANTITY_OFF_LOT', 'quantity'],
  [{ quantity: '0.5' }, 'QUANTITY_OFF_LOT', 'quantity'],
  [{ quantity: 1e300 }, 'QUANTITY_OFF_LOT', 'quantity'],
  [{ quantity: '9007199254740993' }, 'QUANTITY_OFF_LOT', 'quantity'],
  [{ price: undefined }, 'INVALID_REQUEST', 'price'],
  [{ price: null }, 'INVALID_REQUEST', 'price'],
  [{ price: true }, 'INVALID_REQUEST', 'price'],
  [{ price: '150,50' }, 'INVALID_REQUEST', 'price'],
  [{ price: '150.505' }, 'PRICE_OFF_TICK', 'price'],
  [{ price: 0.1 + 0.2 }, 'PRICE_OFF_TICK', 'price'],
  [{ price: -1 }, 'PRICE_OFF_TICK', 'price'],
  [{ type: 'market' }, 'INVALID_REQUEST', 'price'],
  [{ type: 'market', price: undefined, time_in_force: 'gtc' }, 'INVALID_REQUEST', 'time_in_force'],
  [{ type: 'market', price: undefined, post_only: true }, 'INVALID_REQUEST', 'post_only'],
  [{ time_in_force: 'gtx' }, 'INVALID_REQUEST', 'time_in_force'],
  [{ time_in_force: null }, 'INVALID_REQUEST', 'time_in_force'],
  [{ post_only: 'yes' }, 'INVALID_REQUEST', 'post_only'],
  [{ post_only: true, time_in_force: 'ioc' }, 'INVALID_REQUEST', 'post_only'],
  [{ client_order_id: '' }, 'INVALID_REQUEST', 'client_order_id'],
  [{ client_order_id: 'ä' }, 'INVALID_REQUEST', 'client_order_id'],
  [{ client_order_id: 'x'.repeat(37) }, 'INVALID_REQUEST', 'client_order_id'],
  [{ client_order_id: 5 }, 'INVALID_REQUEST', 'client_order_id'],
  [{ portfolio_id: 'mine' }, 'INVALID_REQUEST', 'portfolio_id'],
  [{ portfolio_id: 0 }, 'INVALID_REQUEST', 'portfolio_id'],
  [{ portfolio_id: '80' }, 'UNKNOWN_PORTFOLIO', 'portfolio_id'],
  [{ symbol: 'AAPL' }, 'INVALID_REQUEST', undefined],
];

test('each wrong field is refused by name, with the id of its request, and nothing is placed', () => {
  const { venue, loggedIn } = bench();
  const alice = loggedIn();
  for (const [change, code, parameter] of WRONG) {
    const reply = alice.answer({ ...ORDER, ...change, id: 42 });
    assert.deepEqual(
      [reply.type, reply.id, reply.code, reply.details?.parameter],
      ['error', 42, code, parameter],
      JSON.stringify(change),
    );
    assert.ok(reply.message.length > 0);
  }
  for (const order_id of [undefined, null, '', '0', '1.5', -1, 'x', 1e20, ['1']]) {
    for (const op of ['order.cancel', 'order.status']) {
      const { code, details } = alice.answer({ op, order_id });
      assert.deepEqual(
        [code, details.parameter],
        ['INVALID_REQUEST', 'order_id'],
        String(order_id),
      );
    }
  }
  for (const token of [undefined, '', 5, 'x'.repeat(4097)]) {
    const { code, details } = alice.answer({ op: 'login', token });
    assert.deepEqual([code, details], ['INVALID_REQUEST', { parameter: 'token' }]);
  }
  assert.equal(venue.placed.length, 0);
});

test('an order is answered as the venue knows it, in decimal text', () => {
  const { venue, loggedIn } = bench();
  venue.adjust = {
    status: STATUS_PARTIALLY_FILLED,
    filledLots: 3,
    // 1 lot at 150.50 and 2 at 150.49: the mean is 150.493333…
    filledNotionalUnits: 451_480_000,
    feeUnits: -13_545,
    updatedNanos: 999_999_999,
  };
  const reply = loggedIn().answer({ ...ORDER, client_order_id: 'mine' });
  assert.deepEqual(reply, {
    type: 'order',
    id: 1,
    order: {
      order_id: '1',
      client_order_id: 'mine',
      market: 'NASDAQ:AAPL',
      side: 'buy',
      type: 'limit',
      time_in_force: 'gtc',
      post_only: false,
      quantity: '100',
      price: '150.50',
      status: 'partially_filled',
      filled_quantity: '3',
      remaining_quantity: '97',
      average_price: '150.493333',
      fee: '-0.013545',
      fee_asset: 'USD',
      reason: null,
      portfolio_id: '70',
      created_at: '2024-04-15T14:30:00.123456Z',
      updated_at: '2024-04-15T14:30:00.999999Z',
    },
  });
});

test('an order the book rejected is answered with its state, one denied before it with an error', () => {
  const { venue, loggedIn } = bench();
  const alice = loggedIn();
  venue.nextCode = FOK_NOT_FILLABLE;
  const rejected = alice.answer({ ...ORDER, time_in_force: 'fok' });
  assert.deepEqual(
    [rejected.type, rejected.order.status, rejected.order.reason],
    ['order', 'rejected', 'fok_not_fillable'],
  );
  venue.nextCode = INSUFFICIENT_BALANCE;
  assert.deepEqual(alice.answer({ ...ORDER, id: 5 }), {
    type: 'error',
    id: 5,
    code: 'INSUFFICIENT_BALANCE',
    message: 'Not enough funds',
    details: { reason: 'INSUFFICIENT_BALANCE' },
  });
  venue.nextCode = COMMAND_RING_FULL;
  assert.equal(alice.answer(ORDER).details.retry_after_seconds, 1);
});

test('cancel and status speak of the caller’s own orders only', () => {
  const { venue, loggedIn } = bench();
  const alice = loggedIn();
  const bob = loggedIn('bob');
  const { order_id } = alice.answer(ORDER).order;
  const ask = (socket: FakeSocket, op: string) => socket.answer({ op, id: 9, order_id });
  for (const op of ['order.status', 'order.cancel']) {
    const { type, id, code, details } = ask(bob, op);
    assert.deepEqual([type, id, code], ['error', 9, 'UNKNOWN_ORDER']);
    assert.equal(details.value, order_id);
  }
  assert.equal(ask(alice, 'order.status').order.status, 'open');
  const cancelled = ask(alice, 'order.cancel').order;
  assert.deepEqual([cancelled.status, cancelled.reason], ['cancelled', 'requested']);
  venue.nextCode = ORDER_NOT_IN_BOOK;
  assert.deepEqual(ask(alice, 'order.cancel'), {
    type: 'error',
    id: 9,
    code: 'ORDER_NOT_IN_BOOK',
    message: 'The order is no longer open',
    details: {
      parameter: 'order_id',
      value: '1',
      reason: 'ORDER_NOT_IN_BOOK',
      status: 'cancelled',
    },
  });
  venue.nextCode = OK;
  venue.adjust = { status: STATUS_FILLED, filledLots: 100, filledNotionalUnits: 15_050_000_000 };
  const filled = alice.answer(ORDER).order;
  assert.equal(filled.average_price, '150.50');
  const numeric = alice.answer({ op: 'order.status', order_id: Number(filled.order_id) });
  assert.deepEqual(numeric.order, filled);
});

test('requests under way do not wait for one another; replies carry their ids and go out together', () => {
  const { venue, stream, loggedIn } = bench();
  const alice = loggedIn();
  const seen = alice.received.length;
  venue.holding = true;
  for (const id of ['a', 'b', 'c']) assert.deepEqual(alice.ask({ ...ORDER, id }), []);
  for (const i of [2, 0, 1]) venue.waiting[i]();
  assert.equal(alice.received.length, seen);
  stream.flushReplies();
  stream.flushReplies();
  const replies = alice.received.slice(seen).map((text) => JSON.parse(text as string));
  assert.deepEqual(
    replies.map(({ id, order }) => [id, order.order_id]),
    [
      ['c', '3'],
      ['a', '1'],
      ['b', '2'],
    ],
  );
});

test('so many requests may be under way on a connection, and no more', () => {
  const { venue, stream, loggedIn } = bench();
  const alice = loggedIn();
  const { order_id } = alice.answer(ORDER).order;
  venue.holding = true;
  for (let i = 0; i < LIMITS.streamOrdersUnderWay; i += 1) alice.ask({ ...ORDER, id: i });
  for (const request of [ORDER, { op: 'order.cancel', order_id }]) {
    assert.equal(alice.answer(request).code, 'TOO_MANY_REQUESTS');
  }
  assert.equal(alice.answer({ op: 'order.status', order_id }).order.status, 'open');
  venue.waiting[0]();
  stream.flushReplies();
  assert.deepEqual(alice.ask({ op: 'order.cancel', order_id }), [], 'it is under way');
  assert.equal(alice.answer(ORDER).code, 'TOO_MANY_REQUESTS');
});

test('a reply that finds its connection closed disturbs nobody', () => {
  const { venue, stream, loggedIn } = bench();
  const alice = loggedIn();
  const seen = alice.received.length;
  venue.holding = true;
  alice.ask(ORDER);
  alice.ask(ORDER);
  venue.waiting[0]();
  alice.session!.closed();
  stream.flushReplies();
  assert.equal(alice.received.length, seen);
  venue.waiting[1]();
  stream.flushReplies();
});
