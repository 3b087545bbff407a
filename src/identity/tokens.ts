import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { type KeyRing, TOKEN_LIFETIME_SECONDS } from './key-ring.ts';
import { AuthFailure, SCOPES, type Scope } from './principal.ts';

const ISSUER = 'openbell';
const AUDIENCE = 'openbell';

export interface TokenClaims {
  readonly userId: number;
  readonly sessionId: string;
  readonly scopes: readonly Scope[];
  readonly expiresSeconds: number;
}

/**
 * Signs and checks access tokens (JWT). What a token says of its own making is not believed: it
 * names a key, and the key says which algorithm it must be signed with.
 */
export class Tokens {
  private readonly keys: KeyRing;

  constructor(keys: KeyRing) {
    this.keys = keys;
  }

  /** @param nowSeconds Unix seconds, whole. */
  issue(
    user: { userId: number; username: string; scopes: readonly Scope[] },
    sessionId: string,
    nowSeconds: number,
  ): string {
    const { kid, algorithm, signing } = this.keys.signer;
    const claims = {
      iat: nowSeconds,
      exp: nowSeconds + TOKEN_LIFETIME_SECONDS,
      sid: sessionId,
      // Two tokens of one session and second are two tokens.
      jti: randomBytes(9).toString('base64url'),
      username: user.username,
      scope: user.scopes.join(' '),
    };
    return jwt.sign(claims, signing, {
      algorithm,
      keyid: kid,
      issuer: ISSUER,
      audience: AUDIENCE,
      subject: String(user.userId),
    });
  }

  check(token: string, nowSeconds: number): TokenClaims | AuthFailure {
    const key = this.keys.find(namedKey(token), nowSeconds);
    if (key === undefined) return invalid();
    let payload: jwt.JwtPayload | string;
    try {
      payload = jwt.verify(token, key.checking, {
        algorithms: [key.algorithm],
        issuer: ISSUER,
        audience: AUDIENCE,
        clockTimestamp: nowSeconds,
      });
    } catch (error) {
      if (!(error instanceof jwt.TokenExpiredError)) return invalid();
      return new AuthFailure('EXPIRED_TOKEN', 'The access token has expired.');
    }
    if (typeof payload === 'string') return invalid();
    const { sub, sid: sessionId, exp: expiresSeconds, iat } = payload;
    const userId = Number(sub);
    const scopes = SCOPES.filter((scope) => String(payload.scope).split(' ').includes(scope));
    const whole = typeof sessionId === 'string' && expiresSeconds !== undefined;
    if (!Number.isSafeInteger(userId) || !whole || iat === undefined) return invalid();
    return { userId, sessionId, scopes, expiresSeconds };
  }
}

/** The key id in a token's header, `''` where there is none. */
function namedKey(token: string): string {
  try {
    const head = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString('utf8');
    const { kid } = JSON.parse(head) as { kid?: unknown };
    return typeof kid === 'string' ? kid : '';
  } catch {
    return '';
  }
}

function invalid(): AuthFailure {
  return new AuthFailure('INVALID_CREDENTIALS', 'The access token is not valid.');
}
