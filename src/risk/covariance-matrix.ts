import type { ReturnTable } from './price-series.ts';

/** A square matrix, row by row. */
export interface SquareMatrix {
  readonly size: number;
  readonly values: Float64Array;
}

/** Means of the rows. */
export function rowMeans({ assets, observations, values }: ReturnTable): Float64Array {
  const means = new Float64Array(assets);
  for (let asset = 0; asset < assets; asset += 1) {
    const row = asset * observations;
    let sum = 0;
    for (let i = 0; i < observations; i += 1) sum += values[row + i];
    means[asset] = sum / observations;
  }
  return means;
}

/** Covariances of the assets' returns (over n - 1). */
export function covarianceMatrix(table: ReturnTable): SquareMatrix {
  const { assets, observations } = table;
  const values = products(centred(table), assets, observations);
  for (let i = 0; i < values.length; i += 1) values[i] /= observations - 1;
  return { size: assets, values };
}

/** Correlations of the assets' returns; NaN for an asset that never moved. */
export function correlationMatrix(table: ReturnTable): SquareMatrix {
  const { assets, observations } = table;
  const rows = centred(table);
  for (let asset = 0; asset < assets; asset += 1) {
    const row = rows.subarray(asset * observations, (asset + 1) * observations);
    let squares = 0;
    for (let i = 0; i < observations; i += 1) squares += row[i] * row[i];
    const length = Math.sqrt(squares);
    // What is left of nothing when a mean is taken off is noise, not movement.
    const scale = length > 1e-12 ? 1 / length : Number.NaN;
    for (let i = 0; i < observations; i += 1) row[i] *= scale;
  }
  const values = products(rows, assets, observations);
  for (let asset = 0; asset < assets; asset += 1) {
    const at = asset * assets + asset;
    if (!Number.isNaN(values[at])) values[at] = 1;
  }
  return { size: assets, values };
}

function centred(table: ReturnTable): Float64Array {
  const { assets, observations, values } = table;
  const rows = values.slice();
  const means = rowMeans(table);
  for (let asset = 0; asset < assets; asset += 1) {
    const end = (asset + 1) * observations;
    for (let i = asset * observations; i < end; i += 1) rows[i] -= means[asset];
  }
  return rows;
}

/**
 * The products of all rows with each other. Two rows are taken with four others at a time: six
 * numbers read make eight products, where one by one it would be sixteen.
 */
function products(rows: Float64Array, size: number, length: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i += 2) {
    const a0 = i * length;
    // An odd last row is taken with itself, and written twice.
    const i1 = Math.min(i + 1, size - 1);
    const a1 = i1 * length;
    let j = 0;
    for (; j + 3 <= i1; j += 4) {
      tile(rows, length, a0, a1, j * length, out, i * size + j, i1 * size + j);
    }
    for (; j <= i1; j += 1) {
      out[i * size + j] = dot(rows, a0, j * length, length);
      out[i1 * size + j] = dot(rows, a1, j * length, length);
    }
  }
  for (let i = 0; i < size; i += 1) {
    for (let j = i + 1; j < size; j += 1) out[i * size + j] = out[j * size + i];
  }
  return out;
}

function tile(
  rows: Float64Array,
  length: number,
  a0: number,
  a1: number,
  b: number,
  out: Float64Array,
  at0: number,
  at1: number,
): void {
  const b1 = b + length;
  const b2 = b1 + length;
  const b3 = b2 + length;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let t = 0; t < length; t += 1) {
    const x = rows[a0 + t];
    const y = rows[a1 + t];
    const p = rows[b + t];
    const q = rows[b1 + t];
    const r = rows[b2 + t];
    const s = rows[b3 + t];
    s00 += x * p;
    s01 += x * q;
    s02 += x * r;
    s03 += x * s;
    s10 += y * p;
    s11 += y * q;
    s12 += y * r;
    s13 += y * s;
  }
  out[at0] = s00;
  out[at0 + 1] = s01;
  out[at0 + 2] = s02;
  out[at0 + 3] = s03;
  out[at1] = s10;
  out[at1 + 1] = s11;
  out[at1 + 2] = s12;
  out[at1 + 3] = s13;
}

function dot(rows: Float64Array, a: number, b: number, length: number): number {
  let sum = 0;
  for (let t = 0; t < length; t += 1) sum += rows[a + t] * rows[b + t];
  return sum;
}
