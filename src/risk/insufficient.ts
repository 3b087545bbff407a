/** What history cannot carry is refused, with what it would take. A plain value: it leaves threads. */
export interface InsufficientData {
  readonly code: 'INSUFFICIENT_DATA';
  /** What was to be computed, in words. */
  readonly what: string;
  readonly needed: number;
  readonly observations: number;
}

export function insufficientData(
  what: string,
  needed: number,
  observations: number,
): InsufficientData {
  return { code: 'INSUFFICIENT_DATA', what, needed, observations };
}

export function isInsufficient(value: object): value is InsufficientData {
  return 'code' in value && value.code === 'INSUFFICIENT_DATA';
}

/** Fewer daily returns than this say nothing about anything. */
export const OBSERVATIONS_MIN = 30;

/**
 * Observations that a quantile of losses needs: one of them at least lies beyond it in the mean.
 * 20 at 95 % (so `OBSERVATIONS_MIN`), 100 at 99 %, 1 000 at 99.9 %.
 */
export function observationsFor(confidence: number): number {
  // 1 / (1 - 0.99) is a hair below 100 in binary.
  return Math.max(OBSERVATIONS_MIN, Math.ceil(1 / (1 - confidence) - 1e-6));
}
