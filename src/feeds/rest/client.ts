import { RecentMap } from '../../lib/recent-map.ts';
import { backoffMs } from '../backoff.ts';
import type { FeedTimers } from '../connector-types.ts';
import { type BreakerLimits, CircuitBreaker } from './circuit-breaker.ts';
import { attempt, type HttpReply, type HttpRequest, retryAfterMs } from './http-attempt.ts';
import type { ReplyCheck } from './reply-check.ts';
import { failure, type RestFailure, type RestResult } from './result.ts';
import { WeightLimiter, type WeightLimits } from './weight-limiter.ts';

/** Something to ask an exchange, and what is known of the answer. */
export interface RestRequest<T> {
  /** Behind the base URL, from the slash on. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Makes it a POST with JSON; it must be one that changes nothing. */
  readonly body?: unknown;
  readonly weight: number;
  /** How long an answer stays true, milliseconds; 0: it is not kept. */
  readonly freshMs: number;
  readonly check: ReplyCheck<T>;
  /** An error that this exchange hides in a reply with status 200. */
  refusalIn?(value: NoInfer<T>): RestFailure | undefined;
}

/** A reply, as text and as what it says. */
export interface RestReply<T> {
  readonly value: T;
  readonly text: string;
}

export interface RestLimits {
  readonly timeoutMs: number;
  /** Attempts at one request, the first included. */
  readonly attemptsMax: number;
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  /** A request that would have to wait longer for the exchange's limit fails at once. */
  readonly waitMaxMs: number;
  /** After a 429 or a 418 without `Retry-After`. */
  readonly limitedMs: number;
  readonly bannedMs: number;
  /** Replies that are kept. */
  readonly cacheMax: number;
  readonly breaker: BreakerLimits;
  readonly weight: WeightLimits;
}

export const REST_LIMITS: RestLimits = {
  timeoutMs: 10_000,
  attemptsMax: 3,
  backoffMs: 250,
  backoffMaxMs: 2_000,
  waitMaxMs: 3_000,
  limitedMs: 10_000,
  bannedMs: 120_000,
  cacheMax: 512,
  breaker: { failuresMax: 5, openMs: 5_000, openMaxMs: 60_000 },
  weight: { windowMs: 60_000, weightMax: 1_000 },
};

export interface RestClientOptions {
  /** Without a slash at the end. */
  readonly url: string;
  readonly timers: FeedTimers;
  readonly random: () => number;
  readonly limits?: Partial<RestLimits>;
  readonly fetch?: typeof fetch;
  /** The header in which the exchange says how much it has counted. */
  readonly usedWeightHeader?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** All of them only rise. */
export interface RestCounters {
  requests: number;
  cached: number;
  shared: number;
  attempts: number;
  retries: number;
  failures: number;
  limited: number;
  banned: number;
  badReplies: number;
  shortCircuited: number;
}

/** What an attempt's failure means for the ones after it. */
const RETRIED = new Set<RestFailure['code']>(['UNREACHABLE', 'TIMEOUT', 'VENUE_ERROR']);
const UNHEALTHY = new Set<RestFailure['code']>([...RETRIED, 'BAD_REPLY']);

/**
 * Asks one exchange. Equal requests at the same time are one, answers are kept as long as they are
 * true, its limits are kept, its errors have names, and while it is dead everybody is told at once.
 */
export class RestClient {
  readonly counters: RestCounters = {
    requests: 0,
    cached: 0,
    shared: 0,
    attempts: 0,
    retries: 0,
    failures: 0,
    limited: 0,
    banned: 0,
    badReplies: 0,
    shortCircuited: 0,
  };
  private readonly options: RestClientOptions;
  private readonly limits: RestLimits;
  private readonly limiter: WeightLimiter;
  private readonly breaker: CircuitBreaker;
  private readonly kept: RecentMap<{ readonly untilMs: number; readonly result: unknown }>;
  private readonly asked = new Map<string, Promise<unknown>>();

  constructor(options: RestClientOptions) {
    this.options = options;
    this.limits = { ...REST_LIMITS, ...options.limits };
    this.limiter = new WeightLimiter(this.limits.weight);
    this.breaker = new CircuitBreaker(this.limits.breaker);
    this.kept = new RecentMap(this.limits.cacheMax);
  }

  get<T>(request: RestRequest<T>): Promise<RestResult<RestReply<T>>> {
    const http = this.httpOf(request);
    const key = `${http.url} ${http.body ?? ''}`;
    this.counters.requests += 1;
    const kept = this.kept.get(key);
    if (kept !== undefined && this.options.timers.nowMs() < kept.untilMs) {
      this.counters.cached += 1;
      return Promise.resolve(kept.result as RestResult<RestReply<T>>);
    }
    const asked = this.asked.get(key);
    if (asked !== undefined) {
      this.counters.shared += 1;
      return asked as Promise<RestResult<RestReply<T>>>;
    }
    const answer = this.ask(request, http).then((result) => {
      if (!result.isOk) this.counters.failures += 1;
      else if (request.freshMs > 0) {
        this.kept.set(key, { untilMs: result.receivedMs + request.freshMs, result });
      }
      return result;
    });
    this.asked.set(key, answer);
    return answer.finally(() => this.asked.delete(key));
  }

  private httpOf<T>({ path, query = {}, body }: RestRequest<T>): HttpRequest {
    const texts = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) texts.set(name, String(value));
    }
    const question = texts.size === 0 ? '' : `?${texts}`;
    const { url, headers } = this.options;
    if (body === undefined) return { method: 'GET', url: `${url}${path}${question}`, headers };
    return {
      method: 'POST',
      url: `${url}${path}${question}`,
      body: JSON.stringify(body),
      headers: { ...headers, 'content-type': 'application/json' },
    };
  }

  private async ask<T>(
    request: RestRequest<T>,
    http: HttpRequest,
  ): Promise<RestResult<RestReply<T>>> {
    const { attemptsMax, waitMaxMs, backoffMs: firstMs, backoffMaxMs } = this.limits;
    for (let tries = 0; ; tries += 1) {
      const result = await this.try(request, http);
      if (result.isOk || tries + 1 >= attemptsMax) return result;
      if (!isRetried(result, waitMaxMs)) return result;
      this.counters.retries += 1;
      const pauseMs = backoffMs(tries, firstMs, backoffMaxMs, this.options.random);
      await this.sleep(Math.max(result.retryAfterMs ?? 0, pauseMs));
    }
  }

  /** One attempt, from the limits to the reply. */
  private async try<T>(
    request: RestRequest<T>,
    http: HttpRequest,
  ): Promise<RestResult<RestReply<T>>> {
    const { timers, fetch: fetchReply = fetch } = this.options;
    const openMs = this.breaker.waitMs(timers.nowMs());
    if (openMs > 0) {
      this.counters.shortCircuited += 1;
      return failure('CIRCUIT_OPEN', undefined, { retryAfterMs: openMs });
    }
    const waitMs = this.limiter.admit(request.weight, timers.nowMs());
    if (waitMs > 0) {
      this.breaker.undecided();
      return failure('RATE_LIMITED', undefined, { retryAfterMs: waitMs });
    }
    this.counters.attempts += 1;
    const reply = await attempt(http, this.limits.timeoutMs, timers, fetchReply);
    const result = 'isOk' in reply ? reply : this.read(request, reply);
    this.judge(result);
    return result;
  }

  private judge(result: RestResult<unknown>): void {
    if (result.isOk) this.breaker.succeeded();
    else if (UNHEALTHY.has(result.code)) {
      if (result.code === 'BAD_REPLY') this.counters.badReplies += 1;
      this.breaker.failed(this.options.timers.nowMs());
    } else if (result.code === 'REFUSED') this.breaker.succeeded();
    else this.breaker.undecided();
  }

  private read<T>(request: RestRequest<T>, reply: HttpReply): RestResult<RestReply<T>> {
    const nowMs = this.options.timers.nowMs();
    const { status, headers, text } = reply;
    const { usedWeightHeader } = this.options;
    const used =
      usedWeightHeader === undefined ? Number.NaN : Number(headers.get(usedWeightHeader));
    if (used > 0) this.limiter.observe(used, nowMs);
    if (status === 429 || status === 418) return this.shutOut(status, headers, nowMs);
    if (status >= 500) {
      return failure('VENUE_ERROR', `status ${status}: ${said(text)}`, {
        status,
        retryAfterMs: retryAfterMs(headers, nowMs),
      });
    }
    if (status === 403) return this.shutOut(status, headers, nowMs);
    if (status >= 400) return failure('REFUSED', `status ${status}: ${said(text)}`, { status });
    const checked = request.check(text);
    if (!checked.isOk) return checked;
    const refusal = request.refusalIn?.(checked.value);
    if (refusal !== undefined) {
      if (refusal.code === 'RATE_LIMITED') return this.limited(nowMs, refusal.retryAfterMs);
      return refusal;
    }
    return { isOk: true, value: { value: checked.value, text }, receivedMs: nowMs };
  }

  /** 429 asks for a pause; 418, and on Bybit 403, is one that was imposed. */
  private shutOut(status: number, headers: Headers, nowMs: number): RestFailure {
    const waitMs = retryAfterMs(headers, nowMs);
    if (status === 429) return this.limited(nowMs, waitMs);
    this.counters.banned += 1;
    const bannedMs = waitMs ?? this.limits.bannedMs;
    this.limiter.block(nowMs + bannedMs);
    return failure('BANNED', undefined, { retryAfterMs: bannedMs, status });
  }

  private limited(nowMs: number, waitMs = this.limits.limitedMs): RestFailure {
    this.counters.limited += 1;
    this.limiter.block(nowMs + waitMs);
    return failure('RATE_LIMITED', undefined, { retryAfterMs: waitMs, status: 429 });
  }

  private sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.options.timers.after(delayMs, resolve);
    });
  }
}

/** Whether trying again may help, and soon. */
function isRetried({ code, retryAfterMs: waitMs }: RestFailure, waitMaxMs: number): boolean {
  if (RETRIED.has(code)) return (waitMs ?? 0) <= waitMaxMs;
  return (code === 'RATE_LIMITED' || code === 'BANNED') && (waitMs ?? 0) <= waitMaxMs;
}

function said(text: string): string {
  return text.slice(0, 200);
}
