/** Rights of a user or a credential; a higher one implies the lower. */
export type Scope = 'read' | 'write' | 'admin';

/** From where something was done, and by whom. */
export interface Origin {
  /** The client's address; `''` for the command line and for the venue itself. */
  readonly address: string;
  readonly requestId: string;
  /** 0 where nobody had proved who they were. */
  readonly byUserId: number;
}

/** What all identity facts have in common. */
interface IdentityFact {
  /** Dense among identity facts, so that applying one twice can be told from applying two. */
  readonly n: number;
  /** Milliseconds since the Unix epoch, whole. */
  readonly atMs: number;
  readonly origin: Origin;
}

export interface UserRegistered extends IdentityFact {
  readonly kind: 'UserRegistered';
  /** Positive and dense. */
  readonly userId: number;
  /** A random UUID: how surfaces name the user. */
  readonly publicId: string;
  readonly username: string;
  /** `''` where none was given, as for names. */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Argon2id in PHC form. */
  readonly passwordHash: string;
  readonly scopes: readonly Scope[];
}

/** Ends every session of the user. */
export interface PasswordChanged extends IdentityFact {
  readonly kind: 'PasswordChanged';
  readonly userId: number;
  readonly passwordHash: string;
}

/** A disabled user's sessions end, and neither their password nor their keys are good. */
export interface UserSwitched extends IdentityFact {
  readonly kind: 'UserSwitched';
  readonly userId: number;
  readonly disabled: boolean;
}

/** A login: access and refresh tokens of this session are good until it ends. */
export interface SessionOpened extends IdentityFact {
  readonly kind: 'SessionOpened';
  readonly sessionId: string;
  readonly userId: number;
  readonly expiresAtMs: number;
}

/** A refresh token was used up: of its chain only this generation is good from now on. */
export interface SessionRefreshed extends IdentityFact {
  readonly kind: 'SessionRefreshed';
  readonly sessionId: string;
  readonly chain: number;
  readonly generation: number;
}

export type SessionEnd = 'logout' | 'refresh_token_reused';

export interface SessionsEnded extends IdentityFact {
  readonly kind: 'SessionsEnded';
  readonly userId: number;
  readonly sessionIds: readonly string[];
  readonly reason: SessionEnd;
}

/** Failed logins of some time together, so that nobody can fill the journal with them. */
export interface LoginsFailed extends IdentityFact {
  readonly kind: 'LoginsFailed';
  readonly sinceMs: number;
  readonly attempts: readonly FailedAttempts[];
  /** Failures beyond those told apart. */
  readonly others: number;
}

export interface FailedAttempts {
  /** The name that was tried, cut short. */
  readonly name: string;
  readonly address: string;
  readonly count: number;
  /** Of the last one. */
  readonly requestId: string;
}

export interface AccountLocked extends IdentityFact {
  readonly kind: 'AccountLocked';
  readonly userId: number;
  /** Failures since the last login. */
  readonly failures: number;
  readonly untilMs: number;
}

export interface ApiKeyCreated extends IdentityFact {
  readonly kind: 'ApiKeyCreated';
  readonly key: string;
  readonly userId: number;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the secret, base64url. */
  readonly secretHash: string;
  /** The secret encrypted, for keys that sign requests; else `''`. */
  readonly sealedSecret: string;
  /** Addresses and CIDR ranges it may be used from; empty: everywhere. */
  readonly allowedAddresses: readonly string[];
  /** `null`: never. */
  readonly expiresAtMs: number | null;
}

/** The key has another secret; the former one is void. */
export interface ApiKeyRotated extends IdentityFact {
  readonly kind: 'ApiKeyRotated';
  readonly key: string;
  readonly secretHash: string;
  readonly sealedSecret: string;
}

export interface ApiKeyRevoked extends IdentityFact {
  readonly kind: 'ApiKeyRevoked';
  readonly key: string;
}

/** When keys were last used, written now and then and not at every use. */
export interface ApiKeysUsed extends IdentityFact {
  readonly kind: 'ApiKeysUsed';
  readonly uses: readonly ApiKeyUse[];
}

export interface ApiKeyUse {
  readonly key: string;
  readonly atMs: number;
  readonly address: string;
}

export interface SigningKeyRotated extends IdentityFact {
  readonly kind: 'SigningKeyRotated';
  readonly kid: string;
  readonly algorithm: string;
}

/** Something an administrator did elsewhere in the venue, for the audit trail. */
export interface AdminActed extends IdentityFact {
  readonly kind: 'AdminActed';
  /** Lower case with dots: `market.halt`. */
  readonly action: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Facts about users and their credentials. */
export type IdentityEvent =
  | UserRegistered
  | PasswordChanged
  | UserSwitched
  | SessionOpened
  | SessionRefreshed
  | SessionsEnded
  | LoginsFailed
  | AccountLocked
  | ApiKeyCreated
  | ApiKeyRotated
  | ApiKeyRevoked
  | ApiKeysUsed
  | SigningKeyRotated
  | AdminActed;
