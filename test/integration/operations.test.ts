import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Client, eventually, ServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';
import { assertVerified } from '../support/verify-directory.ts';

const STOP = { confirmation: 'EMERGENCY_STOP_CONFIRMED', reason: 'a drill' };
const ORDER = { exchange: 'sei', symbol: 'SEI/USDC', side: 'buy', type: 'limit' };
const MAKER = { OPENBELL_MARKET_MAKER: 'on' };

async function start(
  t: TestContext,
  directory: string,
  env: Record<string, string> = {},
): Promise<{ server: ServerProcess; client: Client }> {
  const server = await ServerProcess.start(directory, env);
  t.after(() => server.end('SIGKILL'));
  return { server, client: await server.login() };
}

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
async function status(client: Client): Promise<any> {
  return (await client.get('/api/v1/trading/status')).body;
}

function quoting(client: Client, what: string): Promise<unknown> {
  return eventually(
    what,
    async () => {
      const { markets } = await status(client);
      // biome-ignore lint/suspicious/noExplicitAny: as above
      return markets.every((one: any) => one.our_spread_bps !== null) ? true : undefined;
    },
    20_000,
  );
}

/** A user with the scopes that registration gives: read and write. */
async function writer(server: ServerProcess): Promise<Client> {
  const body = {
    email: 'w@desk.example',
    username: 'writer',
    password: 'correct horse battery staple',
  };
  const reply = await fetch(`${server.url}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(reply.status, 201, await reply.text());
  return server.login('writer');
}

describe('operators', () => {
  it('stop everything; a stopped venue starts stopped, after kill -9 too, until it is resumed', async (t) => {
    const directory = temporaryDirectory(t);
    let { server, client } = await start(t, directory, MAKER);
    await quoting(client, 'the maker quotes');
    const stopped = await client.post('/api/v1/admin/emergency-stop', STOP);
    assert.equal(stopped.status, 200, JSON.stringify(stopped.body));
    assert.ok(stopped.body.orders_cancelled >= 4);
    await server.end('SIGKILL');
    ({ server, client } = await start(t, directory, MAKER));
    const order = { ...ORDER, quantity: 1, price: 0.3 };
    assert.equal((await client.post('/v1/trading/orders', order)).status, 503);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = await status(client);
    assert.deepEqual([now.status, now.trading_enabled], ['emergency_stopped', false]);
    // biome-ignore lint/suspicious/noExplicitAny: as above
    assert.ok(now.markets.every((one: any) => one.active_orders === 0));
    const config = (await client.get('/api/v1/admin/config')).body;
    assert.equal(config.emergency_stop.incident_id, stopped.body.incident_id);
    const second = await writer(server);
    assert.equal((await second.post('/api/v1/admin/resume', {})).status, 403);
    const others = await second.post('/v1/trading/orders', order);
    assert.equal(others.status, 201, 'other users trade on: the scope is the account');
    const resumed = await client.post('/api/v1/admin/resume', {});
    assert.equal(resumed.body.status, 'active');
    assert.ok(resumed.body.orders_placed >= 4, JSON.stringify(resumed.body));
    await quoting(client, 'the maker quotes again');
    await server.end('SIGTERM');
    assertVerified(directory, 'after a stop and a resumption');
  });

  it('stop with the positions closed', async (t) => {
    const { client } = await start(t, temporaryDirectory(t), MAKER);
    await quoting(client, 'the maker quotes');
    const stop = { ...STOP, flatten_positions: true };
    const stopped = (await client.post('/api/v1/admin/emergency-stop', stop)).body;
    assert.equal(stopped.positions_flattened, true, JSON.stringify(stopped));
    assert.equal(stopped.total_position_usdc, 0);
    const { positions } = (await client.get('/api/v1/trading/positions')).body;
    for (const one of positions) {
      assert.equal(one.base_balance, 0, `${one.symbol}: what was held is sold`);
      const parts = one.spread_capture_usdc + one.inventory_pnl_usdc - one.fees_usdc;
      assert.ok(Math.abs(parts - one.realized_pnl_usdc) < 1e-7);
    }
    const resumed = await client.post('/api/v1/admin/resume', undefined);
    assert.equal(resumed.status, 200);
    await quoting(client, 'it stocks up and quotes again');
  });

  it('pause for a time that goes on over a restart, and ends by itself', async (t) => {
    const directory = temporaryDirectory(t);
    let { server, client } = await start(t, directory, MAKER);
    await quoting(client, 'the maker quotes');
    const body = { markets: ['ETH/USDC'], duration_seconds: 4, reason: 'news' };
    const paused = await (await writer(server)).post('/api/v1/admin/pause', body);
    assert.equal(paused.status, 200, 'scope write may pause the account');
    await server.end('SIGKILL');
    ({ server, client } = await start(t, directory, MAKER));
    const [, eth] = (await status(client)).markets;
    assert.ok(eth.status === 'paused' || Date.now() > Date.parse(paused.body.resume_at));
    await eventually('the pause ends', async () => {
      const { paused_markets } = (await client.get('/api/v1/admin/config')).body;
      return paused_markets.length === 0 ? true : undefined;
    });
    assert.ok(Date.now() >= Date.parse(paused.body.resume_at) - 50);
    await quoting(client, 'the maker quotes in both markets');
    const audit = (await client.get('/api/auth/audit?action=trading.resumed')).body;
    assert.equal(audit.entries[0].details.automatic, true);
  });

  it('choose the venue as the scope: then everybody stands still and the matching halts', async (t) => {
    const { server, client } = await start(t, temporaryDirectory(t));
    const second = await writer(server);
    const config = await fetch(`${server.url}/api/v1/admin/config`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${client.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ control_scope: 'venue' }),
    });
    assert.equal(config.status, 200);
    assert.equal((await second.post('/api/v1/admin/pause', {})).status, 403);
    const resting = await second.post('/v1/trading/orders', { ...ORDER, quantity: 1, price: 0.3 });
    assert.equal(resting.status, 201);
    const stopped = (await client.post('/api/v1/admin/emergency-stop', STOP)).body;
    assert.equal(stopped.orders_cancelled, 1, 'the other user’s order left');
    const refused = await second.post('/v1/trading/orders', { ...ORDER, quantity: 1, price: 0.3 });
    assert.deepEqual([refused.status, refused.body.error.code], [503, 'TRADING_PAUSED']);
    const trades = async (): Promise<number> => {
      const { body } = await client.get('/api/v1/metrics');
      const lines = String(body).match(/^openbell_trades_total\{.*\} (\d+)$/gm) ?? [];
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    };
    const before = await trades();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(await trades(), before, 'nothing is matched');
    assert.equal((await client.post('/api/v1/admin/resume', {})).status, 200);
    await eventually('the matching goes on', async () =>
      (await trades()) > before ? true : undefined,
    );
  });
});
