import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as O from '../../../../src/domain/orders.ts';
import { INSUFFICIENT_BALANCE } from '../../../../src/domain/result-codes.ts';
import { requestedTerms } from '../../../../src/gateway/order-terms.ts';
import { AuthFailure } from '../../../../src/identity/principal.ts';
import { MarketViews } from '../../../../src/projections/market-view.ts';
import { NativeStream } from '../../../../src/surfaces/native/stream.ts';
import { InstantVenue } from '../../../support/instant-venue.ts';
import { FakeHub, PLAIN_REQUEST, StepClock } from '../../../support/stream-fakes.ts';

const LIMIT = {
  op: 'order.place',
  market: 'NASDAQ:AAPL',
  side: 'buy',
  type: 'limit',
  quantity: '100',
  price: '150.50',
};
const STOP = { ...LIMIT, type: 'stop', price: undefined, stop_price: '151' };

function bench(scopes: readonly ('read' | 'write' | 'admin')[] = ['read', 'write']) {
  const venue = new InstantVenue();
  const wire = new FakeHub();
  const stream = new NativeStream({
    markets: venue.markets,
    views: new MarketViews(venue.markets.all),
    epoch: 1,
    clock: new StepClock(),
    venue,
    authenticate: ({ authorization }) =>
      authorization === 'Bearer alice'
        ? { userId: 7, username: 'alice', scopes, credential: 'user:7' }
        : new AuthFailure('INVALID_CREDENTIALS', 'not valid'),
  });
  stream.bind(wire);
  const socket = wire.socket();
  socket.session = stream.open(socket, PLAIN_REQUEST);
  assert.equal(socket.answer({ op: 'login', token: 'alice' }).type, 'logged_in');
  return { venue, socket };
}

/** Change of a limit order, and the terms the venue gets that are not plain ones. */
const PLACED: readonly [object, object][] = [
  [{ ...STOP }, { orderType: O.ORDER_TYPE_STOP, priceTicks: 0, triggerTicks: 15_100 }],
  [
    { type: 'stop_limit', stop_price: 149 },
    { orderType: O.ORDER_TYPE_STOP_LIMIT, triggerTicks: 14_900 },
  ],
  [
    { type: 'trailing_stop', price: undefined, trail_offset: '0.25' },
    { orderType: O.ORDER_TYPE_TRAILING_STOP, priceTicks: 0, trailOffset: 25 },
  ],
  [
    { type: 'trailing_stop', price: undefined, trail_offset: 150, trail_unit: 'bps' },
    { orderType: O.ORDER_TYPE_TRAILING_STOP, priceTicks: 0, trailOffset: 150, trailUnit: 1 },
  ],
  [{ type: 'pegged' }, { orderType: O.ORDER_TYPE_PEGGED }],
  [
    { type: 'pegged', peg: 'opposite', peg_offset: '0.02' },
    { orderType: O.ORDER_TYPE_PEGGED, pegKind: O.PEG_OPPOSITE, pegOffsetTicks: 2 },
  ],
  [{ display_quantity: '10' }, { displayLots: 10 }],
  [{ post_only: 'slide' }, { flags: O.ORDER_FLAG_POST_ONLY_SLIDE }],
  [
    { reduce_only: true, post_only: true },
    { flags: O.ORDER_FLAG_REDUCE_ONLY | O.ORDER_FLAG_POST_ONLY },
  ],
  [{ all_or_none: true }, { flags: O.ORDER_FLAG_ALL_OR_NONE }],
  [{ self_trade_prevention: 'decrement' }, { selfTrade: O.SELF_TRADE_DECREMENT }],
  [{ time_in_force: 'day' }, { tif: O.TIF_DAY }],
  [
    { time_in_force: 'gtd', expire_at: '2030-01-31T16:00:00.250Z' },
    { tif: O.TIF_GTD, expireSeconds: 1_896_105_600, expireNanos: 250_000_000 },
  ],
  [
    { time_in_force: 'gtd', expire_at: 1_896_105_600_250 },
    { tif: O.TIF_GTD, expireSeconds: 1_896_105_600, expireNanos: 250_000_000 },
  ],
  [{ oco_order_id: '5' }, { ocoOrderId: 5 }],
  [{ parent_order_id: 6 }, { parentOrderId: 6 }],
];

test('every kind of order reaches the venue as it was meant', () => {
  const { venue, socket } = bench();
  for (const [change, terms] of PLACED) {
    const reply = socket.answer({ ...LIMIT, ...change });
    assert.equal(reply.type, 'order', `${JSON.stringify(change)}: ${reply.message}`);
    const plain = { side: 0, orderType: 0, tif: 0, flags: 0, priceTicks: 15_050, qtyLots: 100 };
    assert.deepEqual(
      requestedTerms(venue.placed.at(-1)!),
      { ...O.PLAIN_TERMS, ...plain, ...terms },
      JSON.stringify(change),
    );
  }
});

test('an order on the wire shows its terms, and no others', () => {
  const { venue, socket } = bench();
  const shown = (change: object, waiting = 0) => {
    const { id, op, market, side, type, quantity, price, ...sent } = { id: 0, ...LIMIT, ...change };
    const placed = socket.answer({ ...LIMIT, ...change }).order;
    const order = venue.orders.get(Number(placed.order_id))!;
    order.extension = { ...order.extension, waiting };
    const wire = socket.answer({ op: 'order.status', order_id: placed.order_id }).order;
    return Object.fromEntries(
      Object.entries(wire).filter(([name]) => name in sent || name.startsWith('waiting')),
    );
  };
  assert.deepEqual(shown({ display_quantity: '10', reduce_only: true, oco_order_id: '5' }), {
    display_quantity: '10',
    reduce_only: true,
    oco_order_id: '5',
  });
  assert.deepEqual(shown({ post_only: 'slide', self_trade_prevention: 'expire_both' }), {
    post_only: 'slide',
    self_trade_prevention: 'expire_both',
  });
  const trailing = { trail_offset: '150', trail_unit: 'bps' };
  const change = { type: 'trailing_stop', price: undefined, ...trailing };
  assert.deepEqual(shown(change, O.HELD_STOP), { ...trailing, waiting_for: 'trigger' });
  assert.deepEqual(shown({ type: 'pegged', peg: 'primary', peg_offset: '0.03' }, O.HELD_CHILD), {
    peg: 'primary',
    peg_offset: '0.03',
    waiting_for: 'parent',
  });
  const dated = { time_in_force: 'gtd', expire_at: '2030-01-31T16:00:00.250000Z' };
  assert.deepEqual(shown(dated), dated);
  const stop = socket.answer(STOP).order;
  assert.deepEqual([stop.price, stop.stop_price], [null, '151.00']);
  assert.equal('reduce_only' in stop, false);
});

/** Change of a limit order, and the field that is wrong with it. */
const WRONG: readonly [object, string][] = [
  [{ stop_price: '151' }, 'stop_price'],
  [{ ...STOP, stop_price: undefined }, 'stop_price'],
  [{ ...STOP, stop_price: '151.005' }, 'stop_price'],
  [{ ...STOP, price: '150' }, 'price'],
  [{ type: 'stop_limit', stop_price: '151', price: undefined }, 'price'],
  [{ trail_offset: '1' }, 'trail_offset'],
  [{ trail_unit: 'bps' }, 'trail_unit'],
  [{ type: 'trailing_stop', price: undefined }, 'trail_offset'],
  [{ type: 'trailing_stop', price: undefined, trail_offset: '0' }, 'trail_offset'],
  [
    { type: 'trailing_stop', price: undefined, trail_offset: '10000', trail_unit: 'bps' },
    'trail_offset',
  ],
  [{ type: 'trailing_stop', price: undefined, trail_offset: 1, trail_unit: 'x' }, 'trail_unit'],
  [{ peg: 'primary' }, 'peg'],
  [{ peg_offset: '1' }, 'peg_offset'],
  [{ type: 'pegged', peg: 'both' }, 'peg'],
  [{ type: 'pegged', peg: 'opposite' }, 'peg_offset'],
  [{ type: 'pegged', peg_offset: '-1' }, 'peg_offset'],
  [{ type: 'pegged', time_in_force: 'ioc' }, 'time_in_force'],
  [{ type: 'pegged', display_quantity: '1' }, 'display_quantity'],
  [{ display_quantity: '0.5' }, 'display_quantity'],
  [{ expire_at: '2030-01-31T16:00:00Z' }, 'expire_at'],
  [{ time_in_force: 'gtd' }, 'expire_at'],
  [{ time_in_force: 'gtd', expire_at: 'tomorrow' }, 'expire_at'],
  [{ time_in_force: 'gtd', expire_at: 1.5 }, 'expire_at'],
  [{ all_or_none: true, time_in_force: 'ioc' }, 'all_or_none'],
  [{ all_or_none: true, post_only: true }, 'post_only'],
  [{ all_or_none: 'yes' }, 'all_or_none'],
  [{ reduce_only: 1 }, 'reduce_only'],
  [{ post_only: 'Slide' }, 'post_only'],
  [{ ...STOP, post_only: true }, 'post_only'],
  [{ self_trade_prevention: 'cancel' }, 'self_trade_prevention'],
  [{ oco_order_id: 'x' }, 'oco_order_id'],
  [{ parent_order_id: -1 }, 'parent_order_id'],
  [{ oco: [] }, 'oco'],
  [{ oco: { colour: 'red' } }, 'oco'],
  [{ oco: { side: 'buy', type: 'limit', quantity: '1' } }, 'price'],
  [{ children: {} }, 'children'],
  [{ children: [] }, 'children'],
  [{ children: [1, 2, 3, 4, 5] }, 'children'],
  [
    { children: [{ side: 'sell', type: 'limit', quantity: '1', price: '1', children: [] }] },
    'children',
  ],
];

test('a field that is wrong is named, and nothing is placed', () => {
  const { venue, socket } = bench();
  for (const [change, parameter] of WRONG) {
    const reply = socket.answer({ ...LIMIT, ...change });
    assert.deepEqual(
      [reply.type, reply.details?.parameter],
      ['error', parameter],
      `${JSON.stringify(change)}: ${reply.message}`,
    );
  }
  assert.equal(venue.placed.length, 0);
});

test('one message places an order with its partner and its children', () => {
  const { venue, socket } = bench();
  const leg = (type: string, price: string) => ({ side: 'sell', type, quantity: '100', price });
  const stop = { side: 'sell', type: 'stop', quantity: '100', stop_price: '149' };
  const reply = socket.answer({
    ...LIMIT,
    oco: STOP,
  });
  assert.equal(reply.code, 'INVALID_REQUEST', 'fields of the message have no place in an order');
  const ids = () => venue.placed.map(({ priceTicks, triggerTicks }) => priceTicks || triggerTicks);
  const whole = socket.answer({
    ...LIMIT,
    oco: stop,
    children: [{ ...leg('limit', '155'), oco: stop }, leg('limit', '160')],
  });
  assert.deepEqual(ids(), [15_050, 14_900, 15_500, 14_900, 16_000]);
  assert.equal(whole.order.price, '150.50');
  assert.equal(whole.oco.order.stop_price, '149.00');
  assert.deepEqual(
    whole.children.map((child: { order: { price: string }; oco?: { order: object } }) => [
      child.order.price,
      child.oco !== undefined,
    ]),
    [
      ['155.00', true],
      ['160.00', false],
    ],
  );
});

test('an amendment names a price, a quantity of one kind, or both', () => {
  const { venue, socket } = bench();
  const { order_id } = socket.answer(LIMIT).order;
  const amend = (fields: object) => socket.answer({ op: 'order.amend', order_id, ...fields });
  for (const [fields, expected] of [
    [{ price: '151' }, [O.AMEND_TOTAL, 15_100, 0]],
    [{ quantity: '90' }, [O.AMEND_TOTAL, 0, 90]],
    [{ remaining_quantity: 80, price: 150 }, [O.AMEND_REMAINING, 15_000, 80]],
    [{ reduce_by: '5' }, [O.AMEND_REDUCE_BY, 0, 5]],
  ] as const) {
    assert.equal(amend(fields).type, 'order');
    const { mode, priceTicks, qtyLots } = venue.amended.at(-1)!;
    assert.deepEqual([mode, priceTicks, qtyLots], expected);
  }
  assert.equal(amend({}).details.parameter, 'price');
  assert.equal(amend({ quantity: 1, reduce_by: 1 }).details.parameter, 'reduce_by');
  assert.equal(amend({ quantity: '0' }).code, 'QUANTITY_OFF_LOT');
  assert.equal(
    socket.answer({ op: 'order.amend', order_id: '99', price: 1 }).code,
    'UNKNOWN_ORDER',
  );
  venue.nextCode = INSUFFICIENT_BALANCE;
  assert.equal(amend({ quantity: '999' }).code, 'INSUFFICIENT_BALANCE');
  venue.nextCode = 0;
  socket.answer({ op: 'order.cancel', order_id });
  const late = amend({ price: 1 });
  assert.deepEqual([late.code, late.details.status], ['ORDER_NOT_IN_BOOK', 'cancelled']);
});

test('a replacement takes over what it does not name', () => {
  const { venue, socket } = bench();
  const stop = { ...LIMIT, type: 'stop_limit', stop_price: '151', reduce_only: true };
  const { order_id } = socket.answer({ ...stop, client_order_id: 'mine' }).order;
  const old = venue.orders.get(Number(order_id))!;
  old.filledLots = 40;
  const replace = (fields: object) => {
    const reply = socket.answer({ op: 'order.replace', order_id, ...fields });
    assert.equal(reply.type, 'order', reply.message);
    return venue.placed.at(-1)!;
  };
  const same = replace({ price: '152' });
  assert.deepEqual(
    [same.orderType, same.priceTicks, same.triggerTicks, same.qtyLots, same.flags],
    [O.ORDER_TYPE_STOP_LIMIT, 15_200, 15_100, 60, O.ORDER_FLAG_REDUCE_ONLY],
  );
  assert.deepEqual(
    [same.replacesOrderId, same.replacesTradedLots, same.clientOrderId, same.portfolioId],
    [Number(order_id), 40, '', 70],
  );
  const other = replace({ type: 'limit', price: '149', quantity: 5, client_order_id: 'next' });
  assert.deepEqual(
    [other.orderType, other.priceTicks, other.triggerTicks, other.qtyLots, other.flags],
    [O.ORDER_TYPE_LIMIT, 14_900, 0, 5, 0],
  );
  assert.equal(other.clientOrderId, 'next');
  const moved = { op: 'order.replace', order_id, market: 'NASDAQ:MSFT' };
  assert.equal(socket.answer(moved).code, 'INVALID_REQUEST');
});

test('all orders are cancelled at once, or unless the client says again in time', () => {
  const { venue, socket } = bench();
  socket.answer(LIMIT);
  socket.answer({ ...LIMIT, market: 'NASDAQ:MSFT' });
  const all = { op: 'order.cancel_all', id: 9 };
  const first = socket.answer({ ...all, market: 'NASDAQ:MSFT' });
  assert.deepEqual(first, { type: 'cancelled_all', id: 9, cancelled: 1 });
  assert.equal(socket.answer(all).cancelled, 1);
  assert.equal(socket.answer({ ...all, portfolio_id: 80 }).code, 'UNKNOWN_PORTFOLIO');
  const later = { op: 'order.cancel_all_after', id: 3 };
  assert.deepEqual(socket.answer({ ...later, seconds: 60 }), {
    type: 'cancel_all_after',
    id: 3,
    portfolio_id: '70',
    market: null,
    fires_at: '2024-04-15T14:31:00.000Z',
  });
  assert.equal(socket.answer({ ...later, seconds: 0, market: 'msft' }).fires_at, null);
  assert.deepEqual(
    venue.switched.map(({ seconds, market, portfolioId }) => [
      seconds,
      market?.symbol,
      portfolioId,
    ]),
    [
      [60, undefined, 70],
      [0, 'MSFT', 70],
    ],
  );
  for (const seconds of [undefined, -1, 1.5, 86_401, 'x']) {
    assert.equal(socket.answer({ ...later, seconds }).details.parameter, 'seconds');
  }
});

test('orders of a connection leave with it if it asked for that, and only its own', () => {
  for (const enabled of [true, false]) {
    const { venue, socket } = bench();
    const before = socket.answer(LIMIT).order.order_id;
    const reply = socket.answer({ op: 'session.cancel_on_disconnect', id: 4, enabled });
    assert.deepEqual(reply, { type: 'cancel_on_disconnect', id: 4, enabled });
    const after = socket.answer(LIMIT).order.order_id;
    venue.place({ ...venue.placed[0], clientOrderId: 'elsewhere' }, () => undefined);
    socket.session?.closed();
    const open = [...venue.orders.values()].map(({ orderId }) => venue.isOpen(orderId));
    assert.deepEqual([before, after], ['1', '2']);
    assert.deepEqual(open, [!enabled, !enabled, true]);
  }
  const { socket } = bench();
  const wrong = socket.answer({ op: 'session.cancel_on_disconnect', enabled: 'yes' });
  assert.equal(wrong.details.parameter, 'enabled');
});

test('an order that comes through after the connection has ended leaves, too', () => {
  const { venue, socket } = bench();
  socket.answer({ op: 'session.cancel_on_disconnect', enabled: true });
  venue.holding = true;
  socket.session?.message(JSON.stringify(LIMIT));
  socket.session?.closed();
  venue.holding = false;
  for (const reply of venue.waiting.splice(0)) reply();
  assert.equal(venue.isOpen(1), false);
});

test('phases and reference prices are the operator’s', () => {
  const phase = { op: 'admin.set_phase', id: 1, market: 'NASDAQ:AAPL', phase: 'halted' };
  const reference = { op: 'admin.set_reference', id: 2, market: 'NASDAQ:AAPL', price: '150' };
  for (const request of [phase, reference]) {
    assert.equal(bench().socket.answer(request).code, 'INSUFFICIENT_SCOPE');
  }
  const { venue, socket } = bench(['read', 'write', 'admin']);
  const aapl = venue.market('NASDAQ', 'AAPL');
  const answer = { type: 'done', id: 1, op: 'admin.set_phase', market: 'NASDAQ:AAPL' };
  assert.deepEqual(socket.answer(phase), answer);
  assert.equal(venue.ticker(aapl).phase, O.PHASE_HALTED);
  assert.equal(socket.answer(reference).type, 'done');
  assert.equal(venue.ticker(aapl).referenceTicks, 15_000);
  assert.equal(socket.answer({ ...reference, price: null }).type, 'done');
  assert.equal(venue.ticker(aapl).referenceTicks, 0);
  assert.equal(socket.answer({ ...phase, phase: 'auction' }).details.parameter, 'phase');
  assert.equal(socket.answer({ ...reference, price: undefined }).details.parameter, 'price');
});
