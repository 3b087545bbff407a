import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { assert } from '../lib/assert.ts';
import { newKey, type SecretsFile, type StoredKey, type TokenAlgorithm } from './secrets-file.ts';

/** How long an access token is good; a retired key checks for as long. */
export const TOKEN_LIFETIME_SECONDS = 3600;

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: TokenAlgorithm;
  readonly signing: KeyObject;
  readonly checking: KeyObject;
  readonly retiredSeconds: number | null;
}

/** The keys of access tokens: one signs, those it replaced check until their last token is over. */
export class KeyRing {
  private readonly file: SecretsFile;
  private byKid = new Map<string, SigningKey>();
  private active: SigningKey;
  /** The key was replaced at the start, because the settings want another algorithm. */
  readonly changedAtStart: boolean;

  /**
   * Signs with a new key from now on when the newest one is of another algorithm than wanted.
   * @param algorithm `undefined`: whatever the file says
   */
  constructor(file: SecretsFile, algorithm: TokenAlgorithm | undefined, nowSeconds: number) {
    this.file = file;
    this.active = this.load();
    this.changedAtStart = algorithm !== undefined && this.active.algorithm !== algorithm;
    if (algorithm !== undefined && this.changedAtStart) this.rotate(algorithm, nowSeconds);
  }

  get signer(): SigningKey {
    return this.active;
  }

  /** The key a token names, while it may check; `undefined` otherwise. */
  find(kid: string, nowSeconds: number): SigningKey | undefined {
    const key = this.byKid.get(kid);
    return key !== undefined && isGood(key, nowSeconds) ? key : undefined;
  }

  /** Makes a new key that signs from now on. On return it is on the disk. */
  rotate(algorithm: TokenAlgorithm, nowSeconds: number): SigningKey {
    const kept = this.file.secrets.keys
      .map((key) => (key.retiredSeconds === null ? { ...key, retiredSeconds: nowSeconds } : key))
      .filter((key) => isGood(key, nowSeconds));
    this.file.replaceKeys([...kept, newKey(algorithm)]);
    this.active = this.load();
    return this.active;
  }

  /** The public keys as a JSON Web Key Set (RFC 7517); a shared secret is never in it. */
  publicKeys(nowSeconds: number): { keys: JsonWebKey[] } {
    const keys = [...this.byKid.values()]
      .filter((key) => key.algorithm !== 'HS256' && isGood(key, nowSeconds))
      .map(({ kid, algorithm, checking }) => ({
        ...checking.export({ format: 'jwk' }),
        kid,
        alg: algorithm,
        use: 'sig',
      }));
    return { keys };
  }

  private load(): SigningKey {
    const keys = this.file.secrets.keys.map(toSigningKey);
    this.byKid = new Map(keys.map((key) => [key.kid, key]));
    const active = keys.at(-1);
    assert(active !== undefined, 'there is a key to sign with');
    return active;
  }
}

function isGood(key: Pick<StoredKey, 'retiredSeconds'>, nowSeconds: number): boolean {
  return key.retiredSeconds === null || nowSeconds <= key.retiredSeconds + TOKEN_LIFETIME_SECONDS;
}

function toSigningKey({ kid, algorithm, material, retiredSeconds }: StoredKey): SigningKey {
  if (algorithm === 'HS256') {
    const secret = createSecretKey(material, 'base64url');
    return { kid, algorithm, signing: secret, checking: secret, retiredSeconds };
  }
  const signing = createPrivateKey(material);
  return { kid, algorithm, signing, checking: createPublicKey(signing), retiredSeconds };
}
