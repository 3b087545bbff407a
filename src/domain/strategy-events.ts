/** What a strategy is told to do with; every name stands in the strategy's schema. */
export type StrategyParameters = Readonly<Record<string, number | boolean | string>>;

/** What a portfolio had in a market when a deployment began to use it. */
export interface OpeningPosition {
  readonly marketId: number;
  /** Signed. */
  readonly qtyLots: number;
  /** The price it is valued at from there on; 0 where nothing had traded. */
  readonly markTicks: number;
}

/** What a deployment's fills add up to; integers, money in the quote asset's smallest units. */
export interface StrategyRecord {
  readonly ordersSent: number;
  readonly lastOrderNumber: number;
  readonly fills: number;
  readonly volumeUnits: number;
  readonly peakUnits: number;
  readonly maxDrawdownUnits: number;
  readonly markedMinute: number;
  readonly positions: readonly (readonly [
    marketId: number,
    position: {
      readonly qtyLots: number;
      readonly costUnits: number;
      readonly realisedUnits: number;
      readonly feeUnits: number;
    },
  ])[];
  /** Newest prices by market id. */
  readonly marks: readonly (readonly [marketId: number, ticks: number])[];
  /** Where the profit comes from, by market id; absent in records older than the split. */
  readonly splits?: readonly (readonly [
    marketId: number,
    split: {
      readonly spreadHalfUnits: number;
      readonly inventoryHalfUnits: number;
      readonly referenceHalfTicks: number;
    },
  ])[];
}

/** A user's strategy trades from here on, also after a restart, until `StrategyStopped`. */
export interface StrategyDeployed {
  readonly kind: 'StrategyDeployed';
  /** Positive and dense. */
  readonly deploymentId: number;
  readonly userId: number;
  /** Name in the catalogue: `momentum` … */
  readonly strategy: string;
  readonly portfolioId: number;
  /** All of one quote asset. */
  readonly marketIds: readonly number[];
  /** Complete: defaults are written out, so that later defaults change nothing. */
  readonly parameters: StrategyParameters;
  /** Whole milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Positions taken over; markets without one are absent. */
  readonly opening: readonly OpeningPosition[];
  /** Worth of the portfolio in these markets, smallest quote units; `null` where it has no price. */
  readonly startEquityUnits: number | null;
}

/** A deployment goes on with other parameters. */
export interface StrategyConfigured {
  readonly kind: 'StrategyConfigured';
  readonly deploymentId: number;
  readonly byUserId: number;
  readonly parameters: StrategyParameters;
  readonly atMs: number;
}

/** A deployment trades no more; none of its orders is open. */
export interface StrategyStopped {
  readonly kind: 'StrategyStopped';
  readonly deploymentId: number;
  /** 0 when it stopped by itself. */
  readonly byUserId: number;
  /** True when it could not go on: it threw, or its thread kept failing. */
  readonly failed: boolean;
  /** `requested`, `max_loss`, or what went wrong. */
  readonly reason: string;
  readonly atMs: number;
  /** What it had achieved by then. */
  readonly record: StrategyRecord;
}

export type StrategyEvent = StrategyDeployed | StrategyConfigured | StrategyStopped;
