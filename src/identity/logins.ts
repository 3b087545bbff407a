import { randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Client, SessionEnd } from './events.ts';
import type { FailedLogins } from './failed-logins.ts';
import type { IdentityState } from './identity-state.ts';
import { TOKEN_LIFETIME_SECONDS } from './key-ring.ts';
import { UnknownNames } from './lock-state.ts';
import { LoginGuard } from './login-guard.ts';
import type { PasswordDesk } from './password-desk.ts';
import { passwordWeakness } from './password-rules.ts';
import type { Principal } from './principal.ts';
import type { Recorder } from './recorder.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import { IdentityRefused } from './refused.ts';
import type { Session } from './sessions.ts';
import type { Tokens } from './tokens.ts';
import { nameKey, type User } from './users.ts';

/** How long a session can be refreshed, from its login on. */
export const SESSION_LIFETIME_MS = 30 * 86_400_000;

export interface Login {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  readonly user: User;
}

export interface LoginParts {
  readonly state: IdentityState;
  readonly recorder: Recorder;
  readonly passwords: PasswordDesk;
  readonly tokens: Tokens;
  readonly refreshTokens: RefreshTokens;
  readonly failures: FailedLogins;
  readonly clock: Clock;
}

/** Sessions from login to logout, and what must be known to begin one: the password. */
export class Logins {
  private readonly parts: LoginParts;
  private readonly guard = new LoginGuard();
  private readonly unknown = new UnknownNames();

  constructor(parts: LoginParts) {
    this.parts = parts;
  }

  /** @param name a username or an e-mail address */
  async login(name: string, password: string, client: Client): Promise<Login | IdentityRefused> {
    const user = this.parts.state.users.find(name);
    const refused = await this.prove(user, name, password, client);
    if (refused !== undefined) return refused;
    return this.open(user as User, client);
  }

  /**
   * Another pair of tokens for a refresh token, which is used up by it, or for an access token. A
   * refresh token that comes a second time ends its session: one of the two who had it stole it.
   */
  async refresh(token: string, client: Client): Promise<Login | IdentityRefused> {
    const claim = this.parts.refreshTokens.read(token);
    if (claim === undefined) return ended('The refresh token is not valid.');
    const session = this.parts.state.sessions.get(claim.sessionId);
    if (session === undefined) return ended('The session has ended.');
    const { chain, generation } = claim;
    const good = session.chains.get(chain);
    if (good === undefined || generation > good) return ended('The refresh token is not valid.');
    if (generation < good || session.refreshing.has(chain)) {
      await this.end([session], session.userId, 'refresh_token_reused', client);
      return ended('The refresh token was used before: its session has ended.');
    }
    return this.nextPair(session, chain, generation + 1, client);
  }

  /** Another pair of tokens for the session of an access token, in a chain of their own. */
  refreshByAccess(principal: Principal, client: Client): Promise<Login | IdentityRefused> {
    const session = this.parts.state.sessions.get(principal.sessionId ?? '');
    if (session === undefined) return Promise.resolve(ended('The session has ended.'));
    const chain = session.nextChain;
    session.nextChain += 1;
    return this.nextPair(session, chain, 1, client);
  }

  /** Ends the caller's session, or all of theirs. @returns how many ended */
  async logout(principal: Principal, everywhere: boolean, client: Client): Promise<number> {
    const { sessions } = this.parts.state;
    const { userId, sessionId } = principal;
    const ending = everywhere
      ? sessions.ofUser(userId)
      : [sessions.get(sessionId ?? '')].filter((session) => session !== undefined);
    if (ending.length > 0) await this.end(ending, userId, 'logout', client);
    return ending.length;
  }

  /** Changes the caller's password: every session ends, and a new one begins for the caller. */
  async changePassword(
    principal: Principal,
    current: string,
    next: string,
    client: Client,
  ): Promise<Login | IdentityRefused> {
    const user = this.parts.state.users.get(principal.userId);
    const refused = await this.prove(user, principal.username, current, client);
    if (refused !== undefined) return refused;
    const by = { byUserId: principal.userId, parameter: 'new_password' };
    const changed = await this.setPassword(user as User, next, client, by);
    return changed ?? this.open(user as User, client);
  }

  /**
   * Gives a user another password, by their own wish or an administrator's.
   * @param by.parameter what the password was called where it came from
   */
  async setPassword(
    user: User,
    next: string,
    client: Client,
    { byUserId, parameter }: { byUserId: number; parameter: string },
  ): Promise<IdentityRefused | undefined> {
    const weakness = passwordWeakness(next, [user.username, user.email]);
    if (weakness !== undefined) return new IdentityRefused('invalid', weakness, { parameter });
    const passwordHash = await this.parts.passwords.hash(next);
    if (passwordHash instanceof IdentityRefused) return passwordHash;
    const { userId } = user;
    await this.parts.recorder.commit(
      { kind: 'PasswordChanged', userId, passwordHash },
      client,
      byUserId,
    );
    return undefined;
  }

  /**
   * Compares a password, unless there were too many wrong ones. @returns why not, or `undefined`
   * when it is the user's
   */
  private async prove(
    user: User | undefined,
    name: string,
    password: string,
    client: Client,
  ): Promise<IdentityRefused | undefined> {
    const nowMs = this.parts.clock.nowMs();
    const lock = user?.lock ?? this.unknown.of(nameKey(name));
    const attempt = `${client.network}\n${user?.userId ?? nameKey(name)}`;
    // Where the user is logged in from already, strangers' failures do not lock them out.
    const locked = this.isHome(user, client) ? 0 : lock.waitSeconds(nowMs);
    const waitSeconds = locked || this.guard.begin(attempt, nowMs);
    if (waitSeconds > 0) {
      return new IdentityRefused('too_many_failures', 'Too many failed logins.', {
        retryAfterSeconds: waitSeconds,
      });
    }
    const passwordHash = user?.passwordHash;
    const right = await this.parts.passwords.isRight(passwordHash, password);
    if (right instanceof IdentityRefused) return right;
    // The password may have been changed, or the user disabled, while it was compared.
    if (right && user?.disabled === false && user.passwordHash === passwordHash) {
      this.guard.succeeded(attempt);
      return undefined;
    }
    this.failed(user, name, client);
    return ended('Wrong username or password.');
  }

  private failed(user: User | undefined, name: string, client: Client): void {
    const { failures, recorder, clock } = this.parts;
    const nowMs = clock.nowMs();
    failures.add(name, client, nowMs);
    const lock = user?.lock ?? this.unknown.of(nameKey(name));
    const untilMs = lock.failed(nowMs);
    if (untilMs === undefined || user === undefined) return;
    // Not waited for, so that the reply takes as long as for a name that nobody has. A journal that
    // fails is told of elsewhere.
    recorder
      .commit(
        {
          kind: 'AccountLocked',
          userId: user.userId,
          failures: lock.failures,
          untilMs: Math.floor(untilMs),
        },
        client,
        0,
      )
      .catch(() => undefined);
  }

  private isHome(user: User | undefined, { address }: Client): boolean {
    if (user === undefined || address === '') return false;
    return this.parts.state.sessions.ofUser(user.userId).some((each) => each.address === address);
  }

  private async open(user: User, client: Client): Promise<Login | IdentityRefused> {
    const { recorder, state, clock } = this.parts;
    const sessionId = randomBytes(12).toString('base64url');
    const expiresAtMs = Math.floor(clock.nowMs()) + SESSION_LIFETIME_MS;
    const { userId } = user;
    await recorder.commit(
      { kind: 'SessionOpened', sessionId, userId, expiresAtMs },
      client,
      userId,
    );
    return this.pair(user, state.sessions.get(sessionId), 0, 1);
  }

  private async nextPair(
    session: Session,
    chain: number,
    generation: number,
    client: Client,
  ): Promise<Login | IdentityRefused> {
    const { recorder, state, clock } = this.parts;
    const { sessionId, userId } = session;
    const user = state.users.get(userId);
    if (user === undefined || clock.nowMs() >= session.expiresAtMs) {
      return ended('The session has ended.');
    }
    session.refreshing.add(chain);
    try {
      await recorder.commit(
        { kind: 'SessionRefreshed', sessionId, chain, generation },
        client,
        userId,
      );
    } finally {
      session.refreshing.delete(chain);
    }
    return this.pair(user, session, chain, generation);
  }

  /** The tokens of a session, unless it ended while it was written down. */
  private pair(
    user: User,
    session: Session | undefined,
    chain: number,
    generation: number,
  ): Login | IdentityRefused {
    if (session === undefined || session.grant.ended) return ended('The session has ended.');
    const { tokens, refreshTokens, clock } = this.parts;
    const { sessionId } = session;
    return {
      accessToken: tokens.issue(user, sessionId, Math.floor(clock.nowMs() / 1000)),
      refreshToken: refreshTokens.issue({ sessionId, chain, generation }),
      expiresInSeconds: TOKEN_LIFETIME_SECONDS,
      user,
    };
  }

  private end(
    sessions: readonly Session[],
    userId: number,
    reason: SessionEnd,
    client: Client,
  ): Promise<void> {
    const sessionIds = sessions.map(({ sessionId }) => sessionId);
    return this.parts.recorder.commit(
      { kind: 'SessionsEnded', userId, sessionIds, reason },
      client,
      reason === 'logout' ? userId : 0,
    );
  }
}

function ended(message: string): IdentityRefused {
  return new IdentityRefused('wrong_credentials', message);
}
