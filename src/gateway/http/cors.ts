import type { Surface } from './surface.ts';

const EXPOSED =
  'X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, ' +
  'X-RateLimit-Burst, X-RateLimit-Burst-Remaining, Retry-After, API-Version';
const ALLOWED_HEADERS =
  'Authorization, Content-Type, X-API-Key, X-API-Secret, X-API-Timestamp, X-API-Nonce, ' +
  'X-API-Signature, X-API-Content-SHA256, X-Request-Id, API-Version';

type Headers = readonly (readonly [string, string])[];

/** Which pages may read replies: all of an open surface's, elsewhere those of the setting. */
export class Cors {
  private readonly origins: ReadonlySet<string>;

  /** @param origins as browsers send them, e.g. `https://desk.example`. */
  constructor(origins: readonly string[]) {
    this.origins = new Set(origins);
  }

  /** Headers of a reply to a request that carries this `Origin`. */
  replyHeaders(surface: Surface, origin: string): Headers {
    const allowed = this.allowedOrigin(surface, origin);
    if (allowed === undefined) return [['Vary', 'Origin']];
    const headers: [string, string][] = [
      ['Access-Control-Allow-Origin', allowed],
      ['Access-Control-Expose-Headers', EXPOSED],
    ];
    if (allowed !== '*') headers.push(['Vary', 'Origin']);
    return headers;
  }

  /** What a preflight learns besides. */
  preflightHeaders(surface: Surface, origin: string, allow: string): Headers {
    if (this.allowedOrigin(surface, origin) === undefined) return [];
    return [
      ['Access-Control-Allow-Methods', allow],
      ['Access-Control-Allow-Headers', ALLOWED_HEADERS],
      ['Access-Control-Max-Age', '600'],
    ];
  }

  private allowedOrigin(surface: Surface, origin: string): string | undefined {
    if (surface.openCors) return '*';
    return this.origins.has(origin) ? origin : undefined;
  }
}
