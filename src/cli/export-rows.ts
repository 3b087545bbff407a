import { Buffer } from 'node:buffer';
import { RECORD_NANOS, RECORD_SECONDS, RECORD_SEQ, VENUE_EVENT } from '../codec/records.ts';
import {
  CANCEL_REASON_NAMES,
  ORDER_TYPE_NAMES,
  SIDE_NAMES,
  STATUS_NAMES,
  STATUS_REJECTED,
  TIF_NAMES,
} from '../domain/orders.ts';
import type { MarketListed } from '../domain/venue-events.ts';
import {
  BAR_CLOSE,
  BAR_HIGH,
  BAR_LOTS,
  BAR_LOW,
  BAR_OPEN,
  BAR_SECONDS,
  BAR_TICK_LOTS,
  BAR_TRADES,
} from '../features/bar-rows.ts';
import { readVenueEvent } from '../gateway/venue-log.ts';
import type { StoredTrade } from '../journal/trade-image.ts';
import { isoMicros } from '../lib/clock.ts';
import { formatScaled } from '../lib/fixed-point.ts';
import type { TrackedOrder } from '../projections/order-tracker.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { type FieldKind, hasField, RECORDS, rawValue } from './record-fields.ts';

/** One line of an export; absent where a field has no meaning. */
export type Row = Record<string, unknown>;

/**
 * Rows of readable fields: whatever counts ticks, lots or smallest units is there as that number
 * (`price_ticks`) and as the decimal it stands for (`price`, text, exact).
 */
export class ExportRows {
  private readonly listings: ReadonlyMap<number, MarketListed>;

  constructor(listings: readonly MarketListed[]) {
    this.listings = new Map(listings.map((listing) => [listing.marketId, listing]));
  }

  /** A command, an event or a fact of the venue. */
  event(views: FrameViews, at: number, batch: number): Row {
    const word = views.i32[(at + 4) >>> 2];
    const type = frameType(word);
    const marketId = frameMarketId(word);
    const row: Row = {
      batch,
      market: this.nameOf(marketId),
      seq: views.f64[(at + RECORD_SEQ) >>> 3],
      time: isoMicros(
        views.i32[(at + RECORD_SECONDS) >>> 2] >>> 0,
        views.i32[(at + RECORD_NANOS) >>> 2] >>> 0,
      ),
    };
    if (type === VENUE_EVENT) {
      const { kind, ...fact } = readVenueEvent(views, at);
      return { ...row, type: kind, fact };
    }
    const description = RECORDS.get(type);
    if (description === undefined) {
      const bytes = views.u8.slice(at, at + views.i32[at >>> 2]);
      return { ...row, type: `type ${type}`, bytes: Buffer.from(bytes).toString('hex') };
    }
    row.type = description.name;
    for (const field of description.fields) {
      if (!hasField(field, views, at)) continue;
      this.put(row, marketId, field.name, field.kind, rawValue(field, views, at));
    }
    return row;
  }

  order(order: TrackedOrder): Row {
    const { marketId, status, reason } = order;
    const row: Row = {
      order_id: order.orderId,
      market: this.nameOf(marketId),
      portfolio_id: order.portfolioId,
      session_id: order.sessionId,
      client_order_id: order.clientOrderId,
      side: SIDE_NAMES[order.side] ?? order.side,
      order_type: ORDER_TYPE_NAMES[order.orderType] ?? order.orderType,
      time_in_force: TIF_NAMES[order.tif] ?? order.tif,
      flags: order.flags,
      status: STATUS_NAMES[status] ?? status,
      reason: status === STATUS_REJECTED ? reason : (CANCEL_REASON_NAMES[reason] ?? reason),
    };
    this.put(row, marketId, 'price', 'ticks', order.priceTicks);
    this.put(row, marketId, 'quantity', 'lots', order.qtyLots);
    this.put(row, marketId, 'filled', 'lots', order.filledLots);
    this.put(row, marketId, 'filled_notional', 'quote', order.filledNotionalUnits);
    this.put(row, marketId, 'fee', 'quote', order.feeUnits);
    row.created = isoMicros(order.createdSeconds, order.createdNanos);
    row.updated = isoMicros(order.updatedSeconds, order.updatedNanos);
    return row;
  }

  trade(trade: StoredTrade): Row {
    const { marketId } = trade;
    const row: Row = {
      market: this.nameOf(marketId),
      trade_id: trade.tradeId,
      seq: trade.seq,
      time: isoMicros(trade.seconds, trade.nanos),
      printed: trade.printed,
      taker_side: SIDE_NAMES[trade.takerSide] ?? 'unknown',
    };
    this.put(row, marketId, 'price', 'ticks', trade.priceTicks);
    this.put(row, marketId, 'quantity', 'lots', trade.qtyLots);
    row.maker_order_id = trade.makerOrderId;
    row.taker_order_id = trade.takerOrderId;
    row.maker_portfolio_id = trade.makerPortfolioId;
    row.taker_portfolio_id = trade.takerPortfolioId;
    this.put(row, marketId, 'maker_fee', 'quote', trade.makerFeeUnits);
    this.put(row, marketId, 'taker_fee', 'quote', trade.takerFeeUnits);
    return row;
  }

  /** Markets that are listed, by their ids. */
  get marketIds(): number[] {
    return [...this.listings.keys()].sort((a, b) => a - b);
  }

  /** @param generatedEnd bars that begin before it were generated, seconds */
  candle(marketId: number, interval: string, bar: Float64Array, generatedEnd: number): Row {
    const row: Row = {
      market: this.nameOf(marketId),
      interval,
      time: isoMicros(bar[BAR_SECONDS], 0),
      generated: bar[BAR_SECONDS] < generatedEnd,
    };
    this.put(row, marketId, 'open', 'ticks', bar[BAR_OPEN]);
    this.put(row, marketId, 'high', 'ticks', bar[BAR_HIGH]);
    this.put(row, marketId, 'low', 'ticks', bar[BAR_LOW]);
    this.put(row, marketId, 'close', 'ticks', bar[BAR_CLOSE]);
    this.put(row, marketId, 'volume', 'lots', bar[BAR_LOTS]);
    const units = this.listings.get(marketId)?.quoteUnitsPerTickLot ?? 0;
    this.put(row, marketId, 'notional', 'quote', bar[BAR_TICK_LOTS] * units);
    row.trades = bar[BAR_TRADES];
    return row;
  }

  /** The columns of events, of every type together. */
  eventColumns(): string[] {
    const columns = new Set(['batch', 'market', 'seq', 'time', 'type']);
    for (const { fields } of RECORDS.values()) {
      for (const { name, kind } of fields) {
        const unit = unitOf(kind);
        if (unit !== undefined) columns.add(`${name}_${unit}`);
        columns.add(name);
      }
    }
    return [...columns, 'fact', 'bytes'];
  }

  private nameOf(marketId: number): string {
    if (marketId === 0) return 'venue';
    const listing = this.listings.get(marketId);
    return listing === undefined ? `market ${marketId}` : `${listing.exchange}:${listing.symbol}`;
  }

  private put(row: Row, marketId: number, name: string, kind: FieldKind, value: unknown): void {
    const unit = unitOf(kind);
    if (unit === undefined || typeof value !== 'number') {
      row[name] = value;
      return;
    }
    row[`${name}_${unit}`] = value;
    const listing = this.listings.get(marketId);
    if (listing !== undefined) row[name] = decimal(value, kind, listing);
  }
}

function unitOf(kind: FieldKind): string | undefined {
  if (kind === 'ticks' || kind === 'lots') return kind;
  return kind === 'quote' ? 'units' : undefined;
}

function decimal(value: number, kind: FieldKind, listing: MarketListed): string {
  if (kind === 'ticks') return formatScaled(value * listing.tickUnits, listing.priceDecimals);
  if (kind === 'lots') return formatScaled(value * listing.lotUnits, listing.qtyDecimals);
  return formatScaled(value, listing.quoteDecimals);
}
