import type { Client } from '../../identity/events.ts';
import type { IdentityRefused, RefusedReason } from '../../identity/refused.ts';
import { limitKey } from './client-address.ts';
import { invalidParameter, Refusal, type RefusalKind } from './refusal.ts';
import type { RequestContext } from './route.ts';

const KIND_AND_CODE: Readonly<Record<RefusedReason, readonly [RefusalKind, string]>> = {
  wrong_credentials: ['unauthenticated', 'INVALID_CREDENTIALS'],
  too_many_failures: ['rate_limited', 'RATE_LIMIT_EXCEEDED'],
  busy: ['unavailable', 'LOGIN_BUSY'],
  taken: ['conflict', 'ALREADY_EXISTS'],
  invalid: ['invalid', 'INVALID_PARAMETER'],
  forbidden: ['forbidden', 'INSUFFICIENT_SCOPE'],
  not_found: ['not_found', 'NOT_FOUND'],
  too_many: ['conflict', 'TOO_MANY'],
};

/** What identity refused, as every surface's error form understands it. */
export function refusalOfIdentity(refused: IdentityRefused): Refusal {
  const { reason, message, parameter, value, retryAfterSeconds } = refused;
  const [kind, code] = KIND_AND_CODE[reason];
  // A weak password is named, and never shown.
  if (kind === 'invalid')
    return invalidParameter(parameter ?? 'body', value ?? '[hidden]', message);
  if (kind === 'unauthenticated') {
    return new Refusal(kind, code, message, {
      details: { reason: code },
      headers: [['WWW-Authenticate', 'Bearer realm="openbell"']],
    });
  }
  if (retryAfterSeconds > 0) {
    const details = kind === 'rate_limited' ? { retry_after_seconds: retryAfterSeconds } : {};
    return new Refusal(kind, code, message, { retryAfterSeconds, details });
  }
  return new Refusal(kind, code, message, {
    details: parameter === undefined ? {} : { parameter },
  });
}

/** Who knocks, for limits and the audit trail; on public and audited routes. */
export function clientOf({ clientIp, requestId }: RequestContext): Client {
  return { address: clientIp, network: limitKey(clientIp), requestId };
}
