import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FEATURE_NAMES, FEATURE_SCHEMA_HASH } from '../../src/features/feature-schema.ts';
import { ServerProcess } from '../support/server-process.ts';
import { StreamClient } from '../support/stream-client.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

/** On a venue without simulated traders, so that every number is known. */
describe('features over /ws/stream', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let client: StreamClient;
  before(async () => {
    server = await ServerProcess.start(directory.path, {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
      OPENBELL_OPENING_BALANCES: 'USD=1000000,AAPL=1000',
    });
    const rest = await server.login();
    client = await StreamClient.connect(server.webSocketUrl('/ws/stream'));
    await client.ask({ op: 'login', token: rest.token });
  });
  after(async () => {
    client?.close();
    await server?.end('SIGKILL');
    directory.remove();
  });

  const place = (side: string, price: string, quantity: string) =>
    client.ask({
      op: 'order.place',
      market: 'NASDAQ:AAPL',
      side,
      type: 'limit',
      quantity,
      price,
    });

  it('tell the book of a moment, once a command after it is durable', async () => {
    const answer = await client.ask({
      op: 'subscribe',
      channel: 'features',
      market: 'NASDAQ:AAPL',
    });
    assert.deepEqual([answer.schema_hash, answer.names], [FEATURE_SCHEMA_HASH, FEATURE_NAMES]);
    await place('buy', '150.00', '30');
    await place('sell', '150.10', '10');
    await sleep(250);
    // Deep in the book: what it changes is in no row before it.
    await place('buy', '100.00', '1');
    // A reply goes out before what the same drain publishes.
    await client.ask({ op: 'ping' });
    const rows = client.unasked.filter((message) => message.channel === 'features');
    const { seq, prev_seq, venue_time, values } = rows.at(-1);
    const value = (name: string): number | null => values[FEATURE_NAMES.indexOf(name)];
    assert.ok(prev_seq < seq);
    assert.match(venue_time, /\.\d00000Z$/);
    assert.equal(values.length, FEATURE_NAMES.length);
    assert.ok(Math.abs(value('bid_ask_spread')! - (10 / 15_005) * 1e4) < 1e-12);
    assert.equal(value('volume_imbalance_10'), (30 - 10) / (30 + 10));
    assert.equal(value('bid_depth_10'), Math.log1p(30));
    assert.equal(value('order_imbalance'), 0);
    assert.equal(value('price_momentum_60s'), null, 'not seen for so long');
    const ofLast = Math.abs(value('bid_age')! - Math.log1p(0.1));
    assert.ok(ofLast < Math.log1p(1), 'the bid is younger than a second');
  });
});
