import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FaultShim } from '../support/fault-shim.ts';
import { type Client, eventually, ServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';
import { assertVerified } from '../support/verify-directory.ts';

const ENV = {
  OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
  OPENBELL_OPENING_BALANCES: 'USD=100000000',
};
const HOUR = 3600;
/** Shorter than an access token lives. */
const STEP = 1200;

/** Times as the book has them: venue time of its newest event, and that event's sequence. */
interface Moment {
  readonly ms: number;
  readonly sequence: number;
}

describe('a wall clock that is set while the server runs', () => {
  it('venue time follows it forward, never back, not even across a restart', async (t) => {
    const shim = FaultShim.open(t);
    if (shim === undefined) return;
    const directory = temporaryDirectory(t);
    const moments: Moment[] = [];
    let server = await ServerProcess.start(directory, { ...ENV, ...shim.env });
    t.after(() => server.end('SIGKILL'));
    let client = await server.login();
    const look = async (): Promise<Moment> => {
      const moment = await trade(client);
      const before = moments.at(-1);
      if (before !== undefined) {
        assert.ok(moment.ms >= before.ms, `${before.ms} ms, then ${moment.ms}`);
        assert.ok(moment.sequence > before.sequence, 'sequences go on');
      }
      moments.push(moment);
      return moment;
    };

    const start = await look();
    shim.setClock(STEP);
    const ahead = await eventually('venue time follows the wall forward', async () => {
      const moment = await look();
      return moment.ms - start.ms >= STEP * 1000 ? moment : undefined;
    });
    shim.setClock(0);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const back = await look();
    assert.ok(back.ms > ahead.ms && back.ms - ahead.ms < 60_000, 'it goes on from there');
    await eventually('both steps are counted', async () => {
      const { body } = await client.get('/metrics');
      const counted = ['forward', 'back'].map(
        (way) => `openbell_clock_jumps_total{direction="${way}"} 1`,
      );
      const lag = Number(/openbell_clock_wall_lag_seconds ([\d.]+)/.exec(body)?.[1]);
      return counted.every((text) => body.includes(text)) && lag > STEP - 60 ? true : undefined;
    });
    assert.match(server.log, /the wall clock was set/);
    await server.end('SIGKILL');

    // The machine comes back with a wall that is a day behind the journal.
    shim.setClock(-24 * HOUR);
    server = await ServerProcess.start(directory, { ...ENV, ...shim.env });
    client = await server.login();
    const restarted = await look();
    assert.ok(restarted.ms - back.ms < 60_000, 'it goes on from the newest time in the journal');
    assert.equal((await server.end('SIGTERM')).code, 0);
    assertVerified(directory, 'after the clock was set');
  });
});

async function trade(client: Client): Promise<Moment> {
  const order = { exchange: 'NASDAQ', symbol: 'AAPL', side: 'buy', type: 'limit' };
  const placed = await client.post('/v1/trading/orders', { ...order, quantity: 1, price: 100 });
  assert.equal(placed.status, 201, JSON.stringify(placed.body));
  const { data } = (await client.get('/v1/markets/NASDAQ/orderbook/AAPL')).body;
  assert.equal(data.timestamp, placed.body.data.timestamp);
  return { ms: Date.parse(data.timestamp), sequence: data.sequence };
}
