import type { Market } from '../domain/markets.ts';
import { formatScaled, parseScaled, scaledToNumber } from '../lib/fixed-point.ts';

/**
 * The one way in and the one way out: inside, prices are ticks, quantities lots and money smallest
 * units; clients see decimals. What a client sends becomes an integer in `ticksOf` or `lotsOf`, once,
 * and stays one until a reply or a message is written. Nothing here goes through binary
 * floating-point arithmetic that rounds.
 */

/** What of a market says how its integers are written. */
export type PriceStep = Pick<Market, 'tickUnits' | 'priceDecimals'>;
export type QuantityStep = Pick<Market, 'lotUnits' | 'qtyDecimals'>;

/** A decimal price in ticks; `undefined` when it is no positive multiple of the tick. */
export function ticksOf({ tickUnits, priceDecimals }: PriceStep, text: string): number | undefined {
  return stepsOf(text, priceDecimals, tickUnits);
}

/** A decimal quantity in lots; `undefined` when it is no positive multiple of the lot. */
export function lotsOf({ lotUnits, qtyDecimals }: QuantityStep, text: string): number | undefined {
  return stepsOf(text, qtyDecimals, lotUnits);
}

function stepsOf(text: string, decimals: number, stepUnits: number): number | undefined {
  const units = parseScaled(text, decimals);
  if (units === undefined || units <= 0 || units % stepUnits !== 0) return undefined;
  return units / stepUnits;
}

/** A price in ticks as the JSON number that prints exactly, up to 15 digits. */
export function priceNumber({ tickUnits, priceDecimals }: PriceStep, ticks: number): number {
  return scaledToNumber(ticks * tickUnits, priceDecimals);
}

/** A quantity in lots as the JSON number that prints exactly, up to 15 digits. */
export function quantityNumber({ lotUnits, qtyDecimals }: QuantityStep, lots: number): number {
  return scaledToNumber(lots * lotUnits, qtyDecimals);
}

/** A price in ticks with all decimals of its market: `"65432.10"`. */
export function priceText({ tickUnits, priceDecimals }: PriceStep, ticks: number): string {
  return formatScaled(ticks * tickUnits, priceDecimals, priceDecimals);
}

/** A quantity in lots with all decimals of its market: `"1.500"`. */
export function quantityText({ lotUnits, qtyDecimals }: QuantityStep, lots: number): string {
  return formatScaled(lots * lotUnits, qtyDecimals, qtyDecimals);
}

/**
 * What one whole unit of the base asset cost on average, rounded half up, in 10^-decimals of the
 * quote asset. In big integers, because the products are larger than 2^53.
 * @param lots not 0; its sign and that of the notional do not matter
 * @param notionalUnits smallest units of the quote asset
 */
export function averagePriceUnits(
  market: Pick<Market, 'lotUnits' | 'qtyDecimals' | 'quote'>,
  lots: number,
  notionalUnits: number,
  decimals: number,
): number {
  const paid =
    BigInt(Math.abs(notionalUnits)) * 10n ** BigInt(market.qtyDecimals) * 10n ** BigInt(decimals);
  const got =
    BigInt(Math.abs(lots)) * BigInt(market.lotUnits) * 10n ** BigInt(market.quote.decimals);
  return Number((paid * 2n + got) / (got * 2n));
}
