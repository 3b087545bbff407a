import type { BookImage, OrderImage } from '../../src/matching/book-image.ts';

/** What the image of a resting plain limit order says besides ids, side, price and quantities. */
const PLAIN = {
  place: 0,
  heldFor: 0,
  orderType: 0,
  tif: 0,
  flags: 0,
  selfTrade: 0,
  triggerTicks: 0,
  trailOffset: 0,
  trailUnit: 0,
  displayLots: 0,
  pegKind: 0,
  pegOffsetTicks: 0,
  limitTicks: 0,
  expireSeconds: 0,
  expireNanos: 0,
  ocoOrderId: 0,
  parentOrderId: 0,
} as const;

export type PlainOrder = Omit<OrderImage, keyof typeof PLAIN | 'visibleLots'>;

/** The image of a resting limit order without any special terms. */
export function plainOrder(order: PlainOrder): OrderImage {
  return { ...PLAIN, ...order, visibleLots: order.remainingLots };
}

/** A market in which nothing has happened. */
export const EMPTY_IMAGE: BookImage = {
  marketId: 3,
  seq: 0,
  phase: 0,
  lastTradeId: 0,
  lastTradePriceTicks: 0,
  referenceTicks: 0,
  referenceSeconds: 0,
  auctionPriceTicks: 0,
  seconds: 0,
  nanos: 0,
  orders: [],
  positions: [],
};
