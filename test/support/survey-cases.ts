import type { SurveyCase } from './survey-case.ts';
import { MODIFICATIONS, STALE } from './survey-cases-changes.ts';
import { BEST_PRICES, EXTREMES } from './survey-cases-prices.ts';
import { QUEUES, SWEEPS } from './survey-cases-queues.ts';

export const SURVEY_CASES: readonly SurveyCase[] = [
  ...QUEUES,
  ...SWEEPS,
  ...MODIFICATIONS,
  ...STALE,
  ...BEST_PRICES,
  ...EXTREMES,
];
