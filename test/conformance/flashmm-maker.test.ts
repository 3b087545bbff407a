import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { StageSocket } from '../support/conformance-stage.ts';
import {
  endpointOf,
  loadContract,
  loadShapes,
  type ShapeErrors,
  skipContract as skip,
} from '../support/contract.ts';
import { type Client, eventually, type Reply, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

/** Documented endpoints with the status their example request is answered with. */
const READS = [
  ['flashmm.health', 200],
  ['flashmm.health.detailed', 200],
  ['flashmm.trading.status', 200],
  ['flashmm.trading.positions', 200],
  ['flashmm.trading.orders', 200],
  ['flashmm.metrics.trading', 200],
] as const;

describe('FlashMM as documented, on a venue as it starts by itself', { skip }, () => {
  let server: ServerProcess;
  let client: Client;
  let shapeErrors: ShapeErrors;
  const directory = openTemporaryDirectory();
  const sockets: StageSocket[] = [];
  const contract = skip === false ? loadContract('flashmm') : undefined;

  before(async () => {
    shapeErrors = await loadShapes();
    server = await ServerProcess.start(join(directory.path, 'data'), {
      OPENBELL_MARKET_MAKER: 'on',
      OPENBELL_RATE_LIMITS: 'on',
      OPENBELL_RATE_LIMIT_OVERRIDES:
        'flashmm.trading=10000:1000,flashmm.metrics=10000:1000,flashmm.admin=10000:1000,flashmm.health=10000:1000',
    });
    client = await server.login();
    await eventually('the maker quotes and is filled', async () => {
      const { body } = await client.get('/api/v1/trading/status');
      const quotes = body.markets?.every((one: Data) => one.our_spread_bps !== null);
      return quotes && body.totals.total_trades > 2 ? true : undefined;
    });
  });
  after(async () => {
    for (const socket of sockets) socket.close();
    await server?.end('SIGKILL');
    directory.remove();
  });

  const example = (id: string): Data =>
    contract === undefined ? {} : endpointOf(contract, id).responseExample;
  const socketExample = (name: string): Data =>
    contract?.ws[0].serverMessages.find((each) => each.name === name)?.example;

  function send(id: string, body?: object): Promise<Reply> {
    assert.ok(contract !== undefined);
    const documented = endpointOf(contract, id);
    const [method, path] = documented.exampleRequest.split(' ');
    if (method === 'GET') return client.get(path);
    return client.post(path, body ?? documented.requestExample);
  }

  for (const [id, status] of READS) {
    it(`${id} answers its example request in its documented shape`, async () => {
      const reply = await send(id);
      assert.equal(reply.status, status, JSON.stringify(reply.body));
      assert.deepEqual(shapeErrors(example(id), reply.body), []);
      assert.equal(reply.headers.get('api-version'), 'v1');
      for (const name of contract?.rateLimitHeaders ?? []) {
        if (name !== 'Retry-After') assert.ok(reply.headers.has(name), name);
      }
    });
  }

  it('what depends on a model says that there is none', async () => {
    for (const id of ['flashmm.ml.predictions', 'flashmm.ml.modelInfo']) {
      const reply = await send(id);
      assert.equal(reply.status, 503);
      assert.equal(reply.body.error.code, 'MODEL_UNAVAILABLE');
      assert.deepEqual(shapeErrors(contract?.errorFormat.example, reply.body), []);
    }
  });

  it('an unknown pair is named, with those that there are', async () => {
    const reply = await client.get('/api/v1/trading/positions?symbol=INVALID%2FPAIR');
    assert.equal(reply.status, 400);
    assert.deepEqual(reply.body.error.details, {
      supported_symbols: ['SEI/USDC', 'ETH/USDC'],
      provided_symbol: 'INVALID/PAIR',
    });
    assert.equal(reply.body.error.code, 'INVALID_SYMBOL');
  });

  it('the figures of one moment agree with each other', async () => {
    const { body: positions } = await client.get('/api/v1/trading/positions');
    let total = 0;
    for (const one of positions.positions) {
      const parts = one.spread_capture_usdc + one.inventory_pnl_usdc - one.fees_usdc;
      const whole = one.realized_pnl_usdc + one.unrealized_pnl_usdc;
      assert.ok(Math.abs(parts - whole) < 1e-7, `${one.symbol}: ${parts} is not ${whole}`);
      total += one.position_usdc;
    }
    const { portfolio_summary: summary } = positions;
    assert.ok(Math.abs(total - summary.total_position_usdc) < 1e-6);
    const used = (Math.abs(total) / summary.total_limit_usdc) * 100;
    assert.ok(Math.abs(used - summary.risk_utilization_percent) < 0.1);
    const history = await client.get('/api/v1/trading/positions?include_history=true');
    assert.ok(history.body.positions[0].history.length >= 1);
    const metrics = (await client.get('/api/v1/metrics/trading?period=1h')).body;
    assert.equal(metrics.period, '1h');
    const markets: Data[] = Object.values(metrics.by_market);
    const trades = markets.reduce((sum, one) => sum + one.trades, 0);
    assert.equal(trades, metrics.summary.total_trades);
  });

  it('orders are listed by state, page by page', async () => {
    const { body: all } = await client.get('/api/v1/trading/orders?limit=1000');
    assert.ok(all.active_orders.length >= 4 && all.recent_fills.length >= 2);
    const { body: active } = await client.get('/api/v1/trading/orders?status=active&limit=2');
    assert.equal(active.active_orders.length, 2);
    assert.equal(active.pagination.has_more, true);
    assert.deepEqual([active.recent_fills, active.closed_orders], [[], []]);
    const path = '/api/v1/trading/orders?symbol=ETH%2FUSDC&status=filled';
    const { body: filled } = await client.get(path);
    assert.ok(filled.recent_fills.every((one: Data) => one.symbol === 'ETH/USDC'));
    const { body: none } = await client.get('/api/v1/trading/orders?end_time=2001-01-01T00:00:00Z');
    assert.equal(none.recent_fills.length, 0);
    for (const query of ['limit=1001', 'status=open', 'start_time=yesterday', 'nope=1']) {
      assert.equal((await client.get(`/api/v1/trading/orders?${query}`)).status, 400, query);
    }
  });

  it('all five channels speak as documented', async () => {
    const socket = new StageSocket(server.webSocketUrl('/ws/live-data'), {});
    sockets.push(socket);
    await socket.send({ action: 'authenticate', token: client.token });
    await socket.next('answer', ({ type }) => type === 'authenticated');
    await socket.send({
      action: 'subscribe',
      channels: [
        'trading.SEI/USDC',
        'trading.ETH/USDC',
        'positions',
        'predictions.SEI/USDC',
        'system.health',
        'orders.SEI/USDC',
        'orders.ETH/USDC',
      ],
    });
    const none = await socket.next('refusal', ({ type }) => type === 'error');
    assert.equal(none.error.code, 'MODEL_UNAVAILABLE');
    const quote = await socket.next(
      'quote',
      ({ type, data }) => type === 'quote_update' && data.our_spread_bps !== null,
    );
    assert.deepEqual(shapeErrors(socketExample('trading quote_update'), quote), []);
    assert.ok(quote.data.orders_active >= 2 && quote.data.quote_generated_at !== null);
    const position = await socket.next(
      'position',
      ({ type, data }) => type === 'position_update' && data.last_trade !== null,
    );
    assert.deepEqual(shapeErrors(messageExample('position_update'), position), []);
    const health = await socket.next('health', ({ type }) => type === 'health_update');
    assert.deepEqual(shapeErrors(messageExample('health_update'), health), []);
    assert.equal(health.data.components.trading_engine, 'active');
    const filled = await eventually('an order is filled', () =>
      socket.heard.find(({ type }) => type === 'order_filled'),
    );
    assert.deepEqual(shapeErrors(messageExample('order_filled'), filled), []);
    const { data } = filled;
    assert.equal(Number(data.filled) + Number(data.remaining), Number(data.size));
  });

  function messageExample(part: string): Data {
    const found = contract?.ws[0].serverMessages.find(({ name }) => name.includes(part));
    assert.ok(found !== undefined, `${part} is documented`);
    return found.example;
  }

  it('pause, orders in the paused market, resume', async () => {
    const paused = await send('flashmm.admin.pause');
    assert.equal(paused.status, 200, JSON.stringify(paused.body));
    assert.deepEqual(shapeErrors(example('flashmm.admin.pause'), paused.body), []);
    assert.deepEqual(paused.body.affected_markets, ['SEI/USDC']);
    assert.ok(paused.body.orders_cancelled >= 1);
    const waitMs = Date.parse(paused.body.resume_at) - Date.parse(paused.body.paused_at);
    assert.equal(waitMs, 300_000);
    const order = { exchange: 'sei', side: 'buy', type: 'limit', quantity: 1, price: 0.3 };
    const refused = await client.post('/v1/trading/orders', { ...order, symbol: 'SEI/USDC' });
    assert.equal(refused.status, 503);
    assert.equal(refused.body.error.code, 'TRADING_PAUSED');
    const status = (await client.get('/api/v1/trading/status')).body;
    const [sei, eth] = status.markets;
    assert.deepEqual([sei.status, sei.active_orders, eth.status], ['paused', 0, 'trading']);
    const resumed = await send('flashmm.admin.resume');
    assert.equal(resumed.status, 200);
    assert.deepEqual(shapeErrors(example('flashmm.admin.resume'), resumed.body), []);
    assert.ok(resumed.body.orders_placed >= 2, JSON.stringify(resumed.body));
  });

  it('emergency stop until an administrator resumes', async () => {
    const wrong = await send('flashmm.admin.emergencyStop', { confirmation: 'yes', reason: 'x' });
    assert.equal(wrong.status, 400);
    const stopped = await send('flashmm.admin.emergencyStop');
    assert.equal(stopped.status, 200, JSON.stringify(stopped.body));
    assert.deepEqual(shapeErrors(example('flashmm.admin.emergencyStop'), stopped.body), []);
    assert.match(stopped.body.incident_id, /^inc_\d{8}_001$/);
    assert.equal(stopped.body.emergency_contacts_notified, false, 'nobody is configured');
    const status = (await client.get('/api/v1/trading/status')).body;
    assert.deepEqual([status.status, status.trading_enabled], ['emergency_stopped', false]);
    assert.ok(status.markets.every((one: Data) => one.active_orders === 0));
    const again = await client.post('/api/v1/admin/resume', undefined);
    assert.equal(again.body.status, 'active', JSON.stringify(again.body));
    const audit = (await client.get('/api/auth/audit?action=trading.')).body;
    assert.deepEqual(
      audit.entries.map(({ action }: { action: string }) => action),
      ['trading.resumed', 'trading.emergency_stopped', 'trading.resumed', 'trading.paused'],
    );
  });
});
