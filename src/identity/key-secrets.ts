import { createCipheriv, createDecipheriv, hash, randomBytes, timingSafeEqual } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A new API key and its secret: 128 and 256 random bits. */
export function newKeyPair(): { key: string; secret: string } {
  return { key: `obk_${randomBytes(16).toString('base64url')}`, secret: newSecret() };
}

export function newSecret(): string {
  return `obs_${randomBytes(32).toString('base64url')}`;
}

/**
 * SHA-256, base64url. A fast hash will do, because a secret of 256 random bits cannot be guessed
 * however fast it is hashed; a slow one at every request would be a way to stop the server.
 */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

/** Compares without telling by its time how much was right. */
export function isSecret(secret: string, hashed: Buffer): boolean {
  return timingSafeEqual(hash('sha256', secret, 'buffer'), hashed);
}

/** Encrypts secrets that the server must be able to read again: those that sign requests. */
export class SecretSealer {
  private readonly sealing: Buffer;

  /** @param sealing 32 random bytes, base64url */
  constructor(sealing: string) {
    this.sealing = Buffer.from(sealing, 'base64url');
  }

  /** AES-256-GCM, bound to the key it belongs to; base64url of IV, tag, ciphertext. */
  seal(key: string, secret: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.sealing, iv).setAAD(Buffer.from(key));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
  }

  /** Throws when the text was not sealed by this sealer for this key. */
  open(key: string, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    const iv = bytes.subarray(0, IV_BYTES);
    const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.sealing, iv);
    decipher.setAAD(Buffer.from(key)).setAuthTag(tag);
    const text = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  }
}
