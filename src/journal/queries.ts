import type { TrackedOrder } from '../projections/order-tracker.ts';
import { readOrderImage } from './order-image.ts';
import type { JournalStore } from './store.ts';
import { readTradeImage, type StoredTrade, TRADE_KEY_BYTES, writeTradeKey } from './trade-image.ts';

/** The latest durable state of an order, open or closed; a copy of the caller's own. */
export function readOrder(store: JournalStore, orderId: number): TrackedOrder | undefined {
  if (!(orderId >= 1 && Number.isSafeInteger(orderId))) return undefined;
  store.root.resetReadTxn();
  const image = store.orders.getBinaryFast(orderId);
  return image === undefined ? undefined : readOrderImage(orderId, image);
}

/** A moment in a market's trades; the trade itself is not among what lies before it. */
export interface TradePosition {
  readonly seconds: number;
  readonly nanos: number;
  /** Trades of the same time with a smaller id lie before it; without it, none of them does. */
  readonly tradeId?: number;
}

export interface TradeQuery {
  readonly limit: number;
  /** Only trades before this. */
  readonly beforeTradeTime?: TradePosition;
}

/** No trade has this time. */
const MAX_UINT32 = 0xffff_ffff;

/** Trades of a market, newest first: executed ones, and printed ones marked so. */
export function readTrades(
  store: JournalStore,
  marketId: number,
  query: TradeQuery,
): StoredTrade[] {
  const first = new Uint8Array(TRADE_KEY_BYTES);
  writeTradeKey(first, marketId, 0, 0, 0);
  const before = new Uint8Array(TRADE_KEY_BYTES);
  const position = query.beforeTradeTime;
  if (position === undefined) writeTradeKey(before, marketId, MAX_UINT32, MAX_UINT32, 0);
  else writeTradeKey(before, marketId, position.seconds, position.nanos, position.tradeId ?? 0);
  store.root.resetReadTxn();
  const range = store.trades.getRange({
    start: before,
    end: first,
    reverse: true,
    exclusiveStart: true,
    limit: query.limit,
  });
  const trades: StoredTrade[] = [];
  for (const { key, value } of range) trades.push(readTradeImage(key, value));
  return trades;
}
