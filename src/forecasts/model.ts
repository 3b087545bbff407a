/** Closing prices of a market at even steps, oldest first. */
export interface PriceSeries {
  readonly closes: Float64Array;
  /** Seconds since the Unix epoch of the newest close. */
  readonly lastSeconds: number;
  readonly stepSeconds: number;
}

/** A way to continue a series. Models see logarithms of prices: they grow by factors. */
export interface ForecastModel {
  readonly name: ForecastModelName;
  /** Closes without which it says nothing. */
  readonly closesMin: number;
  /** Closes that it looks at, the newest. */
  readonly closesMax: number;
  /**
   * Learns from the past once, for models whose learning is dear; others do nothing here.
   * @param logs logarithms of closes, all of which lie before every origin that is asked about
   */
  learn(logs: Float64Array, horizonMax: number, control: Pauses): Promise<void> | void;
  /**
   * @param logs logarithms of the closes up to and with the origin
   * @returns logarithms of the prices 1 to `horizon` steps after it
   */
  predict(logs: Float64Array, horizon: number, stepSeconds: number): Float64Array;
}

/** Lets long work stop when nobody wants it any more. */
export interface Pauses {
  throwIfCancelled(): void;
}

export const FORECAST_MODELS = ['prophet', 'ets', 'lstm', 'ensemble'] as const;
export type ForecastModelName = (typeof FORECAST_MODELS)[number] | 'naive';
