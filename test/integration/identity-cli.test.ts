import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { keyHeaders } from '../support/credentials.ts';
import { IdentityClient } from '../support/identity-client.ts';
import { ADMIN_PASSWORD, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
const ENV = { OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0' };

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function openbell(args: string[], env: Record<string, string> = {}, input = ''): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    input,
    env: { ...process.env, ...env },
    timeout: 30_000,
  });
  return { code: status, out: stdout, err: stderr };
}

/** The rows of a command that must succeed. */
// biome-ignore lint/suspicious/noExplicitAny: rows are whatever the command prints
function rows(args: string[], env: Record<string, string> = {}, input = ''): any[] {
  const { code, out, err } = openbell([...args, '--json'], env, input);
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

describe('openbell user and openbell key', () => {
  const directory = openTemporaryDirectory();
  const there = ['--data-dir', directory.path];
  let server: ServerProcess | undefined;
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  it('make users and keys before the first start, and the server knows them', async () => {
    const [ann] = rows(['user', 'add', 'ann', '--email', 'ann@example.com', ...there]);
    assert.match(ann.password, /^[\w-]{20}$/);
    const [bob] = rows(
      ['user', 'add', 'bob', '--scopes', 'read', '--password-stdin', ...there],
      {},
      'the password of bob\n',
    );
    assert.ok(!('password' in bob));
    const [key] = rows(['key', 'add', '--user', 'ann', '--name', 'desk', ...there]);
    const [local] = rows([
      ...['key', 'add', '--user', 'ann', '--name', 'local', '--scopes', 'read,write'],
      ...['--allow', '127.0.0.1', '--allow', '::1', '--expires', '2100-01-01T00:00:00Z', ...there],
    ]);
    assert.deepEqual(local.allowed_ips, ['127.0.0.1', '::1']);
    assert.deepEqual(
      rows(['user', 'list', ...there]).map(({ username }) => username),
      ['ann', 'bob'],
    );
    server = await ServerProcess.start(directory.path, ENV);
    const client = new IdentityClient(server.url);
    const { bearer } = await client.login('ann@example.com', ann.password);
    await client.login('bob', 'the password of bob');
    for (const each of [key, local]) {
      assert.equal((await client.get('/v1/markets/status', keyHeaders(each))).status, 200);
    }
    const order = {
      exchange: 'NASDAQ',
      symbol: 'AAPL',
      side: 'buy',
      type: 'limit',
      quantity: 1,
      price: 150.5,
    };
    const placed = await client.post('/v1/trading/orders', bearer, order);
    assert.equal(placed.status, 201, 'the start opened an account with money');
  });

  it('make nothing where there is nothing, but for a first user', () => {
    for (const args of [
      ['user', 'list'],
      ['user', 'disable', 'ann'],
      ['key', 'list'],
    ]) {
      const { code, err } = openbell([...args, '--data-dir', join(directory.path, 'typo')]);
      assert.equal(code, 1);
      assert.match(err, /there is no journal in .*typo/);
    }
    assert.ok(!existsSync(join(directory.path, 'typo')));
    const odd = openbell(['user', 'add', 'no good', '--data-dir', join(directory.path, 'new')]);
    assert.equal(odd.code, 1);
    assert.match(odd.err, /A username has 3 to 64/);
  });

  it('leave the directory of a server that runs alone, and say what to do', () => {
    const refused = openbell(['user', 'list', ...there]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /is in use by process \d+.*--url/);
  });

  it('do the same over the API of a server that runs', async () => {
    assert.ok(server !== undefined);
    const { url } = server;
    const env = { OPENBELL_ADMIN_PASSWORD: ADMIN_PASSWORD };
    const online = (args: string[], input = '') => rows([...args, '--url', url], env, input);
    online(['user', 'disable', 'bob']);
    const client = new IdentityClient(url);
    await assert.rejects(client.login('bob', 'the password of bob'), /401/);
    online(['user', 'enable', 'bob']);
    online(['user', 'passwd', 'bob', '--password-stdin'], 'another password of bob\n');
    await client.login('bob', 'another password of bob');
    const [made] = online(['user', 'add', 'carol', '--scopes', 'read,admin']);
    assert.deepEqual(made.scopes, ['read', 'admin']);
    const [key] = online(['key', 'add', '--name', 'ops', '--scopes', 'admin']);
    assert.equal((await client.get('/api/auth/audit', keyHeaders(key))).status, 200);
    assert.deepEqual(
      online(['key', 'list']).map(({ name }) => name),
      ['ops'],
    );
    online(['key', 'revoke', key.key]);
    assert.equal((await client.get('/api/auth/audit', keyHeaders(key))).status, 401);
    const wrong = openbell(['user', 'list', '--url', url], { OPENBELL_ADMIN_PASSWORD: 'wrong' });
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /answered 401/);
    const nobody = openbell(['user', 'list', '--url', 'http://127.0.0.1:1'], env);
    assert.match(nobody.err, /does not answer/);
  });

  it('act on a stopped server, in its audit trail too, and the journal stays whole', async () => {
    assert.ok(server !== undefined);
    await server.end('SIGTERM');
    rows(['user', 'disable', 'ann', ...there]);
    rows(['user', 'passwd', 'carol', '--password-stdin', ...there], {}, 'carols new password\n');
    const [key] = rows(['key', 'list', '--user', 'ann', ...there]);
    const [revoked] = rows(['key', 'revoke', key.key, ...there]);
    assert.equal(revoked.status, 'revoked');
    const other = { ...ENV, OPENBELL_ADMIN_USERNAME: 'bob' };
    await assert.rejects(
      ServerProcess.start(directory.path, other),
      /OPENBELL_ADMIN_USERNAME is "bob": there is a user of this name who is no administrator/,
    );
    const verified = openbell(['verify', ...there, '--json']);
    assert.equal(JSON.parse(verified.out).ok, true, verified.out);
    server = await ServerProcess.start(directory.path, ENV);
    const client = new IdentityClient(server.url);
    const { bearer } = await client.login('carol', 'carols new password');
    const { body } = await client.get('/api/auth/audit?limit=5', bearer);
    assert.deepEqual(
      body.entries.map(({ action }: { action: string }) => action),
      [
        'login.succeeded',
        'api_key.revoked',
        'user.password_changed',
        'user.disabled',
        'login.failed',
      ],
    );
    assert.deepEqual([body.entries[1].ip, body.entries[1].actor], [null, null]);
  });

  it('refuse what makes no sense, with a sentence and exit code 2', () => {
    for (const args of [
      ['user'],
      ['user', 'dance', 'ann'],
      ['user', 'add'],
      ['user', 'list', 'ann'],
      ['user', 'add', 'ann', 'bob'],
      ['user', 'add', 'x', '--password', 'secret'],
      ['key', 'add', '--url', 'http://127.0.0.1:1', '--data-dir', '/nowhere'],
      ['key', 'revoke'],
    ]) {
      const { code, out, err } = openbell(args);
      assert.equal(code, 2, args.join(' '));
      assert.ok((out + err).length > 10, args.join(' '));
    }
    assert.match(openbell(['user', '--help']).out, /passwd NAME/);
    assert.match(openbell(['key', '--help']).out, /--allow ADDRESS/);
  });
});
