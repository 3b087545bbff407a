import type { HttpRequest } from 'uWebSockets.js';
import { Refusal } from './refusal.ts';

/** Headers of which a second one could make two readers see two requests. */
const SINGLE = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'content-type',
  'authorization',
  'x-api-key',
  'x-api-secret',
]);
const LENGTH = /^\d{1,15}$/;

/**
 * What is wrong with how a request says where its body ends. uWebSockets.js takes the first of two
 * conflicting lengths and any transfer coding for `chunked`; a proxy before it that decides
 * otherwise would see another request begin elsewhere, so such a request is refused and its
 * connection ended. A request that mentions no body has nothing to disagree about and costs two
 * look-ups.
 */
export function framingFault(req: HttpRequest, method: string): Refusal | undefined {
  const length = req.getHeader('content-length');
  const coding = req.getHeader('transfer-encoding');
  if (length === '' && coding === '' && (method === 'GET' || method === 'HEAD')) return undefined;
  if (length !== '' && !LENGTH.test(length)) return badFraming('Content-Length', length);
  if (coding !== '' && coding.toLowerCase() !== 'chunked') {
    return badFraming('Transfer-Encoding', coding);
  }
  const twice = repeatedHeader(req);
  return twice === undefined ? undefined : badFraming(twice, 'given twice');
}

/** True when more may follow than a request body may have: it is not waited for. */
export function hasLongBody(req: HttpRequest, maxBytes: number): boolean {
  const length = req.getHeader('content-length');
  if (length !== '') return Number(length) > maxBytes;
  return req.getHeader('transfer-encoding') !== '';
}

function repeatedHeader(req: HttpRequest): string | undefined {
  const seen = new Set<string>();
  let twice: string | undefined;
  req.forEach((name) => {
    if (!SINGLE.has(name)) return;
    if (seen.has(name)) twice = name;
    seen.add(name);
  });
  return twice;
}

function badFraming(parameter: string, value: string): Refusal {
  const message = `The request's ${parameter} header is ambiguous; the connection ends here.`;
  return new Refusal('malformed', 'AMBIGUOUS_REQUEST', message, {
    details: { parameter, value: value.slice(0, 80) },
  });
}
