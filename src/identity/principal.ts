/** What a credential may do. A higher scope implies the lower ones. */
export const SCOPES = ['read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who is calling, once a credential has been checked. */
export interface Principal {
  readonly userId: number;
  readonly username: string;
  readonly scopes: readonly Scope[];
  /** Names the credential for rate limits: `user:<id>` for tokens, however many a user holds. */
  readonly credential: string;
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
