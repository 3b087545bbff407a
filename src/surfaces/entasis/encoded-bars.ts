import { CANDLES_PER_QUERY } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import {
  BAR_CLOSE,
  BAR_FIELDS,
  BAR_HIGH,
  BAR_LOTS,
  BAR_LOW,
  BAR_OPEN,
  type BarRows,
} from '../../features/bar-rows.ts';
import type { BarRange } from '../../features/fill-bars.ts';
import type { CandleSeries } from '../../gateway/candle-series.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';

const TIMESTAMP = jsonBytes('{"timestamp":');
const OPEN = jsonBytes(',"open":');
const HIGH = jsonBytes(',"high":');
const LOW = jsonBytes(',"low":');
const CLOSE = jsonBytes(',"close":');
const VOLUME = jsonBytes(',"volume":');
const END = 125; // }
/** Bars kept in their wire form; when there are more, the older half goes. */
const BARS_KEPT = 2 * CANDLES_PER_QUERY;

export interface WrittenBars {
  readonly count: number;
  /** When the first of them begins; 0 when there is none. */
  readonly firstSeconds: number;
}

/**
 * A stretch of the bars of one market and interval as they go over the wire, each with a comma
 * behind it. A closed bar does not change any more, so it is written once: a reply is a part of this
 * text, and the bars under way. Who asks for another stretch moves it there.
 */
export class EncodedBars {
  private readonly series: CandleSeries;
  private readonly text = new JsonWriter(1 << 12);
  /** Of every bar in the text: when it begins, and where it does in the text. */
  private seconds: number[] = [];
  private offsets: number[] = [];
  /** No bar of the series between this time and the first one of the text is missing in it. */
  private knownFromSeconds = 0;
  private version = -1;

  constructor(series: CandleSeries) {
    this.series = series;
  }

  /** Appends the bars of a range to the writer, separated by commas. */
  write(range: BarRange, into: JsonWriter): WrittenBars {
    const { series } = this;
    if (series.version !== this.version) this.forget();
    let rows = this.catchUp(range);
    let tailAt = rows === undefined ? 0 : this.keep(rows);
    if (rows === undefined || !this.suffices(range, rows.length - tailAt)) {
      this.forget();
      rows = series.read(range);
      const isCut = rows.length >= range.limit && rows.length > 0;
      this.knownFromSeconds = isCut ? rows.secondsAt(0) : range.fromSeconds;
      tailAt = this.keep(rows);
    }
    return this.put(range, rows, tailAt, into);
  }

  private forget(): void {
    this.text.begin();
    this.seconds = [];
    this.offsets = [];
    this.version = this.series.version;
  }

  /** The bars of the range behind those in the text; `undefined` where they do not join. */
  private catchUp({ toSeconds }: BarRange): BarRows | undefined {
    const last = this.seconds.at(-1);
    if (last === undefined) return undefined;
    const rest = { fromSeconds: last + 1, toSeconds, limit: CANDLES_PER_QUERY };
    const rows = this.series.read(rest);
    return rows.length < CANDLES_PER_QUERY ? rows : undefined;
  }

  /** Adds what has closed to the text. @returns the place of the first bar that has not */
  private keep(rows: BarRows): number {
    const { series, text, seconds, offsets } = this;
    const sealedSeconds = series.sealedBefore();
    let i = 0;
    for (; i < rows.length && rows.secondsAt(i) < sealedSeconds; i += 1) {
      seconds.push(rows.secondsAt(i));
      offsets.push(text.size);
      writeBar(series.market, rows, i, text);
      text.comma();
    }
    if (seconds.length > BARS_KEPT) this.dropOlderHalf();
    return i;
  }

  private dropOlderHalf(): void {
    const { text } = this;
    const half = this.seconds.length >>> 1;
    const start = this.offsets[half];
    const left = text.take().slice(start);
    text.begin();
    text.block(left);
    this.seconds = this.seconds.slice(half);
    this.offsets = this.offsets.slice(half).map((offset) => offset - start);
    this.knownFromSeconds = this.seconds[0];
  }

  private suffices({ fromSeconds, toSeconds, limit }: BarRange, tail: number): boolean {
    if (fromSeconds >= this.knownFromSeconds) return true;
    return this.indexOf(toSeconds + 1) - this.indexOf(fromSeconds) + tail >= limit;
  }

  /** @param tailAt place of the first row that is not in the text */
  private put(range: BarRange, rows: BarRows, tailAt: number, into: JsonWriter): WrittenBars {
    const { seconds, offsets, text, series } = this;
    let from = tailAt;
    while (from < rows.length && rows.secondsAt(from) < range.fromSeconds) from += 1;
    from = Math.max(from, rows.length - range.limit);
    const tail = rows.length - from;
    const end = this.indexOf(range.toSeconds + 1);
    const start = Math.max(this.indexOf(range.fromSeconds), end - (range.limit - tail));
    if (end > start) {
      const textEnd = end < offsets.length ? offsets[end] : text.size;
      // The last comma only where more follows.
      into.block(text.take().subarray(offsets[start], tail > 0 ? textEnd : textEnd - 1));
    }
    for (let i = from; i < rows.length; i += 1) {
      if (i > from) into.comma();
      writeBar(series.market, rows, i, into);
    }
    const count = end - start + tail;
    const firstSeconds = end > start ? seconds[start] : tail > 0 ? rows.secondsAt(from) : 0;
    return { count, firstSeconds };
  }

  /** Place of the first bar in the text that begins at this time or later. */
  private indexOf(fromSeconds: number): number {
    const { seconds } = this;
    let low = 0;
    let high = seconds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (seconds[middle] < fromSeconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function writeBar(market: Market, rows: BarRows, index: number, into: JsonWriter): void {
  const { tickUnits, priceDecimals, lotUnits, qtyDecimals } = market;
  const { data } = rows;
  const at = index * BAR_FIELDS;
  into.raw(TIMESTAMP);
  into.isoSeconds(data[at]);
  into.raw(OPEN);
  into.decimalText(data[at + BAR_OPEN] * tickUnits, priceDecimals);
  into.raw(HIGH);
  into.decimalText(data[at + BAR_HIGH] * tickUnits, priceDecimals);
  into.raw(LOW);
  into.decimalText(data[at + BAR_LOW] * tickUnits, priceDecimals);
  into.raw(CLOSE);
  into.decimalText(data[at + BAR_CLOSE] * tickUnits, priceDecimals);
  into.raw(VOLUME);
  into.decimalText(data[at + BAR_LOTS] * lotUnits, qtyDecimals);
  into.char(END);
}
