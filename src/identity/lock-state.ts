/** Failures in a row before an account is locked for the first time. */
export const LOCK_AFTER_FAILURES = 10;
/** Further failures before it is locked again, for twice as long. */
const LOCK_EVERY = 5;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 3_600_000;
/** Failures older than this are forgotten. */
const MEMORY_MS = 86_400_000;

/**
 * Failed logins of one account, from wherever they came. From the tenth in a row on, every fifth
 * locks it: one minute, two, four … an hour.
 */
export class LockState {
  failures = 0;
  private lastFailureMs = 0;
  private untilMs = 0;

  /** Whole seconds until a password is looked at again; 0 when it is now. */
  waitSeconds(nowMs: number): number {
    return Math.max(0, Math.ceil((this.untilMs - nowMs) / 1000));
  }

  /** @returns until when this failure locks the account; `undefined` when it does not */
  failed(nowMs: number): number | undefined {
    if (nowMs - this.lastFailureMs > MEMORY_MS) this.failures = 0;
    this.failures += 1;
    this.lastFailureMs = nowMs;
    const beyond = this.failures - LOCK_AFTER_FAILURES;
    if (beyond < 0 || beyond % LOCK_EVERY !== 0) return undefined;
    const lockMs = Math.min(LONGEST_LOCK_MS, FIRST_LOCK_MS * 2 ** (beyond / LOCK_EVERY));
    this.untilMs = nowMs + lockMs;
    return this.untilMs;
  }

  /** As the journal tells it. */
  locked(failures: number, atMs: number, untilMs: number): void {
    this.failures = Math.max(this.failures, failures);
    this.lastFailureMs = Math.max(this.lastFailureMs, atMs);
    this.untilMs = Math.max(this.untilMs, untilMs);
  }

  clear(): void {
    this.failures = 0;
    this.untilMs = 0;
  }
}

/** Lock states of names that no account has, so that they behave like those that one has. */
export class UnknownNames {
  private readonly byName = new Map<string, LockState>();
  private readonly maxNames: number;

  constructor(maxNames = 10_000) {
    this.maxNames = maxNames;
  }

  get size(): number {
    return this.byName.size;
  }

  of(name: string): LockState {
    let state = this.byName.get(name);
    if (state !== undefined) return state;
    if (this.byName.size >= this.maxNames) {
      for (const oldest of this.byName.keys()) {
        this.byName.delete(oldest);
        break;
      }
    }
    state = new LockState();
    this.byName.set(name, state);
    return state;
  }
}
