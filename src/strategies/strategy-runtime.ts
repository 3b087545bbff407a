import { readClientId } from '../codec/commands.ts';
import * as R from '../codec/records.ts';
import type { Market } from '../domain/markets.ts';
import { SIDE_BUY } from '../domain/orders.ts';
import type { StrategyParameters } from '../domain/strategy-events.ts';
import { assert } from '../lib/assert.ts';
import {
  FRAME_FLAG_END,
  type FrameViews,
  frameFlags,
  frameMarketId,
  frameType,
} from '../rings/frame.ts';
import { definitionOf } from './catalogue.ts';
import { orderNumberOf } from './client-ids.ts';
import { DeploymentHost, type DeploymentSpec, type OrderSink } from './deployment-host.ts';
import { MarketFeed, type MarketImage } from './market-feed.ts';
import type { StrategyDefinition } from './strategy.ts';

/** A deployment that ended by itself. */
export interface DeploymentEnd {
  readonly deploymentId: number;
  readonly failed: boolean;
  readonly reason: string;
}

/**
 * All deployments of one thread: gives every durable record to those it concerns. Equal records, answers
 * and times, in the same sequence, lead to equal commands.
 */
export class StrategyRuntime {
  private readonly feeds = new Map<number, MarketFeed>();
  private readonly hosts = new Map<number, DeploymentHost>();
  private readonly byMarket = new Map<number, DeploymentHost[]>();
  private readonly sink: OrderSink;
  private readonly find: (id: string) => StrategyDefinition | undefined;

  /** @param find where strategies are looked up; the catalogue unless told */
  constructor(
    markets: readonly Market[],
    images: readonly MarketImage[],
    sink: OrderSink,
    find: (id: string) => StrategyDefinition | undefined = definitionOf,
  ) {
    this.sink = sink;
    this.find = find;
    for (const market of markets) {
      this.feeds.set(market.id, new MarketFeed(market));
      this.byMarket.set(market.id, []);
    }
    for (const image of images) this.feeds.get(image.marketId)?.restore(image);
  }

  get size(): number {
    return this.hosts.size;
  }

  start(spec: DeploymentSpec, nowMs: number): void {
    const definition = this.find(spec.strategy);
    assert(definition !== undefined, `strategy ${spec.strategy} is in the catalogue`);
    const feeds = spec.marketIds.map((marketId) => {
      const feed = this.feeds.get(marketId);
      assert(feed !== undefined, `market ${marketId} exists`);
      return feed;
    });
    const host = new DeploymentHost(spec, definition, feeds, this.sink, nowMs);
    this.hosts.set(spec.deploymentId, host);
    for (const marketId of spec.marketIds) this.byMarket.get(marketId)?.push(host);
  }

  /** The deployment is heard and told no more; its open orders are the gateway's business. */
  stop(deploymentId: number): void {
    const host = this.hosts.get(deploymentId);
    if (host === undefined) return;
    this.hosts.delete(deploymentId);
    for (const marketId of host.spec.marketIds) {
      const hosts = this.byMarket.get(marketId) ?? [];
      hosts.splice(hosts.indexOf(host), 1);
    }
  }

  configure(deploymentId: number, parameters: StrategyParameters): void {
    this.hosts.get(deploymentId)?.configure(parameters);
  }

  timer(nowMs: number): void {
    for (const host of this.hosts.values()) host.timer(nowMs);
  }

  /** The gateway denied a command. */
  denied(deploymentId: number, orderNumber: number, isPlacement: boolean, code: number): void {
    this.hosts.get(deploymentId)?.denied(orderNumber, isPlacement, code);
  }

  host(deploymentId: number): DeploymentHost | undefined {
    return this.hosts.get(deploymentId);
  }

  /** Deployments that ended by themselves since the last call; they are taken out. */
  takeEnds(): DeploymentEnd[] {
    const ends: DeploymentEnd[] = [];
    for (const [deploymentId, { failure, lossReached }] of this.hosts) {
      if (failure !== undefined) ends.push({ deploymentId, failed: true, reason: failure });
      else if (lossReached) ends.push({ deploymentId, failed: false, reason: 'max_loss' });
    }
    for (const { deploymentId } of ends) this.stop(deploymentId);
    return ends;
  }

  /** Applies one durable record of a market. */
  record(views: FrameViews, at: number): void {
    const word = views.i32[(at + 4) >>> 2];
    const marketId = frameMarketId(word);
    const feed = this.feeds.get(marketId);
    if (feed === undefined || !feed.apply(views, at)) return;
    const hosts = this.byMarket.get(marketId) ?? [];
    if (hosts.length > 0) this.tell(hosts, frameType(word), views, at);
    if ((frameFlags(word) & FRAME_FLAG_END) === 0) return;
    for (const host of hosts) host.groupEnded(feed);
    feed.endGroup();
  }

  private tell(
    hosts: readonly DeploymentHost[],
    type: number,
    views: FrameViews,
    at: number,
  ): void {
    if (type === R.PLACE_ORDER) placed(hosts, views, at);
    else if (type === R.TRADE_EXECUTED) traded(hosts, views, at);
    else if (type === R.AUCTION_TRADE) tradedInAuction(hosts, views, at);
    else if (type >= R.FIRST_EVENT_TYPE) changed(hosts, type, views, at);
    else {
      const orderId = views.f64[(at + R.COMMAND_ORDER_ID) >>> 3];
      for (const host of hosts) host.commanded(orderId);
    }
  }
}

function placed(hosts: readonly DeploymentHost[], views: FrameViews, at: number): void {
  const portfolioId = views.i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2];
  for (const host of hosts) {
    if (host.spec.portfolioId !== portfolioId) continue;
    const id = readClientId(views.u8, at + R.PLACE_CLIENT_ID_LENGTH, at + R.PLACE_CLIENT_ID);
    const orderNumber = orderNumberOf(host.spec.deploymentId, id);
    if (orderNumber > 0) host.echoed(orderNumber, views.f64[(at + R.COMMAND_ORDER_ID) >>> 3]);
  }
}

function traded(hosts: readonly DeploymentHost[], views: FrameViews, at: number): void {
  const { f64, u8 } = views;
  const priceTicks = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
  const qtyLots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
  const takerLots = u8[at + R.TRADE_TAKER_SIDE] === SIDE_BUY ? qtyLots : -qtyLots;
  const makerId = f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3];
  const takerId = f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3];
  for (const host of hosts) {
    const maker = host.hostedOrder(makerId);
    if (maker !== undefined) {
      const remaining = f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3];
      const fee = f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3];
      host.filled(maker, -takerLots, priceTicks, remaining, fee);
    }
    const taker = host.hostedOrder(takerId);
    if (taker !== undefined) {
      const remaining = f64[(at + R.TRADE_TAKER_REMAINING_LOTS) >>> 3];
      const fee = f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3];
      host.filled(taker, takerLots, priceTicks, remaining, fee);
    }
  }
}

function tradedInAuction(hosts: readonly DeploymentHost[], { f64 }: FrameViews, at: number): void {
  const priceTicks = f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3];
  const qtyLots = f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3];
  for (const host of hosts) {
    const bid = host.hostedOrder(f64[(at + R.AUCTION_BID_ORDER_ID) >>> 3]);
    if (bid !== undefined) {
      const remaining = f64[(at + R.AUCTION_BID_REMAINING_LOTS) >>> 3];
      const fee = f64[(at + R.AUCTION_BID_FEE_UNITS) >>> 3];
      host.filled(bid, qtyLots, priceTicks, remaining, fee);
    }
    const ask = host.hostedOrder(f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3]);
    if (ask !== undefined) {
      const remaining = f64[(at + R.AUCTION_ASK_REMAINING_LOTS) >>> 3];
      const fee = f64[(at + R.AUCTION_ASK_FEE_UNITS) >>> 3];
      host.filled(ask, -qtyLots, priceTicks, remaining, fee);
    }
  }
}

function changed(
  hosts: readonly DeploymentHost[],
  type: number,
  { f64, i32 }: FrameViews,
  at: number,
): void {
  const orderId = f64[(at + R.EVENT_ORDER_ID) >>> 3];
  for (const host of hosts) {
    const order = host.hostedOrder(orderId);
    if (order === undefined) continue;
    switch (type) {
      case R.ORDER_ACCEPTED:
        host.accepted(order);
        break;
      case R.ORDER_REJECTED:
        host.closed(order, 'rejected', i32[(at + R.ORDER_REJECTED_CODE) >>> 2]);
        break;
      case R.ORDER_CANCELLED:
        host.closed(order, 'cancelled', 0);
        break;
      case R.ORDER_AMENDED: {
        const priceTicks = f64[(at + R.AMENDED_NEW_PRICE_TICKS) >>> 3];
        host.amended(order, priceTicks, f64[(at + R.AMENDED_NEW_REMAINING_LOTS) >>> 3]);
        break;
      }
      case R.COMMAND_REJECTED:
        host.refused(order, i32[(at + R.COMMAND_REJECTED_CODE) >>> 2]);
        break;
      default:
    }
  }
}
