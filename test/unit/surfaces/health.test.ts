import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer({ http: { rateLimits: 'off' } });
  server.venue.facts.startedAtMs = server.clock.nowMs() - 5500;
});
after(() => server.close());
beforeEach(() => {
  server.venue.facts.accepting = true;
  server.venue.facts.journal = { healthy: true, detail: '' };
});

test('FlashMM health tells the components, the load and the modes in force', async () => {
  const reply = await server.request('/api/v1/health');
  assert.equal(reply.status, 200);
  const body = (await reply.json()) as Record<string, Record<string, unknown>>;
  assert.equal(body.status, 'healthy');
  assert.deepEqual(body.components, {
    database: 'healthy',
    redis: 'not_configured',
    websocket: 'healthy',
    ml_model: 'not_configured',
    trading_engine: 'healthy',
    sei_blockchain: 'not_configured',
  });
  assert.equal(body.uptime_seconds, 5);
  assert.equal(body.durability, 'commit');
  assert.equal(body.rate_limits, 'on');
  assert.equal(body.simulated, true);
  assert.deepEqual(body.problems, []);
  for (const percent of Object.values(body.system_load)) {
    assert.ok(typeof percent === 'number' && percent >= 0 && percent <= 100);
  }
});

test('a failed journal makes both healths unhealthy, with 503 for load balancers', async () => {
  server.venue.facts.journal = { healthy: false, detail: 'disk full' };
  server.venue.facts.accepting = false;
  const flashmm = await server.request('/api/v1/health');
  assert.equal(flashmm.status, 503);
  const body = (await flashmm.json()) as Record<string, Record<string, unknown>>;
  assert.equal(body.status, 'unhealthy');
  assert.equal(body.components.database, 'unhealthy');
  assert.equal(body.components.trading_engine, 'healthy');
  assert.deepEqual(body.problems, ['journal: disk full']);
  const takashi = await fetch(`${server.base}/health`);
  assert.equal(takashi.status, 503);
  assert.equal(((await takashi.json()) as { status: string }).status, 'unhealthy');
});

test('TAKASHI health: a feed is fresh for a minute after its newest event', async () => {
  const { venue, clock } = server;
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  venue.ticker(venue.market('binance', 'SOL-USDT')).updatedSeconds = nowSeconds;
  venue.ticker(venue.market('bybit', 'ETH-USDT')).updatedSeconds = nowSeconds - 58;
  venue.ticker(venue.market('hyperliquid', 'BTC')).updatedSeconds = nowSeconds - 62;
  const reply = await fetch(`${server.base}/health`);
  assert.equal(reply.status, 200);
  assert.deepEqual(await reply.json(), {
    status: 'degraded',
    exchanges: { binance: true, bybit: true, hyperliquid: false },
    durability: 'commit',
    rate_limits: 'on',
    sources: {},
  });
  const live = { exchange: 'bybit', source: 'live', isFresh: false, lastDataMs: 17 } as const;
  venue.facts.exchanges = [{ ...live, staleMarkets: ['BTC-USDT'] }];
  const followed = (await (await fetch(`${server.base}/health`)).json()) as {
    exchanges: Record<string, boolean>;
    sources: Record<string, unknown>;
  };
  assert.equal(followed.exchanges.bybit, false, 'its own word counts, whatever traded here');
  assert.deepEqual(followed.sources, {
    bybit: { source: 'live', last_data_ms: 17, stale_books: ['BTC-USDT'] },
  });
  venue.facts.exchanges = [];
  venue.ticker(venue.market('hyperliquid', 'BTC')).updatedSeconds = nowSeconds;
  const again = (await (await fetch(`${server.base}/health`)).json()) as { status: string };
  assert.equal(again.status, 'healthy');
});

test('TAKASHI names itself and its exchanges', async () => {
  assert.deepEqual(await (await fetch(`${server.base}/`)).json(), {
    name: 'TAKASHI Multi-Exchange Market Data API',
    version: '0.1.0',
    status: 'operational',
    docs: '/docs',
    exchanges: ['binance', 'bybit', 'hyperliquid'],
  });
});

test('the documented series stand in the metrics, unknown ones without a sample', async () => {
  await (await server.request('/v1/markets/status')).arrayBuffer();
  const reply = await server.request('/api/v1/metrics');
  assert.equal(reply.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const lines = (await reply.text()).split('\n');
  for (const expected of [
    '# TYPE flashmm_predictions_total counter',
    'flashmm_predictions_total{symbol="SEI/USDC"} 0',
    'flashmm_predictions_total{symbol="ETH/USDC"} 0',
    '# TYPE flashmm_prediction_accuracy gauge',
    '# TYPE flashmm_spread_improvement_bps gauge',
    '# TYPE flashmm_trading_volume_usdc_total counter',
    'flashmm_trading_volume_usdc_total{symbol="SEI/USDC"} 0',
    'flashmm_trading_volume_usdc_total{symbol="ETH/USDC"} 0',
    '# TYPE flashmm_latency_seconds histogram',
    'openbell_websocket_connections 3',
    'openbell_accepting 1',
    'openbell_http_requests_total{surface="velocimex",method="GET",route="/v1/markets/status",status="200"} 1',
  ]) {
    assert.ok(lines.includes(expected), expected);
  }
  assert.ok(!lines.some((line) => line.startsWith('flashmm_prediction_accuracy')));
  assert.ok(!lines.some((line) => line.startsWith('flashmm_spread_improvement_bps')));
  const buckets = lines.filter((line) => line.startsWith('flashmm_latency_seconds_bucket'));
  assert.deepEqual(
    buckets.map((line) => /le="([^"]+)"/.exec(line)?.[1]),
    ['0.1', '0.2', '0.5', '+Inf'],
  );
  assert.ok(lines.some((line) => line.startsWith('process_cpu_seconds_total ')));
});
