import { TakashiError } from '../../../schemas/errors.ts';
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

export const takashiSurface: Surface = {
  name: SURFACE,
  title: 'TAKASHI',
  description:
    'Market data of the perpetual-futures exchanges, open to everybody: candles, open ' +
    'interest, funding. Symbols are understood in the spelling of any of them.',
  prefixes: ['/'],
  // By client address; the documents name no limit of their own.
  rateLimits: { rest: { limit: 1200, windowSeconds: 60 } },
  defaultLimit: 'rest',
  openCors: true,
  replyHeaders: [],
  errorSchema: TakashiError,
  errorReply,
};
