import { LIMITS } from '../config/limits.ts';
import { needsScope, needsToken, rateLimited, unauthenticated } from '../gateway/http/admission.ts';
import { refuseBody, tooLarge } from '../gateway/http/body.ts';
import { parseBody } from '../gateway/http/client-json.ts';
import { Refusal } from '../gateway/http/refusal.ts';
import type { Route } from '../gateway/http/route.ts';
import type { Surface } from '../gateway/http/surface.ts';
import { compileQueryReader } from '../gateway/http/validation.ts';
import { AuthFailure } from '../identity/principal.ts';

const STRANGER = new AuthFailure('MISSING_CREDENTIALS', 'This endpoint needs a credential.');

/** What the gateway itself says to requests that are not served, so that the examples are its words. */
function refusedParameter(): Refusal {
  const read = compileQueryReader(undefined)({ unknown: '1' });
  return (read as { readonly refusal: Refusal }).refusal;
}

/** Made when first asked for: a validator is compiled for it. */
let unknownParameter: Refusal | undefined;

function refusedBodies(): Refusal[] {
  const headers = { contentType: 'text/plain', contentLength: '2', contentEncoding: '' };
  const refused = [
    parseBody(new TextEncoder().encode('{')),
    tooLarge(LIMITS.requestBodyBytes),
    refuseBody(headers, LIMITS.requestBodyBytes),
  ];
  return refused.filter((one) => one instanceof Refusal);
}

function failed(): Refusal {
  const message = 'The server could not process the request.';
  return new Refusal('internal', 'INTERNAL_ERROR', message);
}

/** Everything that a request of a route may be refused for, one of each kind and code. */
export function refusalsOf(route: Route, surface: Surface): Refusal[] {
  const { auth, scope, tokenOnly, body, refusals = [] } = route;
  unknownParameter ??= refusedParameter();
  const all = [unknownParameter];
  if (body !== undefined) all.push(...refusedBodies());
  if (auth !== 'public') all.push(unauthenticated(STRANGER));
  if (auth !== 'public' && scope !== null) all.push(needsScope(scope, []));
  if (tokenOnly === true) all.push(needsToken());
  all.push(...refusals, tooManyRequests(surface, route.limit), failed());
  return all;
}

function tooManyRequests(surface: Surface, category: string): Refusal {
  const { limit, windowSeconds } = surface.rateLimits[category];
  return rateLimited({
    allowed: false,
    limit,
    remaining: 0,
    resetSeconds: 0,
    burst: undefined,
    burstRemaining: 0,
    retryAfterSeconds: windowSeconds,
  });
}
