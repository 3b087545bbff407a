import type { UserRegistered } from './events.ts';
import { LockState } from './lock-state.ts';
import type { Scope } from './principal.ts';

export const USERS_MAX = 100_000;

export interface User {
  readonly userId: number;
  /** A UUID: how surfaces name the user. */
  readonly publicId: string;
  readonly username: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  readonly lock: LockState;
  passwordHash: string;
  disabled: boolean;
}

/** Everyone the venue knows, found by id, by username and by e-mail. */
export class Users {
  private readonly byId = new Map<number, User>();
  private readonly byPublicId = new Map<string, User>();
  /** Usernames and e-mail addresses share one space, so that a login name is one user's. */
  private readonly byName = new Map<string, User>();
  private newestId = 0;

  get size(): number {
    return this.byId.size;
  }

  get lastId(): number {
    return this.newestId;
  }

  /** In the order of registration. */
  all(): IterableIterator<User> {
    return this.byId.values();
  }

  get(userId: number): User | undefined {
    return this.byId.get(userId);
  }

  byUuid(publicId: string): User | undefined {
    return this.byPublicId.get(publicId);
  }

  /** By username or e-mail, in any case. */
  find(name: string): User | undefined {
    return this.byName.get(nameKey(name));
  }

  add(event: UserRegistered): void {
    const { userId, username, passwordHash, scopes, email = '' } = event;
    if (this.byId.has(userId)) return;
    const user: User = {
      userId,
      // Journals written before users had one: an id that follows from the number.
      publicId: event.publicId ?? `00000000-0000-4000-8000-${String(userId).padStart(12, '0')}`,
      username,
      email,
      firstName: event.firstName ?? '',
      lastName: event.lastName ?? '',
      scopes,
      createdAtMs: event.atMs,
      lock: new LockState(),
      passwordHash,
      disabled: false,
    };
    this.byId.set(userId, user);
    this.byPublicId.set(user.publicId, user);
    this.byName.set(nameKey(username), user);
    if (email !== '') this.byName.set(nameKey(email), user);
    this.newestId = Math.max(this.newestId, userId);
  }
}

/** Names differ in more than case. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}
