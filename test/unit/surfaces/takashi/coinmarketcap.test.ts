import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Refusal } from '../../../../src/gateway/http/refusal.ts';
import { CoinMarketCap } from '../../../../src/surfaces/takashi/coinmarketcap.ts';
import { startTestServer, type TestServer } from '../../../support/test-server.ts';

const KEY = 'a key';
const asked: string[] = [];
let answer: (response: ServerResponse) => void;
let nowMs = 0;
let server: TestServer;

const upstream = createServer((request, response) => {
  asked.push(`${request.headers['x-cmc_pro_api_key']} ${request.url}`);
  answer(response);
});

before(async () => {
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  server = await startTestServer({ settings: { coinMarketCap: { apiKey: KEY, url: url() } } });
});
after(() => {
  server.close();
  upstream.close();
});

const url = (): string => `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;

function opened(): CoinMarketCap {
  return new CoinMarketCap({ apiKey: KEY, url: url(), clock: { nowMs: () => nowMs } });
}

const json = (text: string) => (response: ServerResponse) => response.end(text);
const status = (code: number, headers: Record<string, string> = {}) => {
  return (response: ServerResponse) => response.writeHead(code, headers).end('{}');
};
const requests = (): string[] => asked.splice(0);

test('replies pass through with the key, byte for byte', async () => {
  const text = '{"status":{"error_code":0}, "data":[{"id":"6051a81a","market_cap":1.50}]}';
  answer = json(text);
  const reply = await server.request('/coinmarketcap/category?id=6051a81a%26x&limit=7');
  assert.equal(reply.status, 200);
  assert.equal(await reply.text(), text);
  const list = await server.request('/coinmarketcap/categories');
  assert.equal(await list.text(), text);
  assert.deepEqual(requests(), [
    `${KEY} /v1/cryptocurrency/category?start=1&limit=7&id=6051a81a%26x`,
    `${KEY} /v1/cryptocurrency/categories?start=1&limit=100`,
  ]);
  for (const path of ['category', 'category?id=', 'categories?limit=5001', 'categories?start=0']) {
    assert.equal((await server.request(`/coinmarketcap/${path}`)).status, 422, path);
  }
  assert.deepEqual(requests(), []);
});

test('equal requests are one for a minute, also such as come together', async () => {
  const proxy = opened();
  let release: () => void = () => undefined;
  answer = (response) => {
    release = () => response.end('{"n":1}');
  };
  const together = [proxy.get('category', { id: 'a' }), proxy.get('category', { id: 'a' })];
  while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  release();
  assert.deepEqual(await Promise.all(together), ['{"n":1}', '{"n":1}']);
  answer = json('{"n":2}');
  nowMs += 59_999;
  assert.equal(await proxy.get('category', { id: 'a' }), '{"n":1}');
  assert.equal(await proxy.get('category', { id: 'b' }), '{"n":2}');
  nowMs += 1;
  assert.equal(await proxy.get('category', { id: 'a' }), '{"n":2}');
  assert.equal(requests().length, 3);
});

test('a failure is 503, and nothing is asked until the pause is over', async () => {
  for (const [fails, seconds] of [
    [status(500), 10],
    [status(429), 60],
    [status(429, { 'retry-after': '7' }), 7],
    [status(302, { location: '/elsewhere' }), 10],
    [json('<html>'), 10],
    [(response: ServerResponse) => response.destroy(), 10],
  ] as const) {
    const proxy = opened();
    answer = fails;
    const refused = await proxy.get('categories', {});
    assert.ok(refused instanceof Refusal && refused.kind === 'unavailable');
    assert.equal(refused.retryAfterSeconds, seconds);
    answer = json('{}');
    nowMs += 1000 * seconds - 1;
    const paused = await proxy.get('categories', {});
    assert.ok(paused instanceof Refusal && paused.retryAfterSeconds === 1);
    assert.equal(requests().length, 1);
    nowMs += 1;
    assert.equal(await proxy.get('categories', {}), '{}');
    assert.equal(requests().length, 1);
  }
});

test('what is not there is 404 and no failure; without a key nothing is asked', async () => {
  const proxy = opened();
  answer = status(400);
  const unknown = await proxy.get('category', { id: 'x' });
  assert.ok(unknown instanceof Refusal && unknown.kind === 'not_found');
  answer = json('{}');
  assert.equal(await proxy.get('category', { id: 'y' }), '{}');
  assert.equal(requests().length, 2);
  const keyless = await startTestServer();
  const reply = await keyless.request('/coinmarketcap/categories');
  keyless.close();
  assert.equal(reply.status, 503);
  assert.match(((await reply.json()) as { detail: string }).detail, /COINMARKETCAP_API_KEY/);
  assert.deepEqual(requests(), []);
});
