import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ANSWERS_FILE } from '../../src/openapi/recorded-answers.ts';
import { ApiDocument } from '../support/api-document.ts';
import { ApiStory, type Told } from '../support/api-story.ts';
import type { HeaderSet } from '../support/credentials.ts';
import { ADMIN_PASSWORD, eventually, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const PASSWORD = 'a password nobody guesses';
/** What needs something that this server has not, and is refused as the document says. */
const UNAVAILABLE =
  /^\/coinmarketcap\/|\/analysis\/|^\/api\/ml\/|\/v1\/ml\/|^\/api\/v1\/trading\/config/;
/** What ends the session of who calls it. */
const OF_JOHN = new Set(['/api/auth/logout', '/api/auth/password']);

describe('every example of the OpenAPI document, on a new server', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let story: ApiStory;
  let admin: HeaderSet;
  const told: Told[] = [];

  before(async () => {
    server = await ServerProcess.start(join(directory.path, 'data'), {
      // What risk rests on.
      OPENBELL_SIMULATION_HISTORY: 'on',
    });
    story = new ApiStory(server.url, await ApiDocument.of(server.url));
    admin = await login('admin', ADMIN_PASSWORD);
    await eventually('prices', async () => {
      const reply = await fetch(`${server.url}/api/market/trending`, { headers: { ...admin } });
      const { most_active: active } = (await reply.json()) as { most_active: object[] };
      return active.length >= 5 ? active : undefined;
    });
    await eventually('a past', async () => {
      for (const symbol of ['AAPL', 'MSFT', 'BTC-USDT']) {
        const path = `/api/market/historical/${symbol}?period=1y`;
        const reply = await fetch(server.url + path, { headers: { ...admin } });
        const { data } = (await reply.json()) as { data: object[] };
        if (data.length < 100) return undefined;
      }
      return true;
    });
    const page = await (await fetch(`${server.url}/docs`)).text();
    const [, script] = /\/docs\/assets\/(swagger-start[^"]*)/.exec(page) ?? [];
    story.keep('/docs/assets', 'file', script);
  });
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  async function login(email: string, password: string): Promise<HeaderSet> {
    const reply = await fetch(`${server.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    assert.equal(reply.status, 200);
    const { access_token: token } = (await reply.json()) as { access_token: string };
    return { authorization: `Bearer ${token}` };
  }

  it('every operation answers its example as it is described', async () => {
    const silent: string[] = [];
    const refused: string[] = [];
    for (const operation of story.operations) {
      const { method, path } = operation;
      const caller = OF_JOHN.has(path) ? await login('john@desk.example', PASSWORD) : admin;
      const one = await story.tell(operation, caller);
      if (one === undefined) silent.push(`${method} ${path}`);
      else {
        told.push(one);
        const what = `${method} ${one.path}: ${one.status} ${JSON.stringify(one.body)}`;
        const isGone = one.status === 404 && isOtherSpelling(method, path);
        if (one.status >= 300 && !UNAVAILABLE.test(path) && !isGone)
          refused.push(what.slice(0, 600));
      }
    }
    assert.deepEqual(refused, [], 'examples are what a new venue serves');
    assert.deepEqual(silent, [], 'an example of the path parameters, or a POST that makes one');
  });

  it('the answers can be told again, as those in the document', () => {
    assert.ok(told.length >= 60, `${told.length} answers`);
    if (process.env.OPENBELL_RECORD_ANSWERS !== '1') return;
    const answers = told
      .filter(({ status, headers }) => status < 300 && isJson(headers))
      .filter(({ operation }) => !/\.json$|jwks/.test(operation.path))
      .map(({ operation, body }) => [operation.described.operationId, shown(body)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(ANSWERS_FILE, `${JSON.stringify(Object.fromEntries(answers), null, 2)}\n`);
  });
});

/** Both spellings of an Entasis path mean the one position that was opened; it is closed once. */
function isOtherSpelling(method: string, path: string): boolean {
  return method === 'DELETE' && path.includes('v1/portfolio/positions/');
}

function isJson(headers: Headers): boolean {
  return headers.get('content-type')?.startsWith('application/json') === true;
}

const LISTED_MAX = 2;
const SECRETS = new Set(['access_token', 'refresh_token', 'secret']);

/** An answer as an example: lists shortened, secrets cut off. */
function shown(value: unknown): unknown {
  if (Array.isArray(value)) {
    // Of a row, every member means something.
    const isList = value.every((item) => typeof item === 'object');
    return (isList ? value.slice(0, LISTED_MAX) : value).map(shown);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      SECRETS.has(name) ? `${String(member).slice(0, 12)}…` : shown(member),
    ]),
  );
}
