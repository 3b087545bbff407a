import { DateTime } from 'luxon';
import { SIDE_BUY, SIDE_SELL, type Side } from '../domain/orders.ts';

/** Message types of a LOBSTER message file. */
export const LOBSTER_SUBMISSION = 1;
export const LOBSTER_PARTIAL_CANCEL = 2;
export const LOBSTER_DELETION = 3;
export const LOBSTER_EXECUTION = 4;
export const LOBSTER_HIDDEN_EXECUTION = 5;
export const LOBSTER_CROSS_TRADE = 6;
export const LOBSTER_HALT = 7;

/** Prices in a LOBSTER file are dollars times 10 000. */
export const LOBSTER_PRICE_DECIMALS = 4;

export interface LobsterMessage {
  /** Seconds after midnight in New York, and nanoseconds within the second. */
  readonly seconds: number;
  readonly nanos: number;
  readonly type: number;
  readonly orderId: string;
  readonly size: number;
  /** In the file's unit; for a halt -1, 0 or 1. */
  readonly price: number;
  /** Side of the resting order. */
  readonly side: Side;
}

/** Reads one row of a message file. Throws with the row's text where it is none. */
export function parseLobster(line: string): LobsterMessage {
  const fields = line.split(',');
  if (fields.length < 6) throw new Error(`no LOBSTER message: ${line}`);
  const [time, typeText, orderId, sizeText, priceText, direction] = fields;
  const type = Number(typeText);
  const size = Number(sizeText);
  const price = Number(priceText);
  const dot = time.indexOf('.');
  const seconds = Number(dot < 0 ? time : time.slice(0, dot));
  const nanos = dot < 0 ? 0 : Number(time.slice(dot + 1, dot + 10).padEnd(9, '0'));
  if (!(type >= 1 && type <= 7)) throw new Error(`no LOBSTER message type: ${line}`);
  if (!Number.isSafeInteger(seconds) || !Number.isSafeInteger(nanos)) {
    throw new Error(`no LOBSTER time: ${line}`);
  }
  if (!Number.isSafeInteger(size) || size < 0 || !Number.isSafeInteger(price)) {
    throw new Error(`no LOBSTER size and price: ${line}`);
  }
  const side = Number(direction) === 1 ? SIDE_BUY : SIDE_SELL;
  return { seconds, nanos, type, orderId, size, price, side };
}

/**
 * Seconds since the Unix epoch at which a recording's New York day begins.
 * @param date `YYYY-MM-DD`, or `null` for a recording that tells no date: day 0 of the epoch
 */
export function newYorkMidnight(date: string | null): number {
  if (date === null) return 0;
  return DateTime.fromISO(date, { zone: 'America/New_York' }).toSeconds();
}
