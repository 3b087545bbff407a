import type { TestContext } from 'node:test';
import type { Client, IdentityEvent } from '../../src/identity/events.ts';
import { Identity } from '../../src/identity/identity.ts';
import type { Login } from '../../src/identity/logins.ts';
import type { PasswordHasher } from '../../src/identity/password-desk.ts';
import {
  AuthFailure,
  bearerCredentials,
  type Credentials,
  type Principal,
} from '../../src/identity/principal.ts';
import { IdentityRefused } from '../../src/identity/refused.ts';
import type { User } from '../../src/identity/users.ts';
import { temporaryDirectory } from './temp-directory.ts';
import { MovableClock } from './test-server.ts';

export const USER_PASSWORD = 'a password nobody guesses';

/** Counts what is done instead of taking time; hashes nothing. */
export class CountingHasher implements PasswordHasher {
  hashed = 0;
  readonly verified: string[] = [];

  async hash(password: string): Promise<string> {
    this.hashed += 1;
    return `hash of ${password}`;
  }

  async verify(passwordHash: string, password: string): Promise<boolean> {
    this.verified.push(passwordHash);
    return passwordHash === `hash of ${password}`;
  }
}

export const at = (address: string): Client => ({ address, network: address, requestId: 'req_1' });

/** Identity over a journal in memory, which can be started again from it. */
export class IdentityBench {
  readonly clock = new MovableClock();
  readonly hasher = new CountingHasher();
  readonly events: IdentityEvent[] = [];
  readonly directory: string;
  identity: Identity;

  constructor(context: TestContext) {
    this.directory = temporaryDirectory(context);
    this.identity = this.open();
  }

  /** What a restart has: the journal and the secrets. */
  restart(): void {
    this.identity = this.open();
    // As the journal gives them back.
    for (const event of this.events) this.identity.apply(JSON.parse(JSON.stringify(event)));
  }

  async register(name: string, scopes: User['scopes'] = ['read', 'write']): Promise<User> {
    const user = await this.identity.register(
      {
        username: name,
        email: `${name}@example.com`,
        password: USER_PASSWORD,
        firstName: '',
        lastName: '',
        scopes,
      },
      at('192.0.2.1'),
    );
    if (user instanceof IdentityRefused) throw new Error(user.message);
    return user;
  }

  async login(name: string, password = USER_PASSWORD, address = '192.0.2.1'): Promise<Login> {
    const login = await this.identity.login(name, password, at(address));
    if (login instanceof IdentityRefused) throw new Error(login.message);
    return login;
  }

  /** `'good'`, or the code of the failure. */
  token(accessToken: string): string {
    return this.judge(bearerCredentials(`Bearer ${accessToken}`));
  }

  judge(credentials: Credentials): string {
    const result = this.identity.authenticate(credentials);
    return result instanceof AuthFailure ? result.code : 'good';
  }

  principal({ accessToken }: Login): Principal {
    const found = this.identity.authenticate(bearerCredentials(`Bearer ${accessToken}`));
    if (found instanceof AuthFailure) throw new Error(found.message);
    return found;
  }

  private open(): Identity {
    const { directory, clock, hasher } = this;
    const record = async (event: IdentityEvent): Promise<void> => void this.events.push(event);
    return Identity.open({ directory, clock, record, passwords: hasher });
  }
}

/** The reason of a refusal, or `'done'`. */
export function outcome(result: unknown): string {
  return result instanceof IdentityRefused ? result.reason : 'done';
}
