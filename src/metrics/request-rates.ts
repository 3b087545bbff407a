/** What was asked and what failed by our fault, since the start. */
export interface RequestTotals {
  readonly requests: number;
  /** Replies with a status of 500 and above. */
  readonly failures: number;
}

export interface RequestRates {
  /** In the last minute, or since the start where that is less. */
  readonly requestsPerMinute: number;
  /** Share of them that failed by our fault, 0 to 100; 0 while there were none. */
  readonly errorPercent: number;
}

interface Sample extends RequestTotals {
  readonly atMs: number;
}

const WINDOW_MS = 60_000;
export const SAMPLE_EVERY_MS = 5000;

/** How many requests the last minute had, from totals that are looked at every five seconds. */
export class RequestRateSampler {
  private readonly totals: () => RequestTotals;
  /** Oldest first; the oldest one is what the window is counted from. */
  private readonly samples: Sample[] = [];

  /** @param nowMs any clock's milliseconds */
  constructor(totals: () => RequestTotals, nowMs: number) {
    this.totals = totals;
    this.sample(nowMs);
  }

  /** To be called every `SAMPLE_EVERY_MS`. */
  sample(nowMs: number): void {
    const { samples } = this;
    samples.push({ ...this.totals(), atMs: nowMs });
    while (samples.length > 1 && samples[1].atMs <= nowMs - WINDOW_MS) samples.shift();
  }

  read(): RequestRates {
    const [from] = this.samples;
    const now = this.totals();
    const requests = now.requests - from.requests;
    const failures = now.failures - from.failures;
    return {
      requestsPerMinute: requests,
      errorPercent: requests === 0 ? 0 : Math.round((failures / requests) * 10_000) / 100,
    };
  }
}
