import type { VarBody, VarResponse } from '../../../schemas/octopus-risk.ts';
import type { Refusal } from '../../gateway/http/refusal.ts';
import { notCarried } from '../../gateway/risk/not-carried.ts';
import { dayClaim, PATHS, SEED } from '../../gateway/risk/risk-desk.ts';
import { isInsufficient } from '../../risk/insufficient.ts';
import type { Claim, ClaimRequest } from '../../risk/loss-claims.ts';
import type { HorizonScaling, RiskMethod } from '../../risk/value-at-risk.ts';
import { amount, claimToWire, insufficientToWire } from './risk-claims.ts';
import { ALL_METHODS } from './risk-portfolio.ts';

/** The method that was asked for first, then the others for comparison. */
export function varClaims(body: VarBody): ClaimRequest[] {
  const asked = (body.method ?? 'historical') as RiskMethod;
  const methods = [asked, ...ALL_METHODS.filter((method) => method !== asked)];
  return methods.map((method) =>
    dayClaim(body.confidence_level, {
      method,
      horizonDays: body.time_horizon ?? 1,
      scaling: (body.scaling ?? 'sqrt_time') as HorizonScaling,
      simulation: { paths: body.paths ?? PATHS, seed: body.seed ?? SEED },
    }),
  );
}

/** The asked-for claim, refused where history does not carry it; the others beside it. */
export function varToWire(
  claims: readonly Claim[],
  totalValue: number,
  timestamp: string,
): VarResponse | Refusal {
  const [asked] = claims;
  if (isInsufficient(asked.tail)) {
    const value = String(asked.confidence);
    return notCarried(asked.tail, { parameter: 'confidence_level', value });
  }
  const lacking = claims.flatMap(({ tail, method }) =>
    isInsufficient(tail) ? [insufficientToWire(tail, [method])] : [],
  );
  return {
    ...claimToWire(asked, totalValue),
    total_value: amount(totalValue),
    methods: claims.map((claim) => claimToWire(claim, totalValue)),
    insufficient_data: lacking,
    timestamp,
  };
}
