/** A day and the minute under way. */
export const MINUTES_KEPT = 1441;
export const MINUTE_MS = 60_000;

/**
 * What a maker did in one market in one minute of venue time. Times are milliseconds, money is the
 * quote asset's smallest units; spreads are basis points of their own middle times milliseconds, over
 * the time in which both the maker and the others quoted both sides.
 */
export interface QuoteMinute {
  readonly minute: number;
  observedMs: number;
  /** The maker had a bid and an ask. */
  bothMs: number;
  /** So had the others. */
  pairedMs: number;
  marketBpsMs: number;
  oursBpsMs: number;
  fills: number;
  makerFills: number;
  volumeUnits: number;
  /** Paid less rebates. */
  feeUnits: number;
  /** Rebates on fills of resting orders. */
  rebateUnits: number;
  orders: number;
  /** Orders that traded for the first time. */
  filledOrders: number;
  /** From the orders' beginning to their first trade. */
  fillWaitMs: number;
  /** Profit in this market, fees included, as it stood last. */
  profitUnits: number;
  /** Position as it stood last. */
  positionLots: number;
}

type Field = keyof QuoteMinute;
type Counted = Exclude<Field, 'minute'>;

/** In the sequence of an image's row. */
const FIELDS: readonly Field[] = [
  'minute',
  'observedMs',
  'bothMs',
  'pairedMs',
  'marketBpsMs',
  'oursBpsMs',
  'fills',
  'makerFills',
  'volumeUnits',
  'feeUnits',
  'rebateUnits',
  'orders',
  'filledOrders',
  'fillWaitMs',
  'profitUnits',
  'positionLots',
];
/** Fields that tell how things stand, and are not added up. */
const STANDING: ReadonlySet<Field> = new Set(['minute', 'profitUnits', 'positionLots']);

/** The last day of one market, minute by minute; minutes in which nothing was heard are absent. */
export class QuoteMinutes {
  private rows: QuoteMinute[] = [];

  /** Oldest first. */
  get all(): readonly QuoteMinute[] {
    return this.rows;
  }

  /** The minute with this time, which must not be before the newest. */
  at(ms: number): QuoteMinute {
    const minute = Math.floor(ms / MINUTE_MS);
    const last = this.rows.at(-1);
    if (last !== undefined && last.minute >= minute) return last;
    const row = emptyMinute(minute, last?.profitUnits ?? 0, last?.positionLots ?? 0);
    this.rows.push(row);
    const oldest = minute - MINUTES_KEPT + 1;
    if (this.rows[0].minute < oldest) this.rows = this.rows.filter((one) => one.minute >= oldest);
    return row;
  }

  /** Of the minutes from one on, added up; profit and position are the newest. */
  since(minute: number): QuoteMinute {
    const sum = emptyMinute(minute, 0, 0);
    for (const row of this.rows) {
      if (row.minute < minute) continue;
      for (const field of FIELDS) {
        if (!STANDING.has(field)) sum[field as Counted] += row[field];
      }
      sum.profitUnits = row.profitUnits;
      sum.positionLots = row.positionLots;
    }
    return sum;
  }

  /** The profit as it stood before a minute; 0 when nothing is known of the time before. */
  profitBefore(minute: number): number {
    return this.rows.findLast((row) => row.minute < minute)?.profitUnits ?? 0;
  }

  image(): number[][] {
    return this.rows.map((row) => FIELDS.map((field) => row[field]));
  }

  restore(image: readonly (readonly number[])[]): void {
    this.rows = image.map(
      (values) =>
        Object.fromEntries(FIELDS.map((field, i) => [field, values[i]])) as unknown as QuoteMinute,
    );
  }
}

function emptyMinute(minute: number, profitUnits: number, positionLots: number): QuoteMinute {
  return {
    minute,
    observedMs: 0,
    bothMs: 0,
    pairedMs: 0,
    marketBpsMs: 0,
    oursBpsMs: 0,
    fills: 0,
    makerFills: 0,
    volumeUnits: 0,
    feeUnits: 0,
    rebateUnits: 0,
    orders: 0,
    filledOrders: 0,
    fillWaitMs: 0,
    profitUnits,
    positionLots,
  };
}
