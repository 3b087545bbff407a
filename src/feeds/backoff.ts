/**
 * How long to wait before trying again: doubled with every failure up to a bound, half of it chance,
 * so that clients that failed together do not return together.
 * @param failures consecutive ones so far, from 0
 * @param random uniform in [0, 1)
 */
export function backoffMs(
  failures: number,
  firstMs: number,
  maxMs: number,
  random: () => number,
): number {
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.min(failures, 30));
  return fullMs / 2 + (fullMs / 2) * random();
}
