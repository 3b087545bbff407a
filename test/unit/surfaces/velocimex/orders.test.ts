import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  ORDER_FLAG_POST_ONLY,
  ORDER_TYPE_LIMIT,
  ORDER_TYPE_MARKET,
  ORDER_TYPE_STOP,
  ORDER_TYPE_STOP_LIMIT,
  SIDE_BUY,
  SIDE_SELL,
  STATUS_EXPIRED,
  STATUS_PARTIALLY_FILLED,
  TIF_DAY,
  TIF_FOK,
  TIF_GTC,
  TIF_GTD,
  TIF_IOC,
} from '../../../../src/domain/orders.ts';
import * as C from '../../../../src/domain/result-codes.ts';
import { startTestServer, type TestServer } from '../../../support/test-server.ts';

interface ErrorBody {
  error: { code: string; message: string; details: Record<string, unknown> };
}
interface OrderBody {
  status: string;
  data: Record<string, unknown>;
}

let server: TestServer;
before(async () => {
  server = await startTestServer({ http: { rateLimits: 'off' } });
});
after(() => server.close());
beforeEach(() => {
  server.venue.nextCode = C.OK;
  server.venue.adjust = {};
  server.venue.placed.length = 0;
});

const LIMIT = {
  exchange: 'NASDAQ',
  symbol: 'AAPL',
  side: 'buy',
  type: 'limit',
  quantity: 100,
  price: 150.5,
};
const BTC = { ...LIMIT, exchange: 'Binance', symbol: 'BTC/USDT', quantity: 0.003, price: 97250.1 };
const MARKET = { exchange: 'NASDAQ', symbol: 'AAPL', side: 'sell', type: 'market', quantity: 5 };

const post = (body: unknown, contentType = 'application/json') =>
  server.request('/v1/trading/orders', {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

async function refusedAs(
  response: Response,
  status: number,
  code: string,
  what: string,
): Promise<Record<string, unknown>> {
  const { error } = (await response.json()) as ErrorBody;
  assert.equal(response.status, status, what);
  assert.equal(error.code, code, what);
  assert.ok(error.message.length > 0, what);
  assert.equal(server.venue.placed.length, 0, `${what}: nothing reaches the venue`);
  return error.details;
}

test('an order reaches the venue in ticks and lots', async () => {
  const cases: [object, object][] = [
    [
      LIMIT,
      {
        side: SIDE_BUY,
        orderType: ORDER_TYPE_LIMIT,
        tif: TIF_GTC,
        flags: 0,
        priceTicks: 15050,
        qtyLots: 100,
        clientOrderId: '',
        portfolioId: 10,
        userId: 1,
      },
    ],
    [BTC, { priceTicks: 972_501, qtyLots: 3 }],
    [
      { ...BTC, quantity: 1e-3, price: 0.1 },
      { priceTicks: 1, qtyLots: 1 },
    ],
    [
      { ...LIMIT, post_only: true, client_order_id: 'my order #1', portfolio_id: '12' },
      { flags: ORDER_FLAG_POST_ONLY, clientOrderId: 'my order #1', portfolioId: 12 },
    ],
    [{ ...LIMIT, portfolio_id: 19 }, { portfolioId: 19 }],
    [{ ...LIMIT, time_in_force: 'ioc' }, { tif: TIF_IOC }],
    [
      MARKET,
      { side: SIDE_SELL, orderType: ORDER_TYPE_MARKET, tif: TIF_IOC, priceTicks: 0, qtyLots: 5 },
    ],
    [{ ...MARKET, time_in_force: 'fok' }, { tif: TIF_FOK }],
    [
      { ...LIMIT, type: 'stop', price: undefined, stop_price: 149.5, reduce_only: true },
      { orderType: ORDER_TYPE_STOP, priceTicks: 0, triggerTicks: 14_950, flags: 4, tif: TIF_GTC },
    ],
    [
      { ...LIMIT, type: 'stop_limit', stop_price: 149.5, time_in_force: 'day' },
      { orderType: ORDER_TYPE_STOP_LIMIT, priceTicks: 15_050, triggerTicks: 14_950, tif: TIF_DAY },
    ],
    [
      { ...LIMIT, time_in_force: 'gtd', expire_at: '2030-01-31T16:00:00.250+01:00' },
      { tif: TIF_GTD, expireSeconds: 1_896_102_000, expireNanos: 250_000_000 },
    ],
  ];
  for (const [body, expected] of cases) {
    const reply = await post(body);
    assert.equal(reply.status, 201, JSON.stringify(body));
    const placed = server.venue.placed.pop() as unknown as Record<string, unknown>;
    for (const [key, value] of Object.entries(expected)) {
      assert.equal(placed[key], value, `${key} of ${JSON.stringify(body)}`);
    }
  }
});

test('the reply is the documented order, numbers exact', async () => {
  server.venue.adjust = {
    status: STATUS_PARTIALLY_FILLED,
    filledLots: 3,
    filledNotionalUnits: 451_490_001,
    feeUnits: -1500,
  };
  const { status, data } = (await (await post(LIMIT)).json()) as OrderBody;
  assert.equal(status, 'ok');
  assert.deepEqual(data, {
    order_id: data.order_id,
    timestamp: '2024-04-15T14:30:00.123456Z',
    exchange: 'NASDAQ',
    symbol: 'AAPL',
    side: 'buy',
    type: 'limit',
    quantity: 100,
    price: 150.5,
    stop_price: null,
    status: 'partially_filled',
    filled_quantity: 3,
    remaining_quantity: 97,
    average_price: 150.496667,
    fee: -0.0015,
    fee_asset: 'USD',
    time_in_force: 'gtc',
    expire_at: null,
    post_only: false,
    client_order_id: null,
    portfolio_id: '10',
    created_at: '2024-04-15T14:30:00.123456Z',
    reason: null,
  });
  assert.match(String(data.order_id), /^\d+$/);
});

test('a market order shows no price, and why the rest of it was cancelled', async () => {
  server.venue.adjust = { status: STATUS_EXPIRED, reason: 3 };
  const { data } = (await (await post(MARKET)).json()) as OrderBody;
  assert.equal(data.price, null);
  assert.equal(data.status, 'expired');
  assert.equal(data.reason, 'market_remainder');
});

test('prices off the tick, sizes off the lot, negative, huge and NaN are INVALID_PARAMETER', async () => {
  const cases: [object, string, string][] = [
    [{ ...LIMIT, price: 150.505 }, 'price', '150.505'],
    [{ ...LIMIT, price: 0 }, 'price', '0'],
    [{ ...LIMIT, price: -1 }, 'price', '-1'],
    [{ ...LIMIT, price: 1e300 }, 'price', '1e+300'],
    [{ ...LIMIT, price: 1e-300 }, 'price', '1e-300'],
    [{ ...LIMIT, price: Number.MAX_SAFE_INTEGER }, 'price', '9007199254740991'],
    [{ ...LIMIT, price: 'NaN' }, 'price', 'NaN'],
    [{ ...LIMIT, price: '150.50' }, 'price', '150.50'],
    [{ ...LIMIT, price: null }, 'price', 'null'],
    [{ ...LIMIT, price: [1] }, 'price', '[1]'],
    [{ ...LIMIT, price: undefined }, 'price', 'null'],
    [{ ...LIMIT, quantity: 0.5 }, 'quantity', '0.5'],
    [{ ...LIMIT, quantity: -100 }, 'quantity', '-100'],
    [{ ...LIMIT, quantity: 0 }, 'quantity', '0'],
    [{ ...LIMIT, quantity: 1e21 }, 'quantity', '1e+21'],
    [{ ...LIMIT, quantity: '100' }, 'quantity', '100'],
    [{ ...BTC, quantity: 0.0001 }, 'quantity', '0.0001'],
    [{ ...BTC, price: 97250.15 }, 'price', '97250.15'],
    [{ ...LIMIT, side: 'BUY' }, 'side', 'BUY'],
    [{ ...LIMIT, side: 1 }, 'side', '1'],
    [{ ...LIMIT, type: 'iceberg' }, 'type', 'iceberg'],
    [{ ...LIMIT, type: 'stop', stop_price: 150 }, 'price', '150.5'],
    [{ ...LIMIT, type: 'stop', price: undefined }, 'stop_price', 'null'],
    [{ ...LIMIT, type: 'stop_limit', price: undefined, stop_price: 150 }, 'price', 'null'],
    [{ ...LIMIT, type: 'stop_limit' }, 'stop_price', 'null'],
    [{ ...LIMIT, type: 'stop_limit', stop_price: 150.005 }, 'stop_price', '150.005'],
    [{ ...LIMIT, type: 'trailing_stop' }, 'type', 'trailing_stop'],
    [{ ...LIMIT, stop_price: 150 }, 'stop_price', '150'],
    [{ ...LIMIT, time_in_force: 'gtx' }, 'time_in_force', 'gtx'],
    [{ ...LIMIT, time_in_force: 'gtd' }, 'expire_at', 'null'],
    [{ ...LIMIT, time_in_force: 'gtd', expire_at: 'soon' }, 'expire_at', 'soon'],
    [{ ...LIMIT, expire_at: '2030-01-01T00:00:00Z' }, 'expire_at', '2030-01-01T00:00:00Z'],
    [{ ...LIMIT, post_only: 'true' }, 'post_only', 'true'],
    [{ ...LIMIT, post_only: true, time_in_force: 'ioc' }, 'post_only', 'true'],
    [{ ...MARKET, post_only: true }, 'post_only', 'true'],
    [{ ...MARKET, price: 1 }, 'price', '1'],
    [{ ...MARKET, time_in_force: 'gtc' }, 'time_in_force', 'gtc'],
    [{ ...LIMIT, client_order_id: '' }, 'client_order_id', ''],
    [{ ...LIMIT, client_order_id: 'é' }, 'client_order_id', 'é'],
    [{ ...LIMIT, client_order_id: 'x'.repeat(37) }, 'client_order_id', 'x'.repeat(37)],
    [{ ...LIMIT, portfolio_id: 1.5 }, 'portfolio_id', '1.5'],
    [{ ...LIMIT, portfolio_id: 'mine' }, 'portfolio_id', 'mine'],
    [{ ...LIMIT, colour: 'red' }, 'colour', 'red'],
    [{ ...LIMIT, exchange: undefined }, 'exchange', 'null'],
  ];
  for (const [body, parameter, value] of cases) {
    const text = JSON.stringify(body);
    const details = await refusedAs(await post(text), 400, 'INVALID_PARAMETER', text);
    assert.equal(details.parameter, parameter, text);
    assert.equal(details.value, value, text);
  }
});

test('malformed and unfit bodies', async () => {
  const text = JSON.stringify(LIMIT);
  const bad = [
    '',
    '{',
    text.slice(0, -1),
    text.replace('150.5', 'NaN'),
    text.replace('150.5', '-Infinity'),
    text.replace('150.5', '1e999'),
    text.replace('150.5', '150.500000000000000001'),
    text.replace('{', '{"price":1,'),
    text.replace('{', '{"__proto__":{},'),
    `${text}${text}`,
  ];
  for (const body of bad) await refusedAs(await post(body), 400, 'INVALID_PARAMETER', body);
  for (const body of ['[]', 'null', '"x"', '7']) {
    const details = await refusedAs(await post(body), 400, 'INVALID_PARAMETER', body);
    assert.equal(details.parameter, 'body');
  }
  await refusedAs(await post(text, 'text/plain'), 415, 'INVALID_PARAMETER', 'text/plain');
  const large = JSON.stringify({ ...LIMIT, client_order_id: 'x'.repeat(70_000) });
  await refusedAs(await post(large), 413, 'INVALID_PARAMETER', 'large');
});

test('unknown markets, exchanges, portfolios and orders are 404', async () => {
  const cases: [object, string, string][] = [
    [{ ...LIMIT, symbol: 'TSLA' }, 'symbol', 'TSLA'],
    [{ ...LIMIT, symbol: 'BTC/USDT' }, 'symbol', 'BTC/USDT'],
    [{ ...LIMIT, exchange: 'LSE' }, 'exchange', 'LSE'],
    [{ ...LIMIT, exchange: '__proto__' }, 'exchange', '__proto__'],
    [{ ...LIMIT, portfolio_id: '21' }, 'portfolio_id', '21'],
  ];
  for (const [body, parameter, value] of cases) {
    const text = JSON.stringify(body);
    const details = await refusedAs(await post(text), 404, 'INVALID_PARAMETER', text);
    assert.equal(details.parameter, parameter);
    assert.equal(details.value, value);
  }
  for (const method of ['GET', 'DELETE']) {
    const path = '/v1/trading/orders/999999';
    const reply = await server.request(path, { method });
    const details = await refusedAs(reply, 404, 'INVALID_PARAMETER', method);
    assert.deepEqual(details, { parameter: 'order_id', value: '999999', reason: 'UNKNOWN_ORDER' });
    for (const id of ['abc', '0', '-1', '1.5', '9'.repeat(16)]) {
      const odd = await server.request(`/v1/trading/orders/${id}`, { method });
      await refusedAs(odd, 400, 'INVALID_PARAMETER', `${method} ${id}`);
    }
  }
});

test("the venue's denials have the documented code and status", async () => {
  const cases: [number, number, string, string | null][] = [
    [C.INSUFFICIENT_BALANCE, 409, 'INSUFFICIENT_BALANCE', null],
    [C.NO_REFERENCE_PRICE, 409, 'MARKET_CLOSED', null],
    [C.TOO_MANY_OPEN_ORDERS, 409, 'INVALID_PARAMETER', null],
    [C.DUPLICATE_CLIENT_ORDER_ID, 409, 'INVALID_PARAMETER', null],
    [C.PRICE_TOO_LARGE, 400, 'INVALID_PARAMETER', null],
    [C.QUANTITY_TOO_LARGE, 400, 'INVALID_PARAMETER', null],
    [C.NOTIONAL_TOO_LARGE, 400, 'INVALID_PARAMETER', null],
    [C.COMMAND_RING_FULL, 503, 'INTERNAL_ERROR', '1'],
    [C.JOURNAL_UNAVAILABLE, 503, 'INTERNAL_ERROR', '10'],
    [C.DRAINING, 503, 'INTERNAL_ERROR', '5'],
    [C.MARKET_HALTED, 409, 'MARKET_CLOSED', null],
  ];
  for (const [code, status, wireCode, retryAfter] of cases) {
    server.venue.nextCode = code;
    const reply = await post(LIMIT);
    const { error } = (await reply.json()) as ErrorBody;
    const what = C.resultName(code);
    assert.equal(reply.status, status, what);
    assert.equal(error.code, wireCode, what);
    assert.equal(error.details.reason, what);
    assert.equal(reply.headers.get('retry-after'), retryAfter, what);
  }
});

test('what the book itself decides about an order is a state of it, not an error', async () => {
  for (const code of [C.FOK_NOT_FILLABLE, C.POST_ONLY_WOULD_TAKE, C.NO_LIQUIDITY]) {
    server.venue.nextCode = code;
    const reply = await post(LIMIT);
    assert.equal(reply.status, 201);
    const { data } = (await reply.json()) as OrderBody;
    assert.equal(data.status, 'rejected');
    assert.equal(data.reason, C.resultName(code).toLowerCase());
  }
});

test('cancelling answers the final state once, then that the order is closed', async () => {
  const placed = (await (await post(LIMIT)).json()) as OrderBody;
  const path = `/v1/trading/orders/${placed.data.order_id}`;
  const first = await server.request(path, { method: 'DELETE' });
  assert.equal(first.status, 200);
  const { data } = (await first.json()) as OrderBody;
  assert.equal(data.status, 'cancelled');
  assert.equal(data.reason, 'requested');
  const second = await server.request(path, { method: 'DELETE' });
  assert.equal(second.status, 409);
  const { error } = (await second.json()) as ErrorBody;
  assert.equal(error.details.status, 'cancelled');
  const shown = await server.request(path);
  assert.equal(((await shown.json()) as OrderBody).data.status, 'cancelled');
  server.venue.nextCode = C.COMMAND_RING_FULL;
  const busy = await server.request(path, { method: 'DELETE' });
  assert.equal(busy.status, 503);
});

test('all orders, or those of one market, are cancelled at once', async () => {
  server.venue.orders.clear();
  for (const body of [LIMIT, LIMIT, BTC]) await post(body);
  const cancel = async (query: string) => {
    const reply = await server.request(`/v1/trading/orders${query}`, { method: 'DELETE' });
    return [reply.status, ((await reply.json()) as { data?: object }).data];
  };
  assert.deepEqual(await cancel('?exchange=NASDAQ&symbol=AAPL'), [200, { cancelled: 2 }]);
  assert.deepEqual(await cancel(''), [200, { cancelled: 1 }]);
  assert.deepEqual(await cancel(''), [200, { cancelled: 0 }]);
  for (const query of ['?exchange=NASDAQ', '?symbol=AAPL', '?portfolio_id=x', '?colour=red']) {
    assert.equal((await cancel(query))[0], 400, query);
  }
  assert.equal((await cancel('?portfolio_id=999'))[0], 404);
  assert.equal((await cancel('?exchange=NASDAQ&symbol=DOGE'))[0], 404);
});

test('a number that a double does not hold as it was written is refused, not rounded', async () => {
  const body = JSON.stringify(LIMIT).replace('150.5', '150.500000000000000001');
  const reply = await post(body);
  const { error } = (await reply.json()) as ErrorBody;
  assert.deepEqual([reply.status, error.code], [400, 'INVALID_PARAMETER']);
  assert.equal(error.details.reason, 'INVALID_JSON');
  assert.equal(server.venue.placed.length, 0);
});

test('open orders are listed newest first, and by what a filter names', async () => {
  for (const each of [LIMIT, BTC, { ...LIMIT, side: 'sell' }, { ...BTC, exchange: 'bybit' }]) {
    assert.equal((await post(each)).status, 201);
  }
  const list = async (query: string) => {
    const reply = await server.request(`/v1/trading/orders${query}`);
    assert.equal(reply.status, 200, query);
    const { data } = (await reply.json()) as { data: { orders: Record<string, unknown>[] } };
    return data.orders;
  };
  const all = await list('');
  const ids = all.map(({ order_id: id }) => Number(id));
  assert.deepEqual(
    ids,
    [...ids].sort((a, b) => b - a),
  );
  assert.deepEqual(
    (await list('?limit=2')).map(({ exchange }) => exchange),
    ['bybit', 'NASDAQ'],
  );
  const exchanges = async (query: string) =>
    new Set((await list(query)).map(({ exchange, side }) => `${exchange} ${side}`));
  assert.deepEqual(await exchanges('?symbol=BTC-USDT'), new Set(['binance buy', 'bybit buy']));
  assert.deepEqual(await exchanges('?exchange=BINANCE'), new Set(['binance buy']));
  assert.deepEqual(await exchanges('?side=sell&symbol=AAPL'), new Set(['NASDAQ sell']));
  assert.deepEqual(await list('?status=partially_filled'), []);
  for (const [query, status, parameter] of [
    ['?exchange=LSE', 404, 'exchange'],
    ['?symbol=DOGE', 404, 'symbol'],
    ['?portfolio_id=999', 404, 'portfolio_id'],
    ['?limit=1001', 400, 'limit'],
    ['?client_order_id=x&side=buy', 400, 'side'],
  ] as const) {
    server.venue.placed.length = 0;
    const reply = await server.request(`/v1/trading/orders${query}`);
    const details = await refusedAs(reply, status, 'INVALID_PARAMETER', query);
    assert.equal(details.parameter, parameter, query);
  }
});
