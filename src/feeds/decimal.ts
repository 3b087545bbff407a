import { parseScaled } from '../lib/fixed-point.ts';
import { Malformed } from './malformed.ts';

/**
 * A number as an exchange wrote it: `units × 10^-decimals`. Used where a number need not lie on a
 * market's grid of ticks and lots: mark prices, rates, turnovers, and everything of symbols that we
 * have no market for.
 */
export interface Decimal {
  /** A safe integer. */
  readonly units: number;
  readonly decimals: number;
  /** Present where the text had more digits than 2^53 holds: the last ones were rounded away. */
  readonly isRounded?: true;
}

const PLAIN = /^-?\d+(?:\.\d+)?$/;
/** So many digits always make a safe integer. */
const SAFE_DIGITS = 15;

/**
 * Reads decimal text, or a JSON number by its shortest form, without binary arithmetic.
 * @returns `undefined` when it is no number
 */
export function parseDecimal(value: unknown): Decimal | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = typeof value === 'string' ? value : String(value);
  const point = text.indexOf('.');
  if (PLAIN.test(text)) {
    if (text.length <= SAFE_DIGITS + 1) return plainDecimal(text, point);
    return longDecimal(text, point);
  }
  return exponentDecimal(text);
}

/** Fifteen digits and fewer need no care. */
function plainDecimal(text: string, point: number): Decimal {
  if (point < 0) return { units: Number(text) + 0, decimals: 0 };
  const units = Number(text.slice(0, point) + text.slice(point + 1));
  // A negative zero is a zero: records are compared.
  return { units: units === 0 ? 0 : units, decimals: text.length - point - 1 };
}

/** Drops zeros at the end, then digits, until the rest is a safe integer. */
function longDecimal(text: string, point: number): Decimal | undefined {
  const isNegative = text.startsWith('-');
  let decimals = point < 0 ? 0 : text.length - point - 1;
  const digits = text.replace(/[-.]/g, '');
  let magnitude = BigInt(digits);
  while (decimals > 0 && magnitude % 10n === 0n) {
    magnitude /= 10n;
    decimals -= 1;
  }
  let isRounded = false;
  while (magnitude > MAX_UNITS) {
    if (decimals === 0) return undefined;
    magnitude = (magnitude + 5n) / 10n;
    decimals -= 1;
    isRounded = true;
  }
  const units = Number(isNegative ? -magnitude : magnitude);
  return isRounded ? { units, decimals, isRounded } : { units, decimals };
}

const MAX_UNITS = BigInt(Number.MAX_SAFE_INTEGER);
/** The finest scale that exponents are read at. */
const EXPONENT_DECIMALS = 15;

function exponentDecimal(text: string): Decimal | undefined {
  for (let decimals = EXPONENT_DECIMALS; decimals >= 0; decimals -= 1) {
    const units = parseScaled(text, decimals);
    if (units !== undefined) return trimmed({ units, decimals });
  }
  return undefined;
}

/** The same number with as few decimals as it needs. */
export function trimmed({ units, decimals, isRounded }: Decimal): Decimal {
  let value = units;
  let left = decimals;
  while (left > 0 && value % 10 === 0) {
    value /= 10;
    left -= 1;
  }
  return isRounded ? { units: value, decimals: left, isRounded } : { units: value, decimals: left };
}

/**
 * The exact product; rounded, and saying so, where it has more digits than 2^53 holds. Throws
 * `Malformed` where even its whole part is larger: nothing that is traded is worth that.
 */
export function multiply(a: Decimal, b: Decimal): Decimal {
  const product = BigInt(a.units) * BigInt(b.units);
  const decimals = a.decimals + b.decimals;
  const isRounded = a.isRounded === true || b.isRounded === true;
  const exact = decimalOf(product, decimals);
  return isRounded ? { ...exact, isRounded } : exact;
}

function decimalOf(value: bigint, decimals: number): Decimal {
  const isNegative = value < 0n;
  const digits = (isNegative ? -value : value).toString().padStart(decimals + 1, '0');
  const whole = `${isNegative ? '-' : ''}${digits.slice(0, digits.length - decimals)}`;
  const text = decimals === 0 ? whole : `${whole}.${digits.slice(digits.length - decimals)}`;
  const read = longDecimal(text, decimals === 0 ? -1 : whole.length);
  if (read === undefined) throw new Malformed('a product leaves the safe integers');
  return read;
}

/**
 * The number in units of 10^-decimals.
 * @returns `undefined` where that is no safe integer, so where it does not fit
 */
export function unitsAt({ units, decimals }: Decimal, wanted: number): number | undefined {
  let value = units;
  let scale = decimals;
  for (; scale > wanted; scale -= 1) {
    if (value % 10 !== 0) return undefined;
    value /= 10;
  }
  for (; scale < wanted; scale += 1) value *= 10;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** The nearest double: right for printing up to 15 digits, and for comparing with others' doubles. */
export function decimalToNumber({ units, decimals }: Decimal): number {
  return units / 10 ** decimals;
}
