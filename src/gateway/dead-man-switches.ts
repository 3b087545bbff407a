import { LIMITS } from '../config/limits.ts';
import * as C from '../domain/result-codes.ts';
import type { CancelAllScheduled, VenueEvent } from '../domain/venue-events.ts';
import type { Clock } from '../lib/clock.ts';
import type { CancelAllAfterReply, CancelAllReply } from './venue.ts';

/** After a failed attempt, and at most so long at once, since a timer takes 31 bits. */
const RETRY_MS = 1000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** A renewal is recorded once it moves the recorded time by this part of its seconds. */
const RECORDED_SHARE = 1 / 4;

export interface DeadManParts {
  readonly clock: Clock;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
  /** Cancels everything of the portfolio in the market (0: everywhere). */
  readonly cancelAll: (
    portfolioId: number,
    marketId: number,
    done: (reply: CancelAllReply) => void,
  ) => void;
}

interface Switch {
  readonly portfolioId: number;
  readonly marketId: number;
  /** What the journal says; a restart goes by it. */
  recordedMs: number;
  /** What counts while the server runs: never before `recordedMs`. */
  firesAtMs: number;
  firing: boolean;
}

/**
 * Dead man's switches: whoever does not renew one in time has all orders cancelled, also when the
 * server was restarted meanwhile. Setting and taking back is a fact in the journal; of renewals only
 * some are, so that a client that renews every second does not fill it: after a crash a switch may
 * fire a quarter of its time too early, never too late.
 */
export class DeadManSwitches {
  private readonly parts: DeadManParts;
  private readonly switches = new Map<string, Switch>();
  private timer: NodeJS.Timeout | undefined;
  private running = false;

  constructor(parts: DeadManParts) {
    this.parts = parts;
  }

  /** A durable fact, live or in recovery. */
  apply({ portfolioId, marketId, atMs }: CancelAllScheduled): void {
    const id = key(portfolioId, marketId);
    if (atMs === 0) this.switches.delete(id);
    else {
      const known = this.switches.get(id);
      const firesAtMs = atMs;
      if (known === undefined) {
        this.switches.set(id, {
          portfolioId,
          marketId,
          recordedMs: atMs,
          firesAtMs,
          firing: false,
        });
      } else {
        known.recordedMs = atMs;
        known.firesAtMs = firesAtMs;
      }
    }
    this.arm();
  }

  /** Begins to fire what is due; before, facts only collect. */
  start(): void {
    this.running = true;
    this.arm();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
  }

  get armed(): number {
    return this.switches.size;
  }

  /** `seconds` from now, 0 takes the switch back; `done` is called when that is durable. */
  set(
    portfolioId: number,
    marketId: number,
    seconds: number,
    done: (reply: CancelAllAfterReply) => void,
  ): void {
    const known = this.switches.get(key(portfolioId, marketId));
    const firesAtMs = seconds === 0 ? 0 : Math.ceil(this.parts.clock.nowMs() + seconds * 1000);
    const reply = { code: C.OK, firesAtMs };
    if (known === undefined && seconds === 0) return done(reply);
    const movedMs = known === undefined ? Number.POSITIVE_INFINITY : firesAtMs - known.recordedMs;
    if (known !== undefined && movedMs >= 0 && movedMs < seconds * 1000 * RECORDED_SHARE) {
      known.firesAtMs = firesAtMs;
      return done(reply);
    }
    if (known === undefined && this.switches.size >= LIMITS.deadManSwitches) {
      return done({ code: C.TOO_MANY_OPEN_ORDERS, firesAtMs: 0 });
    }
    this.record(portfolioId, marketId, firesAtMs).then(
      () => done(reply),
      () => done({ code: C.JOURNAL_UNAVAILABLE, firesAtMs: 0 }),
    );
  }

  private record(portfolioId: number, marketId: number, atMs: number): Promise<void> {
    return this.parts.record({ kind: 'CancelAllScheduled', portfolioId, marketId, atMs });
  }

  private arm(delayMs?: number): void {
    clearTimeout(this.timer);
    if (!this.running) return;
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const { firesAtMs, firing } of this.switches.values()) {
      if (!firing) earliestMs = Math.min(earliestMs, firesAtMs);
    }
    if (earliestMs === Number.POSITIVE_INFINITY) return;
    const waitMs = delayMs ?? Math.max(0, Math.ceil(earliestMs - this.parts.clock.nowMs()));
    this.timer = setTimeout(() => this.fire(), Math.min(waitMs, LONGEST_TIMER_MS));
    this.timer.unref();
  }

  private fire(): void {
    const nowMs = this.parts.clock.nowMs();
    for (const one of this.switches.values()) {
      if (!one.firing && one.firesAtMs <= nowMs) this.trip(one);
    }
    this.arm();
  }

  private trip(one: Switch): void {
    const { portfolioId, marketId, firesAtMs } = one;
    one.firing = true;
    this.parts.cancelAll(portfolioId, marketId, ({ code }) => {
      one.firing = false;
      // It may have been set anew while its orders were leaving.
      if (code === C.OK && one.firesAtMs === firesAtMs) {
        one.firing = true;
        this.record(portfolioId, marketId, 0).catch(() => {
          one.firing = false;
        });
      } else if (code !== C.OK) this.arm(RETRY_MS);
      else this.arm();
    });
  }
}

function key(portfolioId: number, marketId: number): string {
  return `${portfolioId}/${marketId}`;
}
