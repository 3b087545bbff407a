import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { LIMITS } from '../../config/limits.ts';
import type { Clients } from './client-address.ts';
import { framingFault } from './framing.ts';
import { Refusal } from './refusal.ts';
import type { Surface } from './surface.ts';

const TLS_REQUIRED = new Refusal('forbidden', 'TLS_REQUIRED', 'Plain HTTP is refused; use HTTPS.', {
  details: { reason: 'TLS_REQUIRED' },
});
const URL_TOO_LONG = new Refusal(
  'uri_too_long',
  'URL_TOO_LONG',
  `Path and query are longer than ${LIMITS.requestUrlBytes} bytes.`,
  { details: { limit_bytes: LIMITS.requestUrlBytes } },
);
const ADDRESS_NOT_ALLOWED = new Refusal(
  'forbidden',
  'ADDRESS_NOT_ALLOWED',
  'Clients of this address are not served here.',
  { details: { reason: 'ADDRESS_NOT_ALLOWED' } },
);
export const BODY_TIMEOUT = new Refusal(
  'timeout',
  'BODY_TIMEOUT',
  'The request body did not come in time.',
  { details: { limit_ms: LIMITS.requestBodyMs } },
);

/**
 * Why a request is turned away before anything in it is looked at, or `undefined`. Its connection
 * ends with the reply.
 */
export function barred(
  clients: Clients,
  surface: Surface,
  res: HttpResponse,
  req: HttpRequest,
  method: string,
  urlBytes: number,
): Refusal | undefined {
  const fault = framingFault(req, method);
  if (fault !== undefined) return fault;
  if (urlBytes > LIMITS.requestUrlBytes) return URL_TOO_LONG;
  if (clients.mustUseTls(res, req)) return TLS_REQUIRED;
  const { allowedAddresses } = surface;
  if (allowedAddresses === undefined || allowedAddresses.empty) return undefined;
  return allowedAddresses.includes(clients.addressOf(res, req)) ? undefined : ADDRESS_NOT_ALLOWED;
}
