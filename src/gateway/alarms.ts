import type { MarketRegistry } from '../config/markets.ts';
import type { Market } from '../domain/markets.ts';
import * as C from '../domain/result-codes.ts';
import { assert } from '../lib/assert.ts';
import type { Clock } from '../lib/clock.ts';
import { isClosedStatus, type TrackedOrder } from '../projections/order-tracker.ts';

/** A market is told the time at most this often, however many orders end in one second. */
const SPACING_MS = 20;
const RETRY_MS = 100;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface AlarmParts {
  readonly markets: MarketRegistry;
  readonly clock: Clock;
  /** Gives the market an `AdvanceTime`; a result code. */
  readonly advance: (market: Market) => number;
}

/**
 * Books read no clock: an order leaves at its time with the next command that carries a later one.
 * In a quiet market there is none, so this sends one when the earliest expiry is due.
 */
export class Alarms {
  private readonly parts: AlarmParts;
  /** By market id: when each of its orders expires, milliseconds since the Unix epoch. */
  private readonly expiries = new Map<number, Map<number, number>>();
  /** By market id: its earliest expiry, or when to look again. */
  private readonly dueMs = new Map<number, number>();
  private timer: NodeJS.Timeout | undefined;
  private armedMs = Number.POSITIVE_INFINITY;
  private running = false;

  constructor(parts: AlarmParts) {
    this.parts = parts;
  }

  /** Notes an order that changed; of recovery, every order that is open. */
  note({ orderId, marketId, status, extension }: TrackedOrder): void {
    const { expireSeconds, expireNanos } = extension;
    if (expireSeconds === 0) return;
    let orders = this.expiries.get(marketId);
    if (isClosedStatus(status)) {
      orders?.delete(orderId);
      return;
    }
    if (orders?.has(orderId)) return;
    if (orders === undefined) {
      orders = new Map();
      this.expiries.set(marketId, orders);
    }
    const atMs = expireSeconds * 1000 + Math.ceil(expireNanos / 1_000_000);
    orders.set(orderId, atMs);
    if (atMs >= (this.dueMs.get(marketId) ?? Number.POSITIVE_INFINITY)) return;
    this.dueMs.set(marketId, atMs);
    this.arm();
  }

  /** Begins to send; before, orders only collect. */
  start(): void {
    this.running = true;
    this.arm();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
  }

  private arm(): void {
    if (!this.running) return;
    const earliestMs = Math.min(Number.POSITIVE_INFINITY, ...this.dueMs.values());
    if (earliestMs === this.armedMs) return;
    clearTimeout(this.timer);
    this.armedMs = earliestMs;
    if (earliestMs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(0, Math.ceil(earliestMs - this.parts.clock.nowMs()));
    this.timer = setTimeout(() => this.ring(), Math.min(waitMs, LONGEST_TIMER_MS));
    this.timer.unref();
  }

  private ring(): void {
    this.armedMs = Number.POSITIVE_INFINITY;
    const nowMs = this.parts.clock.nowMs();
    for (const [marketId, dueMs] of this.dueMs) {
      if (dueMs > nowMs) continue;
      const market = this.parts.markets.get(marketId);
      assert(market !== undefined, 'an order is in a market that exists');
      const sent = this.parts.advance(market) === C.OK;
      this.dueMs.set(marketId, this.nextMs(marketId, nowMs, sent));
    }
    for (const [marketId, dueMs] of this.dueMs) {
      if (dueMs === Number.POSITIVE_INFINITY) this.dueMs.delete(marketId);
    }
    this.arm();
  }

  /** When a market has to be told the time again: not at once, and what was due now has been told. */
  private nextMs(marketId: number, nowMs: number, sent: boolean): number {
    if (!sent) return nowMs + RETRY_MS;
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const atMs of this.expiries.get(marketId)?.values() ?? []) {
      if (atMs > nowMs) earliestMs = Math.min(earliestMs, atMs);
    }
    return Math.max(earliestMs, nowMs + SPACING_MS);
  }
}
