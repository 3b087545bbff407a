import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Prng } from '../../src/lib/prng.ts';
import { type Client, type Reply, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';
import { assertConserved, assertVerified } from '../support/verify-directory.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env.OPENBELL_FAULT_ROUNDS ?? 1);
/** Requests that are under way at once. */
const LANES = 6;
const ENV = {
  OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
  // Snapshots and the removal of old batches happen within a round.
  OPENBELL_SNAPSHOT_INTERVAL_KIB: '16',
  OPENBELL_RETAIN_SNAPSHOTS: '1',
};

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

/** What clients were told, by id; `undefined` once they were told that it is gone. */
class Told {
  readonly portfolios = new Map<string, Data>();
  readonly holdings = new Map<string, string | undefined>();
  readonly transfers = new Map<string, Data>();
  readonly alerts = new Map<string, boolean>();
  /** Ids of which a request was sent and not answered: either outcome is right. */
  readonly unsure = new Set<string>();
}

/**
 * The rule: whatever was acknowledged of portfolios, holdings, transfers and alerts before the process
 * died is there afterwards, what was taken away is not, and cash is what the transfers add up to.
 */
describe('kill -9 in the middle of arranging portfolios', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess | undefined;
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  it(`loses nothing that was acknowledged (seed ${SEED}, ${ROUNDS} rounds)`, async (t) => {
    const prng = new Prng(SEED);
    const told = new Told();
    for (let round = 1; round <= ROUNDS; round += 1) {
      const where = `seed ${SEED}, round ${round}`;
      server = await ServerProcess.start(directory.path, ENV);
      const client = await server.login();
      await check(client, told, where);
      let alive = true;
      const lanes = Array.from({ length: LANES }, async () => {
        while (alive) await arrange(client, told, prng).catch(unlessCutOff);
      });
      await new Promise((resolve) => setTimeout(resolve, prng.integer(400, 900)));
      alive = false;
      await server.end('SIGKILL');
      await Promise.all(lanes);
    }
    server = await ServerProcess.start(directory.path, ENV);
    await check(await server.login(), told, `seed ${SEED}, at the end`);
    assert.equal((await server.end('SIGTERM')).code, 0);
    assertVerified(directory.path, `seed ${SEED}, at the end`);
    await assertConserved(directory.path, `seed ${SEED}, at the end`);
    const counts = [told.portfolios, told.transfers, told.holdings, told.alerts];
    t.diagnostic(`acknowledged: ${counts.map(({ size }) => size).join(', ')}`);
    for (const { size } of counts) assert.ok(size > 2 * ROUNDS, 'every kind was under way');
  });
});

/** A connection that the kill has cut off is what this is about; anything else is a failure. */
function unlessCutOff(error: unknown): void {
  if (!(error instanceof TypeError)) throw error;
}

/** One request of any kind; what it changed is noted only when it was answered. */
async function arrange(client: Client, told: Told, prng: Prng): Promise<void> {
  const ids = [...told.portfolios.keys()].filter((id) => told.portfolios.get(id) !== undefined);
  const id = ids.length === 0 ? undefined : ids[prng.integer(0, ids.length - 1)];
  const dice = prng.integer(0, 9);
  if (id === undefined || (dice === 0 && ids.length < 60)) {
    const { status, body } = await client.post('/api/portfolios/', { name: `p${ids.length}` });
    if (status === 201) told.portfolios.set(body.id, { name: body.name });
  } else if (dice <= 3) {
    const direction = prng.chance(0.7) ? 'in' : 'out';
    const amount = prng.integer(1, 500) / 100;
    const reply = await client.post(`/api/portfolios/${id}/transfers`, { direction, amount });
    if (reply.status === 201) told.transfers.set(reply.body.id, reply.body);
  } else if (dice <= 5) {
    const body = { symbol: 'AAPL', quantity: prng.integer(1, 9), price: 100 };
    const reply = await client.post(`/api/portfolios/${id}/positions`, body);
    if (reply.status === 201) told.holdings.set(reply.body.id, id);
  } else if (dice === 6) {
    const own = [...told.holdings].filter(([, portfolio]) => portfolio !== undefined);
    const one = own[prng.integer(0, Math.max(0, own.length - 1))]?.[0];
    if (one !== undefined) await remove(client, `/api/positions/${one}`, one, told, told.holdings);
  } else if (dice === 7) {
    const terms = { type: 'price', symbol: 'AAPL', condition: 'above', price: 1000 };
    const { status, body } = await client.post('/api/alerts/', terms);
    if (status === 201) told.alerts.set(body.id, true);
  } else if (dice === 8) {
    const own = [...told.alerts].filter(([, isThere]) => isThere).map(([alert]) => alert);
    const one = own[prng.integer(0, Math.max(0, own.length - 1))];
    if (one !== undefined) await remove(client, `/api/alerts/${one}`, one, told, told.alerts);
  } else await client.get('/api/portfolios/');
}

async function remove(
  client: Client,
  path: string,
  id: string,
  told: Told,
  from: Map<string, unknown>,
): Promise<void> {
  told.unsure.add(id);
  const { status }: Reply = await client.delete(path);
  assert.ok(status === 200 || status === 404, `${path}: ${status}`);
  if (status === 200) {
    from.set(id, undefined);
    told.unsure.delete(id);
  }
}

async function check(client: Client, told: Told, where: string): Promise<void> {
  const { portfolios } = (await client.get('/api/portfolios/')).body;
  const listed = new Map<string, Data>(portfolios.map((one: Data) => [one.id, one]));
  for (const [id, { name }] of told.portfolios) {
    assert.equal(listed.get(id)?.name, name, `${where}: portfolio ${id}`);
  }
  const transfers = new Map<string, Data>();
  const positions = new Map<string, Data>();
  for (const { id, cash_balance: cash } of portfolios) {
    const page = (await client.get(`/api/portfolios/${id}/transfers?limit=1000`)).body;
    assert.equal(page.next_cursor, null);
    let sum = 0;
    for (const one of page.transfers) {
      transfers.set(one.id, one);
      sum += Math.round(one.amount * 1e6) * (one.direction === 'in' ? 1 : -1);
    }
    assert.equal(sum, Math.round(cash * 1e6), `${where}: cash of ${id} is what came and went`);
    const held = (await client.get(`/api/portfolios/${id}/positions`)).body.positions;
    for (const one of held) positions.set(one.id, id);
  }
  for (const [id, transfer] of told.transfers) {
    assert.deepEqual(transfers.get(id), transfer, `${where}: transfer ${id}`);
  }
  for (const [id, portfolio] of told.holdings) {
    if (!told.unsure.has(id)) assert.equal(positions.get(id), portfolio, `${where}: holding ${id}`);
    else told.holdings.set(id, positions.get(id));
  }
  const { alerts } = (await client.get('/api/alerts/')).body;
  const active = new Set<string>(alerts.map((one: Data) => one.id));
  for (const [id, isThere] of told.alerts) {
    if (told.unsure.has(id)) told.alerts.set(id, active.has(id));
    else assert.equal(active.has(id), isThere === true, `${where}: alert ${id}`);
  }
  told.unsure.clear();
}
