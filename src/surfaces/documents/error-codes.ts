import type { Route } from '../../gateway/http/route.ts';
import type { Surface } from '../../gateway/http/surface.ts';
import { refusalsOf } from '../../openapi/refusals.ts';

/** A code that a surface tells, with a message that comes with it. */
export interface ErrorCode {
  /** The surface's title. */
  readonly surface: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Every code by surface and status, once each. Surfaces whose errors have no code tell the gateway's. */
export function errorCodes(routes: readonly Route[], surfaces: readonly Surface[]): ErrorCode[] {
  const codes = new Map<string, ErrorCode>();
  const context = { requestId: '', atMs: 0, acceptLanguage: 'en' };
  for (const surface of surfaces) {
    for (const route of routes.filter((one) => one.surface === surface.name)) {
      for (const refusal of refusalsOf(route, surface)) {
        const { status, body } = surface.errorReply(refusal, context);
        const code = codeOf(body) ?? refusal.code;
        const { message } = refusal;
        const key = `${surface.title} ${status} ${code}`;
        if (!codes.has(key)) codes.set(key, { surface: surface.title, status, code, message });
      }
    }
  }
  const order = (a: ErrorCode, b: ErrorCode): number =>
    a.surface.localeCompare(b.surface) || a.status - b.status || (a.code < b.code ? -1 : 1);
  return [...codes.values()].sort(order);
}

function codeOf(body: object): string | undefined {
  const { error } = body as { error?: string | { code?: string } };
  return typeof error === 'string' ? error : error?.code;
}
