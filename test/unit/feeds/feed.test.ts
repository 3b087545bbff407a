import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FEED_LIMITS } from '../../../src/feeds/connector-types.ts';
import type { Dial, DialEvents } from '../../../src/feeds/dial.ts';
import { Feed } from '../../../src/feeds/feed.ts';
import type { FrameVerdict } from '../../../src/feeds/venue-adapter.ts';
import { Prng } from '../../../src/lib/prng.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const LIMITS = FEED_LIMITS;

interface FakeSocket {
  readonly events: DialEvents;
  readonly sent: string[];
  pings: number;
  isDropped: boolean;
}

function stage(seed = 1) {
  const timers = new ManualTimers();
  const prng = new Prng(seed);
  const sockets: FakeSocket[] = [];
  const dialsMs: number[] = [];
  const told: string[] = [];
  const dial: Dial = (_, events) => {
    const socket: FakeSocket = { events, sent: [], pings: 0, isDropped: false };
    sockets.push(socket);
    dialsMs.push(timers.nowMs());
    return {
      send: (text) => socket.sent.push(text),
      ping: () => {
        socket.pings += 1;
      },
      drop: () => {
        socket.isDropped = true;
      },
    };
  };
  const feed = new Feed({
    name: 'test',
    url: 'ws://nowhere',
    dial,
    timers,
    random: () => prng.uniform(),
    limits: LIMITS,
    heartbeat: { everyMs: 20_000, message: 'hello' },
    events: {
      opened: () => told.push('opened'),
      frame: (text) => text as FrameVerdict,
      lost: (reason) => told.push(`lost: ${reason}`),
    },
  });
  const last = () => sockets[sockets.length - 1];
  return { feed, timers, sockets, dialsMs, told, last };
}

describe('a feed', () => {
  it('gives up a dial that is not answered, and dials again', () => {
    const { feed, timers, sockets, last } = stage();
    feed.start();
    timers.pass(0);
    assert.equal(feed.health().state, 'dialling');
    timers.pass(LIMITS.dialTimeoutMs);
    assert.ok(sockets[0].isDropped);
    timers.pass(LIMITS.backoffMs);
    assert.equal(sockets.length, 2);
    sockets[0].events.opened();
    assert.equal(feed.health().state, 'dialling', 'a socket that was given up is not listened to');
    last().events.opened();
    assert.equal(feed.health().state, 'open');
  });

  it('waits twice as long after every failure, up to a bound, half of it by chance', () => {
    const { feed, timers, sockets, dialsMs, last } = stage();
    feed.start();
    timers.pass(0);
    for (let failures = 0; failures < 9; failures += 1) {
      const fullMs = Math.min(LIMITS.backoffMaxMs, LIMITS.backoffMs * 2 ** failures);
      last().events.closed('refused');
      timers.pass(fullMs / 2 - 1);
      assert.equal(sockets.length, failures + 1, `too early after failure ${failures + 1}`);
      timers.pass(fullMs / 2 + 1);
      assert.equal(sockets.length, failures + 2, `too late after failure ${failures + 1}`);
    }
    assert.equal(new Set(dialsMs).size, dialsMs.length);
  });

  it('begins anew with short waits only after a connection that brought data for a while', () => {
    const { feed, timers, sockets, last } = stage();
    feed.start();
    timers.pass(0);
    /** Fails what there is. @returns how long it was until the next dial */
    const waitAfterFailure = () => {
      const { length } = sockets;
      const startMs = timers.nowMs();
      last().events.closed('refused');
      while (sockets.length === length) timers.pass(10);
      return timers.nowMs() - startMs;
    };
    for (let i = 0; i < 6; i += 1) waitAfterFailure();
    last().events.opened();
    last().events.message('data');
    assert.ok(waitAfterFailure() > 10 * LIMITS.backoffMs, 'a short connection is no success');
    last().events.opened();
    for (let passed = 0; passed < LIMITS.steadyMs; passed += 1_000) {
      last().events.message('data');
      timers.pass(1_000);
    }
    assert.ok(waitAfterFailure() <= LIMITS.backoffMs + 10);
  });

  for (const verdict of ['control', 'malformed', 'refused'] as const) {
    it(`counts ${verdict} frames as silence`, () => {
      const { feed, timers, told, last } = stage();
      feed.start();
      timers.pass(0);
      last().events.opened();
      for (let passed = 0; passed < 1.05 * LIMITS.idleMs; passed += 1_000) {
        last().events.message(verdict);
        timers.pass(1_000);
      }
      assert.deepEqual(told, ['opened', `lost: no market data for ${LIMITS.idleMs} ms`]);
      assert.equal(feed.health().counters.idleDisconnects, 1);
    });
  }

  it('stays as long as data comes, pings and sends its heartbeat', () => {
    const { feed, timers, sockets, told, last } = stage();
    feed.start();
    timers.pass(0);
    last().events.opened();
    for (let i = 0; i < 10; i += 1) {
      timers.pass(LIMITS.idleMs - 1);
      last().events.message('data');
    }
    assert.equal(sockets.length, 1);
    assert.deepEqual(told, ['opened']);
    assert.equal(last().pings, Math.floor((10 * (LIMITS.idleMs - 1)) / LIMITS.pingMs));
    assert.equal(last().sent.length, Math.floor((10 * (LIMITS.idleMs - 1)) / 20_000));
  });

  it('forgives a silence that ends before it has looked twice: it was held up itself', () => {
    const { feed, timers, told, last } = stage();
    feed.start();
    timers.pass(0);
    last().events.opened();
    timers.pass(LIMITS.idleMs);
    last().events.message('data');
    timers.pass(LIMITS.idleMs - 1);
    assert.deepEqual(told, ['opened']);
  });

  it('leaves nothing behind when it is stopped', () => {
    const { feed, timers, sockets, told, last } = stage();
    feed.start();
    timers.pass(0);
    last().events.opened();
    feed.stop();
    assert.equal(timers.count, 0);
    assert.ok(sockets[0].isDropped);
    last().events.message('data');
    last().events.closed('late');
    timers.pass(LIMITS.dialWindowMs);
    assert.equal(sockets.length, 1);
    assert.deepEqual(told, ['opened']);
  });

  it('never dials more often than allowed, whatever happens and when', () => {
    const happening = fc.constantFrom('opened', 'closed', 'data', 'control', 'wait');
    const steps = fc.array(fc.tuple(happening, fc.nat({ max: 20_000 })), { maxLength: 300 });
    fc.assert(
      fc.property(fc.nat(), steps, (seed, happenings) => {
        const { feed, timers, dialsMs, last } = stage(seed);
        feed.start();
        timers.pass(0);
        for (const [what, waitMs] of happenings) {
          if (what === 'opened') last().events.opened();
          else if (what === 'closed') last().events.closed('whatever');
          else if (what !== 'wait') last().events.message(what);
          timers.pass(waitMs);
        }
        for (const startMs of dialsMs) {
          const within = dialsMs.filter(
            (ms) => ms >= startMs && ms < startMs + LIMITS.dialWindowMs,
          );
          assert.ok(within.length <= LIMITS.dialsMax);
        }
        const { state } = feed.health();
        assert.ok(state !== 'stopped', 'it never gives up');
      }),
      { numRuns: 60 },
    );
  });
});
