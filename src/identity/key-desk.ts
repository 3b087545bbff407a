import { isAddressOrRange } from '../lib/address-list.ts';
import type { Clock } from '../lib/clock.ts';
import { API_KEYS_PER_USER_MAX, type ApiKey } from './api-keys.ts';
import type { Client } from './events.ts';
import type { IdentityState } from './identity-state.ts';
import { hashSecret, newKeyPair, newSecret, type SecretSealer } from './key-secrets.ts';
import { hasScope, orderedScopes, type Principal, type Scope } from './principal.ts';
import type { Recorder } from './recorder.ts';
import { IdentityRefused } from './refused.ts';
import type { User } from './users.ts';

export interface KeyRequest {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Addresses and CIDR ranges; empty: everywhere. */
  readonly allowedAddresses: readonly string[];
  /** `null`: never. */
  readonly expiresAtMs: number | null;
  /** True for a key that may sign requests instead of sending its secret. */
  readonly signing: boolean;
}

/** A key with its secret, which is told once. */
export interface IssuedKey {
  readonly key: ApiKey;
  readonly secret: string;
}

export interface KeyDeskParts {
  readonly state: IdentityState;
  readonly recorder: Recorder;
  readonly sealer: SecretSealer;
  readonly clock: Clock;
}

/** Makes, rotates and revokes API keys. */
export class KeyDesk {
  private readonly parts: KeyDeskParts;

  constructor(parts: KeyDeskParts) {
    this.parts = parts;
  }

  /** Makes a key for a user; what it may do is at most what its maker may. */
  async create(
    user: User,
    request: KeyRequest,
    by: Pick<Principal, 'userId' | 'scopes'>,
    client: Client,
  ): Promise<IssuedKey | IdentityRefused> {
    const { state, recorder, sealer } = this.parts;
    const problem = this.problem(user, request, by.scopes);
    if (problem !== undefined) return problem;
    const { key, secret } = newKeyPair();
    const { name, allowedAddresses, expiresAtMs, signing } = request;
    await recorder.commit(
      {
        kind: 'ApiKeyCreated',
        key,
        userId: user.userId,
        name,
        scopes: orderedScopes(request.scopes),
        secretHash: hashSecret(secret),
        sealedSecret: signing ? sealer.seal(key, secret) : '',
        allowedAddresses,
        expiresAtMs,
      },
      client,
      by.userId,
    );
    const made = state.keys.get(key);
    return made === undefined ? notFound() : { key: made, secret };
  }

  /** Gives one of the caller's keys another secret; the former one is void at once. */
  async rotate(
    principal: Principal,
    keyId: string,
    client: Client,
  ): Promise<IssuedKey | IdentityRefused> {
    const { state, recorder, sealer } = this.parts;
    const key = state.keys.get(keyId);
    if (key === undefined || key.userId !== principal.userId) return notFound();
    if (!key.scopes.every((scope) => hasScope(principal.scopes, scope))) return beyond(key.scopes);
    const secret = newSecret();
    await recorder.commit(
      {
        kind: 'ApiKeyRotated',
        key: keyId,
        secretHash: hashSecret(secret),
        sealedSecret: key.sealedSecret === '' ? '' : sealer.seal(keyId, secret),
      },
      client,
      principal.userId,
    );
    return { key, secret };
  }

  /** Revokes a key of the caller's, or anybody's where the caller is an administrator. */
  async revoke(
    principal: Pick<Principal, 'userId' | 'scopes'>,
    keyId: string,
    client: Client,
  ): Promise<ApiKey | IdentityRefused> {
    const key = this.parts.state.keys.get(keyId);
    const may = key?.userId === principal.userId || hasScope(principal.scopes, 'admin');
    if (key === undefined || !may) return notFound();
    await this.parts.recorder.commit(
      { kind: 'ApiKeyRevoked', key: keyId },
      client,
      principal.userId,
    );
    return key;
  }

  private problem(
    user: User,
    { scopes, allowedAddresses, expiresAtMs }: KeyRequest,
    own: readonly Scope[],
  ): IdentityRefused | undefined {
    const { state, clock } = this.parts;
    if (!scopes.every((scope) => hasScope(own, scope) && hasScope(user.scopes, scope))) {
      return beyond(scopes);
    }
    const wrong = allowedAddresses.find((entry) => !isAddressOrRange(entry));
    if (wrong !== undefined) {
      const message = 'An allowed address is an IP address or a CIDR range.';
      return new IdentityRefused('invalid', message, { parameter: 'allowed_ips', value: wrong });
    }
    if (expiresAtMs !== null && !(expiresAtMs > clock.nowMs())) {
      const message = 'A key expires in the future.';
      return new IdentityRefused('invalid', message, { parameter: 'expires_at' });
    }
    if (state.keys.ofUser(user.userId).length >= API_KEYS_PER_USER_MAX) {
      const message = `A user has at most ${API_KEYS_PER_USER_MAX} API keys.`;
      return new IdentityRefused('too_many', message);
    }
    return undefined;
  }
}

function notFound(): IdentityRefused {
  return new IdentityRefused('not_found', 'There is no such API key.', { parameter: 'key' });
}

function beyond(scopes: readonly Scope[]): IdentityRefused {
  const message = 'A key may do at most what its maker and its owner may.';
  return new IdentityRefused('forbidden', message, {
    parameter: 'scopes',
    value: scopes.join(' '),
  });
}
