/** What every bench returns; a runner prints `rows` as a table and stores the whole as JSON. */
export interface BenchResult {
  readonly name: string;
  /** One table: all rows have the same columns, in the order of their keys. */
  readonly rows: Record<string, string | number>[];
  /** What a reader must know to judge the rows: what is excluded, checksums, surprises. */
  readonly notes: string[];
}

export interface BenchOptions {
  /** Small sizes that end within three seconds: shows that the bench works, measures nothing. */
  readonly smoke: boolean;
}

export type Bench = (options: BenchOptions) => Promise<BenchResult>;

/** The value below which the given share of the samples lies; sorts a copy. */
export function percentile(samples: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Rounds to three significant digits, for tables. */
export function three(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(3));
}
