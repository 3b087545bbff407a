/**
 * What went wrong, in the gateway's own words. Every surface turns it into its documented body and
 * status in its `errors.ts`; nothing else knows how errors look on the wire.
 */
export type RefusalKind =
  | 'malformed'
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'timeout'
  | 'too_large'
  | 'uri_too_long'
  | 'unsupported_media_type'
  | 'rate_limited'
  | 'unavailable'
  | 'internal';

/** The status of each kind; a surface may choose another (some answer 422 to invalid input). */
export const STATUS_OF_KIND: Readonly<Record<RefusalKind, number>> = {
  malformed: 400,
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  timeout: 408,
  conflict: 409,
  too_large: 413,
  uri_too_long: 414,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
};

export interface RefusalOptions {
  /** Facts for the client; `parameter` and `value` (text) name the culprit where there is one. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Sent as `Retry-After`, whole seconds. */
  readonly retryAfterSeconds?: number;
  /** Further reply headers, such as `Allow`. */
  readonly headers?: readonly (readonly [string, string])[];
}

export class Refusal {
  readonly kind: RefusalKind;
  /** Stable and upper-case: a result code's name, or one of the gateway's own (`INVALID_JSON`). */
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: readonly (readonly [string, string])[];

  constructor(kind: RefusalKind, code: string, message: string, options: RefusalOptions = {}) {
    this.kind = kind;
    this.code = code;
    this.message = message;
    this.details = options.details ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers ?? [];
  }
}

/** A parameter that cannot be used as it is; `value` is shown to the client as text. */
export function invalidParameter(
  parameter: string,
  value: unknown,
  message: string,
  extra: Readonly<Record<string, unknown>> = {},
): Refusal {
  return new Refusal('invalid', 'INVALID_PARAMETER', message, {
    details: { parameter, value: valueText(value), ...extra },
  });
}

const SHOWN_CHARACTERS = 120;

/** A value as an error shows it: short, and always text. */
export function valueText(value: unknown): string {
  const text =
    typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? null);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
