import { EntasisError } from '../../../schemas/errors.ts';
import { type Refusal, STATUS_OF_KIND } from '../../gateway/http/refusal.ts';
import type { ErrorContext, ErrorReply, Surface } from '../../gateway/http/surface.ts';
import type { AddressList } from '../../lib/address-list.ts';
import { isoMillis } from '../../lib/clock.ts';
import { CODE_OF_REFUSAL, CODE_TEXTS, STATUS_TEXTS } from './error-texts.ts';
import { wantsEnglish } from './language.ts';

/**
 * `{"error": {"code", "message", "details", "timestamp", "request_id"}}`. The message is the
 * documented text in Korean, or in English where the client asks for it; `details.description` says
 * in English what exactly is the matter.
 */
export function errorReply(refusal: Refusal, context: ErrorContext): ErrorReply {
  const { kind, code, message, details } = refusal;
  const business = CODE_OF_REFUSAL.get(code);
  const status = STATUS_OF_KIND[kind];
  const text = business === undefined ? STATUS_TEXTS[status] : CODE_TEXTS[business];
  const { requestId, atMs, acceptLanguage } = context;
  return {
    status,
    body: {
      error: {
        code: business ?? `HTTP_${status}`,
        message: wantsEnglish(acceptLanguage) ? text.english : text.korean,
        details: { ...details, reason: code, description: message },
        timestamp: isoMillis(Math.floor(atMs / 1000), (atMs % 1000) * 1_000_000),
        request_id: requestId,
      },
    },
  };
}

export const SURFACE = 'entasis';

/** As the specification has the paths, and as its usage examples have them. */
export const BASES = ['/api/v1', '/v1'] as const;
const ROOMS = ['market', 'portfolio', 'analysis'] as const;

/** @param allowedAddresses where clients must come from; empty: from anywhere */
export function entasisSurface(allowedAddresses: AddressList): Surface {
  return {
    name: SURFACE,
    title: 'Entasis',
    description:
      'Prices, bars and leveraged positions as decimal text, errors in Korean or English. ' +
      'Every path is served with `/api` and without.',
    prefixes: BASES.flatMap((base) => ROOMS.map((room) => `${base}/${room}/`)),
    rateLimits: { rest: { limit: 1000, windowSeconds: 60 } },
    defaultLimit: 'rest',
    openCors: false,
    // No secret is documented: the key alone may read.
    keyAlone: true,
    allowedAddresses,
    isMultilingual: true,
    replyHeaders: [],
    errorSchema: EntasisError,
    errorReply,
  };
}
