import { randomBytes } from 'node:crypto';
import { hashPassword, verifyPassword } from './passwords.ts';
import { IdentityRefused } from './refused.ts';

/** Hashes under way at once: each holds 19 MiB and a thread of the pool. */
const HASHES_UNDER_WAY_MAX = 32;

/** How passwords are hashed and compared. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(passwordHash: string, password: string): Promise<boolean>;
}

export const ARGON2: PasswordHasher = { hash: hashPassword, verify: verifyPassword };

export const BUSY = new IdentityRefused('busy', 'Too many passwords at once, try again.', {
  retryAfterSeconds: 1,
});

/**
 * Compares and makes passwords, a bounded number at once. A user that does not exist costs exactly
 * what one that does costs: one comparison, with a hash of nothing anybody knows.
 */
export class PasswordDesk {
  private readonly hasher: PasswordHasher;
  private readonly decoy: Promise<string>;
  private underWay = 0;

  constructor(hasher: PasswordHasher) {
    this.hasher = hasher;
    this.decoy = hasher.hash(randomBytes(16).toString('hex'));
  }

  /** @param passwordHash `undefined` for a user that does not exist: the answer is false then */
  async isRight(
    passwordHash: string | undefined,
    password: string,
  ): Promise<boolean | IdentityRefused> {
    return this.bounded(async () => {
      const right = await this.hasher.verify(passwordHash ?? (await this.decoy), password);
      return right && passwordHash !== undefined;
    });
  }

  async hash(password: string): Promise<string | IdentityRefused> {
    return this.bounded(() => this.hasher.hash(password));
  }

  private async bounded<T>(work: () => Promise<T>): Promise<T | IdentityRefused> {
    if (this.underWay >= HASHES_UNDER_WAY_MAX) return BUSY;
    this.underWay += 1;
    try {
      return await work();
    } finally {
      this.underWay -= 1;
    }
  }
}
