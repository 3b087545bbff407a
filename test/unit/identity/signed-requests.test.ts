import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignatureHeaders } from '../../../src/identity/principal.ts';
import {
  canonicalRequest,
  NonceMemory,
  SIGNATURE_WINDOW_MS,
  SignedRequests,
  signRequest,
} from '../../../src/identity/signed-requests.ts';

const SECRET = 'obs_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const NOW_MS = 1_700_000_000_000;
const PARTS = {
  timestamp: String(NOW_MS),
  nonce: 'n-0001-abcdef',
  method: 'POST',
  target: '/v1/trading/orders',
  contentSha256: '8df0b4a5b4b15a4f0a5f3f0c5ea6b8a5b4c3d2e1f00112233445566778899aab',
};

const signed = (changed: Partial<SignatureHeaders> = {}): SignatureHeaders => {
  const parts = { ...PARTS, ...changed };
  return { ...parts, signature: changed.signature ?? signRequest(SECRET, parts) };
};

test('the documented example signs to the documented signature', () => {
  const parts = {
    timestamp: '1700000000000',
    nonce: 'n-0001-abcdef',
    method: 'GET',
    target: '/v1/markets/binance/orderbook/BTC%2FUSDT?depth=5',
    contentSha256: '',
  };
  assert.equal(
    canonicalRequest(parts),
    'OPENBELL-HMAC-SHA256\n1700000000000\nn-0001-abcdef\nGET\n' +
      '/v1/markets/binance/orderbook/BTC%2FUSDT?depth=5\n' +
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
  assert.equal(
    signRequest(SECRET, parts),
    '3b9e2da6e81a3d4c995fd0f71f995612d61f8b3ad934e38d901e6d6ea0fc71bf',
  );
});

test('a signed request is good once, and only as it was signed', () => {
  const requests = new SignedRequests(NOW_MS - 1e6);
  const judge = (headers: SignatureHeaders, nowMs = NOW_MS) =>
    requests.refusal('key', () => SECRET, headers, nowMs);
  const good = signed();
  for (const [name, value] of [
    ['method', 'DELETE'],
    ['target', '/v1/trading/orders?x=1'],
    ['nonce', 'n-0002-abcdef'],
    ['timestamp', String(NOW_MS + 1)],
    ['contentSha256', ''],
    ['signature', '0'.repeat(64)],
  ]) {
    assert.match(String(judge({ ...good, [name]: value })), /signature is not valid/, name);
  }
  assert.equal(judge(good), undefined);
  assert.match(String(judge(good)), /nonce was used before/);
  assert.equal(
    requests.refusal('other', () => SECRET, good, NOW_MS),
    undefined,
    'by key',
  );
  for (const misshapen of [
    { timestamp: '' },
    { timestamp: '1700000000' },
    { timestamp: ' 170000000000' },
    { nonce: 'short' },
    { nonce: 'with a space' },
    { signature: 'AB'.repeat(32) },
    { contentSha256: 'x' },
  ]) {
    assert.match(String(judge(signed(misshapen))), /not of their form/, JSON.stringify(misshapen));
  }
});

test('the window holds both ways, and nothing from before the start is taken', () => {
  const startedMs = NOW_MS - 10_000;
  const requests = new SignedRequests(startedMs);
  const judge = (atMs: number, nowMs = NOW_MS) =>
    requests.refusal('key', () => SECRET, signed({ timestamp: String(atMs) }), nowMs);
  const outside = /outside of the window/;
  assert.match(String(judge(NOW_MS - SIGNATURE_WINDOW_MS - 1)), outside);
  assert.match(String(judge(NOW_MS + SIGNATURE_WINDOW_MS + 1)), outside);
  assert.match(String(judge(startedMs - 1)), outside, 'its nonce may have been used up');
  assert.equal(judge(startedMs), undefined);
});

test('a nonce cannot come again while its timestamp could', () => {
  const requests = new SignedRequests(0);
  // Signed by a clock as far ahead as allowed: good for twice the window.
  const headers = signed({ timestamp: String(NOW_MS + SIGNATURE_WINDOW_MS) });
  assert.equal(
    requests.refusal('key', () => SECRET, headers, NOW_MS),
    undefined,
  );
  for (let ms = 0; ms <= 2 * SIGNATURE_WINDOW_MS; ms += 500) {
    const filler = signed({ timestamp: String(NOW_MS + ms), nonce: `filler-${ms}` });
    requests.refusal('key', () => SECRET, filler, NOW_MS + ms);
    const again = requests.refusal('key', () => SECRET, headers, NOW_MS + ms);
    assert.match(String(again), /nonce was used before/, `after ${ms} ms`);
  }
});

test('nonces take bounded memory, and what does not fit is refused', () => {
  const memory = new NonceMemory(100);
  let taken = 0;
  for (let i = 0; i < 1000; i += 1) if (memory.take(`n${i}`, NOW_MS)) taken += 1;
  assert.equal(taken, 100);
  for (let i = 0; i < 1000; i += 1) memory.take(`m${i}`, NOW_MS + 61_000);
  assert.equal(memory.size, 200);
  assert.ok(memory.take('later', NOW_MS + 600_000));
  assert.equal(memory.size, 1);
});
