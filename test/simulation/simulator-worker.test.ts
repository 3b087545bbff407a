import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SIDE_BUY, SIDE_SELL } from '../../src/domain/orders.ts';
import { READER_SESSION, type SessionWiring } from '../../src/rings/roles.ts';
import { SimulatorProxy } from '../../src/simulation/simulator-proxy.ts';
import type { SimulatorWorkerData } from '../../src/simulation/worker-data.ts';
import { NaiveVenue } from '../support/naive-venue.ts';
import { defaultMarkets, PORTFOLIOS, SESSION_ID } from '../support/simulation-run.ts';

const READERS = 3;
const PUMP_MS = 5;

function workerData(venue: NaiveVenue, changes: Partial<SessionWiring> = {}): SimulatorWorkerData {
  return {
    wiring: {
      sessionId: SESSION_ID,
      requestRing: venue.requestRing.buffer,
      reader: READER_SESSION,
      eventRings: [venue.eventRing.buffer],
      eventRingReaders: READERS,
      gatewayBell: new SharedArrayBuffer(128),
      sessionBell: new SharedArrayBuffer(128),
      control: new SharedArrayBuffer(128),
      ...changes,
    },
    markets: defaultMarkets(),
    seed: 51,
    ordersPerSecond: 120,
    portfolioIds: PORTFOLIOS,
    recovered: [],
  };
}

describe("the simulator's thread", () => {
  it('fills every default book in real time, lives, and stops when told', async () => {
    const venue = new NaiveVenue(READERS);
    const failures: Error[] = [];
    const proxy = SimulatorProxy.start(workerData(venue), (error) => failures.push(error));
    await proxy.ready;
    // The wall time is generous: a busy machine is not a failure of the simulator.
    for (let waitedMs = 0; waitedMs < 20_000 && !allDeep(venue); waitedMs += PUMP_MS) {
      venue.pump();
      venue.skipGatewayReader();
      await sleep(PUMP_MS);
    }
    assert.ok(allDeep(venue), 'a default market has no book');
    const seeded = venue.commandCount;
    const loops = proxy.loops();
    for (let i = 0; i < 200; i += 1) {
      venue.pump();
      venue.skipGatewayReader();
      await sleep(PUMP_MS);
    }
    assert.ok(venue.commandCount > seeded, 'it went silent after the start');
    assert.ok(proxy.loops() > loops);
    await proxy.stop();
    assert.deepEqual(failures, []);
  });

  it('tells of a thread that could not start', async () => {
    const venue = new NaiveVenue(READERS);
    const failed = new EventTarget();
    const heard = once(failed, 'failed');
    // A ring made for three readers cannot be read as one made for two.
    const proxy = SimulatorProxy.start(workerData(venue, { eventRingReaders: 2 }), () =>
      failed.dispatchEvent(new Event('failed')),
    );
    await assert.rejects(proxy.ready, /ring capacity/);
    await heard;
    await proxy.stop();
  });
});

function allDeep(venue: NaiveVenue): boolean {
  return defaultMarkets().every(({ id }) => {
    const { book } = venue.market(id);
    return book.levels(SIDE_BUY).length >= 20 && book.levels(SIDE_SELL).length >= 20;
  });
}
