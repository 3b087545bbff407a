import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpMetrics } from '../../../src/metrics/http-metrics.ts';
import { Metrics } from '../../../src/metrics/metrics.ts';
import { SystemLoadSampler } from '../../../src/metrics/system-load.ts';

test('values are read when they are asked for', async () => {
  const metrics = new Metrics(false);
  let fill = 1;
  metrics.gauge('openbell_ring_fill', 'Fill', () => [{ labels: { ring: 'a"b\\' }, value: fill }]);
  metrics.counter('openbell_unknown_total', 'Unknown', () => []);
  fill = 2;
  assert.equal(
    await metrics.text(),
    [
      '# HELP openbell_ring_fill Fill',
      '# TYPE openbell_ring_fill gauge',
      'openbell_ring_fill{ring="a\\"b\\\\"} 2',
      '',
      '# HELP openbell_unknown_total Unknown',
      '# TYPE openbell_unknown_total counter',
      '',
    ].join('\n'),
  );
  assert.throws(() => metrics.gauge('openbell_ring_fill', 'Again', () => []), /already/);
});

test('a histogram cumulates its buckets', async () => {
  const metrics = new Metrics(false);
  const histogram = metrics.histogram('x_seconds', 'X', [0.1, 0.2, 0.5]);
  for (const value of [0.05, 0.1, 0.15, 0.3, 7]) histogram.observe(value);
  assert.deepEqual((await metrics.text()).trim().split('\n').slice(2), [
    'x_seconds_bucket{le="0.1"} 2',
    'x_seconds_bucket{le="0.2"} 3',
    'x_seconds_bucket{le="0.5"} 4',
    'x_seconds_bucket{le="+Inf"} 5',
    'x_seconds_sum 7.6',
    'x_seconds_count 5',
  ]);
});

test('requests are counted by route and status, durations by surface', async () => {
  const metrics = new Metrics(false);
  const http = new HttpMetrics(metrics);
  const shared = metrics.histogram('all_seconds', 'All', [1]);
  http.alsoObserve(shared);
  const meter = http.meter('velocimex', 'GET', '/v1/x/{id}');
  const other = http.meter('velocimex', 'POST', '/v1/x');
  meter.observe(200, 0.0002);
  meter.observe(200, 0.0002);
  other.observe(429, 0.0002);
  http.countRateLimited('velocimex');
  const text = await metrics.text();
  const lines = [
    'openbell_http_requests_total{surface="velocimex",method="GET",route="/v1/x/{id}",status="200"} 2',
    'openbell_http_requests_total{surface="velocimex",method="POST",route="/v1/x",status="429"} 1',
    'openbell_http_request_duration_seconds_bucket{surface="velocimex",le="0.0001"} 0',
    'openbell_http_request_duration_seconds_bucket{surface="velocimex",le="0.00025"} 3',
    'openbell_http_request_duration_seconds_count{surface="velocimex"} 3',
    'openbell_rate_limited_total{surface="velocimex"} 1',
    'all_seconds_count 3',
  ];
  for (const line of lines) assert.ok(text.includes(`${line}\n`), `${line}\n\n${text}`);
});

test('the process is measured too', async () => {
  assert.match(await new Metrics().text(), /^process_cpu_seconds_total /m);
});

test("the machine's load is real, and read at most once a second", () => {
  const sampler = new SystemLoadSampler('/');
  const first = sampler.read(0);
  for (const percent of Object.values(first)) assert.ok(percent >= 0 && percent <= 100);
  assert.ok(first.memoryPercent > 0);
  assert.ok(first.diskPercent > 0);
  assert.equal(sampler.read(999), first);
  assert.notEqual(sampler.read(1000), first);
});
