import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { type Client, eventually, ServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';
import { assertVerified } from '../support/verify-directory.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const STOP = { confirmation: 'EMERGENCY_STOP_CONFIRMED', reason: 'a drill' };

async function start(
  t: TestContext,
  directory: string,
  env: Record<string, string> = {},
): Promise<{ server: ServerProcess; client: Client }> {
  const server = await ServerProcess.start(directory, {
    // Nobody has to trade here.
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
    ...env,
  });
  t.after(() => server.end('SIGKILL'));
  return { server, client: await server.login() };
}

describe('webhooks', () => {
  it('a receiver that fails twice gets one delivery, signed, over a kill -9 of the server', async (t) => {
    const receiver = await WebhookReceiver.open(2);
    t.after(() => receiver.close());
    const directory = temporaryDirectory(t);
    const env = { OPENBELL_WEBHOOK_PRIVATE_ADDRESSES: 'on', OPENBELL_WEBHOOK_RETRY_MS: '400' };
    let { server, client } = await start(t, directory, env);
    const made = await client.post('/api/v1/admin/webhooks', {
      url: receiver.url,
      events: ['trading.paused'],
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { secret, webhook_id: id } = made.body;
    const pause = { markets: ['SEI/USDC'], reason: 'a drill' };
    assert.equal((await client.post('/api/v1/admin/pause', pause)).status, 200);
    await eventually('the first attempt', () => receiver.received[0]);
    // Its outcome may or may not have become durable: the next run goes on either way.
    await server.end('SIGKILL');
    ({ server, client } = await start(t, directory, env));
    await eventually('it is delivered', () => receiver.received.find((one) => one.status === 204));
    const log = await eventually('the log says so', async () => {
      const { body } = await client.get(`/api/v1/admin/webhooks/${id}/deliveries`);
      return body.deliveries[0]?.status === 'delivered' ? body.deliveries : undefined;
    });
    assert.equal(log.length, 1);
    assert.ok(log[0].attempts === 3 || log[0].attempts === 2, `${log[0].attempts} attempts`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(receiver.received.length, 3, 'failed twice, answered once, and never again');
    assert.equal(new Set(receiver.received.map(({ body }) => body)).size, 1);
    for (const { headers, body } of receiver.received) {
      const message = JSON.parse(body);
      assert.equal(headers['x-openbell-delivery'], log[0].delivery_id);
      assert.deepEqual(
        [message.id, message.event, message.data.reason],
        [log[0].delivery_id, 'trading.paused', 'a drill'],
      );
      const signed = `${headers['x-openbell-timestamp']}.${body}`;
      const mac = createHmac('sha256', secret).update(signed).digest('hex');
      assert.equal(headers['x-openbell-signature'], `sha256=${mac}`);
    }
    assert.ok(!server.log.includes(secret));
    const stop = (await client.post('/api/v1/admin/emergency-stop', STOP)).body;
    assert.equal(stop.emergency_contacts_notified, false, 'the receiver asked for pauses only');
    const removed = await client.delete(`/api/v1/admin/webhooks/${id}`);
    assert.equal(removed.status, 200);
    assert.deepEqual((await client.get('/api/v1/admin/webhooks')).body.webhooks, []);
    await server.end('SIGTERM');
    assertVerified(directory, 'with webhooks');
  });

  it('tell of a stop before the answer; do not lead to private addresses unless a setting allows', async (t) => {
    const receiver = await WebhookReceiver.open(0);
    t.after(() => receiver.close());
    const directory = temporaryDirectory(t);
    const open = await start(t, directory, { OPENBELL_WEBHOOK_PRIVATE_ADDRESSES: 'on' });
    await open.client.post('/api/v1/admin/webhooks', { url: receiver.url });
    const stop = (await open.client.post('/api/v1/admin/emergency-stop', STOP)).body;
    assert.equal(stop.emergency_contacts_notified, true);
    assert.equal(JSON.parse(receiver.received[0].body).data.incident_id, stop.incident_id);
    await open.server.end('SIGTERM');
    const { client } = await start(t, directory, { OPENBELL_WEBHOOK_RETRY_MS: '100000' });
    for (const url of [
      'http://127.0.0.1/x',
      'http://10.1.2.3/',
      'https://[::1]/',
      'https://db.internal/',
      'ftp://a.example/',
      'https://u:p@a.example/',
    ]) {
      const refused = await client.post('/api/v1/admin/webhooks', { url });
      assert.equal(refused.status, 400, url);
    }
    const before = receiver.received.length;
    const resumed = await client.post('/api/v1/admin/resume', undefined);
    assert.equal(resumed.status, 200);
    const failed = await eventually('the attempt is refused', async () => {
      const { body } = await client.get('/api/v1/admin/webhooks/1/deliveries');
      return body.deliveries[0].error === null ? undefined : body.deliveries[0];
    });
    assert.match(failed.error, /no public address/);
    assert.equal(receiver.received.length, before);
  });
});
