import type { Clock } from '../../lib/clock.ts';
import type { NativeSession } from './session.ts';

/** How often it is looked which connections are due. */
const LOOK_MS = 250;

/** Sends every connection its heartbeat when it is due; one timer serves all. */
export class Heartbeats {
  private readonly clock: Clock;
  private readonly sessions = new Set<NativeSession>();
  private timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(session: NativeSession): void {
    this.sessions.add(session);
    if (this.timer !== undefined) return;
    this.timer = setInterval(() => this.run(), LOOK_MS);
    this.timer.unref();
  }

  remove(session: NativeSession): void {
    this.sessions.delete(session);
    if (this.sessions.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  get all(): Iterable<NativeSession> {
    return this.sessions;
  }

  /** Sends what is due now. */
  run(): void {
    const nowMs = this.clock.nowMs();
    for (const session of this.sessions) {
      const { heartbeat } = session;
      if (nowMs < heartbeat.dueMs) continue;
      heartbeat.dueMs = nowMs + heartbeat.intervalMs;
      session.beat();
    }
  }
}
