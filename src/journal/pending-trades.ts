import type { FrameViews } from '../rings/frame.ts';
import { TRADE_IMAGE_BYTES, TRADE_KEY_BYTES, TradeImageWriter } from './trade-image.ts';

/** A key with its value behind it, both where an aligned copy is cheap. */
const VALUE_OFFSET = 24;
const STRIDE_BYTES = VALUE_OFFSET + TRADE_IMAGE_BYTES;
const INITIAL_ROWS = 64;

/** Rows of one market, in the order of their keys: times and ids of a market only grow. */
interface MarketRows {
  bytes: Uint8Array;
  count: number;
}

/**
 * Trades that wait to be written. They are kept by market, because the end of every market's rows
 * is a page of its own: many trades of one market then cost its page once.
 */
export class PendingTrades {
  private readonly image = new TradeImageWriter();
  private readonly markets = new Map<number, MarketRows>();
  private total = 0;

  /** Trades that wait. */
  get count(): number {
    return this.total;
  }

  /** Takes in a trade record. */
  add(marketId: number, views: FrameViews, at: number): void {
    this.image.write(views, at);
    let rows = this.markets.get(marketId);
    if (rows === undefined) {
      rows = { bytes: new Uint8Array(INITIAL_ROWS * STRIDE_BYTES), count: 0 };
      this.markets.set(marketId, rows);
    }
    const start = rows.count * STRIDE_BYTES;
    if (start === rows.bytes.length) {
      const grown = new Uint8Array(2 * start);
      grown.set(rows.bytes);
      rows.bytes = grown;
    }
    rows.bytes.set(this.image.key, start);
    rows.bytes.set(this.image.value, start + VALUE_OFFSET);
    rows.count += 1;
    this.total += 1;
  }

  /** Gives every trade to `put`, market by market, and forgets it. REUSED: key and value. */
  drain(put: (key: Uint8Array, value: Uint8Array) => void): void {
    for (const rows of this.markets.values()) {
      const { bytes, count } = rows;
      for (let start = 0; start < count * STRIDE_BYTES; start += STRIDE_BYTES) {
        const value = start + VALUE_OFFSET;
        put(
          bytes.subarray(start, start + TRADE_KEY_BYTES),
          bytes.subarray(value, value + TRADE_IMAGE_BYTES),
        );
      }
      rows.count = 0;
    }
    this.total = 0;
  }
}
