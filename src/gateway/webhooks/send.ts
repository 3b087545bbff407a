import { createHmac } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress, PrivateAddressError, publicLookup } from './public-address.ts';

/** From the connection to the end of the reply. */
const TIMEOUT_MS = 5_000;
/** A longer reply is cut off; nobody reads it. */
const REPLY_BYTES_MAX = 64 * 1024;

export interface Sending {
  readonly url: string;
  readonly secret: string;
  readonly event: string;
  /** The same at every attempt. */
  readonly deliveryId: string;
  readonly attempt: number;
  /** Unix seconds of the attempt; part of what is signed. */
  readonly timestampSeconds: number;
  readonly body: string;
  readonly allowPrivate: boolean;
  /** Ends the attempt early. */
  readonly signal: AbortSignal;
}

/** `sha256=` and the HMAC of `<timestamp>.<body>` in hexadecimal digits. */
export function signatureOf(secret: string, timestampSeconds: number, body: string): string {
  const mac = createHmac('sha256', secret).update(`${timestampSeconds}.${body}`);
  return `sha256=${mac.digest('hex')}`;
}

/**
 * Makes one attempt. Redirections are not followed: they would lead past the check of the address.
 * @returns the receiver's status
 * @throws with a reason fit to be shown when there was no reply
 */
export function send(sending: Sending): Promise<number> {
  const { url, allowPrivate, signal, body } = sending;
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) {
    return Promise.reject(new PrivateAddressError(`${host} is no public address`));
  }
  const start = protocol === 'https:' ? tlsRequest : plainRequest;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    const request = start(url, {
      method: 'POST',
      agent: false,
      headers: headersOf(sending),
      signal: AbortSignal.any([signal, timeout]),
      ...(allowPrivate ? {} : { lookup: publicLookup }),
    });
    request.on('response', (response) => {
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > REPLY_BYTES_MAX) response.destroy();
      });
      response.on('close', () => resolve(response.statusCode ?? 0));
      response.on('error', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', (error) => {
      reject(timeout.aborted ? new Error(`no reply within ${TIMEOUT_MS} ms`) : error);
    });
    request.end(body);
  });
}

function headersOf(sending: Sending): Record<string, string> {
  const { secret, event, deliveryId, attempt, timestampSeconds, body } = sending;
  return {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    'User-Agent': 'openbell-webhooks',
    'X-Openbell-Event': event,
    'X-Openbell-Delivery': deliveryId,
    'X-Openbell-Attempt': String(attempt),
    'X-Openbell-Timestamp': String(timestampSeconds),
    'X-Openbell-Signature': signatureOf(secret, timestampSeconds, body),
  };
}
