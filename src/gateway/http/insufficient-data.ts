import { Refusal } from './refusal.ts';

/** There is too little to compute what was asked for: 409, `INSUFFICIENT_DATA`. */
export function insufficientData(
  message: string,
  details: {
    readonly observations: number;
    readonly needed: number;
    readonly symbol?: string;
    readonly parameter?: string;
    readonly value?: string;
  },
): Refusal {
  return new Refusal('conflict', 'INSUFFICIENT_DATA', message, { details });
}

/** For the description of routes that may answer so. */
export const TOO_LITTLE_DATA: readonly Refusal[] = [
  insufficientData('a forecast needs 227 bars of 1d with trades, there are 40', {
    observations: 40,
    needed: 227,
    symbol: 'AAPL',
  }),
];
