import type { Client, FailedAttempts } from './events.ts';

/** Pairs of name and address told apart in one event. */
const PAIRS_MAX = 20;
const NAME_CHARACTERS = 64;

/** Collects failed logins, so that the journal gets one event for all of some time. */
export class FailedLogins {
  private readonly pairs = new Map<string, FailedAttempts>();
  private others = 0;
  private sinceMs = 0;

  get any(): boolean {
    return this.pairs.size > 0;
  }

  add(name: string, { address, requestId }: Client, nowMs: number): void {
    if (!this.any) this.sinceMs = Math.floor(nowMs);
    const shown = name.slice(0, NAME_CHARACTERS);
    const pair = `${address}\n${shown.toLowerCase()}`;
    const known = this.pairs.get(pair);
    if (known === undefined && this.pairs.size >= PAIRS_MAX) {
      this.others += 1;
      return;
    }
    this.pairs.set(pair, { name: shown, address, count: (known?.count ?? 0) + 1, requestId });
  }

  /** What was collected since the last call. */
  take(): { sinceMs: number; attempts: readonly FailedAttempts[]; others: number } {
    const { sinceMs, others } = this;
    const attempts = [...this.pairs.values()];
    this.pairs.clear();
    this.others = 0;
    return { sinceMs, attempts, others };
  }
}
