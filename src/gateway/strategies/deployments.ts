import { readClientId } from '../../codec/commands.ts';
import * as R from '../../codec/records.ts';
import type { Market } from '../../domain/markets.ts';
import { SIDE_BUY } from '../../domain/orders.ts';
import type {
  OpeningPosition,
  StrategyDeployed,
  StrategyParameters,
  StrategyStopped,
} from '../../domain/strategy-events.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import { TrackRecord, type TrackRecordImage } from '../../ledger/track-record.ts';
import type { TrackedOrder } from '../../projections/order-tracker.ts';
import { type FrameViews, frameMarketId, frameType } from '../../rings/frame.ts';
import { deploymentOf, orderNumberOf } from '../../strategies/client-ids.ts';

/** One deployment as the journal tells it, and what its fills add up to. */
export interface Deployment extends Omit<StrategyDeployed, 'kind' | 'parameters'> {
  parameters: StrategyParameters;
  /** How it ended; `undefined` while it is meant to trade. */
  end: StrategyStopped | undefined;
  readonly record: TrackRecord;
  /** Its orders that are not closed. */
  readonly openOrderIds: Set<number>;
}

export type DeploymentImage = readonly [deploymentId: number, record: TrackRecordImage];

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
        const deployment = this.byId.get(event.deploymentId);
        if (deployment !== undefined) deployment.parameters = event.parameters;
        return;
      }
      case 'StrategyStopped':
        this.finish(event);
        return;
      default:
    }
  }

  /** Applies one durable record of a market. */
  apply(views: FrameViews, at: number): void {
    if (this.byMarket.size === 0) return;
    const { i32, f64 } = views;
    const word = i32[(at + 4) >>> 2];
    const marketId = frameMarketId(word);
    const here = this.byMarket.get(marketId);
    if (here === undefined || here.length === 0) return;
    const seconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    for (const { record } of here) record.pass(seconds);
    switch (frameType(word)) {
      case R.PLACE_ORDER:
        this.placed(views, at);
        return;
      case R.TRADE_EXECUTED:
        this.traded(here, marketId, views, at);
        return;
      case R.AUCTION_TRADE:
        this.tradedInAuction(here, marketId, views, at);
        return;
      case R.ORDER_CANCELLED:
      case R.ORDER_REJECTED:
        this.orderClosed(f64[(at + R.EVENT_ORDER_ID) >>> 3]);
        return;
      default:
    }
  }

  images(): DeploymentImage[] {
    return this.running().map(({ deploymentId, record }) => [deploymentId, record.image()]);
  }

  /** Takes over what a snapshot says; the facts before it were learnt already. */
  restore(images: readonly DeploymentImage[], openOrders: Iterable<TrackedOrder>): void {
    for (const [deploymentId, image] of images) this.byId.get(deploymentId)?.record.restore(image);
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
    const deployment = { ...facts, end: undefined, record, openOrderIds: new Set<number>() };
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
  }

  private opened(deployment: Deployment, orderId: number): void {
    this.byOrder.set(orderId, deployment);
    deployment.openOrderIds.add(orderId);
  }

  private orderClosed(orderId: number): void {
    this.byOrder.get(orderId)?.openOrderIds.delete(orderId);
    this.byOrder.delete(orderId);
  }

  private traded(
    here: readonly Deployment[],
    marketId: number,
    { f64, u8 }: FrameViews,
    at: number,
  ): void {
    const priceTicks = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
    const qtyLots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
    const takerLots = u8[at + R.TRADE_TAKER_SIDE] === SIDE_BUY ? qtyLots : -qtyLots;
    for (const { record } of here) record.mark(marketId, priceTicks);
    this.filled(
      f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3],
      f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3],
      (record) =>
        record.fill(marketId, -takerLots, priceTicks, f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3]),
    );
    this.filled(
      f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3],
      f64[(at + R.TRADE_TAKER_REMAINING_LOTS) >>> 3],
      (record) =>
        record.fill(marketId, takerLots, priceTicks, f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3]),
    );
  }

  private tradedInAuction(
    here: readonly Deployment[],
    marketId: number,
    { f64 }: FrameViews,
    at: number,
  ): void {
    const priceTicks = f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3];
    const qtyLots = f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3];
    for (const { record } of here) record.mark(marketId, priceTicks);
    this.filled(
      f64[(at + R.AUCTION_BID_ORDER_ID) >>> 3],
      f64[(at + R.AUCTION_BID_REMAINING_LOTS) >>> 3],
      (record) =>
        record.fill(marketId, qtyLots, priceTicks, f64[(at + R.AUCTION_BID_FEE_UNITS) >>> 3]),
    );
    this.filled(
      f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3],
      f64[(at + R.AUCTION_ASK_REMAINING_LOTS) >>> 3],
      (record) =>
        record.fill(marketId, -qtyLots, priceTicks, f64[(at + R.AUCTION_ASK_FEE_UNITS) >>> 3]),
    );
  }

  private filled(
    orderId: number,
    remainingLots: number,
    book: (record: TrackRecord) => void,
  ): void {
    const deployment = this.byOrder.get(orderId);
    if (deployment === undefined) return;
    book(deployment.record);
    if (remainingLots === 0) this.orderClosed(orderId);
  }
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
