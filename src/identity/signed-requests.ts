import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { SignatureHeaders } from './principal.ts';

/** How far a signed request's time may be from ours, either way. */
export const SIGNATURE_WINDOW_MS = 30_000;
/** SHA-256 of nothing: the content hash of a request without a body. */
export const EMPTY_SHA256 = hash('sha256', '');

const FIRST_LINE = 'OPENBELL-HMAC-SHA256';
const NONCE = /^[\w-]{8,64}$/;
const HEX_256 = /^[0-9a-f]{64}$/;
const TIMESTAMP = /^\d{13}$/;

/** What a client signs: six lines, joined by line feeds, none at the end. */
export function canonicalRequest(parts: Omit<SignatureHeaders, 'signature'>): string {
  const { timestamp, nonce, method, target, contentSha256 } = parts;
  const content = contentSha256 === '' ? EMPTY_SHA256 : contentSha256;
  return [FIRST_LINE, timestamp, nonce, method, target, content].join('\n');
}

/** HMAC-SHA256 of the canonical request under the key's secret, lower-case hex. */
export function signRequest(secret: string, parts: Omit<SignatureHeaders, 'signature'>): string {
  return createHmac('sha256', secret).update(canonicalRequest(parts)).digest('hex');
}

/** Judges signed requests: their form, their time, their signature, and that none comes twice. */
export class SignedRequests {
  private readonly nonces: NonceMemory;
  private readonly notBeforeMs: number;

  /** @param startedMs what was signed before is refused, because its nonce may have been used up */
  constructor(startedMs: number, nonces = new NonceMemory()) {
    this.notBeforeMs = startedMs;
    this.nonces = nonces;
  }

  /** @returns what is wrong with the request, or `undefined` */
  refusal(
    key: string,
    secret: () => string,
    parts: SignatureHeaders,
    nowMs: number,
  ): string | undefined {
    const { timestamp, nonce, signature, contentSha256 } = parts;
    const formed = TIMESTAMP.test(timestamp) && NONCE.test(nonce) && HEX_256.test(signature);
    if (!formed || (contentSha256 !== '' && !HEX_256.test(contentSha256))) {
      return 'The signature headers are not of their form.';
    }
    const atMs = Number(timestamp);
    if (Math.abs(nowMs - atMs) > SIGNATURE_WINDOW_MS || atMs < this.notBeforeMs) {
      return "The request's timestamp is outside of the window.";
    }
    const wanted = Buffer.from(signRequest(secret(), parts), 'hex');
    if (!timingSafeEqual(wanted, Buffer.from(signature, 'hex'))) {
      return 'The signature is not valid.';
    }
    // Last, so that only who can sign can fill the memory.
    return this.nonces.take(`${key}\n${nonce}`, nowMs) ? undefined : 'The nonce was used before.';
  }
}

/**
 * Remembers nonces for at least as long as their requests could come again. Two generations, each
 * as long as the whole window, bound it in time; a full one refuses.
 */
export class NonceMemory {
  private readonly maxEntries: number;
  private young = new Set<string>();
  private old = new Set<string>();
  private youngSinceMs = 0;

  /** @param maxEntries of each generation: by default 4 000 signed requests a second */
  constructor(maxEntries = 240_000) {
    this.maxEntries = maxEntries;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  /** @returns false for one that was taken before, and when there is no room */
  take(nonce: string, nowMs: number): boolean {
    if (nowMs - this.youngSinceMs >= 2 * SIGNATURE_WINDOW_MS) {
      const quiet = nowMs - this.youngSinceMs >= 4 * SIGNATURE_WINDOW_MS;
      this.old = quiet ? new Set() : this.young;
      this.young = new Set();
      this.youngSinceMs = nowMs;
    }
    if (this.young.has(nonce) || this.old.has(nonce)) return false;
    if (this.young.size >= this.maxEntries) return false;
    this.young.add(nonce);
    return true;
  }
}
