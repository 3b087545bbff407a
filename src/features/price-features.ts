import { type FlowHistory, ROWS_PER_SECOND } from './flow-history.ts';
import type { FlowTotals } from './flow-totals.ts';

const TENTHS_PER_DAY = 864_000;
/** Windows of the momentum, features 48 to 52, in rows. */
const MOMENTUM_ROWS = [1, 5, 10, 30, 60].map((seconds) => seconds * ROWS_PER_SECOND);
/** And of the realised volatility, features 53 to 56. */
const VOLATILITY_ROWS = [5, 10, 30, 60].map((seconds) => seconds * ROWS_PER_SECOND);
const S60 = 60 * ROWS_PER_SECOND;

/** Features 48 to 58: how the mid price moved. Unknown where it, or one in the window, is. */
export function writePriceFeatures(row: Float64Array, history: FlowHistory): void {
  const mid = history.midTicks(0);
  for (let i = 0; i < MOMENTUM_ROWS.length; i += 1) {
    const rows = MOMENTUM_ROWS[i];
    row[48 + i] = history.reaches(rows) ? (mid / history.midTicks(rows) - 1) * 1e4 : Number.NaN;
  }
  row.fill(Number.NaN, 53, 59);
  let squares = 0;
  let sum = mid;
  let low = mid;
  let high = mid;
  let newer = mid;
  let window = 0;
  for (let rows = 1; rows <= S60 && history.reaches(rows); rows += 1) {
    const older = history.midTicks(rows);
    const step = Math.log(newer / older);
    squares += step * step;
    if (rows === VOLATILITY_ROWS[window]) {
      row[53 + window] = Math.sqrt(squares) * 1e4;
      window += 1;
    }
    sum += older;
    low = Math.min(low, older);
    high = Math.max(high, older);
    newer = older;
  }
  if (!history.reaches(S60)) return;
  row[57] = ((high - low) / mid) * 1e4;
  row[58] = zscore(history, mid, sum / (S60 + 1));
}

/** Features 59 to 63: how long ago something happened, and the time of day. */
export function writeTimeFeatures(row: Float64Array, totals: FlowTotals, nowTenths: number): void {
  row[59] = age(nowTenths - totals.bidChangedAtTenths);
  row[60] = age(nowTenths - totals.askChangedAtTenths);
  // A trade in the tenth of a second before a row is new.
  row[61] = age(Math.max(0, nowTenths - 1 - totals.tradedAtTenths));
  const angle = (2 * Math.PI * (nowTenths % TENTHS_PER_DAY)) / TENTHS_PER_DAY;
  row[62] = Math.sin(angle);
  row[63] = Math.cos(angle);
}

function age(tenths: number): number {
  return Math.log1p(tenths / ROWS_PER_SECOND);
}

function zscore(history: FlowHistory, mid: number, mean: number): number {
  let squares = 0;
  for (let rows = 0; rows <= S60; rows += 1) squares += (history.midTicks(rows) - mean) ** 2;
  const deviation = Math.sqrt(squares / (S60 + 1));
  // Below a millionth of a tick it is rounding, not movement.
  return deviation < 1e-6 ? 0 : (mid - mean) / deviation;
}
