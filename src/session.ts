import type { Market } from './domain/markets.ts';
import type { RecoveredState } from './gateway/recover.ts';
import type { SessionWiring } from './rings/roles.ts';

/**
 * A trader inside the process: the simulated market, or the replay of a recording. It trades for
 * external portfolios through the same door as every client and sees what everyone sees.
 */
export interface InProcessSession {
  readonly name: string;
  /** Stable over restarts: it stands in the journal. */
  readonly sessionId: number;
  /** Names of the external portfolios it trades for; opened when they do not exist. */
  readonly portfolioNames: readonly string[];
  /** Margin portfolios it trades for; opened and set up when they do not exist. */
  readonly marginPortfolios?: readonly MarginPortfolio[];
  start(context: SessionContext): Promise<SessionHandle>;
}

/** Trades one market with all the leverage there is; the venue keeps its collateral up. */
export interface MarginPortfolio {
  readonly name: string;
  readonly market: Market;
  /** Smallest units of the market's quote asset. */
  readonly collateralUnits: number;
}

export interface SessionContext {
  readonly wiring: SessionWiring;
  readonly portfolioIds: ReadonlyMap<string, number>;
  readonly recovered: RecoveredState;
  readonly onFailure: (error: Error) => void;
}

export interface SessionHandle {
  stop(): Promise<void>;
}

export const SIMULATOR_SESSION_ID = 1;
export const REPLAY_SESSION_ID = 2;
