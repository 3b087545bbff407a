import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { OfflineJournal } from '../../src/cli/offline-journal.ts';
import { IdentityClient } from '../support/identity-client.ts';
import { ADMIN_PASSWORD, eventually, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const ENV = { OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0' };
const PASSWORD = 'secure_password';
const PERSON = { email: 'user@example.com', password: PASSWORD };

describe('accounts under attack, and what a start says of them', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  after(async () => {
    await server.end('SIGKILL');
    directory.remove();
  });

  it('may be tried five times a minute from one address, by whichever of its names', async () => {
    server = await ServerProcess.start(directory.path, ENV);
    const client = new IdentityClient(server.url);
    await client.post('/api/auth/register', {}, { ...PERSON, username: 'victim' });
    const attempt = (email: string, password: string) =>
      client.post('/api/auth/login', {}, { email, password });
    for (let i = 0; i < 5; i += 1) assert.equal((await attempt('victim', 'wrong')).status, 401);
    const limited = await attempt(PERSON.email, PASSWORD);
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers.get('retry-after')) > 0);
    assert.equal(limited.body.error, 'RateLimitExceeded');
    const body = { username: PERSON.email, password: PASSWORD };
    assert.equal((await client.post('/auth/login', {}, body)).status, 429, 'on both surfaces');
  });

  it('stays locked through a restart when it was locked', async () => {
    await server.end('SIGTERM');
    const journal = await OfflineJournal.open(directory.path);
    const { n } = journal.identityEvents.at(-1) as { n: number };
    await journal.record({
      kind: 'AccountLocked',
      n: n + 1,
      atMs: Date.now(),
      origin: { address: '198.51.100.1', requestId: '', byUserId: 0 },
      userId: 2,
      failures: 10,
      untilMs: Date.now() + 3_600_000,
    });
    await journal.close();
    server = await ServerProcess.start(directory.path, ENV);
    const client = new IdentityClient(server.url);
    const credentials = { email: 'victim', password: PASSWORD };
    const locked = await client.post('/api/auth/login', {}, credentials);
    assert.equal(locked.status, 429);
    assert.ok(Number(locked.headers.get('retry-after')) > 3000);
    const { bearer } = await client.login('admin', ADMIN_PASSWORD);
    const { body } = await client.get('/api/auth/users', bearer);
    const { id, locked_until } = body.users[1];
    assert.ok(Date.parse(locked_until) > Date.now());
    await client.send('PATCH', `/api/auth/users/${id}`, bearer, { disabled: false });
    await client.login('victim', PASSWORD);
  });

  it('warns loudly of a weak administrator’s password, and serves', async () => {
    await server.end('SIGKILL');
    const weak = 'x';
    server = await ServerProcess.start(directory.path, { ...ENV, OPENBELL_ADMIN_PASSWORD: weak });
    const line = await eventually('the warning', () =>
      server.log.split('\n').find((each) => each.includes('WEAK PASSWORD')),
    );
    const { level, setting, weakness } = JSON.parse(line);
    assert.equal(level, 40);
    assert.equal(setting, 'OPENBELL_ADMIN_PASSWORD');
    assert.match(weakness, /at least 8/);
    const client = new IdentityClient(server.url);
    const { bearer } = await client.login('admin', weak);
    assert.equal((await client.get('/api/v1/health', bearer)).status, 200);
  });

  it('signs with a pair of keys where it is told to, and shows the public one', async () => {
    await server.end('SIGKILL');
    for (const algorithm of ['RS256', 'ES256']) {
      server = await ServerProcess.start(directory.path, {
        ...ENV,
        OPENBELL_TOKEN_ALGORITHM: algorithm,
      });
      const client = new IdentityClient(server.url);
      const { bearer } = await client.login('admin', ADMIN_PASSWORD);
      assert.equal((await client.get('/api/auth/me', bearer)).status, 200);
      const jwks = await client.get('/.well-known/jwks.json');
      assert.equal(jwks.body.keys.at(-1).alg, algorithm);
      const trail = await client.get('/api/auth/audit?action=signing_key.&limit=1', bearer);
      assert.equal(trail.body.entries[0].details.algorithm, algorithm);
      await server.end('SIGKILL');
    }
    server = await ServerProcess.start(directory.path, ENV);
  });
});
