import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { StageUser } from '../support/conformance-stage.ts';
import { RiskStage } from '../support/risk-stage.ts';
import { eventually } from '../support/server-process.ts';

/** Simulations of about a second each: three assets on a million paths. */
const HEAVY = {
  positions: [
    { symbol: 'AAPL', value: 1000 },
    { symbol: 'MSFT', value: 2000 },
    { symbol: 'GOOGL', value: 3000 },
  ],
  confidence_level: 0.99,
  paths: 1_000_000,
};
/** A third of a second. */
const MIDDLE = { ...HEAVY, paths: 300_000 };
const QUICK = { ...HEAVY, paths: 1000 };

describe('jobs behind requests', () => {
  let risk: RiskStage;
  let user: StageUser;
  let other: StageUser;

  before(async () => {
    risk = await RiskStage.open({ OPENBELL_JOB_THREADS: '1', OPENBELL_RATE_LIMITS: 'off' });
    user = await risk.user('holder');
    other = await risk.stage.user('other');
  });
  after(async () => risk?.close());

  async function metric(line: string): Promise<number> {
    const text = await (await fetch(`${risk.stage.server.url}/metrics`)).text();
    const found = text.split('\n').find((one) => one.startsWith(`${line} `));
    return found === undefined ? Number.NaN : Number(found.slice(line.length + 1));
  }
  const running = () => metric('openbell_jobs_running{job="portfolio_risk"}');
  const ended = (end: string) => metric(`openbell_jobs_total{job="portfolio_risk",end="${end}"}`);
  const idle = () =>
    eventually('no job runs', async () => ((await running()) === 0 ? true : undefined));

  it('more than a user may have under way are 429 with Retry-After, in the surface’s shape', async () => {
    const replies = await Promise.all(
      Array.from({ length: 12 }, () => user.send('POST', '/api/risk/var', MIDDLE)),
    );
    const statuses = replies.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [...Array(8).fill(200), ...Array(4).fill(429)]);
    const refused = replies.find(({ status }) => status === 429)!;
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.equal(refused.body.error, 'RateLimitExceeded');
    assert.equal(refused.body.details.code, 'TOO_MANY_JOBS');
    assert.equal(await ended('refused'), 4);
    // Another user is not kept out by that.
    assert.equal((await other.send('POST', '/api/risk/var', QUICK)).status, 200);
  });

  it('a client that goes away takes its jobs with it, running and waiting', async () => {
    await idle();
    const [doneBefore, cancelledBefore] = [await ended('done'), await ended('cancelled')];
    const sockets = await Promise.all([1, 2, 3].map(() => openRequest(user, HEAVY)));
    await eventually('a job runs', async () => ((await running()) === 1 ? true : undefined));
    for (const socket of sockets) socket.destroy();
    const cancelled = cancelledBefore + 3;
    await eventually('all are cancelled', async () =>
      (await ended('cancelled')) === cancelled ? true : undefined,
    );
    await idle();
    assert.equal(await ended('done'), doneBefore, 'none of them came to its end');
    const next = await user.send('POST', '/api/risk/var', QUICK);
    assert.equal(next.status, 200, 'the thread is there for others');
  });

  it('while jobs run, everything else is answered', async () => {
    const heavy = [1, 2, 3].map(() => user.send('POST', '/api/risk/var', HEAVY));
    await eventually('a job runs', async () => ((await running()) === 1 ? true : undefined));
    for (let i = 0; i < 20; i += 1) {
      assert.equal((await user.get('/api/market/quote/AAPL')).status, 200);
    }
    assert.equal(await running(), 1, 'the jobs took longer than that');
    for (const reply of await Promise.all(heavy)) assert.equal(reply.status, 200);
  });

  it('a shutdown does not wait for what nobody wants', async () => {
    const socket = await openRequest(user, { ...HEAVY, time_horizon: 5 });
    await eventually('a job runs', async () => ((await running()) === 1 ? true : undefined));
    socket.destroy();
    const { code } = await risk.stage.server.end('SIGTERM');
    assert.equal(code, 0, risk.stage.server.log);
  });
});

/** Sends a request over a socket of its own, and does not wait for the reply. */
async function openRequest({ url, bearer }: StageUser, body: object) {
  const { hostname, port } = new URL(url);
  const text = JSON.stringify(body);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    socket.write(
      `POST /api/risk/var HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: ${bearer.authorization}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      () => resolve(),
    );
  });
  return socket;
}
