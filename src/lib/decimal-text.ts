const TABLE_DECIMALS_MAX = 4;

/** Powers of ten that a safe integer can be divided by. */
const SCALES: readonly number[] = Array.from({ length: 16 }, (_, decimals) => 10 ** decimals);

/** By number of decimals: what follows the whole part, by fraction; `''` for none, `.05`. */
const FRACTIONS: readonly (readonly string[])[] = Array.from(
  { length: TABLE_DECIMALS_MAX + 1 },
  (_, decimals) => Array.from({ length: 10 ** decimals }, (_, i) => fractionText(i, decimals)),
);

/**
 * Prints a non-negative safe integer of 10^-decimals units (at most 15) as decimal text without trailing zeros:
 * what `formatScaled` prints and JSON takes as a number, at half the cost for up to four decimals,
 * because no double has to be printed.
 */
export function decimalText(units: number, decimals: number): string {
  const scale = SCALES[decimals];
  const whole = Math.floor(units / scale);
  const fraction = units - whole * scale;
  const tail =
    decimals <= TABLE_DECIMALS_MAX
      ? FRACTIONS[decimals][fraction]
      : fractionText(fraction, decimals);
  return whole + tail;
}

function fractionText(fraction: number, decimals: number): string {
  if (fraction === 0) return '';
  return `.${String(fraction).padStart(decimals, '0').replace(/0+$/, '')}`;
}
