import type {
  ControlScope,
  EmergencyStopped,
  IncidentReported,
  TradingPaused,
} from '../../domain/operations-events.ts';
import * as C from '../../domain/result-codes.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';

/** The newest incidents are remembered; all of them are in the journal. */
const INCIDENTS_KEPT = 100;

export type PausedMarket = Omit<TradingPaused, 'kind' | 'marketIds'>;

export interface Incident extends Omit<EmergencyStopped, 'kind'> {
  /** `undefined` until the stop was carried out. */
  report: Omit<IncidentReported, 'kind' | 'incidentId'> | undefined;
}

/**
 * Where trading is paused or stopped, from facts of the journal alone: what a restart finds is what
 * was. Whom a pause or a stop concerns was decided when it was ordered.
 */
export class TradingControls {
  /** By market id. */
  readonly paused = new Map<number, PausedMarket>();
  /** The emergency stop in force. */
  stop: Incident | undefined;
  /** Oldest first. */
  readonly incidents: Incident[] = [];
  /** Of pauses and stops to come; `undefined` until somebody chose one. */
  scope: ControlScope | undefined;
  /** Of whom nothing is taken while a stop is being made durable. */
  stopping: ControlScope | undefined;
  /** The same of pauses, by market id. */
  readonly pausing = new Map<number, ControlScope>();
  private readonly accountUserId: () => number;
  private readonly incidentsByDay = new Map<string, number>();

  /** @param accountUserId whose trading the scope `account` means; 0 while there is nobody */
  constructor(accountUserId: () => number) {
    this.accountUserId = accountUserId;
  }

  apply(event: VenueEvent): void {
    switch (event.kind) {
      case 'TradingPaused': {
        const { kind: _, marketIds, ...pause } = event;
        for (const marketId of marketIds) this.paused.set(marketId, pause);
        return;
      }
      case 'TradingResumed':
        for (const marketId of event.marketIds) this.paused.delete(marketId);
        if (event.endsStop) this.stop = undefined;
        return;
      case 'EmergencyStopped':
        this.stopped(event);
        return;
      case 'IncidentReported': {
        const { kind: _, incidentId, ...report } = event;
        const incident = this.incidents.find((one) => one.incidentId === incidentId);
        if (incident !== undefined) incident.report = report;
        return;
      }
      case 'OperationsConfigured':
        this.scope = event.scope;
        return;
      default:
    }
  }

  /** Why the user may not trade in the market, or `OK`. */
  refusal(userId: number, marketId: number): number {
    const { stop, stopping, paused, pausing } = this;
    if (stop === undefined && stopping === undefined && paused.size + pausing.size === 0) {
      return C.OK;
    }
    const isMeant = (scope: ControlScope | undefined): boolean =>
      scope === 'venue' || (scope === 'account' && userId === this.accountUserId());
    const isRefused =
      isMeant(stop?.scope) ||
      isMeant(stopping) ||
      isMeant(paused.get(marketId)?.scope) ||
      isMeant(pausing.get(marketId));
    return isRefused ? C.TRADING_PAUSED : C.OK;
  }

  /** `inc_`, the day as eight digits, and a number of it that no other incident has. */
  takeIncidentId(atMs: number): string {
    const day = new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '');
    const number = (this.incidentsByDay.get(day) ?? 0) + 1;
    this.incidentsByDay.set(day, number);
    return `inc_${day}_${String(number).padStart(3, '0')}`;
  }

  /** When the earliest pause is over; infinite when none ends by itself. */
  get nextResumeMs(): number {
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const { resumeAtMs } of this.paused.values()) {
      if (resumeAtMs > 0) earliestMs = Math.min(earliestMs, resumeAtMs);
    }
    return earliestMs;
  }

  private stopped({ kind: _, ...facts }: EmergencyStopped): void {
    const incident: Incident = { ...facts, report: undefined };
    this.stop = incident;
    this.incidents.push(incident);
    if (this.incidents.length > INCIDENTS_KEPT) this.incidents.shift();
    const [, day, number] = facts.incidentId.split('_');
    const known = this.incidentsByDay.get(day) ?? 0;
    this.incidentsByDay.set(day, Math.max(known, Number(number)));
  }
}
