import { type Refusal, type RefusalKind, STATUS_OF_KIND } from '../../gateway/http/refusal.ts';
import type { ErrorReply, Surface } from '../../gateway/http/surface.ts';

/** This surface documents 422 for what cannot be processed, and no 400. */
const STATUS: Readonly<Record<RefusalKind, number>> = {
  ...STATUS_OF_KIND,
  malformed: 422,
  invalid: 422,
};

/** `{"detail": "…"}`. */
export function errorReply({ kind, message }: Refusal): ErrorReply {
  return { status: STATUS[kind], body: { detail: message } };
}

export const SURFACE = 'takashi';

/** What all routes of this surface have in common. */
export const OPEN = { surface: SURFACE, limit: 'rest', auth: 'public', scope: null } as const;

const REQUESTS_PER_MINUTE_DEFAULT = 1200;

/** @param requestsPerMinute by client address; the documents name no limit of their own. */
export function takashiSurface(requestsPerMinute = REQUESTS_PER_MINUTE_DEFAULT): Surface {
  return {
    name: SURFACE,
    prefixes: ['/'],
    rateLimits: { rest: { limit: requestsPerMinute, windowSeconds: 60 } },
    defaultLimit: 'rest',
    openCors: true,
    replyHeaders: [],
    errorReply,
  };
}
