import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import {
  AuthFailure,
  type Credentials,
  hasScope,
  type Principal,
  type Scope,
  type SignatureHeaders,
} from '../../identity/principal.ts';
import { EMPTY_SHA256 } from '../../identity/signed-requests.ts';
import { type Clients, isForwarded, isLoopback, limitKey } from './client-address.ts';
import type { HttpExchange } from './exchange.ts';
import { RateLimiter, type RateLimitRule, type RateLimitVerdict } from './rate-limiter.ts';
import { Refusal } from './refusal.ts';
import type { Route } from './route.ts';
import type { Surface } from './surface.ts';

/** Checks what a caller offers to prove who it is. */
export interface Authenticator {
  authenticate(credentials: Credentials): Principal | AuthFailure;
}

/** The rate limiters of all surfaces, one per category. */
export class RateLimits {
  private readonly bySurface = new Map<string, Map<string, RateLimiter>>();

  /**
   * @param enabled false switches every limit off.
   * @param overrides limits of the operator's choice, by `surface.category`; throws on a name that
   * no surface has.
   */
  constructor(
    surfaces: readonly Surface[],
    enabled: boolean,
    overrides: ReadonlyMap<string, RateLimitOverride> = new Map(),
  ) {
    assertKnown(surfaces, overrides);
    if (!enabled) return;
    for (const surface of surfaces) {
      const limiters = new Map<string, RateLimiter>();
      for (const [category, rule] of Object.entries(surface.rateLimits)) {
        const override = overrides.get(`${surface.name}.${category}`);
        limiters.set(category, new RateLimiter({ ...rule, ...override }));
      }
      this.bySurface.set(surface.name, limiters);
    }
  }

  /** `undefined` while limits are off. */
  of(surface: Surface, category: string): RateLimiter | undefined {
    return this.find(surface.name, category);
  }

  /** The same by the surface's name, for who counts against a limit from elsewhere. */
  find(surface: string, category: string): RateLimiter | undefined {
    return this.bySurface.get(surface)?.get(category);
  }
}

/** What an operator may change of a rule; the window stays. */
export type RateLimitOverride = Partial<Pick<RateLimitRule, 'limit' | 'burst'>>;

function assertKnown(
  surfaces: readonly Surface[],
  overrides: ReadonlyMap<string, RateLimitOverride>,
): void {
  const known = surfaces.flatMap(({ name, rateLimits }) =>
    Object.keys(rateLimits).map((category) => `${name}.${category}`),
  );
  for (const name of overrides.keys()) {
    if (known.includes(name)) continue;
    throw new Error(`there is no rate limit ${name}; there are ${known.join(', ')}`);
  }
}

/** Steps before validation, in their order: who calls, how often, and whether they may. */
export class Admission {
  private readonly authenticator: Authenticator;
  private readonly clients: Clients;

  constructor(authenticator: Authenticator, clients: Clients) {
    this.authenticator = authenticator;
    this.clients = clients;
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
    if (route.audited) this.identifyClient(exchange, res, req);
    const byHandler = route.auth === 'checked_by_handler';
    if (byHandler) exchange.authorization = req.getHeader('authorization');
    const open =
      byHandler || route.auth === 'public' || this.isOpenToCaller(exchange, res, req, route);
    const who = open ? undefined : this.authenticate(exchange, res, req);
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
    if (route.tokenOnly && who.sessionId === undefined) return needsToken();
    if (scope === null || hasScope(who.scopes, scope)) return undefined;
    return needsScope(scope, who.scopes);
  }

  private authenticate(
    exchange: HttpExchange,
    res: HttpResponse,
    req: HttpRequest,
  ): Principal | AuthFailure {
    const authorization = req.getHeader('authorization');
    const apiKey = req.getHeader('x-api-key');
    const apiSecret = apiKey === '' ? '' : req.getHeader('x-api-secret');
    const address = (): string => {
      this.identifyClient(exchange, res, req);
      return exchange.clientIp;
    };
    const signature = apiKey === '' || apiSecret !== '' ? undefined : signatureOf(req);
    if (signature !== undefined) exchange.contentSha256 = signature.contentSha256 || EMPTY_SHA256;
    const keyAlone = exchange.surface.keyAlone === true;
    return this.authenticator.authenticate({
      authorization,
      apiKey,
      apiSecret,
      address,
      signature,
      keyAlone,
    });
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
    return isLoopback(exchange.clientIp) && !isForwarded(req);
  }

  private identifyClient(exchange: HttpExchange, res: HttpResponse, req: HttpRequest): void {
    if (exchange.clientIp === '') exchange.clientIp = this.clients.addressOf(res, req);
  }
}

/** The signature headers of a request, where it has any. */
function signatureOf(req: HttpRequest): SignatureHeaders | undefined {
  const signature = req.getHeader('x-api-signature');
  if (signature === '') return undefined;
  const query = req.getQuery() ?? '';
  return {
    signature,
    timestamp: req.getHeader('x-api-timestamp'),
    nonce: req.getHeader('x-api-nonce'),
    contentSha256: req.getHeader('x-api-content-sha256'),
    method: req.getCaseSensitiveMethod(),
    target: query === '' ? req.getUrl() : `${req.getUrl()}?${query}`,
  };
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

/** The refusal of what a limit does not allow, over HTTP and over sockets. */
export function rateLimited(verdict: RateLimitVerdict): Refusal {
  const { limit, retryAfterSeconds } = verdict;
  return new Refusal('rate_limited', 'RATE_LIMIT_EXCEEDED', 'Too many requests.', {
    retryAfterSeconds,
    details: { limit, retry_after_seconds: retryAfterSeconds },
  });
}

/** The refusal of a good credential that may not do this. */
export function needsScope(scope: Scope, scopes: readonly Scope[]): Refusal {
  return new Refusal('forbidden', 'INSUFFICIENT_SCOPE', `This endpoint needs scope ${scope}.`, {
    details: { required_scope: scope, scopes },
  });
}

/** The refusal of an API key where only an access token will do. */
export function needsToken(): Refusal {
  const message = 'This endpoint needs an access token: an API key cannot manage credentials.';
  return new Refusal('forbidden', 'TOKEN_REQUIRED', message, {
    details: { reason: 'TOKEN_REQUIRED' },
  });
}

/** The refusal of a caller who has not proven who it is. */
export function unauthenticated(failure: AuthFailure): Refusal {
  const challenge =
    failure.code === 'MISSING_CREDENTIALS'
      ? 'Bearer realm="openbell"'
      : 'Bearer realm="openbell", error="invalid_token"';
  return new Refusal('unauthenticated', failure.code, failure.message, {
    details: { reason: failure.code },
    headers: [['WWW-Authenticate', challenge]],
  });
}
