import { assert } from '../lib/assert.ts';
import { Histogram } from './histogram.ts';
import type { Metrics } from './metrics.ts';
import type { RequestTotals } from './request-rates.ts';

/** Seconds. A read takes tens of microseconds, a durable order a few hundred. */
const DURATION_BOUNDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

/** Counts the requests of one route. */
export class RouteMeter {
  readonly surface: string;
  readonly method: string;
  readonly route: string;
  readonly byStatus = new Map<number, number>();
  private readonly observers: readonly Histogram[];

  constructor(surface: string, method: string, route: string, observers: readonly Histogram[]) {
    this.surface = surface;
    this.method = method;
    this.route = route;
    this.observers = observers;
  }

  observe(status: number, seconds: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    for (const histogram of this.observers) histogram.observe(seconds);
  }
}

/** `openbell_http_*`: requests by surface, route and status; durations by surface. */
export class HttpMetrics {
  /** Requests that the client abandoned before their reply are counted under this status. */
  static readonly ABORTED = 499;

  private readonly meters: RouteMeter[] = [];
  private readonly durations = new Map<string, Histogram>();
  private readonly shared: Histogram[] = [];
  private readonly rateLimited = new Map<string, number>();
  /** Surface → code → count. Codes are constants of ours, so their number is bounded. */
  private readonly refusals = new Map<string, Map<string, number>>();

  constructor(metrics: Metrics) {
    metrics.counter('openbell_http_requests_total', 'HTTP requests answered', () =>
      this.meters.flatMap(({ surface, method, route, byStatus }) =>
        [...byStatus].map(([status, value]) => ({
          labels: { surface, method, route, status: String(status) },
          value,
        })),
      ),
    );
    metrics.histogramSource(
      'openbell_http_request_duration_seconds',
      'Time from the request line to the reply, the wait for durability included',
      () =>
        [...this.durations].map(([surface, { bounds, counts, sum }]) => ({
          labels: { surface },
          bounds,
          counts,
          sum,
        })),
    );
    metrics.counter('openbell_rate_limited_total', 'Requests refused by a rate limit', () =>
      [...this.rateLimited].map(([surface, value]) => ({ labels: { surface }, value })),
    );
    metrics.counter('openbell_http_refusals_total', 'Requests refused, by reason', () =>
      [...this.refusals].flatMap(([surface, byCode]) =>
        [...byCode].map(([code, value]) => ({ labels: { surface, code }, value })),
      ),
    );
  }

  /** A histogram that observes every request too, seconds. Call before any meter is made. */
  alsoObserve(histogram: Histogram): void {
    assert(this.meters.length === 0, 'meters know their histograms from the start');
    this.shared.push(histogram);
  }

  /** The meter of one route; `route` is its pattern, never a path a client chose. */
  meter(surface: string, method: string, route: string): RouteMeter {
    let durations = this.durations.get(surface);
    if (durations === undefined) {
      durations = new Histogram(DURATION_BOUNDS);
      this.durations.set(surface, durations);
    }
    const meter = new RouteMeter(surface, method, route, [durations, ...this.shared]);
    this.meters.push(meter);
    return meter;
  }

  /** Over all routes, since the start. */
  totals(): RequestTotals {
    let requests = 0;
    let failures = 0;
    for (const { byStatus } of this.meters) {
      for (const [status, count] of byStatus) {
        requests += count;
        if (status >= 500) failures += count;
      }
    }
    return { requests, failures };
  }

  /** How long requests took, over all surfaces. */
  allDurations(): { readonly bounds: readonly number[]; readonly counts: readonly number[] } {
    const counts = new Array<number>(DURATION_BOUNDS.length + 1).fill(0);
    for (const { counts: own } of this.durations.values()) {
      for (const [i, count] of own.entries()) counts[i] += count;
    }
    return { bounds: DURATION_BOUNDS, counts };
  }

  countRefusal(surface: string, code: string): void {
    let byCode = this.refusals.get(surface);
    if (byCode === undefined) {
      byCode = new Map();
      this.refusals.set(surface, byCode);
    }
    byCode.set(code, (byCode.get(code) ?? 0) + 1);
  }

  countRateLimited(surface: string): void {
    this.rateLimited.set(surface, (this.rateLimited.get(surface) ?? 0) + 1);
  }
}
