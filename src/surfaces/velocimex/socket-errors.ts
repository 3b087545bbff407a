import type { ConnectionLimit } from '../../gateway/streams/connection-limit.ts';
import type { Negotiation } from '../../gateway/streams/endpoint.ts';

/** An error in the shape of Velocimex, as text for a socket or a refused upgrade. */
export function errorText(
  code: 'AUTHENTICATION_ERROR' | 'INVALID_PARAMETER' | 'RATE_LIMIT_EXCEEDED' | 'INTERNAL_ERROR',
  message: string,
  details: Readonly<Record<string, string>> = {},
): string {
  return JSON.stringify({ error: { code, message, details } });
}

/** A client's message as an object, or `undefined` where it is no JSON object. */
export function parseMessage(text: string): Record<string, unknown> | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  return body as Record<string, unknown>;
}

/** Accepts an upgrade, or refuses it with 429 where the client has as many sockets as it may. */
export function admit(limit: ConnectionLimit, address: string): Negotiation {
  if (!limit.isReached(address)) return { subprotocol: '' };
  const message = `at most ${limit.perAddressMax} WebSocket connections per IP`;
  return { status: '429 Too Many Requests', body: errorText('RATE_LIMIT_EXCEEDED', message) };
}
