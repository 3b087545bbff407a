import type { ClaimWire, Insufficient } from '../../../schemas/octopus-risk.ts';
import { dateText } from '../../gateway/risk/daily-closes.ts';
import { lackMessage } from '../../gateway/risk/not-carried.ts';
import { type InsufficientData, isInsufficient } from '../../risk/insufficient.ts';
import type { Claim, Window } from '../../risk/loss-claims.ts';

/** Amounts are told to a millionth: beyond that they are noise. */
export function amount(value: number): number {
  return Number(value.toFixed(6));
}

export function amountOrNull(value: number | null): number | null {
  return value === null ? null : amount(value);
}

/** Ratios and fractions, to ten digits. */
export function ratio(value: number): number {
  return Number(value.toPrecision(10));
}

export function ratioOrNull(value: number | null): number | null {
  return value === null || Number.isNaN(value) ? null : ratio(value);
}

export function dateOrNull(day: number | null): string | null {
  return day === null ? null : dateText(day);
}

export function datesOf({ firstDay, lastDay }: Window): { from: string | null; to: string | null } {
  return { from: dateOrNull(firstDay), to: dateOrNull(lastDay) };
}

/** @param totalValue what losses are told as a percentage of; not positive: of nothing */
export function claimToWire(claim: Claim, totalValue: number): ClaimWire {
  const { tail, errors, method, scaling, simulation } = claim;
  const known = isInsufficient(tail) ? null : tail;
  const valueAtRisk = known?.valueAtRisk ?? null;
  const isPart = valueAtRisk !== null && totalValue > 0;
  return {
    method,
    confidence_level: claim.confidence,
    time_horizon: claim.horizonDays,
    var: amountOrNull(valueAtRisk),
    var_percent: isPart ? ratio((valueAtRisk / totalValue) * 100) : null,
    expected_shortfall: amountOrNull(known?.expectedShortfall ?? null),
    scaling: method === 'historical' && claim.horizonDays > 1 ? scaling : null,
    observations: claim.observations,
    ...datesOf(claim),
    ...(errors !== null && {
      paths: errors.paths,
      seed: simulation.seed,
      var_standard_error: amount(errors.valueAtRisk),
      expected_shortfall_standard_error: amount(errors.expectedShortfall),
    }),
  };
}

export function insufficientToWire(
  lack: InsufficientData,
  fields: readonly string[],
): Insufficient {
  const { needed, observations, code } = lack;
  return { fields: [...fields], code, message: lackMessage(lack), needed, observations };
}
