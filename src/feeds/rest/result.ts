/** Why an exchange gave no answer that can be used. */
export const REST_FAILURES = {
  /** No connection, or it broke off. */
  UNREACHABLE: 'the exchange cannot be reached',
  TIMEOUT: 'the exchange took too long',
  /** 429, or our own limiter that keeps us from one. */
  RATE_LIMITED: "the exchange's request limit is used up",
  /** 418: the exchange has shut us out for a while. */
  BANNED: 'the exchange has shut this address out for a while',
  /** 5xx. */
  VENUE_ERROR: 'the exchange reports an error of its own',
  /** 200 with HTML, cut JSON, or JSON of another shape. */
  BAD_REPLY: 'the exchange answered something that is not its format',
  /** It failed again and again: it is left alone for a while. */
  CIRCUIT_OPEN: 'the exchange failed repeatedly and is left alone for a moment',
  /** 4xx: what was asked for does not exist, or may not be asked so. */
  REFUSED: 'the exchange refused the request',
  /** The exchange does not tell this at all. */
  UNSUPPORTED: 'the exchange does not tell this',
} as const;
export type RestFailureCode = keyof typeof REST_FAILURES;

export interface RestFailure {
  readonly isOk: false;
  readonly code: RestFailureCode;
  /** In words, with what the exchange said. */
  readonly detail: string;
  /** When asking again may help; `undefined`: it will not, or nobody knows. */
  readonly retryAfterMs?: number;
  /** Of HTTP, where there was one. */
  readonly status?: number;
}

export interface RestSuccess<T> {
  readonly isOk: true;
  readonly value: T;
  /** Our clock, when the reply arrived: an answer from the cache is older than its request. */
  readonly receivedMs: number;
}

export type RestResult<T> = RestSuccess<T> | RestFailure;

export function failure(
  code: RestFailureCode,
  detail: string = REST_FAILURES[code],
  more: { readonly retryAfterMs?: number; readonly status?: number } = {},
): RestFailure {
  return { isOk: false, code, detail, ...more };
}

/** The same outcome with another value. */
export function mapped<A, B>(result: RestResult<A>, change: (value: A) => B): RestResult<B> {
  return result.isOk ? { ...result, value: change(result.value) } : result;
}
