import type { ApiKeyResponse, ManagedUser } from '../../schemas/octopus-auth.ts';
import { DataDirectoryInUseError } from '../gateway/data-lock.ts';
import { NO_CLIENT } from '../identity/events.ts';
import { Identity } from '../identity/identity.ts';
import { SCOPES } from '../identity/principal.ts';
import { IdentityRefused } from '../identity/refused.ts';
import type { User } from '../identity/users.ts';
import { apiKeyToWire, managedUserToWire } from '../surfaces/octopus/auth-wire.ts';
import type { IdentityDesk, NewKey, NewUser } from './identity-desk.ts';
import { OfflineJournal } from './offline-journal.ts';

/** The venue itself acts, by whoever may write its data directory. */
const BY_VENUE = { userId: 0, scopes: SCOPES } as const;

/** Users and keys of a data directory that no server uses. */
export class OfflineDesk implements IdentityDesk {
  private readonly journal: OfflineJournal;
  private readonly identity: Identity;

  /** @param create makes a data directory where there is none */
  static async open(directory: string, create: boolean): Promise<OfflineDesk> {
    try {
      return new OfflineDesk(directory, await OfflineJournal.open(directory, create));
    } catch (error) {
      if (!(error instanceof DataDirectoryInUseError)) throw error;
      throw new Error(`${error.message}; or name the server that runs with --url`);
    }
  }

  private constructor(directory: string, journal: OfflineJournal) {
    this.journal = journal;
    this.identity = Identity.open({
      directory,
      clock: journal.clock,
      record: (event) => journal.record(event),
    });
    for (const event of journal.identityEvents) this.identity.apply(event);
  }

  async addUser({ username, email, password, scopes }: NewUser): Promise<ManagedUser> {
    const registration = { username, email, password, scopes, firstName: '', lastName: '' };
    return this.wire(done(await this.identity.register(registration, NO_CLIENT)));
  }

  async users(): Promise<ManagedUser[]> {
    return [...this.identity.state.users.all()].map((user) => this.wire(user));
  }

  async switchUser(name: string, disabled: boolean): Promise<ManagedUser> {
    const user = this.user(name);
    await this.identity.switchUser(user.userId, disabled, NO_CLIENT, 0);
    return this.wire(user);
  }

  async setPassword(name: string, password: string): Promise<ManagedUser> {
    const user = this.user(name);
    const by = { byUserId: 0, parameter: 'password' };
    done(await this.identity.logins.setPassword(user, password, NO_CLIENT, by));
    return this.wire(user);
  }

  async addKey(
    owner: string | undefined,
    { name, scopes, allowedAddresses, expiresAt, signing }: NewKey,
  ): Promise<ApiKeyResponse & { secret: string }> {
    const expiresAtMs = expiresAt === null ? null : Date.parse(expiresAt);
    const request = { name, scopes, allowedAddresses, expiresAtMs, signing };
    const user = this.user(owner ?? adminName());
    const made = done(await this.identity.keys.create(user, request, BY_VENUE, NO_CLIENT));
    return { ...apiKeyToWire(made.key, this.nowMs()), secret: made.secret };
  }

  async keys(owner: string | undefined): Promise<ApiKeyResponse[]> {
    const { users, keys } = this.identity.state;
    const owners = owner === undefined ? [...users.all()] : [this.user(owner)];
    return owners
      .flatMap(({ userId }) => keys.ofUser(userId))
      .map((key) => apiKeyToWire(key, this.nowMs()));
  }

  async revokeKey(key: string): Promise<ApiKeyResponse> {
    const revoked = done(await this.identity.keys.revoke(BY_VENUE, key, NO_CLIENT));
    return apiKeyToWire(revoked, this.nowMs(), true);
  }

  close(): Promise<void> {
    return this.journal.close();
  }

  private user(name: string): User {
    const user = this.identity.state.users.find(name);
    if (user === undefined) throw new Error(`there is no user ${name}`);
    return user;
  }

  private wire(user: User): ManagedUser {
    return managedUserToWire(user, this.nowMs());
  }

  private nowMs(): number {
    return this.journal.clock.nowMs();
  }
}

function adminName(): string {
  return process.env.OPENBELL_ADMIN_USERNAME || 'admin';
}

function done<T>(result: T | IdentityRefused): T {
  if (result instanceof IdentityRefused) throw new Error(result.message);
  return result;
}
