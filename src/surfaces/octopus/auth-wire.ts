import type {
  ApiKeyResponse,
  AuditResponse,
  ManagedUser,
  TokenPair,
  UserResponse,
} from '../../../schemas/octopus-auth.ts';
import type { ApiKey } from '../../identity/api-keys.ts';
import type { AuditEntry } from '../../identity/audit-trail.ts';
import type { IdentityState } from '../../identity/identity-state.ts';
import type { Login } from '../../identity/logins.ts';
import type { User } from '../../identity/users.ts';

/** What replies with secrets in them say to caches. */
export const NOT_STORED = { headers: [['Cache-Control', 'no-store']] } as const;

export function userToWire(user: User): UserResponse {
  return {
    id: user.publicId,
    email: user.email || null,
    first_name: user.firstName || null,
    last_name: user.lastName || null,
    created_at: isoSeconds(user.createdAtMs),
    username: user.username,
    scopes: [...user.scopes],
  };
}

export function managedUserToWire(user: User, nowMs: number): ManagedUser {
  const waitSeconds = user.lock.waitSeconds(nowMs);
  return {
    ...userToWire(user),
    disabled: user.disabled,
    locked_until: waitSeconds === 0 ? null : isoSeconds(nowMs + waitSeconds * 1000),
  };
}

export function loginToWire(login: Login): TokenPair {
  return {
    access_token: login.accessToken,
    token_type: 'bearer',
    expires_in: login.expiresInSeconds,
    refresh_token: login.refreshToken,
  };
}

/** @param revoked the key is no longer good */
export function apiKeyToWire(key: ApiKey, nowMs: number, revoked = false): ApiKeyResponse {
  const over = key.expiresAtMs !== null && key.expiresAtMs <= nowMs;
  return {
    key: key.key,
    name: key.name,
    scopes: [...key.scopes],
    allowed_ips: [...key.allowedAddresses],
    signing: key.sealedSecret !== '',
    status: revoked ? 'revoked' : over ? 'expired' : 'active',
    created_at: isoSeconds(key.createdAtMs),
    expires_at: isoOrNull(key.expiresAtMs),
    rotated_at: isoOrNull(key.rotatedAtMs),
    last_used_at: isoOrNull(key.lastUsedAtMs),
    last_used_ip: key.lastUsedAddress || null,
  };
}

export function auditToWire(
  entry: AuditEntry,
  { users }: Pick<IdentityState, 'users'>,
): AuditResponse['entries'][number] {
  const nameOf = (userId: number) => {
    const user = users.get(userId);
    return user === undefined ? null : { id: user.publicId, username: user.username };
  };
  const { id, atMs, action, userId, origin, details } = entry;
  return {
    id,
    timestamp: new Date(atMs).toISOString(),
    action,
    actor: nameOf(origin.byUserId),
    user: nameOf(userId),
    ip: origin.address || null,
    request_id: origin.requestId || null,
    details,
  };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : isoSeconds(ms);
}

/** `2024-01-15T10:00:00Z`, as the documented examples write it. */
function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
