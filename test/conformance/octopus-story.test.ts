import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import WebSocket from 'ws';
import { openbell } from '../support/command-line.ts';
import { endpointOf, loadContract, loadShapes, skipContract as skip } from '../support/contract.ts';
import { eventually, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

const MAKER = { email: 'maker@desk.example', password: 'a password nobody guesses' };

/**
 * The document from its first example to its last, as one user's story: register, log in, look up a
 * quote, open a portfolio, place an order, see it filled, hold the position, ask for its risk. The
 * process is killed in the middle, twice, once with a snapshot behind it.
 */
describe('the Octopus story, with kill -9 in the middle', { skip }, () => {
  const directory = openTemporaryDirectory();
  const data = join(directory.path, 'data');
  let server: ServerProcess;
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  const start = async (env: Record<string, string> = {}): Promise<void> => {
    server = await ServerProcess.start(data, {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
      OPENBELL_OPENING_BALANCES: 'USD=1000000,USDT=1000000,USDC=1000000,AAPL=10000',
      ...env,
    });
  };

  async function call(token: string, method: string, path: string, body?: unknown): Promise<Data> {
    const reply = await fetch(server.url + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const told = (await reply.json()) as Data;
    assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${JSON.stringify(told)}`);
    return told;
  }

  it('everything that was acknowledged is there afterwards, to the last digit', async () => {
    const contract = loadContract('octopus');
    const shapeErrors = await loadShapes();
    const example = (id: string): Data => endpointOf(contract, id).requestExample;
    const documented = (id: string, body: Data): Data => {
      const { responseExample } = endpointOf(contract, id);
      if (responseExample !== null) assert.deepEqual(shapeErrors(responseExample, body, id), []);
      return body;
    };
    await start({ OPENBELL_SNAPSHOT_INTERVAL_SECONDS: '1', OPENBELL_SNAPSHOT_INTERVAL_KIB: '16' });

    const credentials = example('octopus.auth.register');
    // The document's own password is one that everybody knows.
    const registered = await call('', 'POST', '/api/auth/register', {
      ...credentials,
      password: MAKER.password,
    });
    documented('octopus.auth.register', registered);
    const login = documented(
      'octopus.auth.login',
      await call('', 'POST', '/api/auth/login', {
        email: credentials.email,
        password: MAKER.password,
      }),
    );
    const token = login.access_token;
    await call('', 'POST', '/api/auth/register', MAKER);
    const { access_token: maker } = await call('', 'POST', '/api/auth/login', MAKER);

    const made = await call(
      token,
      'POST',
      '/api/portfolios/',
      example('octopus.portfolios.create'),
    );
    const id: string = made.id;
    await call(maker, 'POST', '/api/orders/', order({ side: 'sell', quantity: 60, price: 174.98 }));
    await call(maker, 'POST', '/api/orders/', order({ side: 'sell', quantity: 60, price: 175 }));
    const placed = documented(
      'octopus.orders.create',
      await call(token, 'POST', '/api/orders/', {
        ...example('octopus.orders.create'),
        portfolio_id: id,
      }),
    );
    assert.equal(placed.status, 'pending');
    const filled = await call(token, 'GET', `/api/orders/${placed.id}`);
    assert.deepEqual([filled.status, filled.average_price], ['filled', 174.988]);
    const path = `/api/portfolios/${id}`;
    const holding = await call(token, 'POST', `${path}/positions`, {
      ...example('octopus.portfolios.positions.add'),
      symbol: 'MSFT',
    });
    await call(token, 'POST', `${path}/transfers`, {
      direction: 'in',
      amount: 12.34,
      note: 'late',
    });
    await call(token, 'PUT', path, example('octopus.portfolios.update'));
    const open = await call(token, 'POST', '/api/orders', order({ portfolio_id: id, price: 150 }));
    const alert = await call(token, 'POST', '/api/alerts', {
      type: 'price',
      symbol: 'AAPL',
      condition: 'below',
      price: 140,
    });
    const fired = await call(token, 'POST', '/api/alerts', {
      type: 'price',
      symbol: 'AAPL',
      condition: 'above',
      price: 175,
    });
    await eventually('it has fired', async () => (await alertOf(fired.id)).fired_at ?? undefined);
    const gone = await call(token, 'POST', '/api/portfolios', { name: 'gone', initial_cash: 5 });
    await call(token, 'DELETE', `/api/portfolios/${gone.id}?force=true`);

    async function alertOf(alertId: string): Promise<Data> {
      const { alerts } = await call(token, 'GET', '/api/alerts/');
      return alerts.find((one: Data) => one.id === alertId);
    }
    const all = async (): Promise<Data> => ({
      portfolios: documented(
        'octopus.portfolios.list',
        await call(token, 'GET', '/api/portfolios/'),
      ),
      positions: documented(
        'octopus.portfolios.positions.list',
        await call(token, 'GET', `${path}/positions`),
      ),
      orders: await call(token, 'GET', '/api/orders'),
      transfers: await call(token, 'GET', `${path}/transfers`),
      alerts: await call(token, 'GET', '/api/alerts'),
    });
    const before = await all();
    assert.deepEqual(
      before.positions.positions.map((one: Data) => [one.symbol, one.source, one.quantity]),
      [
        ['AAPL', 'orders', 100],
        ['MSFT', 'recorded', 100],
      ],
    );
    await eventually('a snapshot', () => (/snapshot/.test(server.log) ? true : undefined), 8000);

    await server.end('SIGKILL');
    await start();
    assert.deepEqual(await all(), before);

    // Life goes on with the same ids: what is cancelled, removed, reached now was set before.
    const { status } = await call(token, 'PUT', `/api/orders/${open.id}/cancel`);
    assert.equal(status, 'cancelled');
    await call(token, 'DELETE', `/api/positions/${holding.id}`);
    const socket = new WebSocket(server.webSocketUrl(`/ws/notifications?token=${token}`));
    const heard: Data[] = [];
    socket.on('message', (text) => heard.push(JSON.parse(String(text))));
    await eventually('the socket', () => heard[0]);
    await call(maker, 'POST', '/api/orders', order({ side: 'buy', quantity: 1, price: 139 }));
    const sale = order({ portfolio_id: id, side: 'sell', quantity: 1, price: 139 });
    await call(token, 'POST', '/api/orders', sale);
    const told = await eventually('the alert', () => heard.find((one) => one.alert !== undefined));
    assert.deepEqual([told.alert.id, told.value], [alert.id, 139]);
    socket.terminate();
    const risk = await call(token, 'GET', `/api/risk/portfolio/${id}`);
    documented('octopus.risk.portfolio', risk);
    assert.equal(risk.portfolio_id, id);
    const later = await all();
    assert.equal(heard.filter((one) => one.alert !== undefined).length, 1);

    await server.end('SIGKILL');
    await start();
    assert.deepEqual(await all(), later);
    assert.equal((await alertOf(alert.id)).fired_count, 1);
    await server.end('SIGTERM');
    const verified = await openbell(['verify', '--data-dir', data]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  });
});

function order(body: object): object {
  return { symbol: 'AAPL', side: 'buy', order_type: 'limit', quantity: 10, price: 175, ...body };
}
