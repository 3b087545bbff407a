import type { InsufficientData } from '../../risk/insufficient.ts';
import { insufficientData } from '../http/insufficient-data.ts';
import type { Refusal } from '../http/refusal.ts';

/** What a calculation lacks, in words. */
export function lackMessage({ what, needed, observations }: InsufficientData): string {
  return `${what} needs ${needed} observations, there are ${observations}`;
}

/**
 * The refusal of what history does not carry: 409.
 * @param more which market, or which parameter asks for too much
 */
export function notCarried(
  lack: InsufficientData,
  more: { readonly symbol?: string; readonly parameter?: string; readonly value?: string },
): Refusal {
  const { needed, observations } = lack;
  return insufficientData(lackMessage(lack), { ...more, needed, observations });
}
