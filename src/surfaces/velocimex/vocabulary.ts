import {
  CANCEL_REASON_NAMES,
  type OrderStatusName,
  STATUS_NAMES,
  STATUS_REJECTED,
} from '../../domain/orders.ts';
import { resultName } from '../../domain/result-codes.ts';

/** The words of this surface where they are not those of the domain. */

/** Statuses of an order. No state before the book's answer is documented: it counts as open. */
export type WireStatus = Exclude<OrderStatusName, 'pending'>;

export function statusWord(status: number): WireStatus {
  const name = STATUS_NAMES[status];
  return name === 'pending' ? 'open' : name;
}

/**
 * `reason` of an order, lower case like every word of an order: why it was cancelled or expired
 * (`requested`, `ioc_remainder`, …), or what the book rejected it for (`post_only_would_take`, …).
 * Codes of errors are upper case, and so is `details.reason` of an error, which is one.
 */
export function reasonWord(status: number, reason: number): string | null {
  if (reason === 0) return null;
  if (status === STATUS_REJECTED) return resultName(reason).toLowerCase();
  return CANCEL_REASON_NAMES[reason] ?? null;
}
