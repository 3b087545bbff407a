import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';

/** A market as this surface spells it: `SEI/USDC`. */
export function symbolOf({ symbol }: Market): string {
  return symbol.replaceAll('-', '/');
}

/** The `sei` market of a client's spelling, or why there is none. */
export function marketOf(markets: MarketRegistry, symbol: string): Market | Refusal {
  const market = markets.resolve('sei', symbol);
  if (market !== undefined) return market;
  const supported = markets.all.filter(({ exchange }) => exchange === 'sei').map(symbolOf);
  return new Refusal('invalid', 'INVALID_SYMBOL', `Trading pair '${symbol}' is not supported`, {
    details: { supported_symbols: supported, provided_symbol: symbol },
  });
}

/** Smallest units of the quote asset as a number that prints exactly. */
export function money({ quote }: Market, units: number): number {
  return scaledToNumber(units, quote.decimals);
}

/** The same of halves of the smallest unit. */
export function halfMoney({ quote }: Market, halfUnits: number): number {
  return scaledToNumber(halfUnits * 5, quote.decimals + 1);
}

/** Rounded to so many decimals; `null` for what is not known (NaN). */
export function rounded(value: number, decimals: number): number | null {
  if (!Number.isFinite(value)) return null;
  const scale = 10 ** decimals;
  // Not −0, which JSON writes as 0 anyway.
  return Math.round(value * scale) / scale + 0;
}

/** The same where 0 stands for what is not known. */
export function roundedOrZero(value: number, decimals: number): number {
  return rounded(value, decimals) ?? 0;
}

/** Milliseconds since the Unix epoch as text; `null` for 0. */
export function timeOrNull(ms: number): string | null {
  return ms === 0 ? null : timeOf(ms);
}

export function timeOf(ms: number): string {
  return new Date(Math.floor(ms)).toISOString();
}

/** A client's ISO 8601 time in milliseconds, UTC where it names no zone. */
export function parseTime(parameter: string, text: string): number | Refusal {
  const isIso = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(
    text,
  );
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text) || text.length === 10 ? text : `${text}Z`;
  const ms = isIso ? Date.parse(zoned) : Number.NaN;
  return Number.isNaN(ms) ? invalidParameter(parameter, text, 'is no ISO 8601 time') : ms;
}
