import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Histogram, percentileOf } from './histogram.ts';
import type { HttpMetrics } from './http-metrics.ts';
import { NetworkProbe, type Peer } from './network-probe.ts';
import type { RequestRateSampler, RequestRates } from './request-rates.ts';
import { SeiProbe } from './sei-probe.ts';

/** What sockets have been sent, over all paths, since the start. */
export interface SocketTotals {
  readonly deliveries: number;
  /** Clients that came back. */
  readonly resumes: number;
}

export interface FigureParts {
  readonly http: HttpMetrics;
  readonly requestRates: RequestRateSampler;
  readonly sockets: () => SocketTotals;
  readonly peers: readonly Peer[];
  readonly seiUrls: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
}

export interface RequestFigures extends RequestRates {
  /** NaN before the first request. */
  readonly latencyP95Ms: number;
}

interface Look {
  readonly atMs: number;
  readonly deliveries: number;
}

const LOOK_EVERY_MS = 1_000;
const LOOKS_KEPT = 11;
const LOOP_RESOLUTION_MS = 10;
/** Seconds. */
const PUSH_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** What health tells of the system beside its load: all of it measured. */
export class SystemFigures {
  readonly network: NetworkProbe;
  readonly sei: SeiProbe;
  /** From a market's event to its message on FlashMM's socket, seconds. */
  readonly pushLatency = new Histogram(PUSH_BOUNDS);
  private readonly parts: FigureParts;
  private readonly loop: IntervalHistogram;
  private readonly looks: Look[] = [];
  private newestMessageMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(parts: FigureParts) {
    this.parts = parts;
    this.network = new NetworkProbe(parts.peers);
    this.sei = new SeiProbe(parts.seiUrls, parts.nowMs);
    this.loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  }

  start(): void {
    this.loop.enable();
    this.network.start();
    this.sei.start();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
    this.look();
  }

  stop(): void {
    this.loop.disable();
    this.network.stop();
    this.sei.stop();
    clearInterval(this.timer);
  }

  /** Of the last minute; the latency since the start. */
  requests(): RequestFigures {
    const { http, requestRates } = this.parts;
    const { bounds, counts } = http.allDurations();
    const latencyP95Ms = percentileOf(bounds, counts, 0.95) * 1000;
    return { ...requestRates.read(), latencyP95Ms };
  }

  /** Over the last ten seconds. */
  sockets(): {
    readonly messagesPerSecond: number;
    /** Within a second; 0 before the first. */
    readonly lastMessageMs: number;
    readonly resumes: number;
    readonly pushP95Ms: number;
  } {
    const { pushLatency, looks } = this;
    const oldest = looks.at(0);
    const newest = looks.at(-1);
    const ms = (newest?.atMs ?? 0) - (oldest?.atMs ?? 0);
    const sent = (newest?.deliveries ?? 0) - (oldest?.deliveries ?? 0);
    return {
      messagesPerSecond: ms > 0 ? (sent / ms) * 1000 : 0,
      lastMessageMs: this.newestMessageMs,
      resumes: this.parts.sockets().resumes,
      pushP95Ms: percentileOf(pushLatency.bounds, pushLatency.counts, 0.95) * 1000,
    };
  }

  /** How much later than asked for timers came on the gateway's thread; NaN before the first look. */
  eventLoopDelay(): { readonly meanMs: number; readonly p99Ms: number } {
    // The histogram holds the whole interval; what is above the resolution is the delay.
    const late = (ns: number): number => Math.max(0, ns / 1e6 - LOOP_RESOLUTION_MS);
    return { meanMs: late(this.loop.mean), p99Ms: late(this.loop.percentile(99)) };
  }

  private look(): void {
    const { sockets, nowMs } = this.parts;
    const { deliveries } = sockets();
    const atMs = nowMs();
    if (deliveries > (this.looks.at(-1)?.deliveries ?? 0)) this.newestMessageMs = atMs;
    this.looks.push({ atMs, deliveries });
    if (this.looks.length > LOOKS_KEPT) this.looks.shift();
  }
}
