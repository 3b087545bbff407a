import { type Decimal, parseDecimal } from './decimal.ts';
import { Malformed } from './malformed.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** The object in a JSON text. Throws `Malformed`. */
export function parseFields(text: string): Fields | readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed('no JSON');
  }
  if (typeof value !== 'object' || value === null) throw new Malformed('no object');
  return value as Fields;
}

export function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Malformed('no object');
  }
  return value as Fields;
}

export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Malformed('no list');
  return value;
}

export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Malformed('no text');
  return value;
}

/** A whole number, of JSON or as text. */
export function integerOf(value: unknown): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (!Number.isSafeInteger(number)) throw new Malformed('no whole number');
  return number as number;
}

export function decimalOf(value: unknown): Decimal {
  const decimal = parseDecimal(value);
  if (decimal === undefined) throw new Malformed('no decimal number');
  return decimal;
}

/** `null` where the exchange leaves it out or empty. */
export function optionalDecimal(value: unknown): Decimal | null {
  return value === undefined || value === null || value === '' ? null : decimalOf(value);
}

/** `null` likewise, and for 0, with which exchanges say that there is no such time. */
export function optionalTimeMs(value: unknown): number | null {
  if (value === undefined || value === null || value === '') return null;
  return integerOf(value) || null;
}

/** `[price, quantity, …]` as text, the way exchanges write a level. */
export type TextLevel = readonly [price: string, qty: string];

export function levelsOf(value: unknown): readonly TextLevel[] {
  const levels = listOf(value);
  for (const level of levels) {
    if (!Array.isArray(level) || typeof level[0] !== 'string' || typeof level[1] !== 'string') {
      throw new Malformed('no level');
    }
  }
  return levels as readonly TextLevel[];
}
