import type { CandleInterval } from '../domain/candles.ts';

/** How long an interval is, milliseconds; months are not all alike and have none. */
export const INTERVAL_MS: Readonly<Partial<Record<CandleInterval, number>>> = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
  '1wk': 604_800_000,
};

/** An exchange's names for our intervals, both ways. */
export class IntervalNames {
  private readonly names: ReadonlyMap<CandleInterval, string>;
  private readonly intervals: ReadonlyMap<string, CandleInterval>;

  constructor(names: Readonly<Partial<Record<CandleInterval, string>>>) {
    const pairs = Object.entries(names) as [CandleInterval, string][];
    this.names = new Map(pairs);
    this.intervals = new Map(pairs.map(([interval, name]) => [name, interval]));
  }

  /** `undefined`: the exchange has no such candles. */
  nameOf(interval: CandleInterval): string | undefined {
    return this.names.get(interval);
  }

  intervalOf(name: string): CandleInterval | undefined {
    return this.intervals.get(name);
  }
}

/** The first moment after a candle that begins at `openMs`. */
export function endOf(interval: CandleInterval, openMs: number): number {
  const lengthMs = INTERVAL_MS[interval];
  if (lengthMs !== undefined) return openMs + lengthMs;
  const open = new Date(openMs);
  return Date.UTC(open.getUTCFullYear(), open.getUTCMonth() + 1, 1);
}
