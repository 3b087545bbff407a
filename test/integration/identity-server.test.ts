import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { keyHeaders } from '../support/credentials.ts';
import { IdentityClient, ListeningSocket } from '../support/identity-client.ts';
import { ADMIN_PASSWORD, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const ENV = { OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0', OPENBELL_LOG_LEVEL: 'debug' };
const PASSWORD = 'secure_password';
const NEXT_PASSWORD = 'an even better one';
const ORDER = {
  exchange: 'NASDAQ',
  symbol: 'AAPL',
  side: 'buy',
  type: 'limit',
  quantity: 1,
  price: 150.5,
};
const PERSON = {
  email: 'user@example.com',
  password: PASSWORD,
  first_name: 'John',
  last_name: 'Doe',
};

/** Users as they are: over the wire, with a real journal behind them, killed and started again. */
describe('users, keys and sessions on a server', () => {
  const directory = openTemporaryDirectory();
  const logs: string[] = [];
  let server: ServerProcess;
  let client: IdentityClient;

  before(async () => {
    server = await ServerProcess.start(directory.path, ENV);
    client = new IdentityClient(server.url);
    client.secrets.add(ADMIN_PASSWORD);
  });
  after(async () => {
    await server.end('SIGKILL');
    directory.remove();
  });

  async function killAndRestart(): Promise<void> {
    await server.end('SIGKILL');
    logs.push(server.log);
    server = await ServerProcess.start(directory.path, ENV);
    client.url = server.url;
  }

  it('registers a user who has money and trades, and knows them after a kill', async () => {
    const registered = await client.post('/api/auth/register', {}, PERSON);
    assert.equal(registered.status, 201, JSON.stringify(registered.body));
    const { id, created_at, ...rest } = registered.body;
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(rest, {
      email: 'user@example.com',
      first_name: 'John',
      last_name: 'Doe',
      username: 'user@example.com',
      scopes: ['read', 'write'],
    });
    assert.equal((await client.post('/api/auth/register', {}, PERSON)).status, 409);
    const { bearer } = await client.login(PERSON.email, PASSWORD);
    const placed = await client.post('/v1/trading/orders', bearer, ORDER);
    assert.equal(placed.status, 201, JSON.stringify(placed.body));
    const path = `/v1/trading/orders/${placed.body.data.order_id}`;
    const { bearer: admin } = await client.login('admin', ADMIN_PASSWORD);
    assert.equal((await client.get(path, admin)).status, 404, 'another user’s order');
    assert.equal((await client.send('DELETE', path, admin)).status, 404);
    await killAndRestart();
    assert.equal((await client.get(path, bearer)).status, 200, 'token, user and order are there');
    const me = await client.get('/api/auth/me', bearer);
    assert.equal(me.body.id, id);
    const flashmm = await client.post(
      '/auth/login',
      {},
      { username: PERSON.email, password: PASSWORD },
    );
    assert.equal(flashmm.status, 200);
    assert.equal(flashmm.body.scope, 'read write');
  });

  it('rotates refresh tokens, and remembers the used ones through a kill', async () => {
    const { bearer, refreshToken } = await client.login(PERSON.email, PASSWORD);
    const refresh = (token: string) =>
      client.post('/api/auth/refresh', {}, { refresh_token: token });
    const second = await refresh(refreshToken);
    assert.equal(second.status, 200);
    assert.equal(second.headers.get('cache-control'), 'no-store');
    await killAndRestart();
    const third = await refresh(second.body.refresh_token);
    assert.equal(third.status, 200);
    assert.equal((await client.get('/api/auth/me', bearer)).status, 200);
    assert.equal((await refresh(refreshToken)).status, 401, 'used before the kill');
    assert.equal((await client.get('/api/auth/me', bearer)).status, 401, 'the session ended');
    assert.equal((await refresh(third.body.refresh_token)).status, 401);
    await killAndRestart();
    assert.equal((await client.get('/api/auth/me', bearer)).status, 401, 'and stays so');
  });

  it('refreshes by Bearer alone, as it is documented', async () => {
    const { bearer, refreshToken } = await client.login(PERSON.email, PASSWORD);
    const byAccess = await client.post('/api/auth/refresh', bearer);
    assert.equal(byAccess.status, 200);
    assert.deepEqual(Object.keys(byAccess.body), [
      'access_token',
      'token_type',
      'expires_in',
      'refresh_token',
    ]);
    const byRefresh = { authorization: `Bearer ${refreshToken}` };
    assert.equal((await client.post('/api/auth/refresh', byRefresh)).status, 200);
    assert.equal((await client.post('/api/auth/refresh', {})).status, 401);
    const wrong = await client.post('/api/auth/refresh', {}, { refresh_token: 'nonsense' });
    assert.equal(wrong.status, 401);
    assert.equal(wrong.body.error, 'AuthenticationError');
  });

  it('keeps keys, their secrets void and their users disabled through a kill', async () => {
    const { bearer } = await client.login(PERSON.email, PASSWORD);
    const make = async (body: object) => {
      const made = await client.post('/api/auth/api-keys', bearer, { name: 'k', ...body });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      return made.body;
    };
    const [kept, revoked, rotated] = [
      await make({ scopes: ['read', 'write'], allowed_ips: ['127.0.0.0/8'] }),
      await make({}),
      await make({}),
    ];
    const path = (key: string) => `/api/auth/api-keys/${key}`;
    const gone = await client.send('DELETE', path(revoked.key), bearer);
    assert.deepEqual([gone.status, gone.body.status], [200, 'revoked']);
    const turned = await client.post(`${path(rotated.key)}/rotate`, bearer);
    assert.notEqual(turned.body.secret, rotated.secret);
    const { bearer: admin } = await client.login('admin', ADMIN_PASSWORD);
    const foreign = await client.post(`${path(kept.key)}/rotate`, admin);
    assert.equal(foreign.status, 404, 'another user’s key');
    await killAndRestart();
    const status = async (key: { key: string; secret: string }) =>
      (await client.get('/v1/markets/status', keyHeaders(key))).status;
    assert.equal(await status(kept), 200);
    assert.equal(await status(turned.body), 200);
    assert.equal(await status(rotated), 401);
    assert.equal(await status(revoked), 401);
    const list = await client.get('/api/auth/api-keys', keyHeaders(kept));
    const [first, ...others] = list.body.api_keys;
    assert.equal(others.length, 1);
    assert.ok(!('secret' in first) && first.last_used_at !== null);
    assert.equal(first.last_used_ip, '127.0.0.1');
    const more = await client.post('/api/auth/api-keys', keyHeaders(kept), { name: 'x' });
    assert.equal(more.status, 403, 'a key makes no keys');
  });

  it('closes the sockets of a credential that ends, with 4401', async () => {
    const orders = `${server.url}/v1/ws/orders`;
    const { bearer } = await client.login(PERSON.email, PASSWORD);
    const token = bearer.authorization.replace('Bearer ', '');
    const made = await client.post('/api/auth/api-keys', bearer, { name: 'ws' });
    const byHeader = new ListeningSocket(orders, bearer);
    const byQuery = new ListeningSocket(`${orders}?token=${token}`);
    const byKey = new ListeningSocket(orders, keyHeaders(made.body));
    const byMessage = new ListeningSocket(orders);
    await byMessage.opened;
    byMessage.send({ action: 'authenticate', token });
    await byMessage.message('authenticated');
    const placed = await client.post('/v1/trading/orders', bearer, ORDER);
    for (const socket of [byHeader, byQuery, byKey, byMessage]) {
      await socket.message(`"order_id":"${placed.body.data.order_id}"`);
    }
    await client.send('DELETE', `/api/auth/api-keys/${made.body.key}`, bearer);
    assert.equal(await byKey.closed, 4401);
    await client.post('/api/auth/logout', bearer);
    for (const socket of [byHeader, byQuery, byMessage]) assert.equal(await socket.closed, 4401);
    assert.equal(await new ListeningSocket(orders, bearer).closed, 4401, 'nor does it open one');
    const wrong = keyHeaders({ ...made.body, secret: 'wrong' });
    assert.equal(await new ListeningSocket(orders, wrong).closed, 4401);
  });

  it('takes orders over the native stream with a key, until it is revoked', async () => {
    const { bearer } = await client.login(PERSON.email, PASSWORD);
    const request = { name: 'native', scopes: ['read', 'write'] };
    const { body: made } = await client.post('/api/auth/api-keys', bearer, request);
    const socket = new ListeningSocket(`${server.url}/ws/stream`);
    await socket.opened;
    socket.send({ op: 'login', id: 'l', api_key: made.key, api_secret: made.secret });
    assert.equal((await socket.message('"id":"l"')).user, PERSON.email);
    const place = {
      op: 'order.place',
      market: 'NASDAQ:AAPL',
      side: 'buy',
      type: 'limit',
      quantity: '1',
      price: '150.50',
    };
    socket.send({ ...place, id: 'first' });
    assert.equal((await socket.message('"id":"first"')).type, 'order');
    await client.send('DELETE', `/api/auth/api-keys/${made.key}`, bearer);
    socket.send({ ...place, id: 'second' });
    assert.equal((await socket.message('"id":"second"')).code, 'UNAUTHORIZED');
    socket.send({ op: 'login', id: 'm', api_key: made.key, api_secret: made.secret, token: 'x' });
    assert.equal((await socket.message('"id":"m"')).code, 'INVALID_REQUEST');
    socket.close();
  });

  it('changes a password: every session ends, the reply begins a new one', async () => {
    const { bearer, refreshToken } = await client.login(PERSON.email, PASSWORD);
    const socket = new ListeningSocket(`${server.url}/v1/ws/orders`, bearer);
    await socket.opened;
    const change = (body: object) => client.post('/api/auth/password', bearer, body);
    const weak = await change({ current_password: PASSWORD, new_password: 'short' });
    assert.equal(weak.status, 422);
    assert.ok(!JSON.stringify(weak.body).includes('"short"'));
    const wrong = await change({ current_password: 'wrong one', new_password: NEXT_PASSWORD });
    assert.equal(wrong.status, 401);
    const changed = await change({ current_password: PASSWORD, new_password: NEXT_PASSWORD });
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    assert.equal(await socket.closed, 4401);
    assert.equal((await client.get('/api/auth/me', bearer)).status, 401);
    const stale = await client.post('/api/auth/refresh', {}, { refresh_token: refreshToken });
    assert.equal(stale.status, 401);
    const fresh = { authorization: `Bearer ${changed.body.access_token}` };
    assert.equal((await client.get('/api/auth/me', fresh)).status, 200);
    await killAndRestart();
    await assert.rejects(client.login(PERSON.email, PASSWORD), /401/);
    await client.login(PERSON.email, NEXT_PASSWORD);
  });

  it('lets administrators make, disable and enable users, and nobody else', async () => {
    const { bearer: admin } = await client.login('admin', ADMIN_PASSWORD);
    const { bearer: user } = await client.login(PERSON.email, NEXT_PASSWORD);
    const body = { username: 'reader', password: 'readers password', scopes: ['read'] };
    assert.equal((await client.post('/api/auth/users', user, body)).status, 403);
    const made = await client.post('/api/auth/users', admin, body);
    assert.equal(made.status, 201);
    const reader = await client.login('reader', 'readers password');
    const path = `/api/auth/users/${made.body.id}`;
    assert.equal((await client.send('PATCH', path, user, { disabled: true })).status, 403);
    const disabled = await client.send('PATCH', path, admin, { disabled: true });
    assert.equal(disabled.body.disabled, true);
    assert.equal((await client.get('/api/auth/me', reader.bearer)).status, 401);
    await assert.rejects(client.login('reader', 'readers password'), /401/);
    await client.send('PATCH', path, admin, { disabled: false });
    await client.login('reader', 'readers password');
    const { body: all } = await client.get('/api/auth/users', admin);
    assert.deepEqual(
      all.users.map(({ username }: { username: string }) => username),
      ['admin', PERSON.email, 'reader'],
    );
    const own = all.users[0].id;
    const self = await client.send('PATCH', `/api/auth/users/${own}`, admin, { disabled: true });
    assert.equal(self.status, 409);
  });

  it('tells administrators who did what, from where', async () => {
    const { bearer: admin } = await client.login('admin', ADMIN_PASSWORD);
    const failed = await client.post(
      '/api/auth/login',
      {},
      { email: 'mallory', password: 'guess' },
    );
    assert.equal(failed.status, 401);
    const first = await client.get('/api/auth/audit?limit=1', admin);
    assert.equal(first.status, 200);
    const [entry] = first.body.entries;
    assert.equal(entry.action, 'login.failed');
    const attempt = entry.details.attempts.find(({ name }: { name: string }) => name === 'mallory');
    assert.equal(attempt.address, '127.0.0.1');
    assert.equal(attempt.request_id, failed.headers.get('x-request-id'));
    const seen: { action: string; actor: { username: string } | null }[] = [];
    let next: number | null = first.body.next_before;
    while (next !== null) {
      const { body } = await client.get(`/api/auth/audit?limit=10&before=${next}`, admin);
      seen.push(...body.entries);
      next = body.next_before;
    }
    const actions = new Set(seen.map(({ action }) => action));
    for (const action of [
      'user.registered',
      'login.succeeded',
      'session.logout',
      'session.refresh_token_reused',
      'user.password_changed',
      'user.disabled',
      'user.enabled',
      'api_key.created',
      'api_key.rotated',
      'api_key.revoked',
    ]) {
      assert.ok(actions.has(action), action);
    }
    const byAdmin = seen.find(({ action }) => action === 'user.disabled');
    assert.equal(byAdmin?.actor?.username, 'admin');
    const only = await client.get('/api/auth/audit?action=api_key.', admin);
    assert.ok(
      only.body.entries.every(({ action }: { action: string }) => action.startsWith('api_key.')),
    );
    const unknown = await client.get('/api/auth/audit?user_id=nobody', admin);
    assert.equal(unknown.status, 404);
  });

  it('rotates the signing key while tokens of the former one stay good', async () => {
    const { bearer: admin } = await client.login('admin', ADMIN_PASSWORD);
    const rotated = await client.post('/api/auth/signing-keys/rotate', admin);
    assert.equal(rotated.body.algorithm, 'HS256');
    assert.equal((await client.get('/api/auth/me', admin)).status, 200);
    const { bearer: newer } = await client.login('admin', ADMIN_PASSWORD);
    await killAndRestart();
    for (const bearer of [admin, newer]) {
      assert.equal((await client.get('/api/auth/me', bearer)).status, 200);
    }
    assert.deepEqual((await client.get('/.well-known/jwks.json')).body, { keys: [] });
  });

  it('never let a secret into the log or the journal', async () => {
    await server.end('SIGTERM');
    logs.push(server.log);
    const log = logs.join('');
    assert.ok(log.length > 100, 'there is a log');
    const files = readdirSync(join(directory.path, 'journal'));
    const journal = files
      .map((name) => readFileSync(join(directory.path, 'journal', name), 'latin1'))
      .join('');
    assert.ok(journal.includes('ApiKeyCreated'), 'and a journal that can be read');
    assert.ok(client.secrets.size > 30, `${client.secrets.size} secrets`);
    for (const secret of client.secrets) {
      // What was refused for being short is also a word.
      if (secret === 'short') continue;
      assert.ok(!log.includes(secret), `the log holds ${secret}`);
      assert.ok(!journal.includes(secret), `the journal holds ${secret}`);
    }
    server = await ServerProcess.start(directory.path, ENV);
  });
});
