import type { Prng } from '../../../src/lib/prng.ts';
import { type PlainRequest, pick, wire } from './requests.ts';

type Mutation = (request: PlainRequest, prng: Prng) => Buffer;

/** Values that parsers stumble over, as JSON text. */
const NASTY_JSON = [
  'null',
  'true',
  '[]',
  '{}',
  '""',
  '-0',
  '1e999',
  '-1e308',
  '0.1e-7',
  '12345678901234567890',
  '9007199254740993',
  'NaN',
  '"\\ud800"',
  '"\\u0000"',
  '"__proto__"',
  `"${'A'.repeat(5000)}"`,
  '{"__proto__":{"scopes":["admin"]}}',
  '{"constructor":{"prototype":{}}}',
  '{"a":1,"a":2}',
  `${'['.repeat(200)}${']'.repeat(200)}`,
  `[${'0,'.repeat(2000)}0]`,
];
const NASTY_TEXT = [
  '%00',
  '%ff%fe',
  '%',
  '%2e%2e%2f',
  '../../etc/passwd',
  '%2F',
  "' OR 1=1 --",
  '<script>',
  '{{7*7}}',
  '99999999999999999999',
  '-1',
  'toString',
  '__proto__',
  'ü',
  ' ',
  'a'.repeat(1800),
  'a'.repeat(2100),
];
const NASTY_HEADERS: readonly (readonly [string, string])[] = [
  ['Content-Length', '0'],
  ['Content-Length', '5, 5'],
  ['Content-Length', '-1'],
  ['Content-Length', '99999999999999999999'],
  ['Transfer-Encoding', 'chunked'],
  ['Transfer-Encoding', 'identity, chunked'],
  ['Transfer-Encoding', '\x0bchunked'],
  ['Content-Type', 'text/plain'],
  ['Content-Encoding', 'gzip'],
  ['Authorization', 'Bearer '],
  ['Authorization', `Bearer ${'a.'.repeat(800)}`],
  ['Authorization', 'Basic YWRtaW46YWRtaW4='],
  ['X-API-Key', '\xff\xfe'],
  ['X-Forwarded-For', '1.2.3.4, ,,::::,999.1.1.1'],
  ['Forwarded', 'for="[::1]"'],
  ['X-Request-Id', '"><script>'],
  ['Origin', 'null'],
  ['API-Version', 'v2'],
  ['Expect', '100-continue'],
  ['Upgrade', 'websocket'],
  ['Connection', 'close'],
  ['Host', ''],
  ['Range', 'bytes=0-18446744073709551615'],
  ['Accept-Language', 'x'.repeat(3000)],
  ['X-Long', 'y'.repeat(6000)],
];
const METHODS = [
  'GET',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'HEAD',
  'TRACE',
  'CONNECT',
  'G\tT',
  'get',
];

/** Every way in which a valid request is spoilt. */
const MUTATIONS: readonly Mutation[] = [
  // The bytes, wherever they are.
  (request, prng) => {
    const bytes = wire(request);
    for (let n = prng.integer(1, 8); n > 0; n -= 1) {
      bytes[prng.integer(0, bytes.length - 1)] = prng.integer(0, 255);
    }
    return bytes;
  },
  (request, prng) => {
    const bytes = wire(request);
    return bytes.subarray(0, prng.integer(1, bytes.length));
  },
  (request, prng) => {
    const bytes = wire(request);
    const at = prng.integer(0, bytes.length - 1);
    return Buffer.concat([bytes.subarray(0, at), noise(prng), bytes.subarray(at)]);
  },
  (request, prng) => {
    const bytes = wire(request);
    const at = prng.integer(0, bytes.length - 1);
    return Buffer.concat([bytes, bytes.subarray(at), bytes]);
  },
  // The request line.
  (request, prng) => wire({ ...request, method: pick(METHODS, prng) }),
  (request, prng) =>
    wire({ ...request, target: spliced(request.target, pick(NASTY_TEXT, prng), prng) }),
  (request, prng) => {
    const separator = request.target.includes('?') ? '&' : '?';
    const name = pick(['depth', 'limit', '__proto__', 'x', ''], prng);
    const value = pick(NASTY_TEXT, prng);
    return wire({ ...request, target: `${request.target}${separator}${name}=${value}` });
  },
  // The headers.
  (request, prng) => {
    const headers = [...request.headers];
    headers.splice(prng.integer(0, headers.length), 0, [...pick(NASTY_HEADERS, prng)]);
    return wire({ ...request, headers });
  },
  (request, prng) => {
    const headers = request.headers.map(([name, value]): [string, string] =>
      prng.chance(0.3) ? [name, spliced(value, pick(NASTY_TEXT, prng), prng)] : [name, value],
    );
    return wire({ ...request, headers });
  },
  (request, prng) => wire({ ...request, headers: request.headers.filter(() => prng.chance(0.6)) }),
  (request) => wire({ ...request, headers: [...request.headers, ...request.headers] }),
  // The body.
  (request, prng) => withBody(request, pick(NASTY_JSON, prng)),
  (request, prng) => {
    const values = [...request.body.matchAll(/:("[^"]*"|[\d.]+|true|false|null)/g)];
    if (values.length === 0) return withBody(request, `{"x":${pick(NASTY_JSON, prng)}}`);
    const { index, 0: text } = pick(values, prng);
    const end = index + text.length;
    const nasty = pick(NASTY_JSON, prng);
    return withBody(request, `${request.body.slice(0, index)}:${nasty}${request.body.slice(end)}`);
  },
  (request, prng) =>
    withBody(request, request.body.replace('{', `{${pick(['"', '"a":1,'], prng)}`)),
  (request) => {
    const bytes = Buffer.from(request.body, 'latin1');
    const chunk = `${bytes.length.toString(16)}\r\n${request.body}\r\n0\r\n\r\n`;
    const headers = request.headers.filter(([name]) => name !== 'Content-Length');
    headers.push(['Transfer-Encoding', 'chunked']);
    return wire({ ...request, headers, body: chunk });
  },
  (request, prng) => {
    const chunk = `${pick(['ffffffffffffffff', '-5', '5;x=y', 'zz', '0x5', ''], prng)}\r\n`;
    const headers = request.headers.filter(([name]) => name !== 'Content-Length');
    headers.push(['Transfer-Encoding', 'chunked']);
    return wire({ ...request, headers, body: `${chunk}${request.body}\r\n0\r\n\r\n` });
  },
];

/** A request spoilt in one way. */
export function mutated(request: PlainRequest, prng: Prng): Buffer {
  return pick(MUTATIONS, prng)(request, prng);
}

export function noise(prng: Prng): Buffer {
  return Buffer.from(Array.from({ length: prng.integer(1, 20) }, () => prng.integer(0, 255)));
}

function spliced(text: string, nasty: string, prng: Prng): string {
  const at = prng.integer(0, text.length);
  return text.slice(0, at) + nasty + text.slice(at);
}

function withBody(request: PlainRequest, body: string): Buffer {
  const headers = request.headers.map(([name, value]): [string, string] =>
    name === 'Content-Length' ? [name, String(Buffer.byteLength(body, 'latin1'))] : [name, value],
  );
  return wire({ ...request, headers, body });
}
