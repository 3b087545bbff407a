import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { chooseCoding } from '../../src/surfaces/documents/resource.ts';
import { RawConnection } from '../support/raw-http.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const DOCUMENTS = ['/openapi.json', '/asyncapi.json', '/docs', '/redoc', '/asyncapi'];

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.base + path, { headers });

for (const path of DOCUMENTS) {
  test(`${path} is served to anybody, with and without a slash at the end`, async () => {
    for (const spelling of [path, `${path}/`]) {
      const reply = await get(spelling);
      assert.equal(reply.status, 200);
      assert.ok((await reply.text()).length > 500);
      assert.equal(reply.headers.get('cache-control'), 'no-cache');
      assert.equal(reply.headers.get('vary'), 'Accept-Encoding');
    }
  });

  test(`${path} is not sent again to who has it`, async () => {
    const first = await get(path);
    await first.text();
    const etag = first.headers.get('etag') ?? '';
    assert.match(etag, /^"[0-9a-f]{16}-gzip"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const reply = await get(path, { 'if-none-match': known });
      assert.equal(reply.status, 304, known);
      assert.equal(reply.headers.get('etag'), etag);
      assert.equal(await reply.text(), '');
    }
    const other = await get(path, { 'if-none-match': '"0123456789abcdef-gzip"' });
    assert.equal(other.status, 200);
  });
}

test('a 304 has no body and no length, and the connection goes on', async () => {
  const etag = (await get('/docs')).headers.get('etag');
  const head = `GET /docs HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nIf-None-Match: ${etag}\r\n\r\n`;
  const connection = await RawConnection.open(server.port);
  connection.send(head + head);
  for (let i = 0; i < 2; i += 1) {
    const { status, headers } = await connection.reply(true);
    assert.equal(status, 304);
    assert.equal(headers.get('content-length'), undefined);
  }
  connection.end();
});

test('documents come in the best coding that the client takes', async () => {
  const plain = await get('/openapi.json', { 'accept-encoding': 'identity' });
  assert.equal(plain.headers.get('content-encoding'), null);
  const text = await plain.text();
  for (const [coding, decode] of [
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const head = `GET /openapi.json HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${coding}\r\n\r\n`;
    const connection = await RawConnection.open(server.port);
    connection.send(head);
    const { headers, body } = await connection.reply();
    connection.end();
    assert.equal(headers.get('content-encoding'), coding);
    assert.equal(String(decode(Buffer.from(body, 'latin1'))), text, coding);
    assert.ok(body.length < text.length / 8, `${coding}: ${body.length} of ${text.length}`);
  }
});

test('which coding that is', () => {
  for (const [accepted, coding] of [
    ['', 'identity'],
    ['gzip, deflate, br', 'br'],
    ['gzip;q=1.0, br;q=0', 'gzip'],
    ['br;q=0, gzip;q=0, *', 'identity'],
    ['*', 'br'],
    ['*;q=0', 'identity'],
    ['GZIP', 'gzip'],
    ['identity', 'identity'],
    ['br;q=nonsense', 'identity'],
  ] as const) {
    assert.equal(chooseCoding(accepted), coding, accepted);
  }
});

test('a page may run its own scripts and ask its own server, nothing else', async () => {
  for (const path of ['/docs', '/redoc', '/asyncapi']) {
    const reply = await get(path);
    const policy = reply.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.match(policy, /connect-src 'self'(;|$)/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!/https?:|unsafe-eval/.test(policy), policy);
    const text = await reply.text();
    for (const [, address] of text.matchAll(/(?:src|href)="([^"]*)"/g)) {
      assert.match(address, /^(\/(?!\/)|#|data:,)/, `${path} names ${address}`);
    }
    assert.ok(!/ on\w+="/.test(text), 'handlers in attributes would not run');
  }
});

test('scripts and styles are kept for ever under addresses that name their content', async () => {
  let found = 0;
  for (const path of ['/docs', '/redoc']) {
    const text = await (await get(path)).text();
    for (const [, address] of text.matchAll(/"(\/docs\/assets\/[^"]*)"/g)) {
      const reply = await get(address);
      assert.equal(reply.status, 200, address);
      assert.equal(reply.headers.get('cache-control'), 'public, max-age=31536000, immutable');
      assert.match(reply.headers.get('content-type') ?? '', /^text\/(javascript|css)/);
      const content = await reply.text();
      assert.ok(!content.includes('cdn.redoc.ly'), `${address} would ask another server`);
      found += 1;
      const stale = await get(address.replace(/\.[0-9a-f]{16}\./, '.0123456789abcdef.'));
      assert.equal(stale.status, 404);
      await stale.text();
    }
  }
  assert.equal(found, 5);
});

test('what is not there is told in the form of the surface', async () => {
  for (const path of ['/docs/assets/swagger-ui.js', '/docs/assets/..%2f..%2fx', '/docs/nothing']) {
    const reply = await get(path);
    assert.equal(reply.status, 404, path);
    const { error } = (await reply.json()) as { error: Record<string, string> };
    assert.equal(error.code, 'UNKNOWN_PATH');
    assert.equal(error.request_id, reply.headers.get('x-request-id'));
  }
});

test('what names the pages names pages that are there', async () => {
  const { docs } = (await (await get('/')).json()) as { docs: string };
  const refused = await get('/api/v1/trading/nothing');
  const { error } = (await refused.json()) as { error: { documentation_url: string } };
  for (const address of [docs, error.documentation_url]) {
    const reply = await get(address);
    assert.equal(reply.status, 200);
    const [, anchor] = address.split('#');
    const text = await reply.text();
    if (anchor !== undefined) assert.ok(text.includes(`id="${anchor}"`), address);
  }
});

test('the page of errors has every code that FlashMM documents', async () => {
  const text = await (await get('/docs')).text();
  for (const code of ['UNAUTHORIZED', 'INSUFFICIENT_PERMISSIONS', 'RATE_LIMIT_EXCEEDED']) {
    assert.match(text, new RegExp(`FlashMM</td><td>\\d+</td><td><code>${code}<`));
  }
});
