import type { Grant } from './grant.ts';

/** What a credential may do. A higher scope implies the lower ones. */
export const SCOPES = ['read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who is calling, once a credential has been checked. */
export interface Principal {
  readonly userId: number;
  readonly username: string;
  readonly scopes: readonly Scope[];
  /** Names the credential for rate limits: `user:<id>` for tokens, `key:<key>` for API keys. */
  readonly credential: string;
  /** Ends with the session or the API key. */
  readonly grant?: Grant;
  /** The session of an access token; absent for API keys. */
  readonly sessionId?: string;
  /** When the credential is over by itself; absent: never. */
  readonly expiresAtMs?: number;
}

/** Parts of a signed request, from its headers; `''` where absent. */
export interface SignatureHeaders {
  /** Milliseconds since the Unix epoch, as text. */
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
  /** SHA-256 of the body in lower-case hex. */
  readonly contentSha256: string;
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
}

/** What a caller offers to prove who it is; texts are `''` where absent. */
export interface Credentials {
  /** Value of the `Authorization` header. */
  readonly authorization: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** The caller's address; asked for only when something depends on it. */
  readonly address: () => string;
  /** Present when the request carries a signature. */
  readonly signature?: SignatureHeaders;
  /** True where an API key without its secret may read. */
  readonly keyAlone?: boolean;
}

/** Credentials of a caller who has nothing but an `Authorization` header. */
export function bearerCredentials(authorization: string): Credentials {
  return { authorization, apiKey: '', apiSecret: '', address: () => '' };
}

/** Why a credential was not accepted; the message may be shown to the client. */
export class AuthFailure {
  readonly code: 'MISSING_CREDENTIALS' | 'INVALID_CREDENTIALS' | 'EXPIRED_TOKEN';
  readonly message: string;

  constructor(code: AuthFailure['code'], message: string) {
    this.code = code;
    this.message = message;
  }
}

/** True when one of the scopes is the wanted one or implies it. */
export function hasScope(scopes: readonly Scope[], wanted: Scope): boolean {
  const rank = SCOPES.indexOf(wanted);
  return scopes.some((scope) => SCOPES.indexOf(scope) >= rank);
}

/** Scopes in their order, none twice, from a list that may name them in any. */
export function orderedScopes(scopes: readonly Scope[]): Scope[] {
  return SCOPES.filter((scope) => scopes.includes(scope));
}
