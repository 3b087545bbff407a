import { SIDE_BUY, SIDE_SELL, type Side } from '../domain/orders.ts';

/** Prices and sizes of one side of a book row, best first, in pairs, dummies left out. */
export interface BookRow {
  readonly bids: number[];
  readonly asks: number[];
}

/** Prices at or beyond this, either way, stand where a row has no level. */
const DUMMY_PRICE = 9_999_999_999;

/**
 * Reads a row of a LOBSTER book file: ask price, ask size, bid price, bid size, for each level.
 * @param priceUnitsPerTick file units in a tick; 1 leaves the prices as they stand there
 */
export function parseBookRow(line: string, priceUnitsPerTick: number): BookRow {
  const fields = line.split(',');
  const row: BookRow = { bids: [], asks: [] };
  if (fields.length % 4 !== 0) throw new Error(`no LOBSTER book row: ${line.slice(0, 80)}`);
  for (let i = 0; i < fields.length; i += 2) {
    const price = Number(fields[i]);
    const size = Number(fields[i + 1]);
    if (!Number.isSafeInteger(price) || !Number.isSafeInteger(size)) {
      throw new Error(`no LOBSTER book row: ${line.slice(0, 80)}`);
    }
    if (size === 0 || Math.abs(price) >= DUMMY_PRICE) continue;
    (i % 4 === 0 ? row.asks : row.bids).push(price / priceUnitsPerTick, size);
  }
  return row;
}

/** Levels a side of a file with this first row has. */
export function bookDepth(line: string): number {
  return line.split(',').length / 4;
}

export function rowSide(row: BookRow, side: Side): number[] {
  return side === SIDE_BUY ? row.bids : row.asks;
}

/** Last price a row sees on a side; 0 when it sees the whole side, having fewer levels than it may. */
export function edgeOf(row: BookRow, side: Side, depth: number): number {
  const levels = rowSide(row, side);
  return levels.length < depth * 2 ? 0 : levels[levels.length - 2];
}

/** True when a price lies behind the last one that is seen. */
export function isBeyond(priceTicks: number, edgeTicks: number, side: Side): boolean {
  if (edgeTicks === 0) return false;
  return side === SIDE_SELL ? priceTicks > edgeTicks : priceTicks < edgeTicks;
}
