/**
 * Exact conversion between decimal text and scaled integers. Nothing here goes through binary
 * floating-point arithmetic: a JSON number is first printed (its shortest form is the number the
 * client wrote, up to 15 digits), then read digit by digit.
 */

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Reads decimal text as an integer number of 10^-decimals units.
 * @returns the integer; `undefined` when the text is no decimal number, has more decimals than the
 *   scale can hold, or leaves the safe integers.
 */
export function parseScaled(text: string, decimals: number): number | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponentText] = match;
  const exponent = exponentText === undefined ? 0 : Number(exponentText);
  let digits = whole + fraction;
  let scale = fraction.length - exponent;
  const trailing = /0*$/.exec(digits)?.[0].length ?? 0;
  digits = digits.slice(0, digits.length - trailing);
  scale -= trailing;
  if (digits === '' || /^0*$/.test(digits)) return 0;
  if (scale > decimals) return undefined;
  const zeros = decimals - scale;
  if (digits.replace(/^0+/, '').length + zeros > 16) return undefined;
  const value = Number(digits + '0'.repeat(zeros));
  if (!Number.isSafeInteger(value)) return undefined;
  return sign === '-' ? -value : value;
}

/**
 * Prints an integer number of 10^-decimals units as decimal text, without trailing zeros beyond
 * `minDecimals`.
 */
export function formatScaled(value: number, decimals: number, minDecimals = 0): string {
  const negative = value < 0;
  const digits = String(Math.abs(value)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  let fraction = decimals === 0 ? '' : digits.slice(digits.length - decimals);
  let end = fraction.length;
  while (end > minDecimals && fraction.charCodeAt(end - 1) === 48) end -= 1;
  fraction = fraction.slice(0, end).padEnd(minDecimals, '0');
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * An integer number of 10^-decimals units as the JavaScript number nearest to it, which prints
 * exactly (150.5, never 150.50000000000003) up to 15 significant digits.
 */
export function scaledToNumber(value: number, decimals: number): number {
  // Division of two exactly represented integers is correctly rounded (IEEE 754), so the result is
  // the double nearest to the decimal value, and that is what its shortest text form denotes.
  return value / 10 ** decimals;
}
