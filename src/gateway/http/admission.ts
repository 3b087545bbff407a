import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { AuthFailure, hasScope, type Principal } from '../../identity/principal.ts';
import { addressText, isLoopback, limitKey, type TrustedProxies } from './client-address.ts';
import type { HttpExchange } from './exchange.ts';
import { RateLimiter, type RateLimitVerdict } from './rate-limiter.ts';
import { Refusal } from './refusal.ts';
import type { Route } from './route.ts';
import type { Surface } from './surface.ts';

/** Checks the value of an `Authorization` header, `''` when absent. */
export interface Authenticator {
  authenticate(authorization: string): Principal | AuthFailure;
}

/** The rate limiters of all surfaces, one per category. */
export class RateLimits {
  private readonly bySurface = new Map<string, Map<string, RateLimiter>>();

  /** @param enabled false switches every limit off. */
  constructor(surfaces: readonly Surface[], enabled: boolean) {
    if (!enabled) return;
    for (const surface of surfaces) {
      const limiters = new Map<string, RateLimiter>();
      for (const [category, rule] of Object.entries(surface.rateLimits)) {
        limiters.set(category, new RateLimiter(rule));
      }
      this.bySurface.set(surface.name, limiters);
    }
  }

  /** `undefined` while limits are off. */
  of(surface: Surface, category: string): RateLimiter | undefined {
    return this.bySurface.get(surface.name)?.get(category);
  }
}

/** Steps before validation, in their order: who calls, how often, and whether they may. */
export class Admission {
  private readonly authenticator: Authenticator;
  private readonly proxies: TrustedProxies;

  constructor(authenticator: Authenticator, proxies: TrustedProxies) {
    this.authenticator = authenticator;
    this.proxies = proxies;
  }

  /** For requests that match no route: only counted. */
  countUnmatched(
    exchange: HttpExchange,
    res: HttpResponse,
    req: HttpRequest,
    limiter: RateLimiter | undefined,
    nowMs: number,
  ): Refusal | undefined {
    this.identifyClient(exchange, res, req);
    return count(exchange, limiter, limitKey(exchange.clientIp), nowMs);
  }

  /**
   * Fills `principal`, `clientIp` and `limit` of the exchange. Callers with a credential are
   * limited by it, all others, those with a wrong one included, by their address.
   */
  admit(
    exchange: HttpExchange,
    res: HttpResponse,
    req: HttpRequest,
    route: Route,
    limiter: RateLimiter | undefined,
    nowMs: number,
  ): Refusal | undefined {
    const open = route.auth === 'public' || this.isOpenToCaller(exchange, res, req, route);
    const who = open ? undefined : this.authenticate(req);
    if (who === undefined || who instanceof AuthFailure) {
      this.identifyClient(exchange, res, req);
      const limited = count(exchange, limiter, limitKey(exchange.clientIp), nowMs);
      if (limited !== undefined || who === undefined) return limited;
      return unauthenticated(who);
    }
    exchange.principal = who;
    const limited = count(exchange, limiter, who.credential, nowMs);
    if (limited !== undefined) return limited;
    const { scope } = route;
    if (scope === null || hasScope(who.scopes, scope)) return undefined;
    return new Refusal('forbidden', 'INSUFFICIENT_SCOPE', `This endpoint needs scope ${scope}.`, {
      details: { required_scope: scope, scopes: who.scopes },
    });
  }

  private authenticate(req: HttpRequest): Principal | AuthFailure {
    if (req.getHeader('x-api-key') !== '') {
      return new AuthFailure('INVALID_CREDENTIALS', 'The API key is not valid.');
    }
    return this.authenticator.authenticate(req.getHeader('authorization'));
  }

  /** A scraper on this machine that connects directly; a proxy's clients are not local. */
  private isOpenToCaller(
    exchange: HttpExchange,
    res: HttpResponse,
    req: HttpRequest,
    route: Route,
  ): boolean {
    if (route.auth !== 'required_unless_local') return false;
    if (req.getHeader('authorization') !== '' || req.getHeader('x-api-key') !== '') return false;
    this.identifyClient(exchange, res, req);
    const forwarded = req.getHeader('x-forwarded-for') + req.getHeader('forwarded');
    return isLoopback(exchange.clientIp) && forwarded === '';
  }

  private identifyClient(exchange: HttpExchange, res: HttpResponse, req: HttpRequest): void {
    if (exchange.clientIp !== '') return;
    const peer = addressText(res.getRemoteAddress());
    exchange.clientIp = this.proxies.any
      ? this.proxies.clientOf(peer, req.getHeader('x-forwarded-for'))
      : peer;
  }
}

function count(
  exchange: HttpExchange,
  limiter: RateLimiter | undefined,
  key: string,
  nowMs: number,
): Refusal | undefined {
  if (limiter === undefined) return undefined;
  const verdict = limiter.take(key, nowMs);
  exchange.limit = verdict;
  return verdict.allowed ? undefined : rateLimited(verdict);
}

function rateLimited(verdict: RateLimitVerdict): Refusal {
  const { limit, retryAfterSeconds } = verdict;
  return new Refusal('rate_limited', 'RATE_LIMIT_EXCEEDED', 'Too many requests.', {
    retryAfterSeconds,
    details: { limit, retry_after_seconds: retryAfterSeconds },
  });
}

function unauthenticated(failure: AuthFailure): Refusal {
  const challenge =
    failure.code === 'MISSING_CREDENTIALS'
      ? 'Bearer realm="openbell"'
      : 'Bearer realm="openbell", error="invalid_token"';
  return new Refusal('unauthenticated', failure.code, failure.message, {
    details: { reason: failure.code },
    headers: [['WWW-Authenticate', challenge]],
  });
}
