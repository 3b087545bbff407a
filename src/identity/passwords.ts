import { hash, type Options, verify } from '@node-rs/argon2';

/** RFC 9106 names argon2id; these are OWASP's minimum parameters: 19 MiB, two passes, one lane. */
const PARAMETERS: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes a password with argon2id and a random salt, off the main thread; PHC text. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, PARAMETERS);
}

/** True when the password is the hashed one. Takes the same time either way. */
export function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  return verify(passwordHash, password);
}
