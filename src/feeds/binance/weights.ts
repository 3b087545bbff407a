/** Weights of requests as Binance USD-M counts them; 2 400 a minute and address are granted. */
export function klinesWeight(limit: number): number {
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1000 ? 5 : 10;
}

export const DEPTH_LIMIT = 1000;
export const DEPTH_WEIGHT = 20;
/** Of all symbols at once. */
export const ALL_TICKERS_WEIGHT = 40;
export const ALL_MARKS_WEIGHT = 10;

/** We leave a part of it to whoever shares the address. */
export const WEIGHT_PER_MINUTE = 2_000;
