import { setTimeout as sleep } from 'node:timers/promises';
import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import type { ControlScope } from '../../domain/operations-events.ts';
import { PHASE_CONTINUOUS, PHASE_HALTED } from '../../domain/orders.ts';
import * as C from '../../domain/result-codes.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import { type Client, NO_CLIENT } from '../../identity/events.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Clock } from '../../lib/clock.ts';
import type { CancelAllReply } from '../venue.ts';
import type { Incident, TradingControls } from './trading-controls.ts';

export interface OperationsParts {
  readonly controls: TradingControls;
  readonly markets: MarketRegistry;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Whose trading the scope `account` means; 0 while there is nobody. */
  readonly accountUserId: () => number;
  /** Of pauses and stops while nobody has chosen another. */
  readonly defaultScope: ControlScope;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
  /** Cancels all orders of portfolios in markets; one command for each of both. */
  readonly cancelAll: (
    portfolioIds: readonly number[],
    markets: readonly Market[],
    done: (reply: CancelAllReply) => void,
  ) => void;
  readonly setPhase: (market: Market, phase: number, done: (code: number) => void) => void;
  /** Closes what the market-making account has open; true when nothing is left. */
  readonly flatten: () => Promise<boolean>;
  /** Notes in the audit trail what was done. */
  readonly audit: (
    action: string,
    details: Readonly<Record<string, unknown>>,
    client: Client,
    byUserId: number,
  ) => Promise<void>;
  /** Tells the configured receivers; true when one was told in time. */
  readonly notify: (event: string, payload: object, timeoutMs: number) => Promise<boolean>;
  readonly log: {
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

/** Who asks, for the audit trail. */
export interface Operator {
  readonly userId: number;
  readonly client: Client;
}

export interface PauseRequest {
  readonly markets: readonly Market[];
  readonly reason: string;
  /** 0: until somebody resumes. */
  readonly durationSeconds: number;
  readonly cancelOrders: boolean;
}

export interface PauseReport {
  readonly atMs: number;
  /** 0: until somebody resumes. */
  readonly resumeAtMs: number;
  readonly ordersCancelled: number;
  readonly scope: ControlScope;
}

/** A cancel that found a full command ring is given again for so long. */
const CANCEL_RETRY_MS = 5_000;
const CANCEL_PAUSE_MS = 2;
const RETRY_MS = 1_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** How long a stop waits for somebody to be told of it. */
const NOTIFY_TIMEOUT_MS = 2_000;

/**
 * Pause, resume, emergency stop. From the call on the gateway takes nothing of whom it concerns; the
 * fact and the cancels become durable side by side, and the answer comes when both are.
 */
export class Operations {
  readonly controls: TradingControls;
  private readonly parts: OperationsParts;
  private timer: NodeJS.Timeout | undefined;
  private running = false;

  constructor(parts: OperationsParts) {
    this.parts = parts;
    this.controls = parts.controls;
  }

  /** Begins to end pauses whose time is over; before, facts only collect. */
  start(): void {
    this.running = true;
    this.arm();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
  }

  /** A durable fact, live or in recovery. */
  apply(event: VenueEvent): void {
    this.controls.apply(event);
    if (event.kind === 'TradingPaused' || event.kind === 'TradingResumed') this.arm();
  }

  /** Of pauses and stops to come. */
  get scope(): ControlScope {
    return this.controls.scope ?? this.parts.defaultScope;
  }

  async configure(scope: ControlScope, { userId, client }: Operator): Promise<void> {
    const { record, audit } = this.parts;
    await record({ kind: 'OperationsConfigured', scope, byUserId: userId, atMs: this.nowMs() });
    await audit('operations.configured', { scope }, client, userId);
  }

  async pause(request: PauseRequest, { userId, client }: Operator): Promise<PauseReport> {
    const { controls, scope } = this;
    const { record, audit } = this.parts;
    const { markets, reason, durationSeconds, cancelOrders } = request;
    const marketIds = markets.map(({ id }) => id);
    const atMs = this.nowMs();
    const resumeAtMs = durationSeconds === 0 ? 0 : atMs + durationSeconds * 1000;
    for (const id of marketIds) controls.pausing.set(id, scope);
    try {
      const facts = { marketIds, scope, reason, atMs, resumeAtMs };
      const [ordersCancelled] = await Promise.all([
        cancelOrders ? this.cancelAll(markets, scope) : 0,
        record({ kind: 'TradingPaused', ...facts, byUserId: userId }),
      ]);
      const names = markets.map(nameOf);
      const details = { markets: names, scope, reason, resume_at: isoOrNull(resumeAtMs) };
      await audit(
        'trading.paused',
        { ...details, orders_cancelled: ordersCancelled },
        client,
        userId,
      );
      return { atMs, resumeAtMs, ordersCancelled, scope };
    } finally {
      for (const id of marketIds) controls.pausing.delete(id);
    }
  }

  /** @param endsStop the emergency stop ends too. @returns when */
  async resume(
    markets: readonly Market[],
    endsStop: boolean,
    { userId, client }: Operator,
  ): Promise<number> {
    const { record, audit } = this.parts;
    const { stop } = this.controls;
    const atMs = this.nowMs();
    const marketIds = markets.map(({ id }) => id);
    await record({ kind: 'TradingResumed', marketIds, endsStop, byUserId: userId, atMs });
    if (endsStop && stop?.scope === 'venue') await this.setPhases(PHASE_CONTINUOUS);
    const details = { markets: markets.map(nameOf), ends_stop: endsStop };
    await audit('trading.resumed', details, client, userId);
    return atMs;
  }

  /**
   * Ends all trading of whom the scope means. Resolves when every one of their orders has left its
   * book and that is durable; from the call on none is taken.
   */
  async emergencyStop(
    reason: string,
    flatten: boolean,
    { userId, client }: Operator,
  ): Promise<{ incident: Incident; notified: boolean }> {
    const { controls, scope } = this;
    const { record, audit, notify, markets } = this.parts;
    controls.stopping = scope;
    const atMs = this.nowMs();
    const incidentId = controls.takeIncidentId(atMs);
    try {
      const facts = { incidentId, scope, reason, byUserId: userId, flatten, atMs };
      const [ordersCancelled] = await Promise.all([
        this.cancelAll(markets.all, scope),
        record({ kind: 'EmergencyStopped', ...facts }),
      ]);
      const positionsFlattened = flatten && (await this.parts.flatten());
      if (scope === 'venue') await this.setPhases(PHASE_HALTED);
      const report = { incidentId, ordersCancelled, positionsFlattened };
      await record({ kind: 'IncidentReported', ...report, atMs: this.nowMs() });
      const told = { incident_id: incidentId, scope, reason, orders_cancelled: ordersCancelled };
      const details = { ...told, positions_flattened: positionsFlattened };
      const [notified] = await Promise.all([
        notify('trading.emergency_stopped', details, NOTIFY_TIMEOUT_MS),
        audit('trading.emergency_stopped', details, client, userId),
      ]);
      const incident = controls.incidents.findLast((one) => one.incidentId === incidentId);
      if (incident === undefined) throw new Error('a durable incident is known');
      return { incident, notified };
    } finally {
      controls.stopping = undefined;
    }
  }

  /** @returns how many orders left */
  private async cancelAll(markets: readonly Market[], scope: ControlScope): Promise<number> {
    const { ledger, cancelAll, log } = this.parts;
    const accountUserId = this.parts.accountUserId();
    const untilMs = performance.now() + CANCEL_RETRY_MS;
    let sum = 0;
    for (;;) {
      // What is on its way to the book counts as open, and is before the cancel in the ring.
      const portfolioIds = [...ledger.portfolios.values()]
        .filter(({ userId, openOrders }) => userId > 0 && openOrders > 0)
        .filter(({ userId }) => scope === 'venue' || userId === accountUserId)
        .map(({ id }) => id);
      const { code, cancelled } = await new Promise<CancelAllReply>((resolve) =>
        cancelAll(portfolioIds, markets, resolve),
      );
      sum += cancelled;
      if (code === C.OK) return sum;
      if (code !== C.COMMAND_RING_FULL || performance.now() > untilMs) {
        log.error({ code: C.resultName(code) }, 'orders could not be cancelled');
        throw new Error(`orders could not be cancelled: ${C.resultName(code)}`);
      }
      await sleep(CANCEL_PAUSE_MS);
    }
  }

  private async setPhases(phase: number): Promise<void> {
    const { markets, setPhase, log } = this.parts;
    const set = (market: Market): Promise<void> =>
      new Promise((resolve) => {
        setPhase(market, phase, (code) => {
          const fields = { market: nameOf(market), code: C.resultName(code) };
          if (code !== C.OK) log.error(fields, 'a market did not take its phase');
          resolve();
        });
      });
    await Promise.all(markets.all.filter(({ source }) => source === 'simulated').map(set));
  }

  private arm(delayMs?: number): void {
    clearTimeout(this.timer);
    if (!this.running) return;
    const dueMs = this.controls.nextResumeMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const waitMs = delayMs ?? Math.max(0, Math.ceil(dueMs - this.nowMs()));
    this.timer = setTimeout(() => void this.endPauses(), Math.min(waitMs, LONGEST_TIMER_MS));
    this.timer.unref();
  }

  /** Resumes what is due. */
  private async endPauses(): Promise<void> {
    const { record, audit, markets, log } = this.parts;
    const atMs = this.nowMs();
    const due = [...this.controls.paused].filter(
      ([, { resumeAtMs }]) => resumeAtMs > 0 && resumeAtMs <= atMs,
    );
    if (due.length === 0) return this.arm();
    const marketIds = due.map(([id]) => id);
    try {
      await record({ kind: 'TradingResumed', marketIds, endsStop: false, byUserId: 0, atMs });
      const names = marketIds.flatMap((id) => markets.get(id) ?? []).map(nameOf);
      await audit('trading.resumed', { markets: names, automatic: true }, NO_CLIENT, 0);
    } catch (error) {
      log.warn({ err: error }, 'a pause did not end in time');
      this.arm(RETRY_MS);
    }
  }

  private nowMs(): number {
    return Math.floor(this.parts.clock.nowMs());
  }
}

function nameOf({ exchange, symbol }: Market): string {
  return `${exchange}:${symbol}`;
}

function isoOrNull(ms: number): string | null {
  return ms === 0 ? null : new Date(ms).toISOString();
}
