import { FlashmmError } from '../../../schemas/errors.ts';
import {
  invalidParameter,
  type Refusal,
  type RefusalKind,
  STATUS_OF_KIND,
} from '../../gateway/http/refusal.ts';
import type { ErrorContext, ErrorReply, Surface } from '../../gateway/http/surface.ts';
import { isoMillis } from '../../lib/clock.ts';

/** Kinds whose refusals all share a code; the others keep their own. */
const CODE_OF_KIND: Partial<Record<RefusalKind, string>> = {
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'INSUFFICIENT_PERMISSIONS',
  rate_limited: 'RATE_LIMIT_EXCEEDED',
  unavailable: 'SERVICE_UNAVAILABLE',
  internal: 'INTERNAL_ERROR',
};

/** Refusals that have a documented code under another name. */
const CODE_OF_REFUSAL: ReadonlyMap<string, string> = new Map([
  ['UNKNOWN_PATH', 'NOT_FOUND'],
  ['UNKNOWN_MARKET', 'INVALID_SYMBOL'],
  ['MARKET_HALTED', 'TRADING_PAUSED'],
]);

/** Refusals of a kind with a shared code that are documented, or named, for themselves. */
const OWN_CODES: ReadonlySet<string> = new Set([
  'MODEL_UNAVAILABLE',
  'MARKET_MAKER_UNAVAILABLE',
  'TRADING_PAUSED',
]);

/** The code by which this surface tells a refusal. */
export function errorCode({ kind, code }: Refusal): string {
  if (OWN_CODES.has(code)) return code;
  return CODE_OF_REFUSAL.get(code) ?? CODE_OF_KIND[kind] ?? code;
}

const DOCUMENTATION_URL = '/docs#error-codes';

/** `{"error": {"code", "message", "details", "timestamp", "request_id", "documentation_url"}}`. */
export function errorReply(refusal: Refusal, { requestId, atMs }: ErrorContext): ErrorReply {
  const { kind, message, details } = refusal;
  return {
    status: STATUS_OF_KIND[kind],
    body: {
      error: {
        code: errorCode(refusal),
        message,
        details,
        timestamp: isoMillis(Math.floor(atMs / 1000), (atMs % 1000) * 1_000_000),
        request_id: requestId,
        documentation_url: DOCUMENTATION_URL,
      },
    },
  };
}

const API_VERSION = 'v1';

export const SURFACE = 'flashmm';

/** Per minute, with the burst that may come at once. */
const perMinute = (limit: number, burst: number) => ({
  limit,
  burst,
  windowSeconds: 60,
  announceBurst: true,
});

export const flashmmSurface: Surface = {
  name: SURFACE,
  title: 'FlashMM',
  description:
    'Operation of market making: login, health, metrics for Prometheus, and whatever the ' +
    'market maker of this venue tells and is told.',
  prefixes: ['/api/v1/'],
  rateLimits: {
    health: perMinute(100, 10),
    trading: perMinute(60, 5),
    metrics: perMinute(30, 3),
    admin: perMinute(10, 2),
    ml: perMinute(20, 5),
    // Not documented: /auth/login has its own limit on failures, unknown paths need some limit.
    other: { limit: 100, windowSeconds: 60 },
  },
  defaultLimit: 'other',
  openCors: false,
  replyHeaders: [['API-Version', API_VERSION]],
  admissionHeader: {
    name: 'api-version',
    description: `The version that the client speaks: ${API_VERSION}, or absent`,
    check: (value) =>
      value === '' || value.toLowerCase() === API_VERSION
        ? undefined
        : invalidParameter('API-Version', value, `Only API version ${API_VERSION} is served.`, {
            supported: [API_VERSION],
          }),
  },
  errorSchema: FlashmmError,
  errorReply,
};
