import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Prng } from '../../src/lib/prng.ts';
import { SURFACES } from '../../src/surfaces/all.ts';
import { inParallel, sendRaw } from '../support/hostile/exchange.ts';
import { frame, OP_PING, OP_TEXT, spoilt, upgrade } from '../support/hostile/frames.ts';
import { pick } from '../support/hostile/requests.ts';
import { LONG, Victim } from '../support/hostile/victim.ts';
import { addressOf, pingOf } from '../support/socket-paths.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? 20_261_121);
const PER_PATH = LONG ? 6000 : 400;
const SETTLED_BYTES = 48 * 1024 * 1024;

/** Every WebSocket path with messages that it serves, by its label in the metrics. */
const SOCKETS = SURFACES.flatMap(({ name: surface, sockets }) =>
  sockets.map((socket) => ({
    surface,
    name: socket.name,
    path: addressOf(socket),
    messages: socket.requests.map((request) => JSON.stringify(request)),
    ping: pingOf(socket),
  })),
);

describe(`spoilt frames, seed ${SEED}`, () => {
  let victim: Victim;
  before(async () => {
    victim = await Victim.start();
  });
  after(() => victim?.stop());

  it('the paths attacked are all that the server has', async () => {
    const text = (await victim.client.get('/api/v1/metrics')).body as string;
    const endpoints = [...text.matchAll(/^openbell_stream_connections\{endpoint="(\w+)"\}/gm)];
    assert.deepEqual(
      new Set(endpoints.map(([, endpoint]) => endpoint)),
      new Set(SOCKETS.map(({ name }) => name)),
    );
  });

  for (const { path, messages } of SOCKETS) {
    it(`${path}: ${PER_PATH} mutations`, async () => {
      let upgraded = 0;
      const attack = (from: number, count: number): Promise<void> =>
        inParallel(count, 32, async (index) => {
          const prng = new Prng(SEED + from + index);
          const token = prng.chance(0.8) ? victim.client.token : '';
          const parts = [upgrade(path, token)];
          for (let n = prng.integer(1, 3); n > 0; n -= 1) {
            if (prng.chance(0.3)) parts.push(frame(OP_TEXT, pick(messages, prng)));
            parts.push(...spoilt(pick(messages, prng), prng));
          }
          const { statuses, bytes } = await sendRaw(victim.port, [parts[0]], {
            patienceMs: 10_000,
            afterFirstReply: parts.slice(1),
          });
          assert.equal(statuses[0], 101, `seed ${SEED + from + index}: ${bytes}`);
          upgraded += 1;
        });
      await attack(0, PER_PATH / 2);
      const middle = await victim.residentBytes();
      await attack(PER_PATH / 2, PER_PATH / 2);
      const grown = (await victim.residentBytes()) - middle;
      await victim.assertUnharmed(path);
      assert.equal(upgraded, PER_PATH);
      assert.ok(grown < SETTLED_BYTES, `${path}: memory grew by ${grown} bytes`);
    });
  }

  it('every connection of the attack is gone, and nothing of it is left subscribed', async () => {
    for (let attempt = 0; ; attempt += 1) {
      const text = (await victim.client.get('/api/v1/metrics')).body as string;
      const left = [
        ...text.matchAll(/^openbell_stream_(?:connections|subscriptions)\{.*\} ([1-9]\d*)$/gm),
      ];
      if (left.length === 0) return;
      assert.ok(attempt < 40, left.map(([line]) => line).join('\n'));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});

describe('a flood on one socket, limits on', () => {
  let victim: Victim;
  before(async () => {
    victim = await Victim.start({ OPENBELL_RATE_LIMITS: 'on' });
  });
  after(() => victim?.stop());

  const floods = [
    ...SOCKETS.map(({ path, ping, surface }) => ({
      what: 'messages',
      path,
      flood: frame(OP_TEXT, ping),
      // Errors of this surface have no codes.
      told: surface === 'takashi' ? 'too many messages' : 'RATE_LIMIT_EXCEEDED',
    })),
    { what: 'pings', path: '/ws/stream', flood: frame(OP_PING, ''), told: undefined },
  ];
  for (const { what, path, flood, told } of floods) {
    it(`${path}: ${what} above the rate are refused, and who does not stop is closed with 4429`, async () => {
      const frames = Array.from({ length: 1500 }, () => flood);
      const { closed, bytes } = await sendRaw(victim.port, [upgrade(path)], {
        patienceMs: 10_000,
        quietMs: 10_000,
        afterFirstReply: [Buffer.concat(frames)],
      });
      assert.ok(closed, 'the server ended it');
      if (told !== undefined) assert.ok(bytes.includes(told), 'it was told first');
      const end = bytes.indexOf(Buffer.from([0x88, 14, 4429 >>> 8, 4429 & 255]));
      assert.ok(end > 0, 'with a close frame that says 4429');
      assert.equal(bytes.toString('latin1', end + 4, end + 16), 'rate_limited');
    });
  }
});
