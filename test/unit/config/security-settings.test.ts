import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings, SettingError, unknownSettings } from '../../../src/config/settings.ts';
import { RateLimits } from '../../../src/gateway/http/admission.ts';
import { allSurfaces } from '../../../src/surfaces/all.ts';

test('what is not set is closed or as documented', () => {
  const settings = readSettings({});
  assert.deepEqual(settings.trustedProxies, []);
  assert.deepEqual(settings.corsOrigins, []);
  assert.equal(settings.tls, undefined);
  assert.equal(settings.requireTls, false);
  assert.equal(settings.rateLimitOverrides.size, 0);
  assert.equal(settings.webSocketConnectionsPerIp, 10);
  assert.equal(settings.webSocketMessagesPerSecond, 50);
});

test('what is set is read', () => {
  const env = {
    OPENBELL_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    OPENBELL_CORS_ORIGINS: 'https://desk.example,http://localhost:3000',
    OPENBELL_TLS_CERT: '/etc/openbell/cert.pem',
    OPENBELL_TLS_KEY: '/etc/openbell/key.pem',
    OPENBELL_REQUIRE_TLS: 'on',
    OPENBELL_RATE_LIMIT_OVERRIDES: 'velocimex.rest=6000,flashmm.metrics=300:30',
    OPENBELL_WEBSOCKET_CONNECTIONS_PER_IP: '25',
  };
  assert.deepEqual(unknownSettings(env), []);
  const settings = readSettings(env);
  assert.deepEqual(settings.trustedProxies, ['10.0.0.0/8', '::1']);
  assert.deepEqual(settings.corsOrigins, ['https://desk.example', 'http://localhost:3000']);
  assert.equal(settings.tls?.keyFile, '/etc/openbell/key.pem');
  assert.equal(settings.requireTls, true);
  assert.deepEqual(settings.rateLimitOverrides.get('flashmm.metrics'), { limit: 300, burst: 30 });
  const limits = new RateLimits(allSurfaces(), true, settings.rateLimitOverrides);
  assert.equal(limits.find('velocimex', 'rest')?.take('a', 0).limit, 6000);
  const metrics = limits.find('flashmm', 'metrics')?.take('a', 0);
  assert.deepEqual([metrics?.limit, metrics?.burst], [300, 30]);
  assert.equal(limits.find('flashmm', 'health')?.take('a', 0).limit, 100);
});

test('what cannot be meant ends the start, and names its variable', () => {
  const wrong: Record<string, string>[] = [
    { OPENBELL_TRUSTED_PROXIES: 'example.org' },
    { OPENBELL_TRUSTED_PROXIES: '10.0.0.0/33' },
    { OPENBELL_TRUSTED_PROXIES: '10.0.0.0/' },
    { OPENBELL_CORS_ORIGINS: '*' },
    { OPENBELL_CORS_ORIGINS: 'https://desk.example/' },
    { OPENBELL_TLS_CERT: '/cert.pem' },
    { OPENBELL_TLS_KEY: '/key.pem' },
    { OPENBELL_REQUIRE_TLS: 'yes' },
    { OPENBELL_RATE_LIMIT_OVERRIDES: 'velocimex=1' },
    { OPENBELL_RATE_LIMIT_OVERRIDES: 'velocimex.rest=0' },
    { OPENBELL_WEBSOCKET_CONNECTIONS_PER_IP: '0' },
  ];
  for (const env of wrong) {
    const [name] = Object.keys(env);
    assert.throws(
      () => readSettings(env),
      (error) => error instanceof SettingError && error.message.includes(name),
      JSON.stringify(env),
    );
  }
  const unknown = new Map([['velocimex.west', { limit: 1 }]]);
  assert.throws(() => new RateLimits(allSurfaces(), true, unknown), /no rate limit velocimex.west/);
});
