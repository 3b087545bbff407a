import type { HttpResponse } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import { JOURNAL_UNAVAILABLE } from '../../domain/result-codes.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Clock } from '../../lib/clock.ts';
import { HttpMetrics, type RouteMeter } from '../../metrics/http-metrics.ts';
import type { Venue } from '../venue.ts';
import { VenueLogError } from '../venue-log.ts';
import type { RateLimitVerdict } from './rate-limiter.ts';
import { Refusal } from './refusal.ts';
import type { RefusalLog, WarningLog } from './refusal-log.ts';
import { refusalOfResult } from './result-refusal.ts';
import { Answer, JSON_TYPE, type LATER, type Outcome, type RequestContext } from './route.ts';
import type { Surface } from './surface.ts';

/** What all requests of one server share. */
export interface ExchangeServices {
  readonly venue: Venue;
  readonly clock: Clock;
  readonly log: WarningLog & {
    error(fields: object, message: string): void;
  };
  readonly refusals: RefusalLog;
  /** True once the server drains: replies then end their connection. */
  readonly draining: boolean;
  /** True when replies say that only TLS leads here. */
  readonly strictTransport: boolean;
  countRefusal(surface: string, refusal: Refusal): void;
  finished(exchange: HttpExchange): void;
}

/** What is known of a request before anything of it was checked. */
interface ExchangeRequest {
  readonly surface: Surface;
  readonly meter: RouteMeter;
  readonly headOnly: boolean;
  readonly requestId: string;
  /** `''` unless the surface is multilingual. */
  readonly acceptLanguage: string;
}

const STATUS_LINES = new Map(
  Object.entries(STATUS_CODES).map(([code, text]) => [Number(code), `${code} ${text}`]),
);

type Header = readonly [name: string, value: string];
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});
const NOT_MODIFIED = 304;

/** Data is data: nothing of it is to be run, framed, guessed at or passed on as a referrer. */
const SECURITY_HEADERS: readonly Header[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
];
const NOTHING_RUNS: Header = [
  'Content-Security-Policy',
  "default-src 'none'; frame-ancestors 'none'",
];
const ONE_YEAR: Header = ['Strict-Transport-Security', 'max-age=31536000'];
const NO_STORE: Header = ['Cache-Control', 'no-store'];
const TYPE_OF_JSON: Header = ['Content-Type', JSON_TYPE];

/**
 * Constant headers as one: the value of the first goes on with the lines of the others. Each header
 * written by itself is a call into native code, and most replies have the same ones.
 */
function together([[name, value], ...others]: readonly Header[]): Header {
  return [name, [value, ...others.map((other) => other.join(': '))].join('\r\n')];
}

/** What a JSON reply has: by whether only TLS leads here (2), and whether it may be stored (1). */
const JSON_HEADERS = [0, 1, 2, 3].map((which) =>
  together([
    ...SECURITY_HEADERS,
    TYPE_OF_JSON,
    NOTHING_RUNS,
    ...((which & 2) === 0 ? [] : [ONE_YEAR]),
    ...((which & 1) === 0 ? [NO_STORE] : []),
  ]),
);

function isCacheControl([name]: Header): boolean {
  return name === 'Cache-Control';
}

/**
 * One request on its way through the gateway: what a handler sees of it, and the one place that
 * writes its reply. Nothing is written after the client has gone or a reply was given.
 */
export class HttpExchange implements RequestContext {
  params: unknown = undefined;
  query: unknown = undefined;
  body: unknown = undefined;
  principal: Principal | null = null;
  clientIp = '';
  authorization = '';
  /** What a signed request says the SHA-256 of its body is; `''` where none was signed. */
  contentSha256 = '';
  limit: RateLimitVerdict | undefined;
  /** Headers decided before the handler ran (CORS). */
  headers: readonly (readonly [string, string])[] = [];
  /** Of the request, by name: those that its route asks for. */
  requestHeaders: Readonly<Record<string, string>> = NO_HEADERS;
  successStatus = 200;
  /** True once a reply was given or the client has gone. */
  closed = false;
  /** True from the head of a request until its body has come. */
  readingBody = false;
  /** The reply ends the connection. */
  closeAfter = false;
  readonly requestId: string;
  readonly surface: Surface;
  private readonly services: ExchangeServices;
  private readonly res: HttpResponse;
  private readonly meter: RouteMeter;
  private readonly headOnly: boolean;
  private readonly acceptLanguage: string;
  readonly startedMs: number;
  private abandoned: (() => void) | undefined;

  constructor(
    services: ExchangeServices,
    res: HttpResponse,
    request: ExchangeRequest,
    startedMs: number,
  ) {
    this.services = services;
    this.res = res;
    this.surface = request.surface;
    this.meter = request.meter;
    this.headOnly = request.headOnly;
    this.acceptLanguage = request.acceptLanguage;
    this.requestId = request.requestId;
    this.startedMs = startedMs;
  }

  get venue(): Venue {
    return this.services.venue;
  }

  get clock(): Clock {
    return this.services.clock;
  }

  header(name: string): string {
    return this.requestHeaders[name] ?? '';
  }

  /**
   * Gives the reply; ignored when one was given or the client has gone. Bound, so that handlers can
   * take it out of the context.
   */
  readonly settle = (outcome: Exclude<Outcome, typeof LATER>): void => {
    if (this.closed) return;
    try {
      if (outcome instanceof Refusal) this.refuse(outcome);
      else if (outcome instanceof Answer) {
        const { status, contentType, body, headers } = outcome;
        this.send(status ?? this.successStatus, contentType, body, headers);
      } else this.send(this.successStatus, JSON_TYPE, JSON.stringify(outcome), []);
    } catch (error) {
      this.fail(error);
    }
  };

  refuse(refusal: Refusal, closeConnection = false): void {
    if (this.closed) return;
    this.services.countRefusal(this.surface.name, refusal);
    const { requestId, startedMs: atMs, acceptLanguage } = this;
    const { status, body } = this.surface.errorReply(refusal, { requestId, atMs, acceptLanguage });
    const headers = [...refusal.headers];
    if (refusal.retryAfterSeconds !== undefined) {
      headers.push(['Retry-After', String(refusal.retryAfterSeconds)]);
    }
    if (refusal.kind === 'unavailable') {
      const { method, route } = this.meter;
      const { code } = refusal;
      this.services.refusals.note({ requestId, code, method, route }, this.services.clock.nowMs());
    }
    this.send(status, JSON_TYPE, JSON.stringify(body), headers, closeConnection);
  }

  /**
   * An error nobody expected: logged with the request's id, told to the client without detail. That
   * the journal takes nothing any more is not one of these.
   */
  fail(error: unknown): void {
    if (error instanceof VenueLogError) {
      this.refuse(refusalOfResult(JOURNAL_UNAVAILABLE, {}));
      return;
    }
    const { requestId, surface } = this;
    const { method, route } = this.meter;
    this.services.log.error(
      { err: error, requestId, surface: surface.name, method, route },
      'request failed',
    );
    const message = 'The server could not process the request.';
    this.refuse(new Refusal('internal', 'INTERNAL_ERROR', message));
  }

  /** The client has gone: from here on the response object must not be touched. */
  aborted(): void {
    if (this.closed) return;
    this.close(HttpMetrics.ABORTED);
    this.abandoned?.();
  }

  onAbandoned(listener: () => void): void {
    this.abandoned = listener;
  }

  /** A reply without a body, for preflights. */
  sendEmpty(status: number, headers: readonly (readonly [string, string])[]): void {
    if (this.closed) return;
    this.res.cork(() => {
      this.writeHead(status, headers);
      endWithoutBody(this.res, this.services.draining);
    });
    this.close(status);
  }

  private send(
    status: number,
    contentType: string,
    body: string | Uint8Array,
    headers: readonly (readonly [string, string])[],
    closeConnection = false,
  ): void {
    const { res } = this;
    const close = closeConnection || this.closeAfter || this.services.draining;
    res.cork(() => {
      this.writeHead(status, headers, contentType);
      if (status === NOT_MODIFIED) endWithoutBody(res, close);
      else if (this.headOnly) {
        res.writeHeader('Content-Length', String(Buffer.byteLength(body)));
        endWithoutBody(res, close);
      } else res.end(body, close);
    });
    this.close(status);
  }

  private writeHead(status: number, headers: readonly Header[], contentType = ''): void {
    const { res, limit } = this;
    res.writeStatus(STATUS_LINES.get(status) ?? String(status));
    res.writeHeader('X-Request-Id', this.requestId);
    if (limit !== undefined) writeLimit(res, limit);
    const isPrivate = this.principal !== null || status >= 400;
    const mayBeStored = !isPrivate || headers.some(isCacheControl);
    const { strictTransport } = this.services;
    if (contentType === JSON_TYPE) {
      const [name, value] = JSON_HEADERS[(strictTransport ? 2 : 0) | (mayBeStored ? 1 : 0)];
      res.writeHeader(name, value);
    } else {
      for (const [name, value] of SECURITY_HEADERS) res.writeHeader(name, value);
      if (strictTransport) res.writeHeader(...ONE_YEAR);
      if (!mayBeStored) res.writeHeader(...NO_STORE);
      if (contentType !== '') res.writeHeader('Content-Type', contentType);
      // Pages bring a policy of their own.
      if (contentType !== '' && !contentType.startsWith('text/html')) {
        res.writeHeader(...NOTHING_RUNS);
      }
    }
    for (const [name, value] of this.surface.replyHeaders) res.writeHeader(name, value);
    for (const [name, value] of this.headers) res.writeHeader(name, value);
    for (const [name, value] of headers) res.writeHeader(name, value);
  }

  private close(status: number): void {
    this.closed = true;
    this.meter.observe(status, (this.services.clock.nowMs() - this.startedMs) / 1000);
    this.services.finished(this);
  }
}

/**
 * Called without arguments on purpose: given a length or the wish to close, this uWebSockets.js
 * waits for a body that never comes. The header asks the client to close instead.
 */
function endWithoutBody(res: HttpResponse, close: boolean): void {
  if (close) res.writeHeader('Connection', 'close');
  res.endWithoutBody();
}

function writeLimit(res: HttpResponse, limit: RateLimitVerdict): void {
  // One call, as above: all of these are numbers of ours.
  const { remaining, resetSeconds } = limit;
  res.writeHeader(
    'X-RateLimit-Limit',
    `${limit.limit}\r\nX-RateLimit-Remaining: ${remaining}\r\nX-RateLimit-Reset: ${resetSeconds}`,
  );
  if (limit.burst === undefined) return;
  res.writeHeader('X-RateLimit-Burst', String(limit.burst));
  res.writeHeader('X-RateLimit-Burst-Remaining', String(limit.burstRemaining));
}
