import { STATUS_CODES } from 'node:http';
import { JSON_TYPE, type Route } from '../gateway/http/route.ts';
import type { Surface } from '../gateway/http/surface.ts';
import type { Components } from './components.ts';
import { refusalsOf } from './refusals.ts';

/** When the examples of errors were refused: the first moment of 2026. */
const EXAMPLE_MS = 1_767_225_600_000;
const EXAMPLE_REQUEST_ID = '5f2a8c1e-000001';

const number = (description: string) => ({ description, schema: { type: 'integer' } });

/** Headers of replies, by the name under which the document keeps them. */
export const REPLY_HEADERS = {
  'X-Request-Id': {
    description: 'Names the request in logs and errors; the client’s own where it sent one',
    schema: { type: 'string' },
  },
  'X-RateLimit-Limit': number('Requests that a window has'),
  'X-RateLimit-Remaining': number('Requests that are left in this window'),
  'X-RateLimit-Reset': number('Unix seconds at which the window ends'),
  'X-RateLimit-Burst': number('Requests that may come at once'),
  'X-RateLimit-Burst-Remaining': number('Requests that may come at once now'),
  'Retry-After': number('Whole seconds to wait'),
} as const;

type HeaderName = keyof typeof REPLY_HEADERS;

const EVERY_REPLY: readonly HeaderName[] = [
  'X-Request-Id',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
];
const BURST: readonly HeaderName[] = ['X-RateLimit-Burst', 'X-RateLimit-Burst-Remaining'];
/** Statuses that say when to come again. */
const COME_AGAIN: ReadonlySet<number> = new Set([429, 503]);

/**
 * Replies of a route by status: its successes, whatever it refuses with an example of each code, and
 * `default` for what any request may meet (405, 408, 414, 503).
 * @param answer of a success, as one was recorded
 */
export function responsesOf(
  route: Route,
  surface: Surface,
  components: Components,
  answer: unknown,
): Record<string, object> {
  const headers = headersOf(route, surface);
  const responses: Record<string, object> = {};
  const { response, contentType = JSON_TYPE, successStatus, otherStatuses = [] } = route;
  for (const status of [successStatus, ...otherStatuses]) {
    responses[status] = {
      description: STATUS_CODES[status],
      headers: status >= 400 ? headersOf(route, surface, status) : headers,
      ...(response === undefined
        ? {}
        : {
            content: {
              [contentType]: {
                schema: components.use(response),
                ...(answer === undefined ? {} : { example: answer }),
              },
            },
          }),
    };
  }
  const schema = components.use(surface.errorSchema);
  for (const [status, examples] of errorsOf(route, surface)) {
    if (status in responses) continue;
    responses[status] = components.share(`${surface.title}${status}`, {
      description: STATUS_CODES[status],
      headers: headersOf(route, surface, status),
      content: { [JSON_TYPE]: { schema, examples } },
    });
  }
  responses.default = components.share(`${surface.title}Error`, {
    description: 'Another error, in the same form',
    headers,
    content: { [JSON_TYPE]: { schema } },
  });
  return responses;
}

/** Bodies of errors by status, each under its code, as the surface itself tells them. */
function errorsOf(route: Route, surface: Surface): Map<number, Record<string, object>> {
  const errors = new Map<number, Record<string, object>>();
  const context = { requestId: EXAMPLE_REQUEST_ID, atMs: EXAMPLE_MS, acceptLanguage: 'en' };
  for (const refusal of refusalsOf(route, surface)) {
    const { status, body } = surface.errorReply(refusal, context);
    const examples = errors.get(status) ?? {};
    examples[refusal.code] ??= { summary: refusal.message, value: body };
    errors.set(status, examples);
  }
  return new Map([...errors].sort(([a], [b]) => a - b));
}

function headersOf(route: Route, surface: Surface, status = 200): Record<string, object> {
  const names = [...EVERY_REPLY];
  if (surface.rateLimits[route.limit].announceBurst === true) names.push(...BURST);
  if (COME_AGAIN.has(status)) names.push('Retry-After');
  const own = surface.replyHeaders.map(([name, value]) => [
    name,
    { description: `Always ${value}`, schema: { type: 'string', const: value } },
  ]);
  const shared = names.map((name) => [name, { $ref: `#/components/headers/${name}` }]);
  return Object.fromEntries([...own, ...shared]);
}
