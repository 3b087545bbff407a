import { Buffer } from 'node:buffer';
import type { Market } from '../../domain/markets.ts';
import {
  SIDE_BUY,
  STATUS_CANCELLED,
  STATUS_EXPIRED,
  STATUS_FILLED,
  STATUS_OPEN,
  STATUS_REJECTED,
} from '../../domain/orders.ts';
import type { MakerDesk } from '../../gateway/maker/maker-desk.ts';
import type { StreamCounters } from '../../gateway/streams/counters.ts';
import type { Publisher, StreamSocket } from '../../gateway/streams/endpoint.ts';
import { FormatFanOut } from '../../gateway/streams/format-fan-out.ts';
import { FORMAT_JSON } from '../../gateway/streams/formats.ts';
import { type Paced, Pacer } from '../../gateway/streams/pacer.ts';
import type { UserFill } from '../../gateway/user-fills.ts';
import type { OrderView } from '../../gateway/venue.ts';
import type { Clock } from '../../lib/clock.ts';
import { deploymentOf } from '../../strategies/client-ids.ts';
import { moneyText, orderName, priceText, sizeText } from './orders.ts';
import { positionPercent } from './trading-status.ts';
import { money, rounded, symbolOf, timeOf } from './wire.ts';

/** Least time between two messages of one market's position, and of one order's changes. */
export const POSITION_INTERVAL_MS = 1_000;
export const ORDER_INTERVAL_MS = 2_000;

const POSITIONS = 'all';

interface PositionTopic extends Paced {
  readonly market: Market;
}

interface OrderTopic extends Paced {
  order: OrderView;
}

/** How an order's end is told; fills have a message of their own. */
const ENDS: ReadonlyMap<number, string> = new Map([
  [STATUS_CANCELLED, 'order_cancelled'],
  [STATUS_EXPIRED, 'order_expired'],
  [STATUS_REJECTED, 'order_rejected'],
]);

/**
 * The channels `positions` and `orders.{symbol}`. A position is told once a second at most, as it is
 * then. Of an order its coming, its fills and its end are told at once; how it was moved meanwhile,
 * every two seconds at most.
 */
export class MakerChannels {
  private readonly maker: MakerDesk;
  private readonly clock: Clock;
  private readonly positions: FormatFanOut<Market>;
  private readonly orders: FormatFanOut<object>;
  /** By market id. */
  private readonly positionTopics = new Map<number, PositionTopic>();
  private readonly positionPacer: Pacer<PositionTopic>;
  private readonly orderTopics = new Map<number, OrderTopic>();
  private readonly orderPacer: Pacer<OrderTopic>;
  /** Fills of an order that changes next. */
  private readonly fills: UserFill[] = [];

  constructor(maker: MakerDesk, clock: Clock, counters: StreamCounters) {
    this.maker = maker;
    this.clock = clock;
    const position = (market: Market) => bytesOf(this.positionUpdate(market));
    // What the account does is no market data: it is JSON in either format.
    this.positions = new FormatFanOut('flashmm/positions', counters, {
      json: position,
      flatbuffers: position,
    });
    this.orders = new FormatFanOut('flashmm/orders', counters, {
      json: bytesOf,
      flatbuffers: bytesOf,
    });
    for (const market of maker.markets) {
      this.positionTopics.set(market.id, { market, lastSentMs: Number.NEGATIVE_INFINITY });
    }
    this.positionPacer = new Pacer(clock, POSITION_INTERVAL_MS, ({ market }) => {
      this.positions.publish(POSITIONS, market);
    });
    this.orderPacer = new Pacer(clock, ORDER_INTERVAL_MS, ({ order }) => {
      this.tell('order_updated', order);
    });
  }

  bind(publisher: Publisher): void {
    this.positions.bind(publisher);
    this.orders.bind(publisher);
  }

  joinPositions(socket: StreamSocket): void {
    for (const { market } of this.positionTopics.values()) {
      this.positions.send(socket, FORMAT_JSON, market);
    }
    socket.subscribe(this.positions.topic(FORMAT_JSON, POSITIONS));
  }

  leavePositions(socket: StreamSocket): void {
    socket.unsubscribe(this.positions.topic(FORMAT_JSON, POSITIONS));
  }

  joinOrders(socket: StreamSocket, { id }: Market): void {
    socket.subscribe(this.orders.topic(FORMAT_JSON, id));
  }

  leaveOrders(socket: StreamSocket, { id }: Market): void {
    socket.unsubscribe(this.orders.topic(FORMAT_JSON, id));
  }

  /** A trade has moved the price at which the position is valued, or the position itself. */
  traded(marketId: number): void {
    const topic = this.positionTopics.get(marketId);
    if (topic === undefined) return;
    if (this.positions.hasListeners(POSITIONS)) this.positionPacer.changed(topic);
    else this.positionPacer.forget(topic);
  }

  /** Tells what has waited long enough; timers do the same. */
  flush(): void {
    this.positionPacer.flush();
    this.orderPacer.flush();
  }

  onFill(fill: UserFill): void {
    if (fill.portfolioId === this.maker.deployment()?.portfolioId) this.fills.push(fill);
  }

  onOrder(order: OrderView): void {
    const fills = this.fills.splice(0).filter(({ orderId }) => orderId === order.orderId);
    const { market, orderId, status } = order;
    const deployment = this.maker.deployment();
    if (deployment?.portfolioId !== order.portfolioId) return;
    if (deploymentOf(order.clientOrderId) !== deployment.deploymentId) return;
    if (!this.orders.hasListeners(market.id)) {
      this.orderTopics.delete(orderId);
      return;
    }
    let filledLots = order.filledLots - fills.reduce((sum, { qtyLots }) => sum + qtyLots, 0);
    for (const fill of fills) {
      filledLots += fill.qtyLots;
      this.tellFill(order, fill, filledLots);
    }
    const end = ENDS.get(status);
    if (end !== undefined || status === STATUS_FILLED) {
      const topic = this.orderTopics.get(orderId);
      if (topic !== undefined) this.orderPacer.forget(topic);
      this.orderTopics.delete(orderId);
      if (end !== undefined) this.tell(end, order);
    } else if (fills.length === 0) this.changed(order);
  }

  private changed(order: OrderView): void {
    const topic = this.orderTopics.get(order.orderId);
    if (topic !== undefined) {
      topic.order = order;
      this.orderPacer.changed(topic);
      return;
    }
    this.orderTopics.set(order.orderId, { order, lastSentMs: this.clock.nowMs() });
    const isNew =
      order.status === STATUS_OPEN &&
      order.createdSeconds === order.updatedSeconds &&
      order.createdNanos === order.updatedNanos;
    this.tell(isNew ? 'order_placed' : 'order_updated', order);
  }

  private tellFill(order: OrderView, fill: UserFill, filledLots: number): void {
    const { market, orderId } = order;
    const known = this.maker
      .deployment()
      ?.quotes?.fills.findLast((one) => one.orderId === orderId && one.tradeId === fill.tradeId);
    const atMs = fill.seconds * 1000 + Math.floor(fill.nanos / 1_000_000);
    this.publish(market, 'order_filled', {
      ...this.fieldsOf(order, filledLots),
      fill_price: priceText(market, fill.priceTicks),
      fill_size: sizeText(market, fill.qtyLots),
      fee: moneyText(market, fill.feeUnits),
      realized_pnl: moneyText(market, known?.realisedUnits ?? 0),
      is_maker: fill.maker,
      timestamp: timeOf(atMs),
    });
  }

  private tell(type: string, order: OrderView): void {
    const atMs = order.updatedSeconds * 1000 + Math.floor(order.updatedNanos / 1_000_000);
    const data = { ...this.fieldsOf(order, order.filledLots), timestamp: timeOf(atMs) };
    this.publish(order.market, type, data);
  }

  private fieldsOf({ market, ...order }: OrderView, filledLots: number): object {
    return {
      order_id: orderName(order.orderId),
      symbol: symbolOf(market),
      side: order.side === SIDE_BUY ? 'buy' : 'sell',
      price: priceText(market, order.priceTicks),
      size: sizeText(market, order.qtyLots),
      filled: sizeText(market, filledLots),
      remaining: sizeText(market, order.qtyLots - filledLots),
    };
  }

  private publish(market: Market, type: string, data: object): void {
    const channel = `orders.${symbolOf(market)}`;
    const timestamp = timeOf(this.clock.nowMs());
    this.orders.publish(market.id, { channel, timestamp, type, data });
  }

  private positionUpdate(market: Market): object {
    const { maker } = this;
    const standing = maker.standing(market);
    const { totalUnits: worth } = maker.portfolioUnits();
    const percent = positionPercent(standing, worth);
    const last = maker.deployment()?.quotes?.fills.findLast((one) => one.marketId === market.id);
    return {
      channel: 'positions',
      timestamp: timeOf(this.clock.nowMs()),
      type: 'position_update',
      data: {
        symbol: symbolOf(market),
        position_usdc: money(market, standing.positionUnits),
        position_percent: percent,
        unrealized_pnl_usdc: money(market, standing.unrealisedUnits),
        realized_pnl_usdc: money(market, standing.realisedUnits),
        daily_pnl_usdc: money(market, standing.dailyUnits),
        total_pnl_usdc: money(market, standing.totalUnits),
        risk_percent: percent === null ? null : Math.abs(percent),
        inventory_skew: percent === null ? null : rounded(percent / 100, 4),
        last_trade:
          last === undefined
            ? null
            : {
                side: last.side === SIDE_BUY ? 'buy' : 'sell',
                price: priceText(market, last.priceTicks),
                size: sizeText(market, last.qtyLots),
                timestamp: timeOf(last.atMs),
              },
      },
    };
  }
}

function bytesOf(message: object): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}
