export interface OrderImage {
  readonly orderId: number;
  readonly portfolioId: number;
  readonly side: number;
  /** Current limit; of a pegged order the price it has now, which is its limit before it has one. */
  readonly priceTicks: number;
  /** What is open, hidden quantity included. */
  readonly remainingLots: number;
  /** What is open and what has traded. */
  readonly totalLots: number;
  /** PLACE_… */
  readonly place: number;
  /** HELD_… a ready order was held for; else 0. */
  readonly heldFor: number;
  /** What a resting order shows; else 0. */
  readonly visibleLots: number;
  readonly orderType: number;
  readonly tif: number;
  /** Without `ORDER_FLAG_EXTENDED`. */
  readonly flags: number;
  readonly selfTrade: number;
  readonly triggerTicks: number;
  readonly trailOffset: number;
  readonly trailUnit: number;
  readonly displayLots: number;
  readonly pegKind: number;
  readonly pegOffsetTicks: number;
  /** The limit of a pegged order; else 0. */
  readonly limitTicks: number;
  readonly expireSeconds: number;
  readonly expireNanos: number;
  /** 0 when there is none, or no longer. */
  readonly ocoOrderId: number;
  /** 0 when there is none, or it has traded whole. */
  readonly parentOrderId: number;
}

/** What a portfolio has bought less what it has sold in the market. */
export interface PositionImage {
  readonly portfolioId: number;
  readonly qtyLots: number;
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
  /** 0 when there is none. */
  readonly referenceTicks: number;
  /** Venue time, whole seconds, at which the reference price was set. */
  readonly referenceSeconds: number;
  /** The price at which the book is being uncrossed; 0 outside of phase auction. */
  readonly auctionPriceTicks: number;
  /** Time of the newest record: continued work bears the newest command's time. */
  readonly seconds: number;
  readonly nanos: number;
  /**
   * Resting bids best first, at one price by time, asks likewise; waiting buy stops from the lowest
   * trigger, at one trigger by age, sell stops from the highest; children by id; pegged orders
   * without a price by id; those that are ready in their order.
   */
  readonly orders: readonly OrderImage[];
  /** Of portfolios whose position is not zero, by id. */
  readonly positions: readonly PositionImage[];
}

const HEAD_FIELDS = [
  'marketId',
  'seq',
  'phase',
  'lastTradeId',
  'lastTradePriceTicks',
  'referenceTicks',
  'referenceSeconds',
  'auctionPriceTicks',
  'seconds',
  'nanos',
] as const;
const ORDER_FIELDS = [
  'orderId',
  'portfolioId',
  'side',
  'priceTicks',
  'remainingLots',
  'totalLots',
  'place',
  'heldFor',
  'visibleLots',
  'orderType',
  'tif',
  'flags',
  'selfTrade',
  'triggerTicks',
  'trailOffset',
  'trailUnit',
  'displayLots',
  'pegKind',
  'pegOffsetTicks',
  'limitTicks',
  'expireSeconds',
  'expireNanos',
  'ocoOrderId',
  'parentOrderId',
] as const;
const POSITION_FIELDS = ['portfolioId', 'qtyLots'] as const;

/** Version of the encoding; images are stored in snapshots. */
const VERSION = 2;
/** Version, the head's fields, number of orders, number of positions. */
const HEAD_LENGTH = HEAD_FIELDS.length + 3;

type Fields<K extends string> = { readonly [key in K]: number };

/**
 * One array of doubles: version, the head's fields, number of orders, number of positions; then the
 * fields of each order and of each position, all in the sequence of the lists above.
 */
export function encodeImage(image: BookImage): Float64Array<ArrayBuffer> {
  const { orders, positions } = image;
  const ordersLength = orders.length * ORDER_FIELDS.length;
  const encoded = new Float64Array(
    HEAD_LENGTH + ordersLength + positions.length * POSITION_FIELDS.length,
  );
  encoded[0] = VERSION;
  put(encoded, 1, HEAD_FIELDS, image);
  encoded[HEAD_LENGTH - 2] = orders.length;
  encoded[HEAD_LENGTH - 1] = positions.length;
  let at = HEAD_LENGTH;
  for (const order of orders) at = put(encoded, at, ORDER_FIELDS, order);
  for (const position of positions) at = put(encoded, at, POSITION_FIELDS, position);
  return encoded;
}

/** Reads what `encodeImage` wrote. Throws when it is of another version or cut short. */
export function decodeImage(encoded: Float64Array): BookImage {
  if (encoded[0] !== VERSION) {
    throw new Error(`book image has version ${encoded[0]}, not ${VERSION}`);
  }
  const orderCount = encoded[HEAD_LENGTH - 2];
  const positionCount = encoded[HEAD_LENGTH - 1];
  const positionsAt = HEAD_LENGTH + orderCount * ORDER_FIELDS.length;
  if (encoded.length !== positionsAt + positionCount * POSITION_FIELDS.length) {
    throw new Error(`book image of ${orderCount} orders has ${encoded.length} fields`);
  }
  const orders: OrderImage[] = [];
  for (let at = HEAD_LENGTH; at < positionsAt; at += ORDER_FIELDS.length) {
    orders.push(take(encoded, at, ORDER_FIELDS));
  }
  const positions: PositionImage[] = [];
  for (let at = positionsAt; at < encoded.length; at += POSITION_FIELDS.length) {
    positions.push(take(encoded, at, POSITION_FIELDS));
  }
  return { ...take(encoded, 1, HEAD_FIELDS), orders, positions };
}

function put<K extends string>(
  encoded: Float64Array,
  at: number,
  fields: readonly K[],
  from: Fields<K>,
): number {
  for (let i = 0; i < fields.length; i += 1) encoded[at + i] = from[fields[i]];
  return at + fields.length;
}

function take<K extends string>(
  encoded: Float64Array,
  at: number,
  fields: readonly K[],
): Fields<K> {
  const taken = {} as { [key in K]: number };
  for (let i = 0; i < fields.length; i += 1) taken[fields[i]] = encoded[at + i];
  return taken;
}
