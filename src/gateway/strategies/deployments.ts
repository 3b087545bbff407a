import { readClientId } from '../../codec/commands.ts';
import * as R from '../../codec/records.ts';
import type { Market } from '../../domain/markets.ts';
import { SIDE_BUY, SIDE_SELL, STATUS_PENDING } from '../../domain/orders.ts';
import type {
  OpeningPosition,
  StrategyDeployed,
  StrategyParameters,
  StrategyStopped,
} from '../../domain/strategy-events.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import { TrackRecord, type TrackRecordImage } from '../../ledger/track-record.ts';
import type { MarketViews } from '../../projections/market-view.ts';
import type { OrderTracker, TrackedOrder } from '../../projections/order-tracker.ts';
import {
  FRAME_FLAG_END,
  type FrameViews,
  frameFlags,
  frameMarketId,
  frameType,
} from '../../rings/frame.ts';
import { deploymentOf, orderNumberOf } from '../../strategies/client-ids.ts';
import type { QuoteMinute } from './quote-minutes.ts';
import { type MakerFill, QuoteRecord, type QuoteRecordImage, touchesOf } from './quote-record.ts';

/** One deployment as the journal tells it, and what its fills add up to. */
export interface Deployment extends Omit<StrategyDeployed, 'kind' | 'parameters'> {
  parameters: StrategyParameters;
  /** When they were set. */
  configuredMs: number;
  /** How it ended; `undefined` while it is meant to trade. */
  end: StrategyStopped | undefined;
  readonly record: TrackRecord;
  /** Its orders that are not closed. */
  readonly openOrderIds: Set<number>;
  /** How it quoted; only of market makers. */
  readonly quotes: QuoteRecord | undefined;
}

export type DeploymentImage = readonly [
  deploymentId: number,
  record: TrackRecordImage,
  quotes?: QuoteRecordImage,
];

/** Books and orders, with the record that is being applied already in them. */
export interface BooksSeen {
  readonly views: MarketViews;
  readonly orders: OrderTracker;
}

/** Name in the catalogue of the strategy whose quotes are looked at. */
const QUOTING_STRATEGY = 'market_making';

/**
 * Who trades by which strategy, and with what success: kept from facts and market records alone, by
 * recovery, snapshots and the live drain alike. Of deployments that have ended only the newest of
 * each user and strategy is kept.
 */
export class Deployments {
  private readonly units: ReadonlyMap<number, number>;
  private readonly byId = new Map<number, Deployment>();
  private readonly newest = new Map<string, Deployment>();
  /** Those meant to trade, by portfolio and by market. */
  private readonly byPortfolio = new Map<number, Deployment[]>();
  private readonly byMarket = new Map<number, Deployment[]>();
  private readonly byOrder = new Map<number, Deployment>();
  /** By market id: twice the middle of the book before the command that is being carried out. */
  private readonly middles: number[] = [];
  private lastId = 0;

  constructor(markets: readonly Market[]) {
    this.units = new Map(markets.map((market) => [market.id, market.quoteUnitsPerTickLot]));
  }

  /** An id that no deployment has had. */
  takeId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  get(deploymentId: number): Deployment | undefined {
    return this.byId.get(deploymentId);
  }

  /** The newest deployment of a user and a strategy, running or not. */
  newestOf(userId: number, strategy: string): Deployment | undefined {
    return this.newest.get(`${userId}/${strategy}`);
  }

  all(): IterableIterator<Deployment> {
    return this.byId.values();
  }

  /** Those meant to trade. */
  running(): Deployment[] {
    return [...this.byId.values()].filter(({ end }) => end === undefined);
  }

  learn(event: VenueEvent): void {
    switch (event.kind) {
      case 'StrategyDeployed':
        this.begin(event);
        return;
      case 'StrategyConfigured': {
        const { deploymentId, parameters, atMs: configuredMs } = event;
        const deployment = this.byId.get(deploymentId);
        if (deployment !== undefined) Object.assign(deployment, { parameters, configuredMs });
        return;
      }
      case 'StrategyStopped':
        this.finish(event);
        return;
      case 'VenueStarted':
        this.interrupted(event.formerMs, event.atMs);
        return;
      default:
    }
  }

  /** Applies one durable record of a market. */
  apply(views: FrameViews, at: number, books: BooksSeen): void {
    if (this.byMarket.size === 0) return;
    const { i32, f64 } = views;
    const word = i32[(at + 4) >>> 2];
    const marketId = frameMarketId(word);
    const here = this.byMarket.get(marketId);
    if (here === undefined || here.length === 0) return;
    const seconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    for (const { record } of here) record.pass(seconds);
    const type = frameType(word);
    if (type < R.FIRST_EVENT_TYPE) this.noteMiddle(marketId, books);
    switch (type) {
      case R.PLACE_ORDER:
        this.placed(views, at);
        break;
      case R.TRADE_EXECUTED:
        this.traded(here, marketId, views, at, books);
        break;
      case R.AUCTION_TRADE:
        this.tradedInAuction(here, marketId, views, at, books);
        break;
      case R.ORDER_CANCELLED:
      case R.ORDER_REJECTED:
        this.orderClosed(f64[(at + R.EVENT_ORDER_ID) >>> 3]);
        break;
      default:
    }
    if ((frameFlags(word) & FRAME_FLAG_END) !== 0) this.lookAt(here, marketId, views, at, books);
  }

  images(): DeploymentImage[] {
    return this.running().map(({ deploymentId, record, quotes }) =>
      quotes === undefined
        ? [deploymentId, record.image()]
        : [deploymentId, record.image(), quotes.image()],
    );
  }

  /** Takes over what a snapshot says; the facts before it were learnt already. */
  restore(images: readonly DeploymentImage[], openOrders: Iterable<TrackedOrder>): void {
    for (const [deploymentId, image, quotes] of images) {
      const deployment = this.byId.get(deploymentId);
      deployment?.record.restore(image);
      if (quotes !== undefined) deployment?.quotes?.restore(quotes);
    }
    for (const { orderId, portfolioId, clientOrderId } of openOrders) {
      const deployment = this.owner(portfolioId, clientOrderId);
      if (deployment !== undefined) this.opened(deployment, orderId);
    }
  }

  private begin({ kind: _, ...facts }: StrategyDeployed): void {
    const { deploymentId, portfolioId, marketIds, opening } = facts;
    const record = new TrackRecord(this.units);
    for (const position of opening) open(record, position);
    record.markedMinute = Math.floor(facts.atMs / 60_000);
    const quotes =
      facts.strategy === QUOTING_STRATEGY ? new QuoteRecord(facts.marketIds) : undefined;
    const openOrderIds = new Set<number>();
    const beginning = { end: undefined, configuredMs: facts.atMs };
    const deployment = { ...facts, ...beginning, record, openOrderIds, quotes };
    this.lastId = Math.max(this.lastId, deploymentId);
    const key = `${facts.userId}/${facts.strategy}`;
    const former = this.newest.get(key);
    if (former?.end !== undefined) this.byId.delete(former.deploymentId);
    this.newest.set(key, deployment);
    this.byId.set(deploymentId, deployment);
    add(this.byPortfolio, portfolioId, deployment);
    for (const marketId of marketIds) add(this.byMarket, marketId, deployment);
  }

  private finish(event: StrategyStopped): void {
    const deployment = this.byId.get(event.deploymentId);
    if (deployment === undefined || deployment.end !== undefined) return;
    deployment.end = event;
    // As it was written down: what came between the fact and other records does not matter then.
    deployment.record.restore(event.record);
    remove(this.byPortfolio, deployment.portfolioId, deployment);
    for (const marketId of deployment.marketIds) remove(this.byMarket, marketId, deployment);
  }

  private owner(portfolioId: number, clientOrderId: string): Deployment | undefined {
    const here = this.byPortfolio.get(portfolioId);
    if (here === undefined) return undefined;
    const id = deploymentOf(clientOrderId);
    return here.find(({ deploymentId }) => deploymentId === id);
  }

  private placed({ i32, f64, u8 }: FrameViews, at: number): void {
    const portfolioId = i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2];
    if (!this.byPortfolio.has(portfolioId)) return;
    const name = readClientId(u8, at + R.PLACE_CLIENT_ID_LENGTH, at + R.PLACE_CLIENT_ID);
    const deployment = this.owner(portfolioId, name);
    if (deployment === undefined) return;
    deployment.record.sent(orderNumberOf(deployment.deploymentId, name));
    this.opened(deployment, f64[(at + R.COMMAND_ORDER_ID) >>> 3]);
    const quotes = deployment.quotes?.markets.get(frameMarketId(i32[(at + 4) >>> 2]));
    if (quotes !== undefined) quotes.minutes.at(timeOf(i32, at)).orders += 1;
  }

  private noteMiddle(marketId: number, { views }: BooksSeen): void {
    const depth = views.get(marketId)?.depth;
    if (depth === undefined) return;
    const bid = depth.bestBidTicks();
    const ask = depth.bestAskTicks();
    this.middles[marketId] = bid === 0 || ask === 0 ? 0 : bid + ask;
  }

  /** A command has been carried out: counts the time until then, and looks how quotes stand now. */
  private lookAt(
    here: readonly Deployment[],
    marketId: number,
    { i32 }: FrameViews,
    at: number,
    { views, orders }: BooksSeen,
  ): void {
    for (const { quotes, openOrderIds, record } of here) {
      const market = quotes?.markets.get(marketId);
      const depth = views.get(marketId)?.depth;
      if (market === undefined || depth === undefined) continue;
      const ms = timeOf(i32, at);
      market.pass(ms);
      const standing = [];
      for (const orderId of openOrderIds) {
        const order = orders.get(orderId);
        if (order?.marketId !== marketId || order.status === STATUS_PENDING) continue;
        const { side, priceTicks, qtyLots, filledLots } = order;
        standing.push({ side, priceTicks, remainingLots: qtyLots - filledLots });
        const movedMs = order.updatedSeconds * 1000 + Math.floor(order.updatedNanos / 1_000_000);
        market.quotedMs = Math.max(market.quotedMs, movedMs);
      }
      market.touches = touchesOf(depth, standing);
      const minute = market.minutes.at(ms);
      minute.profitUnits = record.profitUnitsOf(marketId);
      minute.positionLots = record.position(marketId).qtyLots;
    }
  }

  private interrupted(fromMs: number, toMs: number): void {
    for (const { quotes } of this.running()) {
      for (const market of quotes?.markets.values() ?? []) market.interrupted(fromMs, toMs);
    }
  }

  private opened(deployment: Deployment, orderId: number): void {
    this.byOrder.set(orderId, deployment);
    deployment.openOrderIds.add(orderId);
  }

  private orderClosed(orderId: number): void {
    const deployment = this.byOrder.get(orderId);
    if (deployment === undefined) return;
    deployment.openOrderIds.delete(orderId);
    deployment.quotes?.addClosed(orderId);
    this.byOrder.delete(orderId);
  }

  private traded(
    here: readonly Deployment[],
    marketId: number,
    { f64, i32, u8 }: FrameViews,
    at: number,
    books: BooksSeen,
  ): void {
    const priceTicks = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
    const qtyLots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
    const takerSide = u8[at + R.TRADE_TAKER_SIDE];
    for (const { record } of here) record.mark(marketId, priceTicks);
    const tradeId = f64[(at + R.TRADE_ID) >>> 3];
    const trade = { marketId, priceTicks, qtyLots, tradeId, atMs: timeOf(i32, at) };
    this.filled(books, f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3], {
      ...trade,
      orderId: f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3],
      side: SIDE_BUY + SIDE_SELL - takerSide,
      feeUnits: f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3],
      isMaker: true,
    });
    this.filled(books, f64[(at + R.TRADE_TAKER_REMAINING_LOTS) >>> 3], {
      ...trade,
      orderId: f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3],
      side: takerSide,
      feeUnits: f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3],
      isMaker: false,
    });
  }

  private tradedInAuction(
    here: readonly Deployment[],
    marketId: number,
    { f64, i32 }: FrameViews,
    at: number,
    books: BooksSeen,
  ): void {
    const priceTicks = f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3];
    const qtyLots = f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3];
    for (const { record } of here) record.mark(marketId, priceTicks);
    const tradeId = f64[(at + R.AUCTION_TRADE_ID) >>> 3];
    const trade = { marketId, priceTicks, qtyLots, tradeId, atMs: timeOf(i32, at), isMaker: null };
    this.filled(books, f64[(at + R.AUCTION_BID_REMAINING_LOTS) >>> 3], {
      ...trade,
      orderId: f64[(at + R.AUCTION_BID_ORDER_ID) >>> 3],
      side: SIDE_BUY,
      feeUnits: f64[(at + R.AUCTION_BID_FEE_UNITS) >>> 3],
    });
    this.filled(books, f64[(at + R.AUCTION_ASK_REMAINING_LOTS) >>> 3], {
      ...trade,
      orderId: f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3],
      side: SIDE_SELL,
      feeUnits: f64[(at + R.AUCTION_ASK_FEE_UNITS) >>> 3],
    });
  }

  private filled(books: BooksSeen, remainingLots: number, fill: Fill): void {
    const { orderId, marketId, side, priceTicks, qtyLots, feeUnits } = fill;
    const deployment = this.byOrder.get(orderId);
    if (deployment === undefined) return;
    const { record, quotes } = deployment;
    const before = record.position(marketId).realisedUnits;
    const signedLots = side === SIDE_BUY ? qtyLots : -qtyLots;
    record.fill(marketId, signedLots, priceTicks, feeUnits, this.middles[marketId]);
    const market = quotes?.markets.get(marketId);
    const order = books.orders.get(orderId);
    if (market !== undefined && order !== undefined) {
      const notionalUnits = qtyLots * priceTicks * (this.units.get(marketId) ?? 0);
      market.volumeUnits += notionalUnits;
      countFill(market.minutes.at(fill.atMs), fill, notionalUnits, order);
      const realisedUnits = record.position(marketId).realisedUnits - before;
      quotes?.addFill({ ...fill, realisedUnits, clientOrderId: order.clientOrderId });
    }
    if (remainingLots === 0) this.orderClosed(orderId);
  }
}

type Fill = Omit<MakerFill, 'realisedUnits' | 'clientOrderId'>;

/** Venue time of a record, whole milliseconds since the Unix epoch. */
function timeOf(i32: Int32Array, at: number): number {
  const seconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
  return seconds * 1000 + Math.floor((i32[(at + R.RECORD_NANOS) >>> 2] >>> 0) / 1_000_000);
}

function countFill(
  minute: QuoteMinute,
  { qtyLots, feeUnits, isMaker, atMs }: Fill,
  notionalUnits: number,
  order: TrackedOrder,
): void {
  minute.fills += 1;
  minute.volumeUnits += notionalUnits;
  minute.feeUnits += feeUnits;
  if (isMaker) {
    minute.makerFills += 1;
    minute.rebateUnits += Math.max(0, -feeUnits);
  }
  if (order.filledLots !== qtyLots) return;
  minute.filledOrders += 1;
  const createdMs = order.createdSeconds * 1000 + Math.floor(order.createdNanos / 1_000_000);
  minute.fillWaitMs += Math.max(0, atMs - createdMs);
}

function open(record: TrackRecord, { marketId, qtyLots, markTicks }: OpeningPosition): void {
  record.open(marketId, qtyLots, markTicks);
}

function add(map: Map<number, Deployment[]>, key: number, deployment: Deployment): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [deployment]);
  else list.push(deployment);
}

function remove(map: Map<number, Deployment[]>, key: number, deployment: Deployment): void {
  const left = (map.get(key) ?? []).filter((one) => one !== deployment);
  if (left.length === 0) map.delete(key);
  else map.set(key, left);
}
