import type { Static } from 'typebox';
import type { HistoryQuery } from '../../../schemas/entasis.ts';
import { CANDLES_PER_QUERY } from '../../domain/candles.ts';
import type { BarRange } from '../../features/fill-bars.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';

type Query = Static<typeof HistoryQuery>;

const BARS_DEFAULT = 500;
/** A date, or a date with a time, which is UTC unless it says otherwise. */
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** The range of a query, and whether it is asked for whole. */
export interface HistoryRange extends BarRange {
  /** The client named where it begins and not how many bars: leaving some out would mislead. */
  readonly isWhole: boolean;
}

/** The bars that a query means: the last 500 where it says nothing; or what is wrong with it. */
export function historyRange(query: Query, nowSeconds: number): HistoryRange | Refusal {
  const from = boundary('start', query.start);
  if (from instanceof Refusal) return from;
  const to = boundary('end', query.end);
  if (to instanceof Refusal) return to;
  const toSeconds = Math.floor(to ?? nowSeconds);
  if (from !== undefined && from > toSeconds) {
    return invalidParameter('start', query.start, 'start is after the end');
  }
  const isWhole = from !== undefined && query.limit === undefined;
  const limit = isWhole ? CANDLES_PER_QUERY : (query.limit ?? BARS_DEFAULT);
  return { fromSeconds: Math.ceil(from ?? 0), toSeconds, limit, isWhole };
}

/** Seconds since the Unix epoch. */
function boundary(name: 'start' | 'end', text: string | undefined): number | undefined | Refusal {
  if (text === undefined) return undefined;
  const hasZone = /T.*(Z|[+-]\d\d:?\d\d)$/.test(text);
  const ms = ISO.test(text) ? Date.parse(text.includes('T') && !hasZone ? `${text}Z` : text) : NaN;
  if (ms >= 0) return ms / 1000;
  return invalidParameter(name, text, `${name} is an ISO 8601 time like 2024-03-21T09:30:00Z`);
}

export function tooManyBars(start: string | undefined): Refusal {
  const message = `there are more than ${CANDLES_PER_QUERY} bars since start; ask for less, or name a limit`;
  return invalidParameter('start', start, message, { maximum: CANDLES_PER_QUERY });
}
