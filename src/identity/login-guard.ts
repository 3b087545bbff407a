/** Failed logins one client may make on one username within `WINDOW_MS`. */
export const FAILURES_MAX = 5;
const WINDOW_MS = 60_000;

interface Attempts {
  /** When each failure falls out of the window, oldest first; attempts under way count as one. */
  readonly endsMs: number[];
}

/**
 * Slows the guessing of passwords: after five failures within a minute further attempts are
 * refused until the oldest is a minute old, whether or not their password is right.
 */
export class LoginGuard {
  private readonly byKey = new Map<string, Attempts>();
  private readonly maxKeys: number;

  constructor(maxKeys = 10_000) {
    this.maxKeys = maxKeys;
  }

  get keys(): number {
    return this.byKey.size;
  }

  /**
   * Books an attempt as if it had failed, so that attempts at the same moment count too.
   * @returns 0, or the whole seconds to wait.
   */
  begin(key: string, nowMs: number): number {
    let attempts = this.byKey.get(key);
    if (attempts === undefined) {
      if (this.byKey.size >= this.maxKeys) this.makeRoom(nowMs);
      attempts = { endsMs: [] };
      this.byKey.set(key, attempts);
    }
    const { endsMs } = attempts;
    while (endsMs.length > 0 && endsMs[0] <= nowMs) endsMs.shift();
    if (endsMs.length >= FAILURES_MAX) return Math.max(1, Math.ceil((endsMs[0] - nowMs) / 1000));
    endsMs.push(nowMs + WINDOW_MS);
    return 0;
  }

  /** The attempt was right after all: earlier failures are forgiven. */
  succeeded(key: string): void {
    this.byKey.delete(key);
  }

  private makeRoom(nowMs: number): void {
    for (const [key, { endsMs }] of this.byKey) {
      if (endsMs.length === 0 || endsMs[endsMs.length - 1] <= nowMs) this.byKey.delete(key);
    }
    // Still full: someone tries many names at once. The entries that came first make way.
    let surplus = this.byKey.size < this.maxKeys ? 0 : Math.ceil(this.maxKeys / 10);
    for (const key of this.byKey.keys()) {
      if (surplus === 0) return;
      this.byKey.delete(key);
      surplus -= 1;
    }
  }
}
