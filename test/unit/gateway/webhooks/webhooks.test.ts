import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VenueEvent } from '../../../../src/domain/venue-events.ts';
import { Refusal } from '../../../../src/gateway/http/refusal.ts';
import { isPublicAddress, publicLookup } from '../../../../src/gateway/webhooks/public-address.ts';
import { signatureOf } from '../../../../src/gateway/webhooks/send.ts';
import { WebhookState } from '../../../../src/gateway/webhooks/webhook-state.ts';
import { Webhooks } from '../../../../src/gateway/webhooks/webhooks.ts';
import { SystemClock } from '../../../../src/lib/clock.ts';
import { WebhookReceiver } from '../../../support/webhook-receiver.ts';

function scene(allowPrivate = true): {
  state: WebhookState;
  webhooks: Webhooks;
  events: VenueEvent[];
} {
  const state = new WebhookState();
  const events: VenueEvent[] = [];
  let secrets = 0;
  const webhooks = new Webhooks({
    state,
    clock: new SystemClock(),
    record: async (event) => {
      events.push(event);
      state.learn(event);
    },
    newSecret: () => {
      secrets += 1;
      return `secret-${secrets}`;
    },
    seal: (name, secret) => `${name}|${secret}`,
    unseal: (name, sealed) => sealed.slice(name.length + 1),
    allowPrivate,
    retry: { attemptsMax: 3, firstPauseMs: 10, longestPauseMs: 15 },
    log: { warn: () => undefined },
  });
  return { state, webhooks, events };
}

const HOOK = { ownerId: 0, events: [], description: '' };

describe('webhooks', () => {
  it('tell the receivers of an owner what they asked for, and nobody else', async (t) => {
    const receiver = await WebhookReceiver.open(0);
    t.after(() => receiver.close());
    const { webhooks, state } = scene();
    t.after(() => webhooks.stop());
    const { url } = receiver;
    await webhooks.register({ ...HOOK, url, events: ['alert.price'], ownerId: 5 }, 5);
    await webhooks.register({ ...HOOK, url }, 1);
    webhooks.start();
    assert.equal(await webhooks.notify('alert.price', { a: 1 }, 5), 1);
    assert.equal(await webhooks.notify('alert.risk', {}, 5), 0);
    assert.equal(await webhooks.notify('alert.price', {}, 6), 0);
    assert.equal(await webhooks.notifyAndWait('trading.paused', {}, 2000), true);
    for (let i = 0; i < 100 && state.pending().length > 0; i += 1) await sleep(10);
    assert.deepEqual(receiver.received.map(({ headers }) => headers['x-openbell-event']).sort(), [
      'alert.price',
      'trading.paused',
    ]);
    const [delivered] = webhooks.deliveries(1, 10);
    assert.deepEqual(
      [delivered.status, delivered.attempts, delivered.httpStatus],
      ['delivered', 1, 204],
    );
  });

  it('give up after so many attempts, and say why', async (t) => {
    const receiver = await WebhookReceiver.open(99);
    t.after(() => receiver.close());
    const { webhooks, state } = scene();
    t.after(() => webhooks.stop());
    await webhooks.register({ ...HOOK, url: receiver.url }, 1);
    webhooks.start();
    assert.equal(await webhooks.notifyAndWait('x.y', {}, 3000), false);
    const [failed] = webhooks.deliveries(1, 10);
    assert.deepEqual(
      [failed.status, failed.attempts, failed.error],
      ['failed', 3, 'the receiver answered 500'],
    );
    assert.equal(state.pending().length, 0);
    assert.equal(receiver.received.length, 3);
  });

  it('go on from facts and a snapshot where they were', async () => {
    const { webhooks, state, events } = scene();
    await webhooks.register({ ...HOOK, url: 'https://hooks.example/' }, 1);
    await webhooks.notify('x.y', { n: 1 });
    const image = JSON.parse(JSON.stringify(state.image()));
    await webhooks.notify('x.y', { n: 2 });
    const restored = new WebhookState();
    restored.learn(events[0]);
    restored.restore(image);
    restored.learn(events[2]);
    assert.deepEqual(restored.image(), state.image());
    assert.equal(restored.pending().length, 2);
    assert.equal(restored.takeDeliveryId(), 3);
  });

  it('are bounded for each receiver', async () => {
    const { webhooks } = scene();
    await webhooks.register({ ...HOOK, url: 'https://hooks.example/' }, 1);
    for (let i = 0; i < 205; i += 1) await webhooks.notify('x.y', {});
    assert.equal(webhooks.pending, 200);
    assert.equal(webhooks.dropped, 5);
    for (let i = 1; i < 20; i += 1) {
      await webhooks.register({ ...HOOK, url: 'https://hooks.example/' }, 1);
    }
    const refused = await webhooks.register({ ...HOOK, url: 'https://hooks.example/' }, 1);
    assert.ok(refused instanceof Refusal && refused.code === 'TOO_MANY_WEBHOOKS');
  });

  it('sign the time and the body', () => {
    const signature = signatureOf('secret', 1_700_000_000, '{"a":1}');
    assert.match(signature, /^sha256=[0-9a-f]{64}$/);
    assert.notEqual(signature, signatureOf('secret', 1_700_000_001, '{"a":1}'));
    assert.notEqual(signature, signatureOf('other', 1_700_000_000, '{"a":1}'));
  });
});

describe('public addresses', () => {
  it('are those of one host in the Internet', () => {
    for (const address of ['93.184.216.34', '1.1.1.1', '2606:4700::1111']) {
      assert.equal(isPublicAddress(address), true, address);
    }
    const others = ['127.0.0.1', '10.0.0.1', '172.31.0.1', '192.168.1.1', '169.254.169.254'];
    others.push('100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1');
    others.push('fd00::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '2001:db8::1', 'nonsense');
    for (const address of others) assert.equal(isPublicAddress(address), false, address);
  });

  it('are all that a name is resolved to', async () => {
    const failure = await new Promise<Error | null>((resolve) => {
      publicLookup('localhost', {}, (error) => resolve(error));
    });
    assert.equal(failure?.name, 'PrivateAddressError');
  });
});
