import type { SessionOpened, SessionRefreshed } from './events.ts';
import { Grant } from './grant.ts';

/** Sessions one user may have at once; a further login ends the oldest. */
export const SESSIONS_PER_USER_MAX = 1000;
/** Lines of refresh tokens one session may have; a further one takes the oldest's place. */
export const CHAINS_PER_SESSION_MAX = 16;

/** One login and everything that came of it: its access tokens and its chains of refresh tokens. */
export interface Session {
  readonly sessionId: string;
  readonly userId: number;
  readonly openedAtMs: number;
  readonly expiresAtMs: number;
  /** The address it was opened from. */
  readonly address: string;
  /** The generation that is good, by chain. */
  readonly chains: Map<number, number>;
  readonly grant: Grant;
  /** Chains whose next generation is on its way to the disk. */
  readonly refreshing: Set<number>;
  /** The number the next chain gets. */
  nextChain: number;
}

/** The sessions that are open, by id and by user. */
export class Sessions {
  private readonly byId = new Map<string, Session>();
  private readonly byUser = new Map<number, Map<string, Session>>();

  get size(): number {
    return this.byId.size;
  }

  get(sessionId: string): Session | undefined {
    return this.byId.get(sessionId);
  }

  /** Oldest first. */
  ofUser(userId: number): Session[] {
    return [...(this.byUser.get(userId)?.values() ?? [])];
  }

  open(event: SessionOpened): void {
    const { sessionId, userId, expiresAtMs, atMs } = event;
    const session: Session = {
      sessionId,
      userId,
      openedAtMs: atMs,
      expiresAtMs,
      address: event.origin.address,
      chains: new Map([[0, 1]]),
      grant: new Grant(),
      refreshing: new Set(),
      nextChain: 1,
    };
    this.byId.set(sessionId, session);
    let own = this.byUser.get(userId);
    if (own === undefined) {
      own = new Map();
      this.byUser.set(userId, own);
    }
    own.set(sessionId, session);
    if (own.size <= SESSIONS_PER_USER_MAX) return;
    for (const oldest of own.keys()) {
      this.end(oldest);
      return;
    }
  }

  refreshed({ sessionId, chain, generation }: SessionRefreshed): void {
    const session = this.byId.get(sessionId);
    if (session === undefined) return;
    session.refreshing.delete(chain);
    session.chains.set(chain, generation);
    session.nextChain = Math.max(session.nextChain, chain + 1);
    if (session.chains.size <= CHAINS_PER_SESSION_MAX) return;
    for (const oldest of session.chains.keys()) {
      session.chains.delete(oldest);
      return;
    }
  }

  end(sessionId: string): void {
    const session = this.byId.get(sessionId);
    if (session === undefined) return;
    this.byId.delete(sessionId);
    const own = this.byUser.get(session.userId);
    own?.delete(sessionId);
    if (own?.size === 0) this.byUser.delete(session.userId);
    session.grant.end();
  }

  endAllOf(userId: number): void {
    for (const { sessionId } of this.ofUser(userId)) this.end(sessionId);
  }

  /** Forgets the sessions whose time is over; their last tokens ended before them. */
  sweep(nowMs: number): void {
    for (const { sessionId, expiresAtMs } of this.byId.values()) {
      if (expiresAtMs <= nowMs) this.end(sessionId);
    }
  }
}
