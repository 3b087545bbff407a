import * as O from '../domain/orders.ts';
import { assert } from '../lib/assert.ts';
import type { BookImage, OrderImage } from './book-image.ts';
import { EXTRA, NONE as NO_ORDER, TERMS } from './layout.ts';
import { type MarketState, TRADE_ID, TRADE_PRICE } from './market-state.ts';
import type { PriceLadder } from './price-ladder.ts';

const NONE = NO_ORDER;

/** What an image says that the state does not know itself. */
type ImageHead = Pick<
  BookImage,
  'marketId' | 'seq' | 'seconds' | 'nanos' | 'referenceTicks' | 'referenceSeconds'
>;

/** A market's state as a new object. */
export function imageOf(state: MarketState, head: ImageHead): BookImage {
  return {
    ...head,
    phase: state.phase,
    lastTradeId: state.tape[TRADE_ID],
    lastTradePriceTicks: state.tape[TRADE_PRICE],
    auctionPriceTicks: state.auctionPriceTicks,
    orders: readOrders(state),
    positions: state.positions.image(),
  };
}

/** All open orders in an image's sequence. */
function readOrders(state: MarketState): OrderImage[] {
  const images: OrderImage[] = [];
  const { book, stops, waiting, ready } = state;
  const add = (slot: number): unknown => images.push(orderImage(state, slot));
  readSide(state, book.bids, add);
  readSide(state, book.asks, add);
  for (const side of [O.SIDE_BUY, O.SIDE_SELL]) {
    for (let slot = stops.first(side); slot !== NONE; slot = stops.next(slot)) add(slot);
  }
  for (const place of [O.HELD_CHILD, O.HELD_UNPRICED]) {
    for (let slot = waiting.first; slot !== NONE; slot = waiting.next(slot)) {
      if (state.place(slot) === place) add(slot);
    }
  }
  for (let slot = ready.first; slot !== NONE; slot = ready.next(slot)) add(slot);
  return images;
}

function readSide(state: MarketState, ladder: PriceLadder, add: (slot: number) => void): void {
  const { levels, orders } = state.book;
  let level = ladder.bestLevel();
  while (level !== NONE) {
    for (let slot = levels.first(level); slot !== NONE; slot = orders.next(slot)) add(slot);
    level = ladder.nextWorse(level);
  }
}

/** One open order as an object of its own. */
export function orderImage(state: MarketState, slot: number): OrderImage {
  const { extras, links } = state;
  const { orders } = state.book;
  const extra = orders.extra(slot);
  const double = (field: number): number => (extra === NONE ? 0 : extras.double(extra, field));
  const int = (field: number): number => (extra === NONE ? 0 : extras.int(extra, field));
  const idOf = (other: number): number => (other === NONE ? 0 : orders.id(other));
  const place = state.place(slot);
  return {
    orderId: orders.id(slot),
    portfolioId: orders.portfolio(slot),
    side: orders.side(slot),
    priceTicks: orders.price(slot),
    remainingLots: state.openLots(slot),
    totalLots: orders.total(slot),
    place,
    heldFor: state.heldFor(slot),
    visibleLots: place === O.PLACE_RESTING ? orders.remaining(slot) : 0,
    orderType: orders.orderType(slot),
    tif: orders.tif(slot),
    flags: orders.flags(slot),
    selfTrade: orders.selfTrade(slot),
    triggerTicks: double(EXTRA.F_TRIGGER),
    trailOffset: double(EXTRA.F_TRAIL_OFFSET),
    trailUnit: int(EXTRA.I_UNITS) & 0xff,
    displayLots: double(EXTRA.F_DISPLAY),
    pegKind: int(EXTRA.I_UNITS) >>> 8,
    pegOffsetTicks: double(EXTRA.F_PEG_OFFSET),
    limitTicks: double(EXTRA.F_LIMIT),
    expireSeconds: int(EXTRA.I_EXPIRE_SECONDS) >>> 0,
    expireNanos: int(EXTRA.I_EXPIRE_NANOS),
    ocoOrderId: idOf(links.partner(slot)),
    parentOrderId: idOf(links.parent(slot)),
  };
}

/** Puts an image into a new state. Throws when the image cannot be one of a market. */
export function fillState(state: MarketState, image: BookImage): void {
  const { book } = state;
  assert(book.index.size === 0, 'only a new state is filled from an image');
  const slots = new Map<number, number>();
  // By id first, because the lists that are sorted by id grow at their end.
  const byId = [...image.orders].sort((a, b) => a.orderId - b.orderId);
  for (const order of byId) {
    assert(!slots.has(order.orderId), 'the image has an order twice');
    slots.set(order.orderId, takeIn(state, order));
  }
  const slotOf = (orderId: number): number => {
    const slot = slots.get(orderId);
    assert(slot !== undefined, 'the image links an order with one that it has not');
    return slot;
  };
  for (const order of image.orders) putInPlace(state, slotOf(order.orderId), order);
  for (const order of byId) {
    const slot = slotOf(order.orderId);
    const { ocoOrderId, parentOrderId } = order;
    // Of a pair only one end makes the link.
    const partner = ocoOrderId > order.orderId ? slotOf(ocoOrderId) : NONE;
    state.link(slot, partner, parentOrderId === 0 ? NONE : slotOf(parentOrderId));
  }
  for (const { portfolioId, qtyLots } of image.positions) {
    state.positions.add(portfolioId, qtyLots);
  }
  for (const { portfolioId } of image.orders) state.reduceOnly.note(portfolioId);
  state.phase = image.phase;
  state.auctionPriceTicks = image.auctionPriceTicks;
  state.tape[TRADE_ID] = image.lastTradeId;
  state.tape[TRADE_PRICE] = image.lastTradePriceTicks;
}

/** Takes an order's terms in, and puts it into the lists that go by id. @returns its slot */
function takeIn(state: MarketState, order: OrderImage): number {
  const { orders, index } = state.book;
  const slot = orders.take();
  const { orderId, portfolioId, priceTicks, remainingLots, totalLots } = order;
  const terms =
    order.side |
    (order.orderType << TERMS.TYPE_SHIFT) |
    (order.tif << TERMS.TIF_SHIFT) |
    (order.flags << TERMS.FLAGS_SHIFT) |
    (order.selfTrade << TERMS.SELF_TRADE_SHIFT);
  orders.write(slot, orderId, portfolioId, terms, priceTicks, remainingLots, totalLots);
  index.add(slot);
  if (isPlain(order)) return slot;
  writeExtra(state, state.ensureExtra(slot), order);
  if (order.place !== O.PLACE_RESTING) state.startWaiting(slot);
  state.enlist(slot);
  return slot;
}

function isPlain(order: OrderImage): boolean {
  return (
    order.place === O.PLACE_RESTING &&
    order.orderType <= O.ORDER_TYPE_MARKET &&
    order.tif <= O.TIF_FOK &&
    (order.flags & O.ORDER_FLAG_REDUCE_ONLY) === 0 &&
    order.displayLots === 0 &&
    order.ocoOrderId === 0
  );
}

function writeExtra({ extras }: MarketState, extra: number, order: OrderImage): void {
  extras.setDouble(extra, EXTRA.F_TRIGGER, order.triggerTicks);
  extras.setDouble(extra, EXTRA.F_TRAIL_OFFSET, order.trailOffset);
  extras.setDouble(extra, EXTRA.F_DISPLAY, order.displayLots);
  extras.setDouble(extra, EXTRA.F_PEG_OFFSET, order.pegOffsetTicks);
  extras.setDouble(extra, EXTRA.F_LIMIT, order.limitTicks);
  extras.setInt(extra, EXTRA.I_EXPIRE_SECONDS, order.expireSeconds);
  extras.setInt(extra, EXTRA.I_EXPIRE_NANOS, order.expireNanos);
  extras.setInt(extra, EXTRA.I_UNITS, order.trailUnit | (order.pegKind << 8));
  extras.setInt(extra, EXTRA.I_PLACE, order.place);
  extras.setInt(extra, EXTRA.I_HELD_FOR, order.heldFor);
}

/** Puts an order at the end of the queue it was in. */
function putInPlace(state: MarketState, slot: number, order: OrderImage): void {
  const { place, visibleLots, remainingLots } = order;
  if (place === O.HELD_STOP) state.stops.insert(slot, 0);
  else if (place === O.PLACE_READY) state.ready.push(slot);
  else if (place !== O.PLACE_RESTING) return;
  else if (state.book.orders.extra(slot) === NONE) state.book.link(slot);
  else state.linkShowing(slot, visibleLots, remainingLots - visibleLots);
}
