import jwt from 'jsonwebtoken';
import { AuthFailure, SCOPES, type Scope } from './principal.ts';
import type { Secrets } from './secrets-file.ts';

export const TOKEN_LIFETIME_SECONDS = 3600;
const ISSUER = 'openbell';
const AUDIENCE = 'openbell';

export interface TokenClaims {
  readonly userId: number;
  readonly scopes: readonly Scope[];
  readonly issuedSeconds: number;
  readonly expiresSeconds: number;
}

/** Signs and checks access tokens: JWT, HS256 and nothing else, with the venue's own secret. */
export class Tokens {
  private readonly kid: string;
  private readonly secret: Buffer;

  constructor(secrets: Secrets['jwt']) {
    this.kid = secrets.kid;
    this.secret = Buffer.from(secrets.secret, 'base64url');
  }

  /** @param nowSeconds Unix seconds, whole. */
  issue(user: { userId: number; username: string; scopes: readonly Scope[] }, nowSeconds: number) {
    const claims = {
      iat: nowSeconds,
      exp: nowSeconds + TOKEN_LIFETIME_SECONDS,
      username: user.username,
      scope: user.scopes.join(' '),
    };
    return jwt.sign(claims, this.secret, {
      algorithm: 'HS256',
      keyid: this.kid,
      issuer: ISSUER,
      audience: AUDIENCE,
      subject: String(user.userId),
    });
  }

  check(token: string, nowSeconds: number): TokenClaims | AuthFailure {
    let payload: jwt.JwtPayload;
    try {
      const checked = jwt.verify(token, this.secret, {
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: AUDIENCE,
        clockTimestamp: nowSeconds,
        complete: true,
      });
      if (checked.header.kid !== this.kid || typeof checked.payload === 'string') return invalid();
      payload = checked.payload;
    } catch (error) {
      if (!(error instanceof jwt.TokenExpiredError)) return invalid();
      return new AuthFailure('EXPIRED_TOKEN', 'The access token has expired.');
    }
    const userId = Number(payload.sub);
    const scopes = SCOPES.filter((scope) => String(payload.scope).split(' ').includes(scope));
    if (!Number.isSafeInteger(userId) || payload.exp === undefined || payload.iat === undefined) {
      return invalid();
    }
    return { userId, scopes, issuedSeconds: payload.iat, expiresSeconds: payload.exp };
  }
}

function invalid(): AuthFailure {
  return new AuthFailure('INVALID_CREDENTIALS', 'The access token is not valid.');
}
