import { AddressList } from '../lib/address-list.ts';
import type { ApiKeyCreated, ApiKeyRotated, ApiKeyUse } from './events.ts';
import { Grant } from './grant.ts';
import type { Principal, Scope } from './principal.ts';

export const API_KEYS_PER_USER_MAX = 100;

export interface ApiKey {
  readonly key: string;
  readonly userId: number;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly allowedAddresses: readonly string[];
  readonly expiresAtMs: number | null;
  readonly createdAtMs: number;
  /** SHA-256 of the secret. */
  secretHash: Buffer;
  /** The secret encrypted, for keys that sign; else `''`. */
  sealedSecret: string;
  rotatedAtMs: number | null;
  lastUsedAtMs: number | null;
  lastUsedAddress: string;
  grant: Grant;
  /** Whoever calls with this key; made anew when the grant is. */
  principal: Principal;
}

/** A key together with what its checks are made of. */
interface Entry extends ApiKey {
  readonly allowed: AddressList;
  /** The address found to be allowed last: most keys are used from one. */
  lastAllowed: string;
}

/** The API keys that are good, by key and by user. */
export class ApiKeys {
  private readonly byKey = new Map<string, Entry>();
  private readonly byUser = new Map<number, Set<Entry>>();
  private readonly used = new Set<Entry>();

  get size(): number {
    return this.byKey.size;
  }

  get(key: string): ApiKey | undefined {
    return this.byKey.get(key);
  }

  /** Oldest first. */
  ofUser(userId: number): ApiKey[] {
    return [...(this.byUser.get(userId) ?? [])];
  }

  create(event: ApiKeyCreated, username: string): void {
    const { key, userId, name, scopes, allowedAddresses, expiresAtMs } = event;
    const grant = new Grant();
    const entry: Entry = {
      key,
      userId,
      name,
      scopes,
      allowedAddresses,
      expiresAtMs,
      createdAtMs: event.atMs,
      secretHash: Buffer.from(event.secretHash, 'base64url'),
      sealedSecret: event.sealedSecret,
      rotatedAtMs: null,
      lastUsedAtMs: null,
      lastUsedAddress: '',
      grant,
      principal: {
        userId,
        username,
        scopes,
        credential: `key:${key}`,
        grant,
        ...(expiresAtMs === null ? {} : { expiresAtMs }),
      },
      allowed: new AddressList(allowedAddresses),
      lastAllowed: '',
    };
    this.byKey.set(key, entry);
    let own = this.byUser.get(userId);
    if (own === undefined) {
      own = new Set();
      this.byUser.set(userId, own);
    }
    own.add(entry);
  }

  rotate({ key, secretHash, sealedSecret, atMs }: ApiKeyRotated): void {
    const entry = this.byKey.get(key);
    if (entry === undefined) return;
    entry.secretHash = Buffer.from(secretHash, 'base64url');
    entry.sealedSecret = sealedSecret;
    entry.rotatedAtMs = atMs;
    renewGrant(entry);
  }

  revoke(key: string): void {
    const entry = this.byKey.get(key);
    if (entry === undefined) return;
    this.byKey.delete(key);
    this.byUser.get(entry.userId)?.delete(entry);
    this.used.delete(entry);
    entry.grant.end();
  }

  /** Ends what was opened with a user's keys; the keys stay. */
  endGrantsOf(userId: number): void {
    for (const entry of this.byUser.get(userId) ?? []) renewGrant(entry);
  }

  /** True when the key may be used from the address; asks for it only where the key says. */
  mayUseFrom(key: ApiKey, address: () => string): boolean {
    const entry = key as Entry;
    if (entry.allowed.empty) return true;
    const from = address();
    if (from !== '' && from === entry.lastAllowed) return true;
    if (!entry.allowed.includes(from)) return false;
    entry.lastAllowed = from;
    return true;
  }

  /** Notes a use in memory; `takeUses` tells what is to be written down. */
  use(key: ApiKey, nowMs: number): void {
    key.lastUsedAtMs = nowMs;
    this.used.add(key as Entry);
  }

  /** Keys used since the last call. */
  takeUses(): ApiKeyUse[] {
    const uses = [...this.used].map(({ key, lastUsedAtMs, lastUsedAddress }) => ({
      key,
      atMs: Math.floor(lastUsedAtMs ?? 0),
      address: lastUsedAddress,
    }));
    this.used.clear();
    return uses;
  }

  noteUses(uses: readonly ApiKeyUse[]): void {
    for (const { key, atMs, address } of uses) {
      const entry = this.byKey.get(key);
      if (entry === undefined || (entry.lastUsedAtMs ?? 0) > atMs) continue;
      entry.lastUsedAtMs = atMs;
      entry.lastUsedAddress = address;
    }
  }
}

function renewGrant(entry: Entry): void {
  const former = entry.grant;
  entry.grant = new Grant();
  entry.principal = { ...entry.principal, grant: entry.grant };
  former.end();
}
