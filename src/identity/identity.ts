import { randomBytes } from 'node:crypto';
import { assert } from '../lib/assert.ts';
import type { Clock } from '../lib/clock.ts';
import type { IdentityEvent, RecordIdentityEvent, UserRegistered } from './events.ts';
import { LoginGuard } from './login-guard.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { AuthFailure, type Principal, SCOPES, type Scope } from './principal.ts';
import { openSecrets } from './secrets-file.ts';
import { TokenCache } from './token-cache.ts';
import { TOKEN_LIFETIME_SECONDS, Tokens } from './tokens.ts';

interface User {
  readonly userId: number;
  readonly username: string;
  readonly scopes: readonly Scope[];
  passwordHash: string;
  /** Tokens issued before this second are void. */
  passwordSetSeconds: number;
}

export interface IdentityOptions {
  /** The data directory; `secrets.json` is kept there. */
  readonly directory: string;
  readonly clock: Clock;
  readonly record: RecordIdentityEvent;
}

export interface Login {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly principal: Principal;
}

/** Password checks under way at once: each holds 19 MiB and a thread of the pool. */
const LOGINS_UNDER_WAY_MAX = 32;

export class LoginRefused {
  readonly reason: 'wrong_credentials' | 'too_many_failures' | 'busy';
  /** Whole seconds; 0 for wrong credentials. */
  readonly retryAfterSeconds: number;

  constructor(reason: LoginRefused['reason'], retryAfterSeconds: number) {
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface AdminBootstrap {
  readonly userId: number;
  /** True when the user was registered just now. */
  readonly created: boolean;
  /** The password made up for a new administrator, to be shown once; else `null`. */
  readonly generatedPassword: string | null;
}

/**
 * Users, their passwords and their access tokens. State is rebuilt from events: apply those of the
 * journal first, then call `ensureAdmin`.
 */
export class Identity {
  private readonly clock: Clock;
  private readonly record: RecordIdentityEvent;
  private readonly tokens: Tokens;
  private readonly guard = new LoginGuard();
  private readonly cache = new TokenCache();
  private readonly byId = new Map<number, User>();
  private readonly byName = new Map<string, User>();
  /** What an unknown user's password is compared with, so that both cases take the same time. */
  private decoyHash: string | undefined;
  private lastUserId = 0;
  private loginsUnderWay = 0;

  static open(options: IdentityOptions): Identity {
    return new Identity(options);
  }

  private constructor({ directory, clock, record }: IdentityOptions) {
    this.clock = clock;
    this.record = record;
    this.tokens = new Tokens(openSecrets(directory).jwt);
  }

  /** Applies a durable event. Applying one twice changes nothing. */
  apply(event: IdentityEvent): void {
    const setSeconds = Math.floor(event.atMs / 1000);
    if (event.kind === 'UserRegistered') {
      if (this.byId.has(event.userId)) return;
      const { userId, username, scopes, passwordHash } = event;
      const user: User = { userId, username, scopes, passwordHash, passwordSetSeconds: setSeconds };
      this.byId.set(userId, user);
      this.byName.set(nameKey(username), user);
      this.lastUserId = Math.max(this.lastUserId, userId);
    } else {
      const user = this.byId.get(event.userId);
      assert(user !== undefined, 'a password is changed for a registered user');
      user.passwordHash = event.passwordHash;
      user.passwordSetSeconds = setSeconds;
      this.cache.clear();
    }
  }

  /**
   * Makes sure the administrator exists. A given password becomes theirs when it is not already;
   * without one a new administrator gets a random password.
   */
  async ensureAdmin(username: string, password: string | undefined): Promise<AdminBootstrap> {
    const user = this.byName.get(nameKey(username));
    if (user === undefined) {
      const chosen = password ?? randomBytes(15).toString('base64url');
      const userId = await this.register(username, chosen, SCOPES);
      return { userId, created: true, generatedPassword: password === undefined ? chosen : null };
    }
    const { userId } = user;
    if (password !== undefined && !(await verifyPassword(user.passwordHash, password))) {
      const passwordHash = await hashPassword(password);
      await this.commit({ kind: 'PasswordChanged', userId, passwordHash, atMs: this.wholeMs() });
    }
    return { userId, created: false, generatedPassword: null };
  }

  /** @param clientKey names the client for the limit on failures, e.g. its address. */
  async login(
    username: string,
    password: string,
    clientKey: string,
  ): Promise<Login | LoginRefused> {
    if (this.loginsUnderWay >= LOGINS_UNDER_WAY_MAX) return new LoginRefused('busy', 1);
    const attempt = `${clientKey}\n${nameKey(username)}`;
    const waitSeconds = this.guard.begin(attempt, this.clock.nowMs());
    if (waitSeconds > 0) return new LoginRefused('too_many_failures', waitSeconds);
    const user = this.byName.get(nameKey(username));
    this.loginsUnderWay += 1;
    let right: boolean;
    try {
      this.decoyHash ??= await hashPassword(randomBytes(16).toString('hex'));
      right = await verifyPassword(user?.passwordHash ?? this.decoyHash, password);
    } finally {
      this.loginsUnderWay -= 1;
    }
    if (user === undefined || !right) return new LoginRefused('wrong_credentials', 0);
    this.guard.succeeded(attempt);
    return {
      accessToken: this.tokens.issue(user, this.nowSeconds()),
      expiresInSeconds: TOKEN_LIFETIME_SECONDS,
      principal: principalOf(user, user.scopes),
    };
  }

  /** Checks the value of an `Authorization` header; `''` when there is none. */
  authenticate(authorization: string): Principal | AuthFailure {
    if (authorization === '') {
      return new AuthFailure('MISSING_CREDENTIALS', 'This endpoint needs a credential.');
    }
    const now = this.nowSeconds();
    const known = this.cache.get(authorization, now);
    if (known !== undefined) return known;
    const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
    if (token === undefined) {
      return new AuthFailure(
        'INVALID_CREDENTIALS',
        'The Authorization header is not a Bearer token.',
      );
    }
    const claims = this.tokens.check(token, now);
    if (claims instanceof AuthFailure) return claims;
    const user = this.byId.get(claims.userId);
    if (user === undefined || claims.issuedSeconds < user.passwordSetSeconds) {
      return new AuthFailure('INVALID_CREDENTIALS', 'The access token is no longer valid.');
    }
    const principal = principalOf(user, claims.scopes);
    this.cache.set(authorization, principal, claims.expiresSeconds);
    return principal;
  }

  /** Every registered user's id, for what must exist per user (a portfolio). */
  userIds(): number[] {
    return [...this.byId.keys()];
  }

  private async register(
    username: string,
    password: string,
    scopes: readonly Scope[],
  ): Promise<number> {
    const passwordHash = await hashPassword(password);
    const userId = this.lastUserId + 1;
    this.lastUserId = userId;
    const event: UserRegistered = {
      kind: 'UserRegistered',
      userId,
      username,
      passwordHash,
      scopes,
      atMs: this.wholeMs(),
    };
    await this.commit(event);
    return userId;
  }

  /** Durable before visible: nobody logs in as a user that a crash could forget. */
  private async commit(event: IdentityEvent): Promise<void> {
    await this.record(event);
    this.apply(event);
  }

  private wholeMs(): number {
    return Math.floor(this.clock.nowMs());
  }

  private nowSeconds(): number {
    return Math.floor(this.clock.nowMs() / 1000);
  }
}

/** Usernames differ in more than case. */
function nameKey(username: string): string {
  return username.toLowerCase();
}

function principalOf(user: User, scopes: readonly Scope[]): Principal {
  const { userId, username } = user;
  return { userId, username, scopes, credential: `user:${userId}` };
}
