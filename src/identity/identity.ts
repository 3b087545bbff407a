import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import { Authentication } from './authentication.ts';
import { type Client, type IdentityEvent, NO_CLIENT, type RecordIdentityEvent } from './events.ts';
import { FailedLogins } from './failed-logins.ts';
import { IdentityState } from './identity-state.ts';
import { KeyDesk } from './key-desk.ts';
import { KeyRing } from './key-ring.ts';
import { SecretSealer } from './key-secrets.ts';
import { type Login, Logins } from './logins.ts';
import { nameProblem } from './name-rules.ts';
import { ARGON2, PasswordDesk, type PasswordHasher } from './password-desk.ts';
import { passwordWeakness } from './password-rules.ts';
import type { AuthFailure, Credentials, Principal, Scope } from './principal.ts';
import { SCOPES } from './principal.ts';
import { Recorder } from './recorder.ts';
import { RefreshTokens } from './refresh-tokens.ts';
import { IdentityRefused } from './refused.ts';
import { SecretsFile, type TokenAlgorithm } from './secrets-file.ts';
import { Tokens } from './tokens.ts';
import { nameKey, USERS_MAX, type User } from './users.ts';

export interface IdentityOptions {
  /** The data directory; `secrets.json` is kept there. */
  readonly directory: string;
  readonly clock: Clock;
  readonly record: RecordIdentityEvent;
  /** Of access tokens; unless told, that of the newest key, or HS256 where there is none. */
  readonly algorithm?: TokenAlgorithm;
  readonly passwords?: PasswordHasher;
}

export interface Registration {
  /** `''` where a user has none. */
  readonly email: string;
  readonly username: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly scopes: readonly Scope[];
}

export interface AdminBootstrap {
  readonly userId: number;
  /** True when the user was registered just now. */
  readonly created: boolean;
  /** The password made up for a new administrator, to be shown once; else `null`. */
  readonly generatedPassword: string | null;
}

/** Failed logins and uses of keys are written down this often at most. */
const FLUSH_EVERY_MS = 60_000;
const HOUSEKEEPING_MS = 5_000;
/** Uses of keys that one event holds. */
const USES_PER_EVENT = 200;

/**
 * Users and all their credentials. State is rebuilt from events: apply those of the journal first,
 * then call `ensureAdmin`.
 */
export class Identity {
  readonly state = new IdentityState();
  /** Passwords, sessions and their tokens. */
  readonly logins: Logins;
  readonly keys: KeyDesk;
  /** Encrypts what must be in the journal and yet remain secret. */
  readonly sealer: SecretSealer;
  private readonly clock: Clock;
  private readonly keyRing: KeyRing;
  private readonly recorder: Recorder;
  private readonly hasher: PasswordHasher;
  private readonly passwords: PasswordDesk;
  private readonly authentication: Authentication;
  private readonly failures = new FailedLogins();
  /** Names of users that are being registered. */
  private readonly reserved = new Set<string>();
  private lastUserId = 0;
  private lastFlushMs = Number.NEGATIVE_INFINITY;
  private housekeeping: NodeJS.Timeout | undefined;

  static open(options: IdentityOptions): Identity {
    return new Identity(options);
  }

  private constructor({ directory, clock, record, ...options }: IdentityOptions) {
    const { state, failures } = this;
    this.clock = clock;
    const file = new SecretsFile(directory, options.algorithm ?? 'HS256');
    this.keyRing = new KeyRing(file, options.algorithm, this.nowSeconds());
    const tokens = new Tokens(this.keyRing);
    const refreshTokens = new RefreshTokens(file.secrets.refresh);
    const sealer = new SecretSealer(file.secrets.sealing);
    this.sealer = sealer;
    const recorder = new Recorder(state, clock, record);
    this.hasher = options.passwords ?? ARGON2;
    const passwords = new PasswordDesk(this.hasher);
    this.recorder = recorder;
    this.passwords = passwords;
    this.authentication = new Authentication(state, tokens, sealer, clock);
    this.logins = new Logins({
      state,
      recorder,
      passwords,
      tokens,
      refreshTokens,
      failures,
      clock,
    });
    this.keys = new KeyDesk({ state, recorder, sealer, clock });
  }

  /** Applies a durable event. Applying one twice changes nothing. */
  apply(event: IdentityEvent): void {
    this.state.apply(event);
  }

  authenticate(credentials: Credentials): Principal | AuthFailure {
    return this.authentication.authenticate(credentials);
  }

  login(name: string, password: string, client: Client): Promise<Login | IdentityRefused> {
    return this.logins.login(name, password, client);
  }

  /**
   * Makes sure the administrator exists. A given password becomes theirs when it is not already;
   * without one a new administrator gets a random password. Rules for passwords do not hold here:
   * whoever sets the environment is asked to know what they do, and warned elsewhere.
   */
  async ensureAdmin(username: string, password: string | undefined): Promise<AdminBootstrap> {
    const user = this.state.users.find(username);
    if (user === undefined) {
      const chosen = password ?? randomBytes(15).toString('base64url');
      const admin = { username, email: '', firstName: '', lastName: '', scopes: SCOPES };
      const { userId } = await this.add({ ...admin, password: chosen }, NO_CLIENT, 0);
      return { userId, created: true, generatedPassword: password === undefined ? chosen : null };
    }
    const { userId } = user;
    if (password !== undefined && !(await this.hasher.verify(user.passwordHash, password))) {
      const passwordHash = await this.hasher.hash(password);
      await this.recorder.commit({ kind: 'PasswordChanged', userId, passwordHash }, NO_CLIENT, 0);
    }
    return { userId, created: false, generatedPassword: null };
  }

  /** Registers a user. @param byUserId 0 when they do it themselves */
  async register(
    registration: Registration,
    client: Client,
    byUserId = 0,
  ): Promise<User | IdentityRefused> {
    const { username, email, password } = registration;
    const problem = nameProblem(username, email);
    if (problem !== undefined) {
      const { parameter, message } = problem;
      return new IdentityRefused('invalid', message, { parameter, value: registration[parameter] });
    }
    const weakness = passwordWeakness(password, [username, email]);
    if (weakness !== undefined) {
      return new IdentityRefused('invalid', weakness, { parameter: 'password' });
    }
    const { users } = this.state;
    const names = [nameKey(username), nameKey(email)].filter((name) => name !== '');
    const taken = (name: string): boolean =>
      users.find(name) !== undefined || this.reserved.has(name);
    if (names.some(taken)) {
      return new IdentityRefused('taken', 'There is a user of this name or e-mail already.');
    }
    if (users.size + this.reserved.size >= USERS_MAX) {
      return new IdentityRefused('too_many', 'This venue takes no further users.');
    }
    for (const name of names) this.reserved.add(name);
    try {
      return await this.add(registration, client, byUserId);
    } catch (error) {
      if (error instanceof IdentityRefused) return error;
      throw error;
    } finally {
      for (const name of names) this.reserved.delete(name);
    }
  }

  /** Disables or enables a user; enabling lifts a lock. */
  async switchUser(
    userId: number,
    disabled: boolean,
    client: Client,
    byUserId: number,
  ): Promise<void> {
    await this.recorder.commit({ kind: 'UserSwitched', userId, disabled }, client, byUserId);
  }

  /** Notes in the audit trail what an administrator did elsewhere in the venue. */
  async recordAction(
    action: string,
    details: Readonly<Record<string, unknown>>,
    client: Client,
    byUserId: number,
  ): Promise<void> {
    await this.recorder.commit({ kind: 'AdminActed', action, details }, client, byUserId);
  }

  /** Signs access tokens with a new key from now on; those of the former key stay good. */
  async rotateSigningKey(
    client: Client,
    byUserId: number,
  ): Promise<{ kid: string; algorithm: TokenAlgorithm }> {
    const { algorithm } = this.keyRing.signer;
    const { kid } = this.keyRing.rotate(algorithm, this.nowSeconds());
    await this.recorder.commit({ kind: 'SigningKeyRotated', kid, algorithm }, client, byUserId);
    return { kid, algorithm };
  }

  /** Notes in the audit trail that the settings brought another signing key; once, at start. */
  async recordStart(): Promise<void> {
    if (!this.keyRing.changedAtStart) return;
    const { kid, algorithm } = this.keyRing.signer;
    await this.recorder.commit({ kind: 'SigningKeyRotated', kid, algorithm }, NO_CLIENT, 0);
  }

  /** The public keys access tokens can be checked with; none while they are signed by a secret. */
  publicKeys(): ReturnType<KeyRing['publicKeys']> {
    return this.keyRing.publicKeys(this.nowSeconds());
  }

  /** Every registered user's id, for what must exist per user (a portfolio). */
  userIds(): number[] {
    return [...this.state.users.all()].map(({ userId }) => userId);
  }

  /** Writes down failed logins and uses of keys, now and then. */
  startHousekeeping(onError: (error: unknown) => void): void {
    this.housekeeping = setInterval(() => {
      this.state.sessions.sweep(this.clock.nowMs());
      if (this.clock.nowMs() - this.lastFlushMs >= FLUSH_EVERY_MS) this.flush().catch(onError);
    }, HOUSEKEEPING_MS);
    this.housekeeping.unref();
  }

  async stopHousekeeping(): Promise<void> {
    clearInterval(this.housekeeping);
    await this.flush();
  }

  /** Writes down what was only in memory: failed logins and uses of keys. */
  async flush(): Promise<void> {
    if (this.failures.any) {
      this.lastFlushMs = this.clock.nowMs();
      await this.recorder.commit({ kind: 'LoginsFailed', ...this.failures.take() }, NO_CLIENT, 0);
    }
    const uses = this.state.keys.takeUses();
    for (let at = 0; at < uses.length; at += USES_PER_EVENT) {
      this.lastFlushMs = this.clock.nowMs();
      const part = uses.slice(at, at + USES_PER_EVENT);
      await this.recorder.commit({ kind: 'ApiKeysUsed', uses: part }, NO_CLIENT, 0);
    }
  }

  /** Throws `IdentityRefused` when too many passwords are being hashed. */
  private async add(registration: Registration, client: Client, byUserId: number): Promise<User> {
    const { password, ...rest } = registration;
    const passwordHash = await this.passwords.hash(password);
    if (passwordHash instanceof IdentityRefused) throw passwordHash;
    const userId = Math.max(this.lastUserId, this.state.users.lastId) + 1;
    this.lastUserId = userId;
    const publicId = randomUUID();
    await this.recorder.commit(
      { kind: 'UserRegistered', userId, publicId, ...rest, passwordHash },
      client,
      byUserId === 0 ? userId : byUserId,
    );
    return this.state.users.get(userId) as User;
  }

  private nowSeconds(): number {
    return Math.floor(this.clock.nowMs() / 1000);
  }
}
