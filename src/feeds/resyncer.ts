import { backoffMs } from './backoff.ts';
import type { FeedLimits, FeedTimers } from './connector-types.ts';

export interface ResyncerOptions {
  readonly timers: FeedTimers;
  readonly random: () => number;
  readonly limits: Pick<FeedLimits, 'backoffMs' | 'backoffMaxMs' | 'resyncTimeoutMs'>;
  /** Does what brings one symbol's book anew. @returns how long to leave it alone if it cannot */
  readonly fetch: (symbol: string) => Promise<ResyncOutcome>;
}

/** `asked`: the book will come. A number: it failed; milliseconds that the exchange asked for, or 0. */
export type ResyncOutcome = 'asked' | 'hopeless' | number;

interface Pending {
  failures: number;
  /** Counts what was decided, so that a fetch that was overtaken by a decision makes none. */
  turn: number;
  cancel: () => void;
}

/**
 * Fetches the books of single symbols anew, each on its own and with growing pauses, until it is
 * told that the book is there. A symbol that cannot be had costs a request a minute, not a storm.
 */
export class Resyncer {
  readonly counters = { resyncs: 0, failures: 0 };
  private readonly options: ResyncerOptions;
  private readonly pending = new Map<string, Pending>();

  constructor(options: ResyncerOptions) {
    this.options = options;
  }

  /** The book of a symbol is needed anew. While that is under way, asking again changes nothing. */
  want(symbol: string): void {
    if (this.pending.has(symbol)) return;
    const pending: Pending = { failures: 0, turn: 0, cancel: () => undefined };
    this.pending.set(symbol, pending);
    this.counters.resyncs += 1;
    void this.fetch(symbol, pending);
  }

  /** What was fetched did not fit: it counts as a failure, and is fetched again. */
  again(symbol: string): void {
    const pending = this.pending.get(symbol);
    if (pending === undefined) this.want(symbol);
    else this.retry(symbol, pending, 0);
  }

  /** The book is there, or nobody wants it any more. */
  done(symbol: string): void {
    this.pending.get(symbol)?.cancel();
    this.pending.delete(symbol);
  }

  stop(): void {
    for (const symbol of [...this.pending.keys()]) this.done(symbol);
  }

  private async fetch(symbol: string, pending: Pending): Promise<void> {
    const { turn } = pending;
    const outcome = await this.options.fetch(symbol);
    if (this.pending.get(symbol) !== pending || pending.turn !== turn) return;
    if (outcome === 'hopeless') this.done(symbol);
    else if (outcome === 'asked') {
      const { timers, limits } = this.options;
      pending.cancel();
      pending.cancel = timers.after(limits.resyncTimeoutMs, () => this.retry(symbol, pending, 0));
    } else this.retry(symbol, pending, outcome);
  }

  private retry(symbol: string, pending: Pending, waitMs: number): void {
    const { timers, limits, random } = this.options;
    this.counters.failures += 1;
    const pauseMs = backoffMs(pending.failures, limits.backoffMs, limits.backoffMaxMs, random);
    pending.failures += 1;
    pending.turn += 1;
    pending.cancel();
    pending.cancel = timers.after(Math.max(waitMs, pauseMs), () => {
      void this.fetch(symbol, pending);
    });
  }
}
