import { Refusal } from '../../gateway/http/refusal.ts';

/** What an analysis needs that this server does not have. */
const MISSING = {
  prediction: 'No forecast model is loaded.',
  risk: 'The risk analysis of a single market is not part of this server.',
} as const;

/** An analysis is told or refused, never made up: this is the refusal, `AI_001`. */
export function analysisUnavailable(
  what: keyof typeof MISSING,
  { symbol }: { readonly symbol: string },
): Refusal {
  return new Refusal('unavailable', 'MODEL_UNAVAILABLE', MISSING[what], { details: { symbol } });
}
