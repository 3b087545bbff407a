import type { Candle } from '../domain/candles.ts';

/** A bar is a row of doubles, all of them whole numbers: eight columns, 64 bytes. */
export const BAR_FIELDS = 8;
export const BAR_BYTES = BAR_FIELDS * 8;
export const BAR_SECONDS = 0;
export const BAR_OPEN = 1;
export const BAR_HIGH = 2;
export const BAR_LOW = 3;
export const BAR_CLOSE = 4;
export const BAR_LOTS = 5;
/** Sum of price × quantity, ticks × lots. */
export const BAR_TICK_LOTS = 6;
/** 0: an empty bar, or none at all. */
export const BAR_TRADES = 7;

/** Bars one after another in one piece of memory, oldest first. */
export class BarRows {
  length = 0;
  data: Float64Array<ArrayBuffer>;

  constructor(capacity = 16) {
    this.data = new Float64Array(capacity * BAR_FIELDS);
  }

  get capacity(): number {
    return this.data.length / BAR_FIELDS;
  }

  /** When the bar at a place begins. */
  secondsAt(index: number): number {
    return this.data[index * BAR_FIELDS];
  }

  /** Appends the row at an offset (in doubles) of other rows. */
  push(rows: Float64Array, at: number): void {
    if (this.length === this.capacity) this.grow(this.length + 1);
    const to = this.length * BAR_FIELDS;
    for (let i = 0; i < BAR_FIELDS; i += 1) this.data[to + i] = rows[at + i];
    this.length += 1;
  }

  /** Appends many rows. */
  append(rows: Float64Array): void {
    const count = rows.length / BAR_FIELDS;
    if (this.length + count > this.capacity) this.grow(this.length + count);
    this.data.set(rows, this.length * BAR_FIELDS);
    this.length += count;
  }

  /** Appends an empty bar: the price stands still. */
  pushEmpty(seconds: number, priceTicks: number): void {
    if (this.length === this.capacity) this.grow(this.length + 1);
    writeEmpty(this.data, this.length * BAR_FIELDS, seconds, priceTicks);
    this.length += 1;
  }

  /** Forgets the oldest rows. */
  dropOldest(count: number): void {
    this.data.copyWithin(0, count * BAR_FIELDS, this.length * BAR_FIELDS);
    this.length -= count;
  }

  clear(): void {
    this.length = 0;
  }

  /** Makes room for so many rows in all. */
  reserve(rows: number): void {
    if (rows > this.capacity) this.grow(rows);
  }

  /** Overwrites the row at a place, within the capacity, with one of other rows. */
  copyRow(index: number, from: BarRows, fromIndex: number): void {
    const { data } = this;
    const to = index * BAR_FIELDS;
    const at = fromIndex * BAR_FIELDS;
    for (let i = 0; i < BAR_FIELDS; i += 1) data[to + i] = from.data[at + i];
  }

  /** Of `end` rows that were written keeps those from this place on. */
  keepFrom(start: number, end: number): void {
    if (start > 0) this.data.copyWithin(0, start * BAR_FIELDS, end * BAR_FIELDS);
    this.length = end - start;
  }

  /** Puts older rows before all others. */
  prepend(rows: Float64Array): void {
    const count = rows.length / BAR_FIELDS;
    this.reserve(this.length + count);
    this.data.copyWithin(rows.length, 0, this.length * BAR_FIELDS);
    this.data.set(rows);
    this.length += count;
  }

  /** Place of the newest of `count` bars that begins at this time or before; -1: there is none. */
  indexAtOrBefore(seconds: number, count = this.length): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.data[middle * BAR_FIELDS] <= seconds) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private grow(rows: number): void {
    const data = new Float64Array(Math.max(rows, this.capacity * 2) * BAR_FIELDS);
    data.set(this.data.subarray(0, this.length * BAR_FIELDS));
    this.data = data;
  }
}

/** Writes a bar in which nothing traded. */
export function writeEmpty(
  rows: Float64Array,
  at: number,
  seconds: number,
  priceTicks: number,
): void {
  rows[at + BAR_SECONDS] = seconds;
  rows[at + BAR_OPEN] = priceTicks;
  rows[at + BAR_HIGH] = priceTicks;
  rows[at + BAR_LOW] = priceTicks;
  rows[at + BAR_CLOSE] = priceTicks;
  rows[at + BAR_LOTS] = 0;
  rows[at + BAR_TICK_LOTS] = 0;
  rows[at + BAR_TRADES] = 0;
}

/** Adds a later bar of the same period to an earlier one. Both have trades. */
export function mergeBar(
  into: Float64Array,
  at: number,
  later: Float64Array,
  laterAt: number,
): void {
  into[at + BAR_HIGH] = Math.max(into[at + BAR_HIGH], later[laterAt + BAR_HIGH]);
  into[at + BAR_LOW] = Math.min(into[at + BAR_LOW], later[laterAt + BAR_LOW]);
  into[at + BAR_CLOSE] = later[laterAt + BAR_CLOSE];
  into[at + BAR_LOTS] += later[laterAt + BAR_LOTS];
  into[at + BAR_TICK_LOTS] += later[laterAt + BAR_TICK_LOTS];
  into[at + BAR_TRADES] += later[laterAt + BAR_TRADES];
}

/** A row as an object, for callers who want few of them. */
export function candleAt(bars: BarRows, index: number, quoteUnitsPerTickLot: number): Candle {
  const { data } = bars;
  const at = index * BAR_FIELDS;
  return {
    openSeconds: data[at + BAR_SECONDS],
    openTicks: data[at + BAR_OPEN],
    highTicks: data[at + BAR_HIGH],
    lowTicks: data[at + BAR_LOW],
    closeTicks: data[at + BAR_CLOSE],
    volumeLots: data[at + BAR_LOTS],
    notionalUnits: data[at + BAR_TICK_LOTS] * quoteUnitsPerTickLot,
    volumeTickLots: data[at + BAR_TICK_LOTS],
    trades: data[at + BAR_TRADES],
  };
}
