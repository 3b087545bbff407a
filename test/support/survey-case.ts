import type { SurveyMessage } from './survey-messages.ts';

/** A hand-made order file and the canonical reports that follow from the rules, written by hand. */
export interface SurveyCase {
  readonly name: string;
  readonly messages: readonly SurveyMessage[];
  readonly reports: readonly string[];
  /** What rests afterwards: `best bid/best ask/orders`, `-` for an empty side. */
  readonly book: string;
}

/** One message, and the canonical lines it causes. */
export type SurveyStep = readonly [message: SurveyMessage, ...lines: string[]];

/**
 * A case told message by message, so that each line stands beside what causes it.
 *
 * @param book what rests afterwards, as in `SurveyCase`
 */
export function story(name: string, book: string, steps: readonly SurveyStep[]): SurveyCase {
  return {
    name,
    messages: steps.map(([message]) => message),
    reports: steps.flatMap(([, ...lines]) => lines),
    book,
  };
}
