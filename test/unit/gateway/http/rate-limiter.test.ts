import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LIMITS } from '../../../../src/config/limits.ts';
import { RateLimiter } from '../../../../src/gateway/http/rate-limiter.ts';

setFlagsFromString('--expose_gc');

const START_MS = 1_700_000_000_000;

test('a window admits its limit, tells what is left, and opens again', () => {
  const limiter = new RateLimiter({ limit: 3, windowSeconds: 60 });
  for (const remaining of [2, 1, 0]) {
    const verdict = limiter.take('a', START_MS + 500);
    assert.equal(verdict.allowed, true);
    assert.equal(verdict.remaining, remaining);
    assert.equal(verdict.resetSeconds, START_MS / 1000 + 61);
    assert.equal(verdict.burst, undefined);
  }
  const refused = limiter.take('a', START_MS + 30_500);
  assert.equal(refused.allowed, false);
  assert.equal(refused.remaining, 0);
  assert.equal(refused.retryAfterSeconds, 30);
  assert.equal(limiter.take('b', START_MS + 30_500).allowed, true);
  assert.equal(limiter.take('a', START_MS + 60_500).remaining, 2);
});

test('a burst bounds what comes at once and refills at the steady rate', () => {
  const limiter = new RateLimiter({
    limit: 60,
    windowSeconds: 60,
    burst: 5,
    announceBurst: true,
  });
  for (const left of [4, 3, 2, 1, 0]) {
    const verdict = limiter.take('a', START_MS);
    assert.equal(verdict.allowed, true);
    assert.equal(verdict.burst, 5);
    assert.equal(verdict.burstRemaining, left);
  }
  const refused = limiter.take('a', START_MS);
  assert.equal(refused.allowed, false);
  assert.equal(refused.remaining, 55);
  assert.equal(refused.retryAfterSeconds, 1);
  assert.equal(limiter.take('a', START_MS + 999).allowed, false);
  assert.equal(limiter.take('a', START_MS + 1000).allowed, true);
  assert.equal(limiter.take('a', START_MS + 1000).allowed, false);
});

test('at the steady rate no more than the limit passes in a window', () => {
  const limiter = new RateLimiter({ limit: 60, windowSeconds: 60, burst: 5 });
  let allowed = 0;
  for (let ms = 0; ms < 60_000; ms += 100) {
    if (limiter.take('a', START_MS + ms).allowed) allowed += 1;
  }
  assert.equal(allowed, 60);
});

test('a clock that stands still or steps back gives nothing away', () => {
  const limiter = new RateLimiter({ limit: 100, windowSeconds: 60, burst: 2 });
  limiter.take('a', START_MS);
  limiter.take('a', START_MS);
  assert.equal(limiter.take('a', START_MS - 10_000).allowed, false);
});

test('an idle key is forgotten once its window is over', () => {
  const limiter = new RateLimiter({ limit: 1, windowSeconds: 60 }, 100);
  for (let i = 0; i < 100; i += 1) limiter.take(`old ${i}`, START_MS);
  limiter.take('new', START_MS + 61_000);
  limiter.take('new', START_MS + 122_000);
  assert.equal(limiter.keys, 1);
});

test('a key in use keeps its count through a flood of others', () => {
  const limiter = new RateLimiter({ limit: 1, windowSeconds: 60 }, 100);
  limiter.take('mine', START_MS);
  for (let i = 0; i < 5000; i += 1) {
    limiter.take(`flood ${i}`, START_MS + i);
    if (i % 50 === 0) assert.equal(limiter.take('mine', START_MS + i).allowed, false, `${i}`);
  }
  assert.ok(limiter.keys <= 200, `${limiter.keys} keys`);
});

test('a million distinct keys stay within the bound, in entries and in bytes', () => {
  const limiter = new RateLimiter({ limit: 100, windowSeconds: 60, burst: 20 });
  const bound = 2 * LIMITS.rateLimitKeysPerGeneration;
  let most = 0;
  const flood = (from: number, to: number) => {
    for (let i = from; i < to; i += 1) {
      limiter.take(`2001:db8:${(i >>> 16).toString(16)}:${(i & 0xffff).toString(16)}/64`, START_MS);
      most = Math.max(most, limiter.keys);
    }
  };
  flood(0, bound);
  const full = heapBytes();
  flood(bound, 1_000_000);
  assert.ok(most <= bound, `${most} keys`);
  const grown = heapBytes() - full;
  // What the bound allows was there at the beginning; the other 980 000 keys add nothing.
  assert.ok(grown < 2_000_000, `${grown} bytes more than ${bound} keys`);
});

function heapBytes(): number {
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
