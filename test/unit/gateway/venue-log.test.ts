import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineRoute } from '../../../src/gateway/http/route.ts';
import { VenueLog, VenueLogError } from '../../../src/gateway/venue-log.ts';
import { Doorbell } from '../../../src/rings/doorbell.ts';
import { Ring, RingProducer } from '../../../src/rings/ring.ts';
import { StandingClock } from '../../support/one-thread-venue.ts';
import { startTestServer } from '../../support/test-server.ts';

const FACT = { kind: 'FundsDeposited', portfolioId: 2, asset: 'USD', amountUnits: 1 } as const;

test('who waits for a fact is told when nothing becomes durable any more', async () => {
  const ring = Ring.create(1 << 12, 2);
  const log = new VenueLog(new RingProducer(ring), new Doorbell(), new StandingClock(), 0);
  const durable = log.record(FACT);
  log.becameDurable(1);
  await durable;
  const waiting = log.record(FACT);
  log.abandon('journal: no space left on device');
  await assert.rejects(waiting, VenueLogError);
  await assert.rejects(log.record(FACT), /no space left/);
});

test('a full ring refuses', async () => {
  const ring = Ring.create(1 << 10, 2);
  const log = new VenueLog(new RingProducer(ring), new Doorbell(), new StandingClock(), 0);
  const written = Array.from({ length: 100 }, () => log.record(FACT));
  const results = Promise.allSettled(written);
  log.abandon('over');
  const reasons = (await results).map((each) => String((each as PromiseRejectedResult).reason));
  assert.ok(reasons.some((reason) => reason.includes('ring is full')));
});

test('a request whose fact cannot become durable is answered with 503', async () => {
  const server = await startTestServer({
    extraRoutes: [
      defineRoute({
        surface: 'octopus',
        method: 'GET',
        path: '/api/lost',
        summary: 'for this test',
        auth: 'public',
        scope: null,
        limit: 'default',
        successStatus: 200,
        handler: () => Promise.reject(new VenueLogError('the disk is full')),
      }),
    ],
  });
  try {
    const reply = await server.request('/api/lost');
    const body = (await reply.json()) as { error: string; details: { code: string } };
    assert.equal(reply.status, 503);
    assert.deepEqual(
      [body.error, body.details.code],
      ['ServiceUnavailable', 'JOURNAL_UNAVAILABLE'],
    );
    assert.ok(reply.headers.has('retry-after'));
    assert.equal(server.logged.length, 0, 'the failure of the journal is logged elsewhere');
  } finally {
    server.close();
  }
});
