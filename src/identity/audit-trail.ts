import type { IdentityEvent, Origin } from './events.ts';

/** Entries kept in memory; older ones are in the journal. */
export const AUDIT_ENTRIES_MAX = 10_000;
/** The trail is cut this many entries at a time. */
const CUT = 1_000;

/** Who did what, to whom, from where. */
export interface AuditEntry {
  /** Grows with time; the journal's number of the fact. */
  readonly id: number;
  readonly atMs: number;
  /** Lower case with dots: `api_key.revoked`. */
  readonly action: string;
  /** Whose account it is about; 0: nobody's. */
  readonly userId: number;
  readonly origin: Origin;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** Where the next page begins; `null` after the last. */
  readonly nextBefore: number | null;
}

/** The newest entries of the audit trail. */
export class AuditTrail {
  private entries: AuditEntry[] = [];

  /** The oldest entry kept; 0 when there is none. */
  get oldestId(): number {
    return this.entries[0]?.id ?? 0;
  }

  add(entry: AuditEntry): void {
    this.entries.push(entry);
    if (this.entries.length > AUDIT_ENTRIES_MAX + CUT) this.entries = this.entries.slice(CUT);
  }

  /** @param matches which entries; @param before only those older than this id */
  page(limit: number, before: number, matches: (entry: AuditEntry) => boolean): AuditPage {
    const page: AuditEntry[] = [];
    for (let i = this.entries.length - 1; i >= 0; i -= 1) {
      const entry = this.entries[i];
      if (entry.id >= before || !matches(entry)) continue;
      if (page.length === limit) return { entries: page, nextBefore: page[limit - 1].id };
      page.push(entry);
    }
    return { entries: page, nextBefore: null };
  }
}

/** What an event tells the audit trail; `undefined` for mere bookkeeping. */
export function auditEntry(
  event: IdentityEvent,
  ownerOfKey: (key: string) => number,
): AuditEntry | undefined {
  const { n: id, atMs, origin } = event;
  const entry = (
    action: string,
    userId: number,
    details: Readonly<Record<string, unknown>> = {},
  ): AuditEntry => ({ id, atMs, action, userId, origin, details });
  switch (event.kind) {
    case 'UserRegistered': {
      const { username, scopes } = event;
      return entry('user.registered', event.userId, { username, scopes });
    }
    case 'PasswordChanged':
      return entry('user.password_changed', event.userId);
    case 'UserSwitched':
      return entry(event.disabled ? 'user.disabled' : 'user.enabled', event.userId);
    case 'SessionOpened':
      return entry('login.succeeded', event.userId);
    case 'SessionsEnded':
      return entry(`session.${event.reason}`, event.userId, { sessions: event.sessionIds.length });
    case 'LoginsFailed': {
      const since = new Date(event.sinceMs).toISOString();
      const { others } = event;
      const attempts = event.attempts.map(({ requestId: request_id, ...each }) => ({
        ...each,
        request_id,
      }));
      return entry('login.failed', 0, { since, attempts, others });
    }
    case 'AccountLocked': {
      const until = new Date(event.untilMs).toISOString();
      return entry('user.locked', event.userId, { failures: event.failures, until });
    }
    case 'ApiKeyCreated': {
      const { name, scopes, userId } = event;
      return entry('api_key.created', userId, { key: shortKey(event.key), name, scopes });
    }
    case 'ApiKeyRotated':
      return entry('api_key.rotated', ownerOfKey(event.key), { key: shortKey(event.key) });
    case 'ApiKeyRevoked':
      return entry('api_key.revoked', ownerOfKey(event.key), { key: shortKey(event.key) });
    case 'SigningKeyRotated':
      return entry('signing_key.rotated', 0, { kid: event.kid, algorithm: event.algorithm });
    case 'AdminActed':
      return entry(event.action, 0, event.details);
    case 'SessionRefreshed':
    case 'ApiKeysUsed':
      return undefined;
  }
}

/** Enough of a key to know it by: where a key alone may read, the whole of it is a credential. */
function shortKey(key: string): string {
  return `${key.slice(0, 12)}…`;
}
