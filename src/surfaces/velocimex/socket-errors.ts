import { parseMessageText } from '../../gateway/http/client-json.ts';
import type { ConnectionLimit } from '../../gateway/streams/connection-limit.ts';
import type { Negotiation } from '../../gateway/streams/endpoint.ts';
import { JsonFault } from '../../lib/strict-json.ts';

/** An error in the shape of Velocimex, as text for a socket or a refused upgrade. */
export function errorText(
  code: 'AUTHENTICATION_ERROR' | 'INVALID_PARAMETER' | 'RATE_LIMIT_EXCEEDED' | 'INTERNAL_ERROR',
  message: string,
  details: Readonly<Record<string, string | number>> = {},
): string {
  return JSON.stringify({ error: { code, message, details } });
}

/** The error for what the gateway refuses by itself; its code becomes a documented one. */
export function gatewayErrorText(code: string, message: string): string {
  const shown = code === 'TLS_REQUIRED' ? 'AUTHENTICATION_ERROR' : 'INVALID_PARAMETER';
  return errorText(code === 'TOO_MANY_CONNECTIONS' ? 'INTERNAL_ERROR' : shown, message, {
    reason: code,
  });
}

/** The error for what came above a rate. */
export function rateLimitText(message: string, waitSeconds: number): string {
  return errorText('RATE_LIMIT_EXCEEDED', message, { retry_after_seconds: waitSeconds });
}

/** A client's message as an object, or `undefined` where it is no JSON object. */
export function parseMessage(text: string): Record<string, unknown> | undefined {
  const parsed = parseMessageText(text);
  if (parsed instanceof JsonFault) return undefined;
  const body = parsed.value;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  return body as Record<string, unknown>;
}

/** Accepts an upgrade, or refuses it with 429 where the client has as many sockets as it may. */
export function admit(limit: ConnectionLimit, clientKey: string): Negotiation {
  if (!limit.isReached(clientKey)) return { subprotocol: '' };
  const message = `at most ${limit.perAddressMax} WebSocket connections per IP`;
  const code = 'RATE_LIMIT_EXCEEDED';
  return { status: '429 Too Many Requests', code, body: errorText(code, message) };
}
