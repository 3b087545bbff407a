import type { Client } from '../../identity/events.ts';
import { IdentityRefused, type RefusedReason } from '../../identity/refused.ts';
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

const MESSAGES: Readonly<Record<RefusedReason, string>> = {
  wrong_credentials: 'The credentials are wrong.',
  too_many_failures: 'Too many failures; wait before the next attempt.',
  busy: 'Too many logins are under way; try again.',
  taken: 'This name is taken.',
  invalid: 'A value is not allowed.',
  forbidden: 'This is not allowed to the caller.',
  not_found: 'There is no such thing of this user.',
  too_many: 'The user has as many as a user may have.',
};

/** What clients are told for several reasons, for the documents. */
export function refusalsOfIdentity(...reasons: readonly RefusedReason[]): Refusal[] {
  return reasons.map((reason) => {
    const waits = reason === 'too_many_failures' || reason === 'busy';
    const options = waits ? { retryAfterSeconds: 1 } : {};
    return refusalOfIdentity(new IdentityRefused(reason, MESSAGES[reason], options));
  });
}
