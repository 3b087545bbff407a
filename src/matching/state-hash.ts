import { createHash } from 'node:crypto';
import { type BookImage, encodeImage } from './book-image.ts';

/**
 * SHA-256 of a market's state, hexadecimal. Hashed are the doubles of `encodeImage` as little-endian
 * bytes, which is how every machine that Node runs on stores them.
 */
export function imageHash(image: BookImage): string {
  const { buffer } = encodeImage(image);
  return createHash('sha256').update(new Uint8Array(buffer)).digest('hex');
}
