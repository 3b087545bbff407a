/** Below this a product is exact, and so is its quotient by a million when rounded down. */
const EXACT_QUOTIENT = 2 ** 50;

/**
 * Fee or rebate on a fill, in the smallest units of the quote asset, truncated towards zero: never
 * more is charged than the stated rate, and the sum over partial fills never exceeds the fee on
 * their total, so a hold made for the total always covers them.
 *
 * Exact for any safe notional: the product is taken in two parts that both fit 53 bits.
 */
export function feeUnits(notionalUnits: number, feePpm: number): number {
  const rate = feePpm < 0 ? -feePpm : feePpm;
  const product = notionalUnits * rate;
  if (product < EXACT_QUOTIENT) {
    const fee = Math.floor(product / 1_000_000);
    return feePpm < 0 ? 0 - fee : fee;
  }
  const millions = Math.floor(notionalUnits / 1_000_000);
  const rest = notionalUnits - millions * 1_000_000;
  const fee = millions * rate + Math.floor((rest * rate) / 1_000_000);
  // Not `-fee`: a rebate of nothing would be -0, whose bytes are not those of 0.
  return feePpm < 0 ? 0 - fee : fee;
}
