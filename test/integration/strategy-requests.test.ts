import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import type { WireStrategy } from '../../schemas/velocimex-strategies.ts';
import { CATALOGUE } from '../../src/strategies/catalogue.ts';
import { ADMIN_PASSWORD, Client, type Reply, ServerProcess } from '../support/server-process.ts';
import { performanceWhen, strategy } from '../support/strategy-client.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const ENV = {
  OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
  OPENBELL_OPENING_BALANCES: 'USD=1000000,USDT=1000000,AAPL=1000',
};

describe('requests about strategies', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let client: Client;

  before(async () => {
    server = await ServerProcess.start(directory.path, ENV);
    client = await server.login();
  });

  after(async () => {
    await server.end('SIGTERM');
    directory.remove();
  });

  const refused = (reply: Reply, status: number, parameter: string, value: unknown): void => {
    const text = JSON.stringify(reply.body);
    assert.equal(reply.status, status, text);
    assert.equal(reply.body.error.code, 'INVALID_PARAMETER', text);
    assert.equal(reply.body.error.details.parameter, parameter, text);
    assert.equal(reply.body.error.details.value, value, text);
  };

  const deploy = (id: string, body?: unknown): Promise<Reply> =>
    client.post(`/v1/strategies/${id}/deploy`, body);

  it('lists the catalogue with schemas that the defaults fit', async () => {
    const { status, body } = await client.get('/v1/strategies');
    assert.equal(status, 200);
    assert.equal(body.status, 'ok');
    const strategies: WireStrategy[] = body.data.strategies;
    assert.deepEqual(
      strategies.map(({ id }) => id),
      CATALOGUE.map(({ id }) => id),
    );
    for (const { parameter_schema, parameters, status: state, description } of strategies) {
      assert.ok(new Ajv({ strict: false }).validate(parameter_schema, parameters));
      assert.equal(state, 'stopped');
      assert.ok(description.length > 20);
    }
  });

  it('refuses what is wrong and names it', async () => {
    refused(await deploy('alchemy'), 404, 'strategy_id', 'alchemy');
    const momentum = (parameters: object): Promise<Reply> => deploy('momentum', { parameters });
    refused(await momentum({ entry_bps: -1 }), 400, 'parameters.entry_bps', '-1');
    refused(await momentum({ fast_samples: 'ten' }), 400, 'parameters.fast_samples', 'ten');
    refused(await momentum({ magic: 1 }), 400, 'parameters.magic', '1');
    refused(await deploy('momentum', { leverage: 3 }), 400, 'leverage', '3');
    refused(
      await deploy('momentum', { markets: [{ exchange: 'binance', symbol: 'DOGE/USDT' }] }),
      404,
      'markets',
      'binance:DOGE/USDT',
    );
    refused(
      await deploy('arbitrage', { markets: [{ exchange: 'binance', symbol: 'BTC/USDT' }] }),
      400,
      'markets',
      'binance:BTC-USDT',
    );
    const two = [
      { exchange: 'binance', symbol: 'BTC/USDT' },
      { exchange: 'hyperliquid', symbol: 'BTC' },
    ];
    const reply = await deploy('arbitrage', { markets: two });
    refused(reply, 400, 'markets', 'binance:BTC-USDT, hyperliquid:BTC-USDC');
    assert.match(reply.body.error.message, /one quote asset/);
    refused(await deploy('momentum', { portfolio_id: 1 }), 404, 'portfolio_id', '1');
    const idle = await client.post('/v1/strategies/momentum/stop', undefined);
    refused(idle, 409, 'strategy_id', 'momentum');
    assert.equal((await strategy(client, 'momentum')).status, 'stopped');
  });

  it('runs once for each user, and shows nobody another’s', async () => {
    const other = await newUser(server, client, 'second', ['read', 'write']);
    assert.equal((await deploy('mean_reversion')).status, 201);
    refused(await deploy('mean_reversion'), 409, 'strategy_id', 'mean_reversion');
    assert.equal((await strategy(other, 'mean_reversion')).status, 'stopped');
    refused(
      await other.post('/v1/strategies/mean_reversion/stop', undefined),
      409,
      'strategy_id',
      'mean_reversion',
    );
    assert.equal((await other.post('/v1/strategies/mean_reversion/deploy', {})).status, 201);
    const [mine, theirs] = [client, other].map((one) => strategy(one, 'mean_reversion'));
    assert.notEqual((await mine).portfolio_id, (await theirs).portfolio_id);
    for (const one of [client, other]) {
      const stopped = await one.post('/v1/strategies/mean_reversion/stop', undefined);
      assert.equal(stopped.status, 200);
    }
    const reader = await newUser(server, client, 'reader', ['read']);
    assert.equal((await reader.get('/v1/strategies')).status, 200);
    assert.equal((await reader.post('/v1/strategies/momentum/deploy', {})).status, 403);
    const nobody = new Client(server.url, 'no token');
    assert.equal((await nobody.get('/v1/strategies')).status, 401);
  });

  it('takes other parameters while it runs, and refuses those that are none', async () => {
    assert.equal((await deploy('momentum', { parameters: { entry_bps: 9 } })).status, 201);
    const configure = (parameters: object): Promise<Reply> =>
      client.post('/v1/strategies/momentum/configure', { parameters });
    const changed = await configure({ exit_bps: 2 });
    assert.equal(changed.status, 200);
    assert.equal(changed.body.data.parameters.entry_bps, 9, 'what is not given stays');
    assert.equal(changed.body.data.parameters.exit_bps, 2);
    refused(await configure({ exit_bps: 1e9 }), 400, 'parameters.exit_bps', '1000000000');
    assert.equal((await strategy(client, 'momentum')).parameters.exit_bps, 2);
    assert.equal((await client.post('/v1/strategies/momentum/stop', undefined)).status, 200);
    refused(await configure({ exit_bps: 3 }), 409, 'strategy_id', 'momentum');
  });

  it('trades for a portfolio of the caller’s own without touching the caller’s orders', async () => {
    const mine = { exchange: 'NASDAQ', symbol: 'AAPL', side: 'buy', type: 'limit', quantity: 10 };
    const placed = await client.post('/v1/trading/orders', { ...mine, price: 100 });
    const portfolioId = placed.body.data.portfolio_id;
    const ask = { ...mine, side: 'sell', price: 101 };
    await client.post('/v1/trading/orders', ask);
    const deployed = await deploy('market_making', {
      markets: [{ exchange: 'NASDAQ', symbol: 'AAPL' }],
      portfolio_id: portfolioId,
      parameters: { target_inventory: 0, min_spread_bps: 50, max_spread_bps: 80, stale_ms: 600000 },
    });
    assert.equal(deployed.body.data.portfolio_id, portfolioId);
    assert.equal(deployed.body.data.performance.positions[0].quantity, 0, 'its own fills only');
    await other(client, ask);
    const quoting = await performanceWhen(
      client,
      'market_making',
      'quotes',
      (p) => p.open_orders > 0,
    );
    assert.equal(quoting.fills, 0);
    const stopped = await client.post('/v1/strategies/market_making/stop', undefined);
    assert.equal(stopped.body.data.performance.open_orders, 0);
    const order = await client.get(`/v1/trading/orders/${placed.body.data.order_id}`);
    assert.equal(order.body.data.status, 'open');
  });
});

/** A price that moves: a maker measures for two seconds before it quotes. */
async function other(client: Client, ask: object): Promise<void> {
  for (let i = 0; i < 6; i += 1) {
    await client.post('/v1/trading/orders', { ...ask, price: 101.5 + i / 100 });
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function newUser(
  server: ServerProcess,
  admin: Client,
  username: string,
  scopes: string[],
): Promise<Client> {
  const made = await admin.post('/api/auth/users', { username, password: ADMIN_PASSWORD, scopes });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return server.login(username);
}
