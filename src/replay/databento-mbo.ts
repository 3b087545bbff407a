import { SIDE_BUY, SIDE_SELL, type Side } from '../domain/orders.ts';

/** Last record of an event of the exchange. */
const MBO_FLAG_LAST = 128;
/** The record is part of a snapshot, not of the order flow. */
export const MBO_FLAG_SNAPSHOT = 32;

/** Prices are fixed-point numbers with this many decimals. */
export const MBO_PRICE_DECIMALS = 9;
/** What stands in the price column where there is no price: the largest 64-bit integer. */
const UNDEFINED_PRICE = '9223372036854775807';

export interface MboRecord {
  /** Row of the file, from 1, the header not counted. */
  readonly row: number;
  /** The exchange's time in nanoseconds since the epoch, as it stands there: it needs 61 bits. */
  readonly time: string;
  readonly instrumentId: string;
  /** `A` add, `C` cancel, `M` modify, `R` clear, `T` trade, `F` fill, `N` none. */
  readonly action: string;
  /** `null` where the record has none. For a trade the aggressor's side, else the order's. */
  readonly side: Side | null;
  /** In 10^-9; 0 where the record has none. */
  readonly price: number;
  readonly size: number;
  readonly orderId: string;
  readonly flags: number;
}

/** Reads the rows of a Databento MBO file by the names in its header. */
export class MboParser {
  private readonly time: number;
  private readonly instrument: number;
  private readonly action: number;
  private readonly side: number;
  private readonly price: number;
  private readonly size: number;
  private readonly orderId: number;
  private readonly flags: number;
  private readonly columns: number;

  /** @param header first line of the file; throws with the name of a column that is missing */
  constructor(header: string) {
    const names = header.split(',').map((name) => name.trim());
    const at = (...spellings: string[]): number => {
      const found = names.findIndex((name) => spellings.includes(name));
      if (found < 0) throw new Error(`no column ${spellings.join(' or ')} in: ${header}`);
      return found;
    };
    this.columns = names.length;
    this.time = at('ts_event');
    this.instrument = at('instrument_id');
    this.action = at('action');
    this.side = at('side');
    this.price = at('price_e9', 'price');
    this.size = at('size');
    this.orderId = at('order_id');
    this.flags = at('flags');
  }

  /** Throws with the row's text where it has other columns than the header or is no record. */
  parse(line: string, row: number): MboRecord {
    const fields = line.split(',');
    const size = Number(fields[this.size]);
    const flags = Number(fields[this.flags]);
    const time = fields[this.time];
    if (fields.length !== this.columns || !/^\d{10,19}$/.test(time)) {
      throw new Error(`no MBO record: ${line}`);
    }
    if (!Number.isSafeInteger(size) || size < 0 || !Number.isSafeInteger(flags)) {
      throw new Error(`no MBO size and flags: ${line}`);
    }
    const side = fields[this.side];
    return {
      row,
      time,
      instrumentId: fields[this.instrument],
      action: fields[this.action],
      side: side === 'B' ? SIDE_BUY : side === 'A' ? SIDE_SELL : null,
      price: parsePrice(fields[this.price], line),
      size,
      orderId: fields[this.orderId],
      flags,
    };
  }
}

function parsePrice(text: string, line: string): number {
  if (text === '' || text === UNDEFINED_PRICE) return 0;
  const dot = text.indexOf('.');
  const scaled =
    dot < 0 ? text : text.slice(0, dot) + text.slice(dot + 1).padEnd(MBO_PRICE_DECIMALS, '0');
  const price = Number(scaled);
  if (!Number.isSafeInteger(price)) throw new Error(`no MBO price: ${line}`);
  return price;
}

/** Whole seconds and the nanoseconds within them of a time in nanoseconds. */
export function splitNanos(time: string): { seconds: number; nanos: number } {
  return { seconds: Number(time.slice(0, -9)), nanos: Number(time.slice(-9)) };
}

/** Puts records together into events of the exchange: what happened at one moment, as a whole. */
export class MboEvents {
  private event: MboRecord[] = [];

  /** @returns the events that are whole with this record: none, one, or two */
  add(record: MboRecord): MboRecord[][] {
    const whole: MboRecord[][] = [];
    // The last-of-event flag ends an event; where it is missing, the time does.
    if (this.event.length > 0 && this.event[0].time !== record.time) whole.push(this.take());
    this.event.push(record);
    if ((record.flags & (MBO_FLAG_LAST | MBO_FLAG_SNAPSHOT)) !== 0) whole.push(this.take());
    return whole;
  }

  /** What is left at the end of the file. */
  take(): MboRecord[] {
    const { event } = this;
    this.event = [];
    return event;
  }
}
