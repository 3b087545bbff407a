import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestRateSampler, SAMPLE_EVERY_MS } from '../../../src/metrics/request-rates.ts';

test('the last minute is counted, whatever happened before it', () => {
  const totals = { requests: 1000, failures: 50 };
  const sampler = new RequestRateSampler(() => totals, 0);
  assert.deepEqual(sampler.read(), { requestsPerMinute: 0, errorPercent: 0 });
  totals.requests += 3;
  totals.failures += 1;
  assert.deepEqual(sampler.read(), { requestsPerMinute: 3, errorPercent: 33.33 });
  for (let atMs = SAMPLE_EVERY_MS; atMs <= 120_000; atMs += SAMPLE_EVERY_MS) {
    totals.requests += 10;
    sampler.sample(atMs);
  }
  assert.deepEqual(sampler.read(), { requestsPerMinute: 120, errorPercent: 0 });
});
