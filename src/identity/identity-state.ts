import { assert } from '../lib/assert.ts';
import { ApiKeys } from './api-keys.ts';
import { AuditTrail, auditEntry } from './audit-trail.ts';
import type { IdentityEvent, Origin } from './events.ts';
import { Sessions } from './sessions.ts';
import { type User, Users } from './users.ts';

const NOWHERE: Origin = { address: '', requestId: '', byUserId: 0 };

/**
 * All that is known of users, sessions and keys: it follows from the events alone, in their order.
 * Only what no event is worth is noted besides: the latest uses of keys and failed logins.
 */
export class IdentityState {
  readonly users = new Users();
  readonly sessions = new Sessions();
  readonly keys = new ApiKeys();
  readonly audit = new AuditTrail();
  private newest = 0;

  /** Number of the newest event applied. */
  get lastNumber(): number {
    return this.newest;
  }

  /** Applies a durable event; one that was applied before changes nothing. */
  apply(found: IdentityEvent): void {
    // Journals of before events had numbers and origins hold users and passwords, which may repeat.
    const event =
      found.origin === undefined ? { ...found, n: this.newest, origin: NOWHERE } : found;
    if (event === found) {
      if (event.n <= this.newest) return;
      this.newest = event.n;
    }
    const entry = auditEntry(event, (key) => this.keys.get(key)?.userId ?? 0);
    this.change(event);
    if (entry !== undefined) this.audit.add(entry);
  }

  private change(event: IdentityEvent): void {
    const { users, sessions, keys } = this;
    switch (event.kind) {
      case 'UserRegistered':
        return users.add(event);
      case 'PasswordChanged': {
        const user = this.user(event.userId);
        user.passwordHash = event.passwordHash;
        user.lock.clear();
        return sessions.endAllOf(event.userId);
      }
      case 'UserSwitched':
        return this.switchUser(event.userId, event.disabled);
      case 'SessionOpened':
        this.user(event.userId).lock.clear();
        return sessions.open(event);
      case 'SessionRefreshed':
        return sessions.refreshed(event);
      case 'SessionsEnded':
        for (const sessionId of event.sessionIds) sessions.end(sessionId);
        return;
      case 'AccountLocked':
        return this.user(event.userId).lock.locked(event.failures, event.atMs, event.untilMs);
      case 'ApiKeyCreated':
        return keys.create(event, this.user(event.userId).username);
      case 'ApiKeyRotated':
        return keys.rotate(event);
      case 'ApiKeyRevoked':
        return keys.revoke(event.key);
      case 'ApiKeysUsed':
        return keys.noteUses(event.uses);
      case 'LoginsFailed':
      case 'SigningKeyRotated':
      case 'AdminActed':
        return;
    }
  }

  private switchUser(userId: number, disabled: boolean): void {
    const user = this.user(userId);
    user.disabled = disabled;
    if (disabled) {
      this.sessions.endAllOf(userId);
      this.keys.endGrantsOf(userId);
    } else user.lock.clear();
  }

  private user(userId: number): User {
    const user = this.users.get(userId);
    assert(user !== undefined, 'identity facts are about registered users');
    return user;
  }
}
