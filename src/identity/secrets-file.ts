import { randomBytes } from 'node:crypto';
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

export interface Secrets {
  readonly jwt: {
    /** Names the key in a token's header. */
    readonly kid: string;
    /** 32 random bytes, base64url. */
    readonly secret: string;
  };
}

/**
 * Reads `<directory>/secrets.json`, or makes it with a new signing secret. Only its owner may read
 * it (mode 0600, restored when it was widened). Throws when the file is there and unusable: a new
 * secret in its place would silently end every session.
 */
export function openSecrets(directory: string): Secrets {
  const path = join(directory, 'secrets.json');
  if (!existsSync(path)) return createSecrets(directory, path);
  const jwt = parse(readFileSync(path, 'utf8'))?.jwt;
  if (typeof jwt?.kid !== 'string' || typeof jwt.secret !== 'string' || jwt.secret.length < 43) {
    throw new Error(`${path} holds no signing secret; restore it or remove it to make a new one`);
  }
  chmodSync(path, 0o600);
  return { jwt };
}

function parse(text: string): Partial<Secrets> | null | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function createSecrets(directory: string, path: string): Secrets {
  mkdirSync(directory, { recursive: true });
  const secrets: Secrets = {
    jwt: {
      kid: randomBytes(6).toString('base64url'),
      secret: randomBytes(32).toString('base64url'),
    },
  };
  // Written aside and renamed, so that a crash leaves either no file or a whole one.
  const draft = `${path}.${process.pid}`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(secrets, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  return secrets;
}
