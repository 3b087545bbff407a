import { Buffer } from 'node:buffer';
import { BAR_BYTES } from '../features/bar-rows.ts';

/**
 * The key of a bar: its bytes sort by market, then interval, then time. Big-endian.
 *
 * ```
 *   0        2          3         7
 *   ┌────────┬──────────┬─────────┐
 *   │ market │ interval │ seconds │   when the bar begins
 *   └────────┴──────────┴─────────┘
 *     u16      u8         u32
 * ```
 *
 * The interval is its place in `CANDLE_INTERVALS`. The value of `candles` is the bar's row, eight
 * doubles (see `bar-rows.ts`), little-endian; the value of `history` is rows one after another, and
 * the key names the first of them.
 *
 * Market 0 has no bars. Below it `candles` keeps what its builder knows of every market, with the
 * market's id in the place of the seconds: all rows under way, as of the batch `candles_batch` names.
 */
export const BAR_KEY_BYTES = 7;
const KEY_PREFIX_BYTES = 3;
const MAX_SECONDS = 0xffff_ffff;

export function writeBarKey(
  key: Uint8Array,
  marketId: number,
  interval: number,
  seconds: number,
): void {
  key[0] = marketId >>> 8;
  key[1] = marketId;
  key[2] = interval;
  key[3] = seconds >>> 24;
  key[4] = seconds >>> 16;
  key[5] = seconds >>> 8;
  key[6] = seconds;
}

/** @param seconds beyond the range of keys: the nearest one in it */
export function barKey(marketId: number, interval: number, seconds: number): Uint8Array {
  const key = new Uint8Array(BAR_KEY_BYTES);
  writeBarKey(key, marketId, interval, Math.max(0, Math.min(MAX_SECONDS, seconds)));
  return key;
}

/** What all keys of a market and interval begin with: sorts before them. */
export function barKeyPrefix(marketId: number, interval: number): Uint8Array {
  return barKey(marketId, interval, 0).subarray(0, KEY_PREFIX_BYTES);
}

/** Market, interval and seconds of a key. */
export function readBarKey(key: Uint8Array): [number, number, number] {
  const view = new DataView(key.buffer, key.byteOffset, BAR_KEY_BYTES);
  return [view.getUint16(0), view.getUint8(2), view.getUint32(3)];
}

/** Key under which the rows under way of a market lie. */
export function openRowsKey(marketId: number): Uint8Array {
  return barKey(0, 0, marketId);
}

/** The doubles of a value, in memory of their own. */
export function rowsOf(value: Uint8Array): Float64Array<ArrayBuffer> {
  return new Float64Array(Uint8Array.from(value).buffer);
}

/** The bytes of rows. REUSED: they share the rows' memory. */
export function bytesOfRows(rows: Float64Array): Buffer {
  return Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength);
}

/** Rows in a value. */
export function rowCount(value: Uint8Array): number {
  return value.length / BAR_BYTES;
}
