import type { Clock } from '../lib/clock.ts';
import type { ApiKey } from './api-keys.ts';
import type { IdentityState } from './identity-state.ts';
import { isSecret, type SecretSealer } from './key-secrets.ts';
import { AuthFailure, type Credentials, hasScope, type Principal } from './principal.ts';
import { SignedRequests } from './signed-requests.ts';
import { TokenCache } from './token-cache.ts';
import type { Tokens } from './tokens.ts';

/** The address of a key's last use is looked up this often at most. */
const NOTE_ADDRESS_MS = 60_000;

/**
 * Tells who is calling. This runs for every request, so nothing here is slow: tokens are remembered
 * once their signature was found right, and secrets of API keys are long enough for a fast hash.
 */
export class Authentication {
  private readonly state: IdentityState;
  private readonly tokens: Tokens;
  private readonly sealer: SecretSealer;
  private readonly clock: Clock;
  private readonly signedRequests: SignedRequests;
  private readonly cache = new TokenCache();

  constructor(state: IdentityState, tokens: Tokens, sealer: SecretSealer, clock: Clock) {
    this.state = state;
    this.tokens = tokens;
    this.sealer = sealer;
    this.clock = clock;
    this.signedRequests = new SignedRequests(clock.nowMs());
  }

  /** Every credential that is offered must be good; with two of them, the token says who calls. */
  authenticate(credentials: Credentials): Principal | AuthFailure {
    const { authorization, apiKey } = credentials;
    if (apiKey === '') return this.byToken(authorization);
    const byKey = this.byApiKey(credentials);
    if (authorization === '' || byKey instanceof AuthFailure) return byKey;
    const byToken = this.byToken(authorization);
    if (byToken instanceof AuthFailure || byToken.userId === byKey.userId) return byToken;
    return invalid('The access token and the API key belong to different users.');
  }

  private byToken(authorization: string): Principal | AuthFailure {
    if (authorization === '') {
      return new AuthFailure('MISSING_CREDENTIALS', 'This endpoint needs a credential.');
    }
    const nowSeconds = Math.floor(this.clock.nowMs() / 1000);
    const known = this.cache.get(authorization, nowSeconds);
    if (known !== undefined) return known;
    const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
    if (token === undefined) return invalid('The Authorization header is not a Bearer token.');
    const claims = this.tokens.check(token, nowSeconds);
    if (claims instanceof AuthFailure) return claims;
    const user = this.state.users.get(claims.userId);
    const session = this.state.sessions.get(claims.sessionId);
    if (user === undefined || session === undefined || session.userId !== user.userId) {
      return invalid('The access token is no longer valid.');
    }
    const principal: Principal = {
      userId: user.userId,
      username: user.username,
      scopes: claims.scopes,
      credential: `user:${user.userId}`,
      grant: session.grant,
      sessionId: session.sessionId,
      expiresAtMs: claims.expiresSeconds * 1000,
    };
    this.cache.set(authorization, principal, claims.expiresSeconds);
    return principal;
  }

  private byApiKey(credentials: Credentials): Principal | AuthFailure {
    const { apiKey, apiSecret, signature, keyAlone } = credentials;
    const nowMs = this.clock.nowMs();
    const key = this.state.keys.get(apiKey);
    if (key === undefined) return invalid('The API key is not valid.');
    let alone = false;
    if (signature !== undefined && apiSecret === '') {
      const problem = this.signatureProblem(key, signature, nowMs);
      if (problem !== undefined) return invalid(problem);
    } else if (apiSecret !== '') {
      if (!isSecret(apiSecret, key.secretHash)) return invalid('The API key is not valid.');
    } else if (keyAlone === true) alone = true;
    else return invalid('The API key was sent without its secret.');
    const problem = this.keyProblem(key, credentials, nowMs);
    if (problem !== undefined) return invalid(problem);
    return alone ? readOnly(key.principal) : key.principal;
  }

  private signatureProblem(
    key: ApiKey,
    signature: NonNullable<Credentials['signature']>,
    nowMs: number,
  ): string | undefined {
    if (key.sealedSecret === '') return 'This API key does not sign requests.';
    const secret = (): string => this.sealer.open(key.key, key.sealedSecret);
    return this.signedRequests.refusal(key.key, secret, signature, nowMs);
  }

  private keyProblem(key: ApiKey, { address }: Credentials, nowMs: number): string | undefined {
    const { keys, users } = this.state;
    if (key.expiresAtMs !== null && nowMs >= key.expiresAtMs) return 'The API key has expired.';
    if (users.get(key.userId)?.disabled !== false) return 'The API key is not valid.';
    if (!keys.mayUseFrom(key, address)) return 'The API key may not be used from this address.';
    if (nowMs - (key.lastUsedAtMs ?? 0) >= NOTE_ADDRESS_MS) key.lastUsedAddress = address();
    keys.use(key, nowMs);
    return undefined;
  }
}

const readers = new WeakMap<Principal, Principal>();

/** The same caller with the scope `read` at most. */
function readOnly(principal: Principal): Principal {
  let reader = readers.get(principal);
  if (reader === undefined) {
    const scopes = hasScope(principal.scopes, 'read') ? (['read'] as const) : [];
    reader = { ...principal, scopes };
    readers.set(principal, reader);
  }
  return reader;
}

function invalid(message: string): AuthFailure {
  return new AuthFailure('INVALID_CREDENTIALS', message);
}
