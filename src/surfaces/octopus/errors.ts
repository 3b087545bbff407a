import { OctopusError } from '../../../schemas/errors.ts';
import { type Refusal, type RefusalKind, STATUS_OF_KIND } from '../../gateway/http/refusal.ts';
import type { ErrorContext, ErrorReply, Surface } from '../../gateway/http/surface.ts';
import { isoMillis } from '../../lib/clock.ts';

const STATUS: Readonly<Record<RefusalKind, number>> = { ...STATUS_OF_KIND, invalid: 422 };

const ERROR_OF_KIND: Readonly<Record<RefusalKind, string>> = {
  malformed: 'BadRequest',
  invalid: 'ValidationError',
  unauthenticated: 'AuthenticationError',
  forbidden: 'Forbidden',
  not_found: 'NotFound',
  method_not_allowed: 'MethodNotAllowed',
  conflict: 'Conflict',
  timeout: 'RequestTimeout',
  too_large: 'PayloadTooLarge',
  uri_too_long: 'UriTooLong',
  unsupported_media_type: 'UnsupportedMediaType',
  rate_limited: 'RateLimitExceeded',
  unavailable: 'ServiceUnavailable',
  internal: 'InternalServerError',
};

/** `{"error", "message", "details": {"field", "code", …}, "timestamp", "request_id"}`. */
export function errorReply(refusal: Refusal, { requestId, atMs }: ErrorContext): ErrorReply {
  const { kind, code, message, details } = refusal;
  const { parameter, ...others } = details;
  const field = parameter === undefined ? {} : { field: parameter };
  return {
    status: STATUS[kind],
    body: {
      error: ERROR_OF_KIND[kind],
      message,
      details: { ...field, code, ...others },
      timestamp: isoMillis(Math.floor(atMs / 1000), (atMs % 1000) * 1_000_000),
      request_id: requestId,
    },
  };
}

export const SURFACE = 'octopus';

export const octopusSurface: Surface = {
  name: SURFACE,
  title: 'Octopus',
  description:
    'The portfolio product: users and their credentials, quotes, history, portfolios, ' +
    'orders and risk.',
  prefixes: ['/api/'],
  rateLimits: {
    default: { limit: 100, windowSeconds: 60, burst: 20, burstWindowSeconds: 10 },
  },
  defaultLimit: 'default',
  openCors: false,
  replyHeaders: [],
  errorSchema: OctopusError,
  errorReply,
};
