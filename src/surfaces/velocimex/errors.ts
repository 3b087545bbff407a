import { VelocimexError } from '../../../schemas/errors.ts';
import { type Refusal, type RefusalKind, STATUS_OF_KIND } from '../../gateway/http/refusal.ts';
import type { ErrorReply, Surface } from '../../gateway/http/surface.ts';

/** The documented code of each kind of refusal; the documents list six and no statuses. */
const CODE_OF_KIND: Readonly<Record<RefusalKind, string>> = {
  malformed: 'INVALID_PARAMETER',
  invalid: 'INVALID_PARAMETER',
  unauthenticated: 'AUTHENTICATION_ERROR',
  forbidden: 'AUTHENTICATION_ERROR',
  not_found: 'INVALID_PARAMETER',
  method_not_allowed: 'INVALID_PARAMETER',
  conflict: 'INVALID_PARAMETER',
  timeout: 'INVALID_PARAMETER',
  too_large: 'INVALID_PARAMETER',
  uri_too_long: 'INVALID_PARAMETER',
  unsupported_media_type: 'INVALID_PARAMETER',
  rate_limited: 'RATE_LIMIT_EXCEEDED',
  unavailable: 'INTERNAL_ERROR',
  internal: 'INTERNAL_ERROR',
};

/** Refusals with a documented code of their own. */
const CODE_OF_REFUSAL: ReadonlyMap<string, string> = new Map([
  ['INSUFFICIENT_BALANCE', 'INSUFFICIENT_BALANCE'],
  ['MARKET_HALTED', 'MARKET_CLOSED'],
  ['MARKET_CLOSED', 'MARKET_CLOSED'],
  ['MARKET_IS_LIVE', 'MARKET_CLOSED'],
  ['MARKET_IS_OFF', 'MARKET_CLOSED'],
  ['NO_REFERENCE_PRICE', 'MARKET_CLOSED'],
  ['TRADING_PAUSED', 'TRADING_PAUSED'],
]);

/** `{"error": {"code", "message", "details"}}`. */
export function errorReply(refusal: Refusal): ErrorReply {
  const { kind, code, message, details } = refusal;
  return {
    status: STATUS_OF_KIND[kind],
    body: { error: { code: CODE_OF_REFUSAL.get(code) ?? CODE_OF_KIND[kind], message, details } },
  };
}

export const SURFACE = 'velocimex';

export const velocimexSurface: Surface = {
  name: SURFACE,
  title: 'Velocimex',
  description:
    'Trading: market status, order books, orders, balances, positions and strategies. ' +
    'Every success is `{"status":"ok","data":…}`.',
  prefixes: ['/v1/'],
  rateLimits: { rest: { limit: 100, windowSeconds: 60 } },
  defaultLimit: 'rest',
  openCors: false,
  replyHeaders: [],
  errorSchema: VelocimexError,
  errorReply,
};
