import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { hash } from 'node:crypto';
import { parseBody } from './client-json.ts';
import { Refusal } from './refusal.ts';

/** What a request's headers say of its body, read before the first wait. */
export interface BodyHeaders {
  readonly contentType: string;
  readonly contentLength: string;
  readonly contentEncoding: string;
}

/** Refuses by its headers a body that would not be read to the end. */
export function refuseBody(headers: BodyHeaders, maxBytes: number): Refusal | undefined {
  if (Number(headers.contentLength) > maxBytes) return tooLarge(maxBytes);
  const type = headers.contentType.split(';')[0].trim().toLowerCase();
  if (type !== 'application/json') {
    return new Refusal(
      'unsupported_media_type',
      'UNSUPPORTED_MEDIA_TYPE',
      'The request body must be sent as Content-Type: application/json.',
      { details: { parameter: 'Content-Type', value: headers.contentType.slice(0, 80) } },
    );
  }
  if (headers.contentEncoding !== '' && headers.contentEncoding !== 'identity') {
    return new Refusal(
      'unsupported_media_type',
      'UNSUPPORTED_CONTENT_ENCODING',
      'The request body must not be compressed.',
      { details: { parameter: 'Content-Encoding', value: headers.contentEncoding.slice(0, 80) } },
    );
  }
  return undefined;
}

export function tooLarge(maxBytes: number): Refusal {
  return new Refusal(
    'too_large',
    'BODY_TOO_LARGE',
    `The request body is larger than ${maxBytes} bytes.`,
    { details: { limit_bytes: maxBytes } },
  );
}

/** True when the request has no body at all. */
export function hasNoBody(req: HttpRequest): boolean {
  const length = req.getHeader('content-length');
  return (length === '' || length === '0') && req.getHeader('transfer-encoding') === '';
}

/** @param sha256 what a signature says of the body, `''` where there is none */
function isSignedBody(bytes: Uint8Array, sha256: string): boolean {
  return sha256 === '' || hash('sha256', bytes) === sha256;
}

const NOT_THE_SIGNED_BODY = new Refusal(
  'unauthenticated',
  'INVALID_CREDENTIALS',
  'The request body is not the one that was signed.',
  { details: { reason: 'INVALID_CREDENTIALS' } },
);

/**
 * Collects a JSON body of at most `maxBytes`. `done` is called once: with the value, or with a
 * refusal; not at all when the client goes away first.
 * @param sha256 of a signed body, `''` otherwise
 */
export function readJson(
  res: HttpResponse,
  maxBytes: number,
  sha256: string,
  done: (result: { readonly value: unknown } | Refusal) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let finished = false;
  res.onData((chunk, isLast) => {
    if (finished) return;
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      finished = true;
      done(tooLarge(maxBytes));
      return;
    }
    if (!isLast) {
      // The chunk's memory is taken back when this call returns, so it is copied.
      chunks.push(Buffer.from(new Uint8Array(chunk)));
      return;
    }
    finished = true;
    const last = new Uint8Array(chunk);
    const whole = chunks.length === 0 ? last : Buffer.concat([...chunks, last]);
    done(isSignedBody(whole, sha256) ? parseBody(whole) : NOT_THE_SIGNED_BODY);
  });
}
