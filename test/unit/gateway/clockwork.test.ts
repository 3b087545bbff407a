import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { STATUS_CANCELLED, STATUS_OPEN } from '../../../src/domain/orders.ts';
import { COMMAND_RING_FULL, OK } from '../../../src/domain/result-codes.ts';
import type { CancelAllScheduled, VenueEvent } from '../../../src/domain/venue-events.ts';
import { Alarms } from '../../../src/gateway/alarms.ts';
import { DeadManSwitches } from '../../../src/gateway/dead-man-switches.ts';
import type { CancelAllAfterReply, CancelAllReply } from '../../../src/gateway/venue.ts';
import { type Clock, SystemClock } from '../../../src/lib/clock.ts';
import { NO_EXTENSION } from '../../../src/projections/order-extension.ts';
import { TrackedOrder } from '../../../src/projections/order-tracker.ts';
import { shippedMarkets } from '../../support/markets.ts';
import { eventually } from '../../support/server-process.ts';

const clock = new SystemClock();
const markets = shippedMarkets();

/** A clock that a test moves. */
class StandingClock implements Clock {
  readonly seconds = 1_700_000_000;
  readonly nanos = 0;
  aheadMs = 0;

  tick(): void {}

  nowMs(): number {
    return this.seconds * 1000 + this.aheadMs;
  }
}

function dated(orderId: number, marketId: number, inMs: number): TrackedOrder {
  const order = new TrackedOrder();
  const atMs = Math.ceil(clock.nowMs()) + inMs;
  const expireSeconds = Math.floor(atMs / 1000);
  const expireNanos = (atMs - expireSeconds * 1000) * 1_000_000;
  order.orderId = orderId;
  order.marketId = marketId;
  order.status = STATUS_OPEN;
  order.extension = { ...NO_EXTENSION, expireSeconds, expireNanos };
  return order;
}

describe('alarms', () => {
  const bench = (answer: () => number = () => OK) => {
    const told: { marketId: number; atMs: number }[] = [];
    const alarms = new Alarms({
      markets,
      clock,
      advance: ({ id }) => {
        told.push({ marketId: id, atMs: clock.nowMs() });
        return answer();
      },
    });
    return { alarms, told };
  };

  it('tell a market the time when the earliest of its orders is due, and not before', async () => {
    const { alarms, told } = bench();
    const orders = [dated(1, 6, 400), dated(2, 6, 120), dated(3, 7, 60), dated(4, 8, 100_000)];
    for (const order of orders) alarms.note(order);
    await sleep(150);
    assert.equal(told.length, 0, 'nothing before the start');
    alarms.start();
    await eventually('three are told', () => (told.length >= 3 ? true : undefined));
    alarms.stop();
    assert.deepEqual([...new Set(told.map(({ marketId }) => marketId))].sort(), [6, 7]);
    const { expireSeconds, expireNanos } = orders[0].extension;
    assert.ok((told.at(-1)?.atMs ?? 0) >= expireSeconds * 1000 + expireNanos / 1_000_000);
  });

  it('forget an order that left, and ask again where there was no room', async () => {
    const codes = [COMMAND_RING_FULL, OK];
    const { alarms, told } = bench(() => codes.shift() ?? OK);
    const [gone, kept] = [dated(1, 6, 30), dated(2, 7, 60)];
    for (const order of [gone, kept]) alarms.note(order);
    gone.status = STATUS_CANCELLED;
    alarms.note(gone);
    kept.status = STATUS_OPEN;
    alarms.note(kept);
    alarms.start();
    await sleep(400);
    alarms.stop();
    const ofKept = told.filter(({ marketId }) => marketId === 7);
    assert.ok(ofKept.length >= 1 && ofKept.length <= 2, `${told.length}`);
  });
});

describe('dead man’s switches', () => {
  const bench = (outcomes: number[] = [], time: Clock = clock) => {
    const recorded: CancelAllScheduled[] = [];
    const cancelled: [number, number][] = [];
    const switches: DeadManSwitches = new DeadManSwitches({
      clock: time,
      record: async (event: VenueEvent) => {
        assert.ok(event.kind === 'CancelAllScheduled');
        recorded.push(event);
        switches.apply(event);
      },
      cancelAll: (portfolioId, marketId, done: (reply: CancelAllReply) => void) => {
        cancelled.push([portfolioId, marketId]);
        done({ code: outcomes.shift() ?? OK, cancelled: 1 });
      },
    });
    const set = (portfolioId: number, marketId: number, seconds: number) =>
      new Promise<CancelAllAfterReply>((resolve) => {
        switches.set(portfolioId, marketId, seconds, resolve);
      });
    return { switches, recorded, cancelled, set };
  };

  it('fire once when nobody renews them, and are gone then', async () => {
    const { switches, recorded, cancelled, set } = bench();
    switches.start();
    const { code, firesAtMs } = await set(2, 6, 0.1);
    assert.ok(code === OK && firesAtMs > clock.nowMs());
    await eventually('it fires', () => (switches.armed === 0 ? true : undefined));
    assert.deepEqual(cancelled, [[2, 6]]);
    assert.deepEqual(recorded.at(-1), {
      ...{ kind: 'CancelAllScheduled', portfolioId: 2, marketId: 6, atMs: 0 },
    });
    switches.stop();
  });

  it('do not fire when they are renewed or taken back; not every renewal is written', async () => {
    // Time goes on when the test says so: a late timer of a busy machine is not a late renewal.
    const standing = new StandingClock();
    const { switches, recorded, cancelled, set } = bench([], standing);
    switches.start();
    for (let i = 0; i < 10; i += 1) {
      await set(2, 0, 0.4);
      standing.aheadMs += 60;
      await sleep(10);
    }
    assert.equal(cancelled.length, 0);
    assert.ok(recorded.length >= 3 && recorded.length <= 8, `${recorded.length} of 10 written`);
    assert.deepEqual(await set(2, 0, 0), { code: OK, firesAtMs: 0 });
    assert.equal(switches.armed, 0);
    standing.aheadMs += 1000;
    await sleep(450);
    assert.equal(cancelled.length, 0);
    assert.deepEqual(await set(3, 0, 0), { code: OK, firesAtMs: 0 }, 'nothing to take back');
    switches.stop();
  });

  it('fire after a restart, at once if they are overdue, and again until all is cancelled', async () => {
    const { switches, cancelled } = bench([COMMAND_RING_FULL]);
    const event = { kind: 'CancelAllScheduled', portfolioId: 2, marketId: 0 } as const;
    switches.apply({ ...event, atMs: Math.ceil(clock.nowMs()) - 5000 });
    await sleep(30);
    assert.equal(cancelled.length, 0, 'nothing before the start');
    switches.start();
    await eventually('it has done its work', () => (switches.armed === 0 ? true : undefined));
    assert.deepEqual(cancelled, [
      [2, 0],
      [2, 0],
    ]);
    switches.stop();
  });
});
