import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { FAILPOINTS } from '../../src/journal/failpoints.ts';
import { Prng } from '../../src/lib/prng.ts';
import { ServerProcess } from '../support/server-process.ts';
import { StreamClient } from '../support/stream-client.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';
import { assertConserved, assertVerified } from '../support/verify-directory.ts';
import { WITNESS_ENV, Witness } from '../support/witness.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);
/** Every place once; `scripts/nightly` makes it 200. */
const ROUNDS = Number(process.env.OPENBELL_FAULT_ROUNDS ?? FAILPOINTS.length + 1);
/** Rounds between two verifications of the whole directory; every restart checks what was told. */
const VERIFY_EVERY = 5;
const HTTP_LANES = 4;
const SOCKETS = 2;
/** A place that this load does not reach is left by a kill from outside. */
const PATIENCE_MS = 3000;
/** Settings that bring snapshots and the removal of old batches within reach of a round. */
const REACH = { OPENBELL_SNAPSHOT_INTERVAL_KIB: '16', OPENBELL_RETAIN_SNAPSHOTS: '1' };

/**
 * The rule: whatever a client was told before the process died is true after the restart, nothing
 * happened twice, the journal matches again to the same states, and no money was made or lost.
 */
describe('kill -9 in the middle of trading', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess | undefined;
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  it(`loses nothing that was acknowledged (seed ${SEED}, ${ROUNDS} rounds)`, async (t) => {
    const prng = new Prng(SEED);
    const witness = new Witness(prng);
    const deaths = new Map<string, number>();
    for (let round = 1; round <= ROUNDS; round += 1) {
      const place = ['', ...FAILPOINTS][(round - 1) % (FAILPOINTS.length + 1)];
      const failpoint = place === '' ? '' : `${place}:${timesReached(place, prng)}`;
      const where = `seed ${SEED}, round ${round}, ${failpoint || 'killed from outside'}`;
      server = await ServerProcess.start(directory.path, {
        ...WITNESS_ENV,
        ...REACH,
        OPENBELL_FAILPOINT: failpoint,
      });
      const cause = await trade(server, witness, prng, where, failpoint);
      deaths.set(cause, (deaths.get(cause) ?? 0) + 1);
      if (round % VERIFY_EVERY === 0 || round === ROUNDS) assertVerified(directory.path, where);
    }
    server = await ServerProcess.start(directory.path, WITNESS_ENV);
    await witness.check(await server.login(), `seed ${SEED}, after the last round`);
    assert.equal((await server.end('SIGTERM')).code, 0);
    assertVerified(directory.path, `seed ${SEED}, at the end`);
    await assertConserved(directory.path, `seed ${SEED}, at the end`);
    const { told, cancels, fills } = witness;
    t.diagnostic(`${told.size} orders, ${cancels} cancels, ${fills} with fills were acknowledged`);
    t.diagnostic(`deaths: ${[...deaths].map(([name, n]) => `${name} ${n}`).join(', ')}`);
    assert.ok(told.size > 20 * ROUNDS, `only ${told.size} orders were acknowledged`);
    assert.ok(cancels > 0 && fills > 0, `${cancels} cancels, ${fills} fills`);
  });
});

/** Every commit comes by the journal's common places, a snapshot now and then by the others. */
function timesReached(place: string, prng: Prng): number {
  return place.includes('during') ? prng.integer(1, 3) : prng.integer(20, 200);
}

/** Checks, then trades until the process is dead. @returns how it died */
async function trade(
  server: ServerProcess,
  witness: Witness,
  prng: Prng,
  where: string,
  failpoint: string,
): Promise<string> {
  try {
    const client = await server.login();
    await witness.check(client, where);
    const url = `${server.webSocketUrl('/ws/stream')}?token=${client.token}`;
    const sockets = await Promise.all(
      Array.from({ length: SOCKETS }, () => StreamClient.connect(url)),
    );
    const lanes = [
      ...Array.from({ length: HTTP_LANES }, () => witness.tradeOverHttp(client)),
      ...sockets.map((socket) => witness.tradeOverSocket(socket)),
    ];
    const killAfterMs = failpoint === '' ? prng.integer(100, 600) : PATIENCE_MS;
    const timer = setTimeout(() => void server.end('SIGKILL'), killAfterMs);
    const startMs = performance.now();
    await server.ended();
    clearTimeout(timer);
    await Promise.all(lanes);
    const died = failpoint !== '' && performance.now() - startMs < PATIENCE_MS;
    return died ? failpoint.replace(/:\d+$/, '') : 'from outside';
  } catch (error) {
    // A place early in a life may be reached by the checks themselves; anything else is an error.
    const { signal } = await Promise.race([server.ended(), soon()]);
    if (failpoint === '' || signal !== 'SIGKILL' || error instanceof assert.AssertionError)
      throw error;
    return failpoint.replace(/:\d+$/, '');
  }
}

function soon(): Promise<{ signal: string | null }> {
  return new Promise((resolve) => setTimeout(() => resolve({ signal: null }), 500).unref());
}
