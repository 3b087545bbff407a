import { type InsufficientData, isInsufficient, observationsFor } from './insufficient.ts';
import { monteCarloTail, type Simulation } from './monte-carlo.ts';
import {
  alignSeries,
  logReturns,
  overlappingReturns,
  type PriceSeries,
  type PriceTable,
  simpleReturns,
  weightedSum,
} from './price-series.ts';
import {
  type HorizonScaling,
  historicalTail,
  overlappingTail,
  parametricTail,
  type RiskClaim,
  type RiskMethod,
  type Tail,
} from './value-at-risk.ts';

/** A value at risk somebody wants to know. */
export interface ClaimRequest extends RiskClaim {
  readonly method: RiskMethod;
  /** Of historical claims over several days; the other methods have their own way. */
  readonly scaling: HorizonScaling;
  readonly simulation: Simulation;
}

/** Today's positions and what their assets cost before. */
export interface Holdings {
  /** Value of each position, negative for short ones, in one currency. */
  readonly values: Float64Array;
  /** One for each position. */
  readonly series: readonly PriceSeries[];
}

/** What a figure rests on. */
export interface Window {
  readonly observations: number;
  /** Dates of the first and the last close, days since 1970-01-01; `null` without observations. */
  readonly firstDay: number | null;
  readonly lastDay: number | null;
}

/** An answer to a `ClaimRequest`; the errors and paths are those of simulations. */
export interface Claim extends ClaimRequest, Window {
  readonly tail: Tail | InsufficientData;
  readonly errors: {
    readonly valueAtRisk: number;
    readonly expectedShortfall: number;
    readonly paths: number;
  } | null;
}

/** Without positions nothing can be lost. */
const NOTHING: Tail = { valueAtRisk: 0, expectedShortfall: 0 };
const NO_WINDOW: Window = { observations: 0, firstDay: null, lastDay: null };

/** Answers claims about one portfolio; tables of prices are made once for all that share a window. */
export class LossClaims {
  private readonly holdings: Holdings;
  private readonly window: number;
  private readonly pause: () => void;
  private readonly tables = new Map<number, PriceTable>();

  /**
   * @param window daily returns each claim rests on, or as many as it needs if that is more
   * @param pause called now and then; may throw to end it
   */
  constructor(holdings: Holdings, window: number, pause: () => void = () => undefined) {
    this.holdings = holdings;
    this.window = window;
    this.pause = pause;
  }

  answer(request: ClaimRequest): Claim {
    const { values } = this.holdings;
    if (values.length === 0) return { ...request, ...NO_WINDOW, tail: NOTHING, errors: null };
    const table = this.table(this.closesFor(request));
    const window = windowOf(table);
    if (request.method === 'monte_carlo') {
      const result = monteCarloTail(
        logReturns(table),
        values,
        request,
        request.simulation,
        this.pause,
      );
      if (isInsufficient(result)) return { ...request, ...window, tail: result, errors: null };
      const { valueAtRisk, expectedShortfall } = result;
      const errors = {
        valueAtRisk: result.valueAtRiskError,
        expectedShortfall: result.expectedShortfallError,
        paths: result.paths,
      };
      return { ...request, ...window, tail: { valueAtRisk, expectedShortfall }, errors };
    }
    return { ...request, ...window, tail: this.fromHistory(table, request), errors: null };
  }

  /** Prices of all assets on their common days, the newest so many. */
  table(closesMax: number): PriceTable {
    let table = this.tables.get(closesMax);
    if (table === undefined) {
      this.pause();
      table = alignSeries(this.holdings.series, closesMax);
      this.tables.set(closesMax, table);
    }
    return table;
  }

  private fromHistory(table: PriceTable, request: ClaimRequest): Tail | InsufficientData {
    const { values } = this.holdings;
    const { method, horizonDays } = request;
    if (method === 'historical' && isOverlapping(request)) {
      return overlappingTail(weightedSum(overlappingReturns(table, horizonDays), values), request);
    }
    const profits = weightedSum(simpleReturns(table), values);
    return method === 'historical'
      ? historicalTail(profits, request)
      : parametricTail(profits, request);
  }

  private closesFor(request: ClaimRequest): number {
    const needed = observationsFor(request.confidence);
    const days = isOverlapping(request) ? needed * request.horizonDays : needed;
    return Math.max(this.window, days) + 1;
  }
}

function isOverlapping({ method, scaling, horizonDays }: ClaimRequest): boolean {
  return method === 'historical' && scaling === 'overlapping' && horizonDays > 1;
}

/** What figures from a table rest on. */
export function windowOf({ days }: PriceTable): Window {
  if (days.length === 0) return NO_WINDOW;
  return {
    observations: days.length - 1,
    firstDay: days[0],
    lastDay: days[days.length - 1],
  };
}
