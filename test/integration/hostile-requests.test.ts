import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Route } from '../../src/gateway/http/route.ts';
import { Prng } from '../../src/lib/prng.ts';
import { inParallel, sendRaw } from '../support/hostile/exchange.ts';
import { mutated } from '../support/hostile/mutations.ts';
import { pick, validRequest, wire } from '../support/hostile/requests.ts';
import { LONG, Victim } from '../support/hostile/victim.ts';
import { startTestServer } from '../support/test-server.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? 20_261_121);
const PER_SURFACE = LONG ? 6000 : 400;
/** Memory may grow by this much between the first half of an attack and its end. */
const SETTLED_BYTES = 48 * 1024 * 1024;

/** Statuses a spoilt request may get; 505 and 431 are uWebSockets.js' own. */
const EXPECTED = new Set([
  100, 200, 201, 204, 400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 422, 429, 431, 503, 505,
]);

const table = await startTestServer();
const { routes } = table;
table.close();
/** From the route table: a new surface is attacked without being named here. */
const surfaces = [...new Set(routes.map(({ surface }) => surface))];

describe(`spoilt requests, seed ${SEED}`, () => {
  let victim: Victim;
  before(async () => {
    victim = await Victim.start();
  });
  after(() => victim?.stop());

  it('a generated request is valid: what is spoilt was good', async () => {
    const prng = new Prng(SEED);
    for (const route of routes) {
      const token = victim.token(0);
      const request = validRequest(route, prng, `Bearer ${token}`);
      const { statuses } = await sendRaw(victim.port, [wire(request)], { patienceMs: 10_000 });
      const what = `${route.method} ${request.target} ${request.body}`;
      if (request.target.includes('/auth/')) await victim.renew(token);
      assert.equal(statuses.length, 1, what);
      assert.ok(
        ![400, 405, 408, 413, 414, 415, 422, 500].includes(statuses[0]) || isDomain(route),
        `${statuses} ${what}`,
      );
    }
  });

  for (const surface of surfaces) {
    it(`${surface}: ${PER_SURFACE} mutations`, async () => {
      const own = routes.filter((route) => route.surface === surface);
      const seen = new Map<number, number>();
      let answered = 0;
      const attack = async (from: number, count: number): Promise<void> => {
        await inParallel(count, 48, async (index) => {
          // One generator per request: a finding is repeated by its index alone.
          const prng = new Prng(SEED + from + index);
          const route = pick(own, prng);
          const token = victim.token(index);
          const bytes = mutated(validRequest(route, prng, `Bearer ${token}`), prng);
          const { statuses } = await sendRaw(victim.port, [bytes]);
          if (statuses.includes(401)) await victim.renew(token);
          if (statuses.length > 0) answered += 1;
          for (const status of statuses) {
            seen.set(status, (seen.get(status) ?? 0) + 1);
            const sent = JSON.stringify(bytes.toString('latin1').slice(0, 600));
            assert.ok(EXPECTED.has(status), `seed ${SEED + from + index}: ${status} to ${sent}`);
          }
        });
      };
      await attack(0, PER_SURFACE / 2);
      const middle = await victim.residentBytes();
      await attack(PER_SURFACE / 2, PER_SURFACE / 2);
      const grown = (await victim.residentBytes()) - middle;
      await victim.assertUnharmed(`${surface}, ${[...seen].join(' ')}`);
      assert.ok(answered > PER_SURFACE / 10, `${answered} of ${PER_SURFACE} were answered`);
      assert.ok(grown < SETTLED_BYTES, `${surface}: memory grew by ${grown} bytes`);
    });
  }
});

/** Orders have rules that no schema knows (ticks, lots, what goes with what); breaking one is 400 too. */
function isDomain({ path, method, surface, query }: Route): boolean {
  // That surface knows the market maker's markets alone.
  if (surface === 'flashmm' && JSON.stringify(query ?? {}).includes('"symbol"')) return true;
  if (path.endsWith('/portfolio/positions')) return method === 'POST';
  return path === '/v1/trading/orders' && method !== 'DELETE';
}
