import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Algorithms an access token may be signed with. */
export const TOKEN_ALGORITHMS = ['HS256', 'RS256', 'ES256'] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** A key for access tokens. The last one of the file signs, the others still check. */
export interface StoredKey {
  /** Names the key in a token's header. */
  readonly kid: string;
  readonly algorithm: TokenAlgorithm;
  /** 32 random bytes in base64url for HS256, else a private key as PEM (PKCS #8). */
  readonly material: string;
  /** Unix seconds since which another key signs; `null` while this one does. */
  readonly retiredSeconds: number | null;
}

export interface Secrets {
  readonly keys: readonly StoredKey[];
  /** For the MAC in refresh tokens; 32 random bytes, base64url. */
  readonly refresh: string;
  /** Encrypts the secrets of API keys that sign requests; 32 random bytes, base64url. */
  readonly sealing: string;
}

/**
 * `<directory>/secrets.json`: what must never be in the journal. Only its owner may read it (mode
 * 0600, restored when it was widened).
 */
export class SecretsFile {
  private readonly directory: string;
  private readonly path: string;
  private current: Secrets;

  /**
   * Reads the file, or makes it. Throws when it is there and unusable: new secrets in its place would
   * silently end every session.
   * @param algorithm of the first key of a new file
   */
  constructor(directory: string, algorithm: TokenAlgorithm) {
    this.directory = directory;
    this.path = join(directory, 'secrets.json');
    if (existsSync(this.path)) {
      this.current = this.read();
      chmodSync(this.path, 0o600);
    } else {
      this.current = {
        keys: [newKey(algorithm)],
        refresh: randomSecret(),
        sealing: randomSecret(),
      };
      this.write(this.current);
    }
  }

  get secrets(): Secrets {
    return this.current;
  }

  /** Replaces the keys; on return the file is on the disk. */
  replaceKeys(keys: readonly StoredKey[]): void {
    this.write({ ...this.current, keys });
  }

  private read(): Secrets {
    const found = parse(readFileSync(this.path, 'utf8'));
    if (isOldForm(found)) {
      const { kid, secret } = found.jwt;
      const key = { kid, algorithm: 'HS256', material: secret, retiredSeconds: null } as const;
      const secrets = { keys: [key], refresh: randomSecret(), sealing: randomSecret() };
      this.write(secrets);
      return secrets;
    }
    if (!isSecrets(found)) {
      throw new Error(
        `${this.path} holds no signing secret; restore it or remove it to make a new one`,
      );
    }
    return found;
  }

  /** Written aside and renamed, so that a crash leaves either the former file or the whole new one. */
  private write(secrets: Secrets): void {
    mkdirSync(this.directory, { recursive: true });
    const draft = `${this.path}.${process.pid}`;
    const file = openSync(draft, 'w', 0o600);
    try {
      writeSync(file, `${JSON.stringify(secrets, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, this.path);
    this.current = secrets;
  }
}

/** A new key of an algorithm, which signs. */
export function newKey(algorithm: TokenAlgorithm): StoredKey {
  const kid = randomBytes(6).toString('base64url');
  return { kid, algorithm, material: newMaterial(algorithm), retiredSeconds: null };
}

function newMaterial(algorithm: TokenAlgorithm): string {
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
  switch (algorithm) {
    case 'HS256':
      return randomSecret();
    case 'RS256':
      return generateKeyPairSync('rsa', {
        modulusLength: 2048,
        publicKeyEncoding,
        privateKeyEncoding: pem,
      }).privateKey;
    case 'ES256':
      return generateKeyPairSync('ec', {
        namedCurve: 'P-256',
        publicKeyEncoding,
        privateKeyEncoding: pem,
      }).privateKey;
  }
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One HS256 key and nothing else: what the first version of this file held. */
function isOldForm(value: unknown): value is { jwt: { kid: string; secret: string } } {
  const jwt = (value as { jwt?: Record<string, unknown> } | undefined)?.jwt;
  return typeof jwt?.kid === 'string' && isSecret(jwt.secret);
}

function isSecrets(value: unknown): value is Secrets {
  const { keys, refresh, sealing } = (value ?? {}) as Partial<Secrets>;
  return (
    isSecret(refresh) && isSecret(sealing) && Array.isArray(keys) && keys.some(isUsable) === true
  );
}

function isUsable(key: Partial<StoredKey>): boolean {
  return (
    typeof key.kid === 'string' &&
    TOKEN_ALGORITHMS.some((name) => name === key.algorithm) &&
    isSecret(key.material)
  );
}

function isSecret(text: unknown): text is string {
  return typeof text === 'string' && text.length >= 43;
}
