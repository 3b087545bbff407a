import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import type { AlertDesk } from '../../src/gateway/alerts/alert-desk.ts';
import type { Route } from '../../src/gateway/http/route.ts';
import type { MakerDesk } from '../../src/gateway/maker/maker-desk.ts';
import type { StrategyDesk } from '../../src/gateway/strategies/strategy-desk.ts';
import type { Desks } from '../../src/gateway/surface-module.ts';
import type { Webhooks } from '../../src/gateway/webhooks/webhooks.ts';
import type { SystemFigures } from '../../src/metrics/system-figures.ts';
import { allRoutes, allSurfaces, SURFACES } from '../../src/surfaces/all.ts';
import { BAD_CREDENTIALS, Credentials, type HeaderSet } from '../support/credentials.ts';
import { assertErrorCode, assertErrorShape } from '../support/error-shapes.ts';
import { ServerProcess } from '../support/server-process.ts';
import { addressOf, pingOf } from '../support/socket-paths.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';
import { startTestServer } from '../support/test-server.ts';

const table = await startTestServer();
/** Every desk a server has, also those that the test server has not; none of them is called. */
const desks: Required<Desks> = {
  ...table.parts,
  strategies: {} as StrategyDesk,
  alerts: {} as AlertDesk,
  maker: {} as MakerDesk,
  webhooks: {} as Webhooks,
};
const figures = {} as SystemFigures;
const routes = allRoutes({ ...table.parts, ...desks, figures });
table.close();

/** Every WebSocket path, with the surface whose errors it tells. */
const SOCKETS = SURFACES.flatMap(({ name: surface, sockets }) =>
  sockets.map((socket) => ({ ...socket, surface })),
);

/** Surfaces that document no secret: there a key alone may read, and nothing else. */
const readWithKeyAlone = new Set(
  allSurfaces()
    .filter(({ keyAlone }) => keyAlone === true)
    .map(({ name }) => name),
);

/**
 * Every parameter that a path has. `owned`: names something of one user's, and another one's is not
 * found. `open`: names what everybody may see. `admin`: only administrators get so far. A parameter
 * that is missing here fails the test below.
 */
const PARAMETERS: Readonly<Record<string, 'owned' | 'open' | 'admin'>> = {
  exchange: 'open',
  symbol: 'open',
  interval: 'open',
  order_id: 'owned',
  portfolio_id: 'owned',
  alert_id: 'owned',
  // Administrators' are the venue's own, and nobody else gets so far.
  webhook_id: 'owned',
  key: 'owned',
  user_id: 'admin',
  position_id: 'owned',
  // Of the catalogue, which is everybody's.
  strategy_id: 'open',
  // Of the pages' own scripts and styles.
  file: 'open',
};

/** What the routes' paths are filled in with: the administrator's own things. */
interface Property {
  readonly order_id: string;
  readonly key: string;
  readonly portfolio_id: string;
  readonly alert_id: string;
  readonly webhook_id: string;
}

/** Good bodies of routes to what is somebody's, which is looked for only once the body is read. */
const BODIES: Readonly<Record<string, object>> = {
  'PUT /api/portfolios/{portfolio_id}': { name: 'theirs' },
  'POST /api/portfolios/{portfolio_id}/positions': { symbol: 'AAPL', quantity: 1, price: 1 },
  'POST /api/portfolios/{portfolio_id}/transfers': { direction: 'out', amount: 1 },
};

describe('every route × every bad credential', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let credentials: Credentials;
  let property: Property;
  before(async () => {
    server = await ServerProcess.start(join(directory.path, 'data'), {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
    });
    credentials = await Credentials.of(server.url, join(directory.path, 'data'));
    property = await ownSomething(server.url, credentials.admin);
  });
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  const send = async (route: Route, headers: HeaderSet) => {
    const url = server.url + pathOf(route.path, property);
    const good = BODIES[`${route.method} ${route.path}`];
    const reply = await fetch(url, {
      method: route.method,
      headers: { ...headers, ...(good && { 'content-type': 'application/json' }) },
      body: good && JSON.stringify(good),
    });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, text };
  };

  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    if (route.auth === 'public') {
      it(`${name} is public: no credential makes a difference`, async () => {
        const { status } = await send(route, {});
        for (const bad of BAD_CREDENTIALS) {
          const { headers } = credentials.bad(bad, 'read') ?? { headers: {} };
          assert.equal((await send(route, headers)).status, status, bad);
        }
      });
      continue;
    }
    it(`${name} refuses every one`, async () => {
      for (const bad of BAD_CREDENTIALS) {
        const offered = credentials.bad(bad, route.scope);
        // Scrapers on this machine need none, and a route of no scope none in particular.
        if (offered === undefined) continue;
        if (bad === 'none' && route.auth !== 'required') continue;
        const { status, headers, text } = await send(route, offered.headers);
        if (bad === 'key without its secret' && readWithKeyAlone.has(route.surface)) {
          assert.notEqual(status, 401, name);
          assert.equal(status === 403, route.scope !== 'read', `${name}: ${status}`);
          continue;
        }
        const what = `${name}, ${bad}: ${text.slice(0, 200)}`;
        const expected = expectedStatus(route, offered.status);
        assert.ok(expected.includes(status), `${status} ${what}`);
        if (status !== 401 && status !== 403) continue;
        assertErrorShape(route.surface, status, JSON.parse(text), what);
        if (status === 401) assert.match(String(headers.get('www-authenticate')), /^Bearer /, what);
      }
    });
  }

  it('every path parameter is known to be owned or open', () => {
    for (const { path } of routes) {
      for (const [, parameter] of path.matchAll(/\{(\w+)\+?\}/g)) {
        assert.ok(parameter in PARAMETERS, `${path}: say whose {${parameter}} is`);
      }
    }
  });

  it('what belongs to another user is not found', async () => {
    let checked = 0;
    for (const route of routes) {
      const parameters = [...route.path.matchAll(/\{(\w+)\+?\}/g)].map(
        ([, parameter]) => parameter,
      );
      // Who is no administrator is refused before anything is looked up.
      if (route.scope === 'admin') continue;
      if (!parameters.some((parameter) => PARAMETERS[parameter] === 'owned')) continue;
      const what = `${route.method} ${route.path}`;
      const theirs = await send(route, credentials.otherUser);
      assert.equal(theirs.status, 404, `${what}: ${theirs.text}`);
      assertErrorShape(route.surface, 404, JSON.parse(theirs.text), what);
      checked += 1;
    }
    assert.ok(checked >= 4, `${checked} routes`);
    const order = { ...ORDER, portfolio_id: await portfolioOf(server.url, credentials.admin) };
    const placed = await post(server.url, '/v1/trading/orders', credentials.otherUser, order);
    assert.equal(placed.status, 404, 'an order for another user’s portfolio');
  });

  it('what belongs to the caller is found: the refusals above are of the credential alone', async () => {
    const paths = [`/v1/trading/orders/${property.order_id}`, '/api/auth/me', '/api/v1/health'];
    for (const path of paths) {
      const reply = await fetch(server.url + path, { headers: { ...credentials.admin } });
      assert.equal(reply.status, 200, path);
    }
  });

  describe('every socket × every bad credential', () => {
    it('the paths below are all that the server has', async () => {
      const reply = await fetch(`${server.url}/metrics`, { headers: { ...credentials.admin } });
      const endpoints = [
        ...(await reply.text()).matchAll(/^openbell_stream_connections\{endpoint="(\w+)"\}/gm),
      ];
      assert.deepEqual(
        endpoints.map(([, endpoint]) => endpoint).sort(),
        SOCKETS.map(({ name }) => name).sort(),
      );
    });

    for (const socket of SOCKETS.filter(({ auth }) => auth === 'required')) {
      it(`${socket.path} closes with 4401`, async () => {
        const path = addressOf(socket);
        await Promise.all(
          BAD_CREDENTIALS.map(async (bad) => {
            const offered = credentials.bad(bad, 'read');
            const heard = await listen(server, path, offered?.headers ?? {});
            assert.equal(heard.code, 4401, bad);
            assertErrorCode(socket.surface, 401, heard.messages[0], bad);
          }),
        );
      });
    }

    for (const socket of SOCKETS.filter(({ auth }) => auth === 'public')) {
      it(`${socket.path} is public`, async () => {
        for (const bad of BAD_CREDENTIALS) {
          const offered = credentials.bad(bad, 'read');
          const client = new WebSocket(server.webSocketUrl(addressOf(socket)), {
            headers: { ...offered?.headers },
          });
          client.on('open', () => client.send(pingOf(socket)));
          await messageWhere(client, ({ type }) => type === 'pong');
          client.terminate();
        }
      });
    }

    it('the one path that is public in part is the native one, whose orders are below', () => {
      const partly = SOCKETS.filter(({ auth }) => auth === 'required_for_own');
      assert.deepEqual(
        partly.map(({ path }) => path),
        ['/ws/stream'],
      );
    });

    it('/ws/stream gives market data to all, and takes orders from nobody with a bad credential', async () => {
      for (const bad of BAD_CREDENTIALS) {
        const offered = credentials.bad(bad, 'write');
        assert.ok(offered !== undefined);
        for (const op of ORDER_OPS) {
          const reply = await askNative(server, offered.headers, op(property));
          const readable = bad === 'insufficient scope' && reply.op === 'order.status';
          // The reader may ask, but the order is the administrator's.
          const codes = readable
            ? ['UNKNOWN_ORDER']
            : [bad === 'insufficient scope' ? 'INSUFFICIENT_SCOPE' : 'UNAUTHORIZED'];
          assert.ok(codes.includes(reply.code), `${bad}, ${reply.op}: ${reply.code}`);
        }
      }
    });

    it('/ws/stream does not find another user’s order', async () => {
      for (const op of ORDER_OPS.slice(1)) {
        const reply = await askNative(server, credentials.otherUser, op(property));
        assert.equal(reply.code, 'UNKNOWN_ORDER', reply.op);
      }
    });
  });
});

const ORDER = {
  exchange: 'NASDAQ',
  symbol: 'AAPL',
  side: 'buy',
  type: 'limit',
  quantity: 1,
  price: 1,
};

const ORDER_OPS = [
  () => ({
    op: 'order.place',
    market: 'NASDAQ:AAPL',
    side: 'buy',
    type: 'limit',
    quantity: '1',
    price: '1.00',
  }),
  ({ order_id }: Property) => ({ op: 'order.cancel', order_id }),
  ({ order_id }: Property) => ({ op: 'order.status', order_id }),
];

/** A refresh without a good token is told apart by its body: nothing was sent to refresh. */
function expectedStatus({ auth }: Route, status: 401 | 403): readonly number[] {
  return auth === 'checked_by_handler' ? [400, 401, 422] : [status];
}

function pathOf(pattern: string, property: Property): string {
  const fill: Readonly<Record<string, string>> = {
    ...property,
    exchange: 'NASDAQ',
    symbol: 'AAPL',
    user_id: '00000000-0000-4000-8000-000000000000',
    position_id: 'pos_1_6_1',
  };
  return pattern.replaceAll(/\{(\w+)\+?\}/g, (_all, name: string) => fill[name] ?? '1');
}

async function post(url: string, path: string, headers: HeaderSet, body: object) {
  const reply = await fetch(url + path, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
  return { status: reply.status, body: (await reply.json()) as any };
}

async function ownSomething(url: string, admin: HeaderSet): Promise<Property> {
  const placed = await post(url, '/v1/trading/orders', admin, ORDER);
  const made = await post(url, '/api/auth/api-keys', admin, { name: 'own', scopes: ['read'] });
  const reply = await fetch(`${url}/api/portfolios/`, { headers: { ...admin } });
  const { portfolios } = (await reply.json()) as { portfolios: { id: string }[] };
  const [{ id: portfolio_id }] = portfolios;
  const terms = { type: 'price', symbol: 'AAPL', condition: 'above', price: 1 };
  const alert = await post(url, '/api/alerts/', admin, terms);
  const hook = await post(url, '/api/webhooks/', admin, { url: 'https://desk.example/hook' });
  const { order_id } = placed.body.data;
  const ids = { order_id, portfolio_id, alert_id: alert.body.id, webhook_id: hook.body.id };
  return { ...ids, key: made.body.key };
}

async function portfolioOf(url: string, admin: HeaderSet): Promise<string> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/stream`, { headers: { ...admin } });
  const { portfolio_id } = await messageWhere(socket, ({ type }) => type === 'logged_in');
  socket.terminate();
  return String(portfolio_id);
}

type Message = Readonly<Record<string, unknown>>;

/** The first message of that kind; several may come at once. */
function messageWhere(socket: WebSocket, wanted: (message: Message) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as Message;
      if (wanted(message)) resolve(message);
    });
    socket.on('close', () => reject(new Error('closed before the message came')));
  });
}

/** What a socket says until it is closed. */
async function listen(server: ServerProcess, path: string, headers: HeaderSet) {
  const socket = new WebSocket(server.webSocketUrl(path), { headers: { ...headers } });
  const messages: unknown[] = [];
  socket.on('message', (text) => messages.push(JSON.parse(String(text))));
  const [code] = (await once(socket, 'close')) as [number];
  return { code, messages };
}

/** The answer to one request of a client that offered a credential with the connection. */
async function askNative(server: ServerProcess, headers: HeaderSet, request: { op: string }) {
  const socket = new WebSocket(server.webSocketUrl('/ws/stream'), { headers: { ...headers } });
  await once(socket, 'open');
  const answer = messageWhere(socket, ({ id }) => id === 'asked');
  socket.send(JSON.stringify({ ...request, id: 'asked' }));
  const { code } = await answer;
  socket.terminate();
  return { op: request.op, code: String(code) };
}
