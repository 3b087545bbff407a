import { LIMITS } from '../../config/limits.ts';
import { RecentMap } from '../../lib/recent-map.ts';

/**
 * A documented limit. `limit` requests per window, which opens with a key's first request; and,
 * where a burst is given, a token bucket that refills at the steady rate and holds at most
 * `burst`, so no more than that many come at once. These two are what the header sets
 * `X-RateLimit-*` and `X-RateLimit-Burst*` describe.
 */
export interface RateLimitRule {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly burst?: number;
  /** Time in which an empty bucket fills; by default that of the steady rate. */
  readonly burstWindowSeconds?: number;
  /** True when the burst's state is documented as reply headers. */
  readonly announceBurst?: boolean;
}

/** The state after a request was counted, as its reply tells it. */
export interface RateLimitVerdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Unix seconds at which the window ends. */
  readonly resetSeconds: number;
  /** `undefined` unless the rule announces its burst. */
  readonly burst: number | undefined;
  readonly burstRemaining: number;
  /** Whole seconds until a request would be allowed; 0 when this one was. */
  readonly retryAfterSeconds: number;
}

interface Bucket {
  windowEndsMs: number;
  used: number;
  tokens: number;
  refilledMs: number;
}

/**
 * Counts requests of one limit by key, in bounded memory: at most `2 × keysPerGeneration` keys are
 * remembered, and one that was idle for two windows is not. A flood of keys drops the keys that were
 * used least recently, never one in use, so an attacker gains nothing but fresh buckets for keys
 * that each had one already.
 */
export class RateLimiter {
  private readonly rule: RateLimitRule;
  private readonly refillPerMs: number;
  private readonly buckets: RecentMap<Bucket>;
  private generationEndsMs = 0;

  constructor(rule: RateLimitRule, keysPerGeneration: number = LIMITS.rateLimitKeysPerGeneration) {
    this.rule = rule;
    this.buckets = new RecentMap(keysPerGeneration);
    const burst = rule.burst ?? 0;
    const fillSeconds = rule.burstWindowSeconds ?? (burst * rule.windowSeconds) / rule.limit;
    this.refillPerMs = burst === 0 ? 0 : burst / (fillSeconds * 1000);
  }

  get keys(): number {
    return this.buckets.size;
  }

  /** Counts one request. A refused request uses nothing up. */
  take(key: string, nowMs: number): RateLimitVerdict {
    const { rule } = this;
    if (nowMs >= this.generationEndsMs) this.nextGeneration(nowMs);
    const bucket = this.buckets.get(key) ?? this.open(key, nowMs);
    if (nowMs >= bucket.windowEndsMs) {
      bucket.windowEndsMs = nowMs + rule.windowSeconds * 1000;
      bucket.used = 0;
    }
    this.refill(bucket, nowMs);
    const windowOpen = bucket.used < rule.limit;
    const allowed = windowOpen && (rule.burst === undefined || bucket.tokens >= 1);
    let waitMs = 0;
    if (allowed) {
      bucket.used += 1;
      bucket.tokens -= 1;
    } else if (windowOpen) waitMs = (1 - bucket.tokens) / this.refillPerMs;
    else waitMs = bucket.windowEndsMs - nowMs;
    return {
      allowed,
      limit: rule.limit,
      remaining: rule.limit - bucket.used,
      resetSeconds: Math.ceil(bucket.windowEndsMs / 1000),
      burst: rule.announceBurst ? rule.burst : undefined,
      burstRemaining: rule.burst === undefined ? 0 : Math.max(0, Math.floor(bucket.tokens)),
      retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil(waitMs / 1000)),
    };
  }

  /** A key idle for a whole window has a full bucket again: forgetting it changes nothing. */
  private nextGeneration(nowMs: number): void {
    const { windowSeconds, burst = 0 } = this.rule;
    const refillMs = this.refillPerMs === 0 ? 0 : burst / this.refillPerMs;
    this.generationEndsMs = nowMs + Math.max(windowSeconds * 1000, refillMs);
    this.buckets.turn();
  }

  private refill(bucket: Bucket, nowMs: number): void {
    const { burst } = this.rule;
    if (burst === undefined) return;
    const gained = Math.max(0, nowMs - bucket.refilledMs) * this.refillPerMs;
    bucket.tokens = Math.min(burst, bucket.tokens + gained);
    bucket.refilledMs = nowMs;
  }

  private open(key: string, nowMs: number): Bucket {
    const bucket = {
      windowEndsMs: nowMs + this.rule.windowSeconds * 1000,
      used: 0,
      tokens: this.rule.burst ?? 0,
      refilledMs: nowMs,
    };
    this.buckets.set(key, bucket);
    return bucket;
  }
}
