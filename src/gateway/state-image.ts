import { Buffer } from 'node:buffer';
import type { NewsIngested } from '../domain/news-events.ts';
import { PLACE_RESTING } from '../domain/orders.ts';
import { OrderImageWriter, readOrderImage } from '../journal/order-image.ts';
import { joinSections, splitSections } from '../journal/sections.ts';
import { assert } from '../lib/assert.ts';
import { BookFollower } from '../matching/book-follower.ts';
import { type BookImage, decodeImage, encodeImage } from '../matching/book-image.ts';
import type { DepthSide } from '../projections/depth.ts';
import type { MarketView } from '../projections/market-view.ts';
import type { TrackedOrder } from '../projections/order-tracker.ts';
import { type MarginImage, marginImage, restoreMargin } from './margin/margin-image.ts';
import type { StateFollower } from './state-follower.ts';
import type { DeploymentImage } from './strategies/deployments.ts';
import type { WebhooksImage } from './webhooks/webhook-state.ts';

/**
 * The state of a follower as a snapshot's body. The same state gives the same bytes.
 *
 * | section      | holds |
 * |--------------|-------|
 * | `portfolios` | JSON: id, balances by asset and positions by market, with all their fields; holds follow from the orders |
 * | `orders`     | every open order: id f64, image length u32, 0 u32, image (see `order-image.ts`) padded to 8 |
 * | `markets`    | JSON: a market's counters and where its channels stand |
 * | `requests`   | JSON: newest request id by session |
 * | `margin`     | JSON: leverages and liquidations of margin portfolios; funding, open interest and liquidations of markets |
 * | `strategies` | JSON: track records of running deployments; of others the facts tell |
 * | `fills`      | JSON: fills of the last days by user's portfolio and market, rows of `RecentFills` |
 * | `webhooks`   | JSON: deliveries that are under way, and the newest that are over |
 * | `news`       | JSON: the newest headlines of each asset |
 * | `depth/<id>` | doubles: levels of the bids and of the asks, then price, quantity, orders of each, best first |
 * | `book/<id>`  | doubles: `encodeImage` |
 *
 * Users, portfolios' names and listings are not here: the table `facts` keeps them, and they are
 * learnt anew. Readers take sections by name: one that is added later is absent in older snapshots.
 */
const ORDER_HEAD_BYTES = 16;
const LEVEL_FIELDS = 3;
/** Of snapshots made before there were margin portfolios. */
const NO_MARGIN: MarginImage = { portfolios: [], markets: [] };
/** Of snapshots made before there were webhooks. */
const NO_WEBHOOKS: WebhooksImage = { lastDeliveryId: 0, deliveries: [] };

interface PortfolioState {
  readonly id: number;
  readonly balances: readonly (readonly [string, Record<string, number>])[];
  readonly positions: readonly (readonly [number, Record<string, number>])[];
}

/** A portfolio's rows by market. */
type PortfolioFills = readonly [
  id: number,
  byMarket: readonly (readonly [number, readonly number[]])[],
];

interface PositionState {
  readonly seq: number;
  readonly seconds: number;
  readonly nanos: number;
}

interface MarketState {
  readonly id: number;
  readonly ticker: Record<string, number>;
  readonly depthSeq: number;
  readonly book: PositionState;
  readonly trades: PositionState;
}

/** What a body says, read and checked, before anything is changed by it. */
export interface StateImage {
  readonly portfolios: readonly PortfolioState[];
  readonly orders: readonly TrackedOrder[];
  readonly markets: readonly MarketState[];
  readonly requests: readonly (readonly [number, number])[];
  readonly margin: MarginImage;
  readonly depths: ReadonlyMap<number, Float64Array>;
  readonly books: readonly BookImage[];
  /** Empty in snapshots older than these. */
  readonly fills: readonly PortfolioFills[];
  /** Empty in snapshots older than strategies. */
  readonly strategies: readonly DeploymentImage[];
  readonly webhooks: WebhooksImage;
  /** Empty in snapshots older than news. */
  readonly news: readonly NewsIngested[];
}

/** The state as sections; ask only between groups. Nothing of it is shared with the follower. */
export function encodeState(state: StateFollower): Uint8Array<ArrayBuffer> {
  state.settle();
  const views = state.views.all.filter(({ ticker }) => ticker.seq > 0);
  return joinSections([
    ['portfolios', json([...state.ledger.portfolios.values()].map(portfolioState))],
    ['orders', encodeOrders(state.orders.all())],
    ['markets', json(views.map(marketState))],
    ['requests', json([...state.lastRequestIds])],
    ['margin', json(marginImage(state.ledger, state.views))],
    ['strategies', json(state.deployments.images())],
    ['news', json(state.news.image())],
    ['fills', json(recentFills(state))],
    ['webhooks', json(state.webhooks.image())],
    ...views.map(({ market, depth }) => {
      return [`depth/${market.id}`, bytesOf(encodeDepth(depth.bids, depth.asks))] as const;
    }),
    ...[...state.books].map(([marketId, book]) => {
      return [`book/${marketId}`, bytesOf(encodeImage(book.image()))] as const;
    }),
  ]);
}

/** Reads what `encodeState` wrote. Throws when it is cut short or of a version unknown here. */
export function decodeState(body: Uint8Array<ArrayBuffer>): StateImage {
  const sections = splitSections(body);
  const section = (name: string): Uint8Array<ArrayBuffer> => {
    const bytes = sections.get(name);
    assert(bytes !== undefined, `a snapshot has the section ${name}`);
    return bytes;
  };
  const strategies = sections.get('strategies');
  const fills = sections.get('fills');
  const depths = new Map<number, Float64Array>();
  const books: BookImage[] = [];
  for (const [name, bytes] of sections) {
    const [kind, id] = name.split('/');
    if (kind === 'depth') depths.set(Number(id), doublesOf(bytes));
    else if (kind === 'book') books.push(decodeImage(doublesOf(bytes)));
  }
  return {
    portfolios: parse(section('portfolios')),
    orders: decodeOrders(section('orders')),
    markets: parse(section('markets')),
    requests: parse(section('requests')),
    margin: sections.has('margin') ? parse(section('margin')) : NO_MARGIN,
    strategies: strategies === undefined ? [] : parse(strategies),
    news: sections.has('news') ? parse(section('news')) : [],
    fills: fills === undefined ? [] : parse(fills),
    webhooks: sections.has('webhooks') ? parse(section('webhooks')) : NO_WEBHOOKS,
    depths,
    books,
  };
}

/** Puts the state into a fresh follower that has learnt the facts already. */
export function restoreState(state: StateFollower, image: StateImage): void {
  for (const { id, balances, positions } of image.portfolios) {
    const portfolio = state.ledger.get(id);
    portfolio.balances.clear();
    for (const [asset, fields] of balances) Object.assign(portfolio.balance(asset), fields);
    for (const [market, fields] of positions) Object.assign(portfolio.position(market), fields);
  }
  for (const [id, byMarket] of image.fills) {
    for (const [market, rows] of byMarket) state.ledger.get(id).fillsOf(market).restore(rows);
  }
  state.ledger.interest.recount(state.ledger.portfolios.values());
  restoreMargin(state.ledger, state.views, image.margin);
  for (const order of image.orders) state.orders.restore(order);
  state.deployments.restore(image.strategies, image.orders);
  state.webhooks.restore(image.webhooks);
  state.news.restore(image.news);
  for (const market of image.markets) {
    const view = state.views.get(market.id);
    assert(view !== undefined, `market ${market.id} of the snapshot exists`);
    restoreView(view, market, image.depths.get(market.id));
  }
  for (const [sessionId, requestId] of image.requests) {
    state.lastRequestIds.set(sessionId, requestId);
  }
  for (const book of image.books) {
    state.books.set(book.marketId, new BookFollower(book.marketId, book));
    const orders = state.views.get(book.marketId)?.orders;
    for (const { orderId, side, priceTicks, place, visibleLots } of book.orders) {
      if (place === PLACE_RESTING) orders?.restore(orderId, side, priceTicks, visibleLots);
    }
  }
}

function recentFills(state: StateFollower): PortfolioFills[] {
  return [...state.ledger.portfolios.values()]
    .filter(({ recentFills }) => recentFills.size > 0)
    .map(({ id, recentFills }) => {
      return [id, [...recentFills].map(([market, fills]) => [market, fills.image()] as const)];
    });
}

function portfolioState(portfolio: {
  readonly id: number;
  readonly balances: ReadonlyMap<string, object>;
  readonly positions: ReadonlyMap<number, object>;
}): PortfolioState {
  const { id, balances, positions } = portfolio;
  return {
    id,
    balances: [...balances].map(([asset, balance]) => [asset, { ...balance, held: 0 }]),
    positions: [...positions].map(([marketId, position]) => [marketId, { ...position }]),
  };
}

function marketState(view: MarketView): MarketState {
  const { market, ticker, depth, bookPosition, tradesPosition } = view;
  return {
    id: market.id,
    ticker: { ...ticker },
    depthSeq: depth.seq,
    book: positionState(bookPosition),
    trades: positionState(tradesPosition),
  };
}

function positionState({ seq, seconds, nanos }: PositionState): PositionState {
  return { seq, seconds, nanos };
}

function restoreView(view: MarketView, state: MarketState, levels: Float64Array | undefined): void {
  assert(levels !== undefined, 'a market of the snapshot has its levels');
  Object.assign(view.ticker, state.ticker);
  const [bids, asks] = levels;
  restoreSide(view.depth.bids, levels, 2, bids);
  restoreSide(view.depth.asks, levels, 2 + bids * LEVEL_FIELDS, asks);
  view.depth.seq = state.depthSeq;
  view.best.take(view.depth);
  const positions = [
    [view.bookPosition, state.book],
    [view.ordersPosition, state.book],
    [view.tradesPosition, state.trades],
    // When the best quote last changed depends on how often it was looked at: no event tells.
    [view.bboPosition, state.book],
  ] as const;
  for (const [position, { seq, seconds, nanos }] of positions) position.set(seq, seconds, nanos);
  view.clearChanges();
}

function encodeDepth(bids: DepthSide, asks: DepthSide): Float64Array<ArrayBuffer> {
  const encoded = new Float64Array(2 + (bids.length + asks.length) * LEVEL_FIELDS);
  encoded[0] = bids.length;
  encoded[1] = asks.length;
  let at = 2;
  for (const side of [bids, asks]) {
    for (let i = 0; i < side.length; i += 1) {
      encoded[at] = side.pricesTicks[i];
      encoded[at + 1] = side.qtysLots[i];
      encoded[at + 2] = side.orders[i];
      at += LEVEL_FIELDS;
    }
  }
  return encoded;
}

function restoreSide(side: DepthSide, levels: Float64Array, start: number, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const at = start + i * LEVEL_FIELDS;
    side.set(levels[at], levels[at + 1], levels[at + 2]);
  }
}

function encodeOrders(orders: Iterable<TrackedOrder>): Uint8Array {
  const writer = new OrderImageWriter();
  const pieces: Uint8Array[] = [];
  for (const order of orders) {
    const image = writer.write(order);
    const piece = new Uint8Array(ORDER_HEAD_BYTES + ((image.length + 7) & ~7));
    const view = new DataView(piece.buffer);
    view.setFloat64(0, order.orderId, true);
    view.setUint32(8, image.length, true);
    piece.set(image, ORDER_HEAD_BYTES);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function decodeOrders(bytes: Uint8Array<ArrayBuffer>): TrackedOrder[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const orders: TrackedOrder[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at + 8, true);
    const start = at + ORDER_HEAD_BYTES;
    orders.push(readOrderImage(view.getFloat64(at, true), bytes.subarray(start, start + length)));
    at = start + ((length + 7) & ~7);
  }
  return orders;
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function parse<T>(bytes: Uint8Array<ArrayBuffer>): T {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as T;
}

function bytesOf(doubles: Float64Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(doubles.buffer);
}

/** Sections lie at multiples of 8 of a body that has memory of its own. */
function doublesOf(bytes: Uint8Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  return new Float64Array(bytes.slice().buffer);
}
