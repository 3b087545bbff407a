import { LIMITS } from '../../config/limits.ts';
import { JsonFault, parseStrictJson } from '../../lib/strict-json.ts';
import { Refusal } from './refusal.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** How deep and how long a client's JSON may be, over HTTP and over sockets alike. */
const CLIENT_JSON = { depth: LIMITS.jsonDepth, elements: LIMITS.jsonElements } as const;

/** Reads a request body: valid UTF-8, and JSON in the strict sense of `lib/strict-json.ts`. */
export function parseBody(bytes: Uint8Array): { readonly value: unknown } | Refusal {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return invalidJson('The request body is not valid UTF-8.');
  }
  const result = parseStrictJson(text, CLIENT_JSON);
  return result instanceof JsonFault ? invalidJson(`The request body ${result.message}`) : result;
}

/** Reads a socket's text frame by the same rules. */
export function parseMessageText(text: string): { readonly value: unknown } | JsonFault {
  return parseStrictJson(text, CLIENT_JSON);
}

function invalidJson(message: string): Refusal {
  return new Refusal('malformed', 'INVALID_JSON', message, {
    details: { parameter: 'body', reason: 'INVALID_JSON' },
  });
}
