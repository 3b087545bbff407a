import type {
  MakerOrder,
  OrdersQuery,
  OrdersResponse,
  RecentFill,
} from '../../../schemas/flashmm-trading.ts';
import type { Market } from '../../domain/markets.ts';
import {
  ORDER_FLAG_POST_ONLY,
  ORDER_FLAG_POST_ONLY_SLIDE,
  ORDER_TYPE_MARKET,
  ORDER_TYPE_STOP,
  ORDER_TYPE_STOP_LIMIT,
  ORDER_TYPE_TRAILING_STOP,
  SIDE_BUY,
  STATUS_CANCELLED,
  STATUS_EXPIRED,
  STATUS_FILLED,
  STATUS_PENDING,
  STATUS_REJECTED,
  TIF_DAY,
  TIF_FOK,
  TIF_GTD,
  TIF_IOC,
} from '../../domain/orders.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import type { MakerDesk } from '../../gateway/maker/maker-desk.ts';
import { dayStartMinute, fillRatePercent } from '../../gateway/maker/period-figures.ts';
import type { QuoteMinute } from '../../gateway/strategies/quote-minutes.ts';
import { type MakerFill, spreadBps, type Touches } from '../../gateway/strategies/quote-record.ts';
import type { OrderView, Venue } from '../../gateway/venue.ts';
import { formatScaled } from '../../lib/fixed-point.ts';
import { marketOf, parseTime, rounded, symbolOf, timeOf } from './wire.ts';

const CLOSED: ReadonlyMap<number, MakerOrder['status']> = new Map([
  [STATUS_PENDING, 'pending'],
  [STATUS_FILLED, 'filled'],
  [STATUS_CANCELLED, 'cancelled'],
  [STATUS_REJECTED, 'cancelled'],
  [STATUS_EXPIRED, 'expired'],
]);
const TYPES: ReadonlyMap<number, MakerOrder['order_type']> = new Map([
  [ORDER_TYPE_MARKET, 'market'],
  [ORDER_TYPE_STOP, 'stop'],
  [ORDER_TYPE_TRAILING_STOP, 'stop'],
  [ORDER_TYPE_STOP_LIMIT, 'stop_limit'],
]);
const TIFS: ReadonlyMap<number, MakerOrder['time_in_force']> = new Map([
  [TIF_IOC, 'IOC'],
  [TIF_FOK, 'FOK'],
  [TIF_GTD, 'GTD'],
  [TIF_DAY, 'GTD'],
]);

/** An order as the maker's lists and the channel `orders.{symbol}` name it. */
export function orderName(orderId: number): string {
  return `ord_${orderId}`;
}

export function priceText(market: Market, ticks: number): string {
  return formatScaled(ticks * market.tickUnits, market.priceDecimals, market.priceDecimals);
}

export function sizeText(market: Market, lots: number): string {
  return formatScaled(lots * market.lotUnits, market.qtyDecimals, Math.min(1, market.qtyDecimals));
}

/** Money of the market's quote asset as decimal text. */
export function moneyText({ quote }: Market, units: number): string {
  return formatScaled(units, quote.decimals, 2);
}

/** @param touches of the order's market, for the spread */
export function orderToWire(order: OrderView, touches: Touches | undefined): MakerOrder {
  const { market, extension, orderId, flags } = order;
  const createdMs = order.createdSeconds * 1000 + order.createdNanos / 1_000_000;
  const updatedMs = order.updatedSeconds * 1000 + order.updatedNanos / 1_000_000;
  const { expireSeconds, expireNanos } = extension;
  const expiresMs = expireSeconds * 1000 + expireNanos / 1_000_000;
  const { ourBid = 0, ourAsk = 0 } = touches ?? {};
  return {
    order_id: orderName(orderId),
    client_order_id: order.clientOrderId,
    symbol: symbolOf(market),
    side: order.side === SIDE_BUY ? 'buy' : 'sell',
    order_type: TYPES.get(order.orderType) ?? 'limit',
    price: priceText(market, order.priceTicks),
    size: sizeText(market, order.qtyLots),
    filled: sizeText(market, order.filledLots),
    remaining: sizeText(market, order.qtyLots - order.filledLots),
    status: CLOSED.get(order.status) ?? 'active',
    time_in_force: TIFS.get(order.tif) ?? 'GTC',
    created_at: timeOf(createdMs),
    updated_at: timeOf(updatedMs),
    expires_at: expireSeconds === 0 ? null : timeOf(expiresMs),
    quote_generated_at: timeOf(updatedMs),
    spread_bps: ourBid > 0 && ourAsk > 0 ? rounded(spreadBps(ourBid, ourAsk), 1) : null,
    is_maker: (flags & (ORDER_FLAG_POST_ONLY | ORDER_FLAG_POST_ONLY_SLIDE)) !== 0,
  };
}

function fillToWire(market: Market, fill: MakerFill): RecentFill {
  return {
    fill_id: `fill_${market.id}_${fill.tradeId}_${fill.orderId}`,
    order_id: orderName(fill.orderId),
    client_order_id: fill.clientOrderId,
    symbol: symbolOf(market),
    side: fill.side === SIDE_BUY ? 'buy' : 'sell',
    price: priceText(market, fill.priceTicks),
    size: sizeText(market, fill.qtyLots),
    fee: moneyText(market, fill.feeUnits),
    fee_asset: market.quote.name,
    timestamp: timeOf(fill.atMs),
    trade_id: `trade_${fill.tradeId}`,
    is_maker: fill.isMaker,
    realized_pnl: moneyText(market, fill.realisedUnits),
  };
}

/** What a query asks for, read and checked. */
interface Wanted {
  readonly market: Market | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

function readQuery(venue: Venue, query: OrdersQuery): Wanted | Refusal {
  const market = query.symbol === undefined ? undefined : marketOf(venue.markets, query.symbol);
  if (market instanceof Refusal) return market;
  const from = query.start_time === undefined ? 0 : parseTime('start_time', query.start_time);
  if (from instanceof Refusal) return from;
  const { end_time } = query;
  const to = end_time === undefined ? Number.POSITIVE_INFINITY : parseTime('end_time', end_time);
  return to instanceof Refusal ? to : { market, fromMs: from, toMs: to };
}

/** `GET /api/v1/trading/orders`: of each kind the newest first. @param nowMs since the Unix epoch */
export function orders(
  maker: MakerDesk,
  venue: Venue,
  query: OrdersQuery,
  nowMs: number,
): OrdersResponse | Refusal {
  const wanted = readQuery(venue, query);
  if (wanted instanceof Refusal) return wanted;
  const { limit = 100, offset = 0, status = 'all' } = query;
  const all = listsOf(maker, venue, wanted);
  const active = status === 'active' || status === 'all' ? all.active : [];
  const closed = all.closed.filter((order) => {
    const isFilled = order.status === 'filled';
    return (
      status === 'all' || (status === 'filled' && isFilled) || (status === 'cancelled' && !isFilled)
    );
  });
  const fills = status === 'filled' || status === 'all' ? all.fills : [];
  const total = Math.max(active.length, closed.length, fills.length);
  return {
    timestamp: timeOf(nowMs),
    pagination: { limit, offset, total, has_more: total > offset + limit },
    active_orders: active.slice(offset, offset + limit),
    closed_orders: closed.slice(offset, offset + limit),
    recent_fills: fills.slice(offset, offset + limit),
    fill_statistics: fillStatistics(maker, wanted.market, nowMs),
  };
}

function listsOf(
  maker: MakerDesk,
  venue: Venue,
  { market: only, fromMs, toMs }: Wanted,
): { active: MakerOrder[]; closed: MakerOrder[]; fills: RecentFill[] } {
  const deployment = maker.deployment();
  if (deployment?.quotes === undefined) return { active: [], closed: [], fills: [] };
  const { userId, quotes, openOrderIds } = deployment;
  const views = (ids: Iterable<number>): MakerOrder[] =>
    [...ids]
      .flatMap((orderId) => venue.order(userId, orderId) ?? [])
      .filter(({ market, createdSeconds }) => {
        const isWanted = only === undefined || market === only;
        return isWanted && createdSeconds * 1000 >= fromMs && createdSeconds * 1000 <= toMs;
      })
      .map((order) => orderToWire(order, quotes.markets.get(order.market.id)?.touches))
      .toReversed();
  const fills = quotes.fills
    .filter(({ atMs, marketId }) => {
      const isWanted = only === undefined || marketId === only.id;
      return isWanted && atMs >= fromMs && atMs <= toMs;
    })
    .flatMap((fill) => {
      const market = venue.markets.get(fill.marketId);
      return market === undefined ? [] : [fillToWire(market, fill)];
    })
    .toReversed();
  return { active: views(openOrderIds), closed: views(quotes.closedOrderIds), fills };
}

function fillStatistics(
  maker: MakerDesk,
  only: Market | undefined,
  nowMs: number,
): OrdersResponse['fill_statistics'] {
  const since = dayStartMinute(nowMs);
  const days: QuoteMinute[] = [];
  for (const [marketId, { minutes }] of maker.deployment()?.quotes?.markets ?? []) {
    if (only === undefined || marketId === only.id) days.push(minutes.since(since));
  }
  const sum = (field: (day: QuoteMinute) => number): number =>
    days.reduce((total, day) => total + field(day), 0);
  const fills = sum((day) => day.fills);
  const filledOrders = sum((day) => day.filledOrders);
  const makerFills = sum((day) => day.makerFills);
  const rate = fillRatePercent({ orders: sum((day) => day.orders), filledOrders });
  return {
    total_fills_today: fills,
    fill_rate_percent: rounded(rate, 1),
    average_fill_time_seconds: rounded(sum((day) => day.fillWaitMs) / filledOrders / 1000, 1),
    maker_fill_percent: rounded((makerFills / fills) * 100, 1),
    taker_fill_percent: rounded(((fills - makerFills) / fills) * 100, 1),
  };
}
