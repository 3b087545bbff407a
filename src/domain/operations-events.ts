/**
 * Whose trading a pause or a stop ends: `account`, that of the market-making account's user; `venue`,
 * that of every user, and a stop then halts the matching too.
 */
export type ControlScope = 'account' | 'venue';

/** Nobody in the scope trades in these markets until they are resumed. */
export interface TradingPaused {
  readonly kind: 'TradingPaused';
  readonly marketIds: readonly number[];
  readonly scope: ControlScope;
  readonly reason: string;
  readonly byUserId: number;
  readonly atMs: number;
  /** When it ends by itself, milliseconds since the Unix epoch; 0: it does not. */
  readonly resumeAtMs: number;
}

/** Trading goes on in these markets. */
export interface TradingResumed {
  readonly kind: 'TradingResumed';
  readonly marketIds: readonly number[];
  /** True when the emergency stop in force ends with it. */
  readonly endsStop: boolean;
  /** 0 when the time of a pause was over. */
  readonly byUserId: number;
  readonly atMs: number;
}

/** Nobody in the scope trades anywhere until an administrator resumes. */
export interface EmergencyStopped {
  readonly kind: 'EmergencyStopped';
  /** `inc_`, the day as eight digits, `_`, a number of three digits. */
  readonly incidentId: string;
  readonly scope: ControlScope;
  readonly reason: string;
  readonly byUserId: number;
  readonly flatten: boolean;
  readonly atMs: number;
}

/** What an emergency stop has done. */
export interface IncidentReported {
  readonly kind: 'IncidentReported';
  readonly incidentId: string;
  readonly ordersCancelled: number;
  readonly positionsFlattened: boolean;
  readonly atMs: number;
}

/** How pauses and stops work from here on. */
export interface OperationsConfigured {
  readonly kind: 'OperationsConfigured';
  readonly scope: ControlScope;
  readonly byUserId: number;
  readonly atMs: number;
}

/** The venue has started. Between the newest record before and this it was not there. */
export interface VenueStarted {
  readonly kind: 'VenueStarted';
  readonly atMs: number;
  /** Venue time of the newest record before it; 0 at the first start. */
  readonly formerMs: number;
}

export type OperationsEvent =
  | TradingPaused
  | TradingResumed
  | EmergencyStopped
  | IncidentReported
  | OperationsConfigured
  | VenueStarted;
