import { OpenbellError } from '../../../schemas/errors.ts';
import { type Refusal, STATUS_OF_KIND } from '../../gateway/http/refusal.ts';
import type { ErrorContext, ErrorReply, Surface } from '../../gateway/http/surface.ts';

export const SURFACE = 'documents';

/** `{"error": {"code", "message", "details", "request_id"}}`. */
export function errorReply(refusal: Refusal, { requestId }: ErrorContext): ErrorReply {
  const { kind, code, message, details } = refusal;
  return {
    status: STATUS_OF_KIND[kind],
    body: { error: { code, message, details, request_id: requestId } },
  };
}

/** What the server says of itself: the documents of its APIs, and pages to read them. */
export const documentsSurface: Surface = {
  name: SURFACE,
  title: 'Documents',
  description: 'The documents of all these APIs, and pages to read them.',
  prefixes: ['/docs/', '/redoc/', '/asyncapi/'],
  rateLimits: { pages: { limit: 600, windowSeconds: 60 } },
  defaultLimit: 'pages',
  openCors: true,
  replyHeaders: [],
  errorSchema: OpenbellError,
  errorReply,
};
