import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Method } from '../../../../src/gateway/http/route.ts';
import { Router } from '../../../../src/gateway/http/router.ts';

const route = (method: Method, path: string) => ({ method, path });

function routerOf(...routes: [Method, string][]): Router<{ method: Method; path: string }> {
  const router = new Router<{ method: Method; path: string }>();
  for (const [method, path] of routes) router.add(route(method, path));
  return router;
}

const router = routerOf(
  ['GET', '/'],
  ['GET', '/v1/markets/status'],
  ['GET', '/v1/markets/{exchange}/orderbook/{symbol+}'],
  ['POST', '/v1/trading/orders'],
  ['GET', '/v1/trading/orders/{order_id}'],
  ['DELETE', '/v1/trading/orders/{order_id}'],
  ['GET', '/multi/ohlc/{symbol}/{interval}'],
  ['GET', '/{exchange}/ohlc/{symbol}/{interval}'],
  ['GET', '/{exchange}/oi/{symbol}'],
);

test('paths lead to their routes', () => {
  const cases: [string, string, string, Record<string, string>][] = [
    ['GET', '/', '/', {}],
    ['HEAD', '/', '/', {}],
    ['GET', '/v1/markets/status', '/v1/markets/status', {}],
    ['GET', '/v1/markets/status/', '/v1/markets/status', {}],
    ['DELETE', '/v1/trading/orders/7', '/v1/trading/orders/{order_id}', { order_id: '7' }],
    ['GET', '/v1/trading/orders/7/', '/v1/trading/orders/{order_id}', { order_id: '7' }],
    [
      'GET',
      '/multi/ohlc/BTC/1m',
      '/multi/ohlc/{symbol}/{interval}',
      { symbol: 'BTC', interval: '1m' },
    ],
    ['GET', '/multi/oi/BTC', '/{exchange}/oi/{symbol}', { exchange: 'multi', symbol: 'BTC' }],
    [
      'GET',
      '/a%20b/ohlc/BTC/1m',
      '/{exchange}/ohlc/{symbol}/{interval}',
      { exchange: 'a b', symbol: 'BTC', interval: '1m' },
    ],
  ];
  for (const [method, path, pattern, params] of cases) {
    const found = router.find(method, path);
    assert.ok(typeof found === 'object' && 'route' in found, `${method} ${path}`);
    assert.equal(found.route.path, pattern, `${method} ${path}`);
    assert.deepEqual(found.params, params, `${method} ${path}`);
  }
});

test('a symbol with a slash comes encoded or as two segments', () => {
  for (const symbol of ['BTC/USDT', 'BTC%2FUSDT', 'BTC%2fUSDT', 'BTC/USDT/']) {
    const found = router.find('GET', `/v1/markets/binance/orderbook/${symbol}`);
    assert.ok(typeof found === 'object' && 'params' in found, symbol);
    assert.deepEqual(found.params, { exchange: 'binance', symbol: 'BTC/USDT' }, symbol);
  }
});

test('a known path with another method names the methods it takes', () => {
  const found = router.find('PUT', '/v1/trading/orders/7');
  assert.ok(typeof found === 'object' && 'allow' in found);
  assert.equal(found.allow, 'DELETE, GET, HEAD, OPTIONS');
  assert.equal(found.near.path, '/v1/trading/orders/{order_id}');
  const status = router.find('DELETE', '/v1/markets/status');
  assert.ok(typeof status === 'object' && 'allow' in status);
  assert.equal(status.allow, 'GET, HEAD, OPTIONS');
});

test('what no route owns is unknown, what cannot be decoded is malformed', () => {
  for (const path of ['/v1', '/v1/', '/v1//markets/status', '//', '/v1/trading/orders//', '/x']) {
    assert.equal(router.find('GET', path), 'unknown', path);
  }
  assert.equal(router.find('GET', '/v1/markets/binance/orderbook/'), 'unknown');
  assert.equal(router.find('GET', '/v1/trading/orders/%zz'), 'malformed');
});

test('a route declared twice is a mistake of ours', () => {
  assert.throws(() => routerOf(['GET', '/a/{x}'], ['GET', '/a/{y}']), /declared twice/);
  assert.throws(() => routerOf(['GET', '/a/{x+}/b']), /must come last/);
});

test('a reserved first segment is never a parameter', () => {
  const reserving = new Router<{ method: Method; path: string }>(['v1', 'api']);
  for (const path of ['/{exchange}/oi/{symbol}', '/v1/orders/{id}', '/{all+}']) {
    reserving.add(route('GET', path));
  }
  const found = (path: string) => {
    const lookup = reserving.find('GET', path);
    return typeof lookup === 'object' && 'route' in lookup ? lookup.route.path : lookup;
  };
  assert.equal(found('/binance/oi/BTC'), '/{exchange}/oi/{symbol}');
  assert.equal(found('/v1/oi/BTC'), 'unknown');
  assert.equal(found('/v1/orders/7'), '/v1/orders/{id}');
  assert.equal(found('/api/oi/BTC'), 'unknown');
  assert.equal(found('/apis/oi'), '/{all+}');
});
