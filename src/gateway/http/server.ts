import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { LIMITS } from '../../config/limits.ts';
import { assert } from '../../lib/assert.ts';
import type { Clock } from '../../lib/clock.ts';
import type { HttpMetrics, RouteMeter } from '../../metrics/http-metrics.ts';
import type { Venue } from '../venue.ts';
import { Admission, type Authenticator, RateLimits } from './admission.ts';
import { hasNoBody, readJson, refuseBody } from './body.ts';
import { Clients } from './client-address.ts';
import { Cors } from './cors.ts';
import { type ExchangeServices, HttpExchange } from './exchange.ts';
import { hasLongBody } from './framing.ts';
import { BODY_TIMEOUT, barred } from './gate.ts';
import { parseQueryString } from './query-string.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { Refusal } from './refusal.ts';
import { RefusalLog } from './refusal-log.ts';
import { RequestIds } from './request-id.ts';
import { LATER, type Method, type Outcome, type Route } from './route.ts';
import { type Lookup, Router } from './router.ts';
import type { Surface } from './surface.ts';
import {
  compileQueryReader,
  compileValidator,
  type QueryReader,
  type Validator,
} from './validation.ts';

export interface HttpServerOptions {
  /** Where to serve at once; others are added by `mount`. */
  readonly app?: TemplatedApp;
  readonly routes: readonly Route[];
  readonly surfaces: readonly Surface[];
  readonly authenticator: Authenticator;
  readonly venue: Venue;
  readonly clock: Clock;
  readonly metrics: HttpMetrics;
  readonly log: ExchangeServices['log'];
  /** `off` for benchmarks; the health endpoints say so. */
  readonly rateLimits?: 'on' | 'off';
  /** Limiters shared with others (orders over sockets); made here when absent. */
  readonly limits?: RateLimits;
  /** Whose forwarded address is believed, and whether plain requests are. */
  readonly clients?: Clients;
  /** The replies say that the site is reached by TLS only. */
  readonly strictTransport?: boolean;
  /** From the head of a request to the last byte of its body. */
  readonly bodyTimeoutMs?: number;
  /** Origins whose pages may read replies of surfaces that are not open to all. */
  readonly corsOrigins?: readonly string[];
}

/** A route made ready: schemas compiled, limiter and meter at hand. */
interface MountedRoute {
  readonly route: Route;
  readonly method: Method;
  readonly path: string;
  readonly surface: Surface;
  readonly limiter: RateLimiter | undefined;
  readonly meter: RouteMeter;
  readonly checkParams: Validator | undefined;
  readonly readQuery: QueryReader;
  readonly checkBody: Validator | undefined;
}

/** Serves the routes on uWebSockets.js apps, behind their WebSocket routes. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  return new HttpServer(options);
}

export class HttpServer implements ExchangeServices {
  readonly venue: Venue;
  readonly clock: Clock;
  readonly log: ExchangeServices['log'];
  readonly strictTransport: boolean;
  draining = false;
  readonly refusals: RefusalLog;
  private readonly metrics: HttpMetrics;
  private readonly surfaces: readonly Surface[];
  private readonly byPrefix: readonly (readonly [prefix: string, surface: Surface])[];
  private readonly limits: RateLimits;
  private readonly admission: Admission;
  private readonly cors: Cors;
  private readonly router: Router<MountedRoute>;
  private readonly unmatched = new Map<Surface, RouteMeter>();
  private readonly requestIds = new RequestIds();
  private readonly open = new Set<HttpExchange>();
  private readonly clients: Clients;
  private readonly bodyTimeoutMs: number;
  private sweeper: NodeJS.Timeout | undefined;
  private whenIdle: (() => void) | undefined;

  constructor(options: HttpServerOptions) {
    this.venue = options.venue;
    this.clock = options.clock;
    this.log = options.log;
    this.refusals = new RefusalLog(options.log);
    this.metrics = options.metrics;
    this.surfaces = options.surfaces;
    this.byPrefix = surfacesByPrefix(options.surfaces);
    this.limits = options.limits ?? new RateLimits(options.surfaces, options.rateLimits !== 'off');
    this.clients = options.clients ?? new Clients();
    this.strictTransport = options.strictTransport === true;
    this.bodyTimeoutMs = options.bodyTimeoutMs ?? LIMITS.requestBodyMs;
    this.admission = new Admission(options.authenticator, this.clients);
    this.cors = new Cors(options.corsOrigins ?? []);
    for (const surface of this.surfaces) {
      this.unmatched.set(surface, options.metrics.meter(surface.name, '*', 'unmatched'));
    }
    const prefixes = options.surfaces.flatMap((surface) => surface.prefixes);
    this.router = new Router(prefixes.map((prefix) => prefix.split('/')[1]).filter(Boolean));
    for (const route of options.routes) this.router.add(this.prepare(route, options.metrics));
    if (options.app !== undefined) this.mount(options.app);
  }

  /** Serves on an app too; its WebSocket paths must be there before. */
  mount(app: TemplatedApp): void {
    app.any('/*', (res, req) => this.handle(res, req));
  }

  /** Requests whose reply is still to come. */
  get inFlight(): number {
    return this.open.size;
  }

  /**
   * From now on replies end their connection. Resolves when every request has its reply, or after
   * the given time; whether to listen on is the caller's business.
   */
  drain(timeoutMs: number): Promise<void> {
    this.draining = true;
    if (this.open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  finished(exchange: HttpExchange): void {
    if (this.open.delete(exchange) && this.open.size === 0) this.whenIdle?.();
  }

  countRefusal(surface: string, refusal: Refusal): void {
    if (refusal.kind === 'rate_limited') this.metrics.countRateLimited(surface);
    this.metrics.countRefusal(surface, refusal.code);
  }

  private prepare(route: Route, metrics: HttpMetrics): MountedRoute {
    const surface = this.surfaces.find(({ name }) => name === route.surface);
    assert(surface !== undefined, `${route.path}: surface ${route.surface} is known`);
    assert(route.limit in surface.rateLimits, `${route.path}: limit ${route.limit} is known`);
    return {
      route,
      method: route.method,
      path: route.path,
      surface,
      limiter: this.limits.of(surface, route.limit),
      meter: metrics.meter(surface.name, route.method, route.path),
      checkParams: route.params && compileValidator(route.params),
      readQuery: compileQueryReader(route.query),
      checkBody: route.body && compileValidator(route.body),
    };
  }

  /** uWebSockets.js takes `req` back when this returns: all of it is read before any wait. */
  private handle(res: HttpResponse, req: HttpRequest): void {
    const nowMs = this.clock.nowMs();
    const method = req.getCaseSensitiveMethod();
    const path = req.getUrl();
    const found = this.router.find(method, path);
    const matched = typeof found === 'object' && 'route' in found ? found : undefined;
    const near = typeof found === 'object' && 'near' in found ? found : undefined;
    const surface = (matched?.route ?? near?.near)?.surface ?? this.surfaceOf(path);
    const exchange = new HttpExchange(
      this,
      res,
      {
        surface,
        meter: matched?.route.meter ?? (this.unmatched.get(surface) as RouteMeter),
        headOnly: method === 'HEAD',
        requestId: this.requestIds.take(req.getHeader('x-request-id')),
        acceptLanguage: surface.isMultilingual === true ? req.getHeader('accept-language') : '',
      },
      nowMs,
    );
    try {
      const origin = req.getHeader('origin');
      if (origin !== '') exchange.headers = this.cors.replyHeaders(surface, origin);
      const query = req.getQuery() ?? '';
      const bar = barred(this.clients, surface, res, req, method, path.length + query.length);
      if (bar === undefined && matched !== undefined) {
        exchange.params = matched.params;
        this.serve(exchange, matched.route, res, req, query);
      } else {
        const limiter = this.limits.of(surface, surface.defaultLimit);
        const limited = this.admission.countUnmatched(exchange, res, req, limiter, nowMs);
        if (bar !== undefined) {
          // While the reply is owed, uWebSockets.js ends the connection rather than read on, so
          // what stands behind this request is never taken for another one.
          setImmediate(() => exchange.refuse(limited ?? bar, true));
        } else if (limited !== undefined) exchange.refuse(limited);
        else if (method === 'OPTIONS' && near !== undefined) {
          const headers = this.cors.preflightHeaders(surface, origin, near.allow);
          exchange.sendEmpty(204, [['Allow', near.allow], ...headers]);
        } else exchange.refuse(noRoute(found, method, path));
      }
    } catch (error) {
      exchange.fail(error);
    }
    if (exchange.closed) return;
    this.open.add(exchange);
    res.onAborted(() => exchange.aborted());
    if (exchange.readingBody) this.sweeper ??= setInterval(() => this.sweep(), 500).unref();
  }

  /** Ends requests whose body does not come. */
  private sweep(): void {
    const latestMs = this.clock.nowMs() - this.bodyTimeoutMs;
    for (const exchange of this.open) {
      if (exchange.readingBody && exchange.startedMs <= latestMs)
        exchange.refuse(BODY_TIMEOUT, true);
    }
  }

  private serve(
    exchange: HttpExchange,
    mounted: MountedRoute,
    res: HttpResponse,
    req: HttpRequest,
    query: string,
  ): void {
    const { route, surface, checkBody } = mounted;
    exchange.successStatus = route.successStatus;
    if (route.headers !== undefined) exchange.requestHeaders = headersOf(req, route.headers);
    const refusal =
      this.admission.admit(exchange, res, req, route, mounted.limiter, exchange.startedMs) ??
      surface.admissionHeader?.check(req.getHeader(surface.admissionHeader.name)) ??
      readUrl(exchange, mounted, query);
    if (checkBody === undefined || refusal !== undefined) {
      // What nobody reads is swallowed natively, but not without end.
      exchange.closeAfter = hasLongBody(req, LIMITS.requestBodyBytes);
    }
    if (refusal !== undefined) exchange.refuse(refusal);
    else if (checkBody === undefined || (route.bodyOptional && hasNoBody(req)))
      run(exchange, route);
    else readBody(exchange, route, checkBody, res, req);
  }

  private surfaceOf(path: string): Surface {
    const closed = path.endsWith('/') ? path : `${path}/`;
    const [, surface] = this.byPrefix.find(([prefix]) => closed.startsWith(prefix)) as [
      string,
      Surface,
    ];
    return surface;
  }
}

function headersOf(req: HttpRequest, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, req.getHeader(name)]));
}

/** Longest prefix first, so that the first match is the right one. */
function surfacesByPrefix(surfaces: readonly Surface[]): (readonly [string, Surface])[] {
  const pairs = surfaces.flatMap((surface) =>
    surface.prefixes.map((prefix) => [prefix, surface] as const),
  );
  pairs.sort(([a], [b]) => b.length - a.length);
  assert(pairs.at(-1)?.[0] === '/', 'one surface answers for every other path');
  return pairs;
}

/** Validates path parameters and query, and puts them on the exchange. */
function readUrl(
  exchange: HttpExchange,
  mounted: MountedRoute,
  rawQuery: string,
): Refusal | undefined {
  const invalid = mounted.checkParams?.(exchange.params);
  if (invalid !== undefined) return invalid;
  const query = parseQueryString(rawQuery);
  if (query instanceof Refusal) return query;
  const result = mounted.readQuery(query);
  if ('refusal' in result) return result.refusal;
  exchange.query = result.value;
  return undefined;
}

/** Reads and validates the body, then runs the handler; or refuses. */
function readBody(
  exchange: HttpExchange,
  route: Route,
  check: Validator,
  res: HttpResponse,
  req: HttpRequest,
): void {
  const headers = {
    contentType: req.getHeader('content-type'),
    contentLength: req.getHeader('content-length'),
    contentEncoding: req.getHeader('content-encoding'),
  };
  const unreadable = refuseBody(headers, LIMITS.requestBodyBytes);
  if (unreadable !== undefined) {
    // The rest of a body that is not wanted is not waited for.
    exchange.refuse(unreadable, true);
    return;
  }
  exchange.readingBody = true;
  readJson(res, LIMITS.requestBodyBytes, exchange.contentSha256, (result) => {
    if (exchange.closed) return;
    exchange.readingBody = false;
    const refusal = result instanceof Refusal ? result : check(result.value);
    if (refusal !== undefined) {
      exchange.refuse(refusal, refusal.kind === 'too_large');
      return;
    }
    exchange.body = (result as { readonly value: unknown }).value;
    run(exchange, route);
  });
}

function run(exchange: HttpExchange, route: Route): void {
  try {
    const outcome: Outcome | Promise<Outcome> = route.handler(exchange);
    if (outcome === LATER) return;
    if (outcome instanceof Promise) {
      outcome.then(
        (value: Outcome) => {
          if (value !== LATER) exchange.settle(value);
        },
        (error: unknown) => exchange.fail(error),
      );
    } else exchange.settle(outcome as Exclude<Outcome, typeof LATER>);
  } catch (error) {
    exchange.fail(error);
  }
}

function noRoute(found: Lookup<MountedRoute>, method: string, path: string): Refusal {
  const shown = path.slice(0, 120);
  if (found === 'malformed') {
    return new Refusal('malformed', 'INVALID_PATH', 'The path is not decodable.', {
      details: { parameter: 'path', value: shown },
    });
  }
  if (typeof found === 'object' && 'allow' in found) {
    const { allow } = found;
    const message = `Method ${method} is not allowed here; allowed are ${allow}.`;
    return new Refusal('method_not_allowed', 'METHOD_NOT_ALLOWED', message, {
      headers: [['Allow', allow]],
      details: { parameter: 'method', value: method, allowed: allow.split(', ') },
    });
  }
  return new Refusal('not_found', 'UNKNOWN_PATH', `No endpoint at ${shown}.`, {
    details: { parameter: 'path', value: shown },
  });
}
