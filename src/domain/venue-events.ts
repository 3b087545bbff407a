import type { AlertEvent } from './alert-events.ts';
import type { IdentityEvent } from './identity-events.ts';
import { isMarginEvent, type MarginEvent } from './margin-events.ts';
import { isNewsEvent, type NewsEvent } from './news-events.ts';
import type { OperationsEvent } from './operations-events.ts';
import type { PortfolioEvent } from './portfolio-events.ts';
import type { StrategyEvent } from './strategy-events.ts';
import { isWebhookEntry, type WebhookEvent } from './webhook-events.ts';

export type { IdentityEvent, Scope, UserRegistered } from './identity-events.ts';

/**
 * Facts of the venue itself: who it knows, which markets it lists, whose money is where. They lie
 * in the journal as JSON records of market 0, in their own dense sequence.
 */
export type VenueEvent =
  | MarketListed
  | PortfolioOpened
  | FundsDeposited
  | CancelAllScheduled
  | PhaseOrdered
  | MarketSourceSet
  | PortfolioEvent
  | AlertEvent
  | MarginEvent
  | StrategyEvent
  | OperationsEvent
  | WebhookEvent
  | NewsEvent
  | IdentityEvent;

/**
 * True for an entry, which a snapshot makes superfluous; facts are kept for ever. See `VENUE_ENTRY`
 * in `codec/records.ts`.
 */
export function isVenueEntry(event: VenueEvent): boolean {
  return isMarginEvent(event) || isNewsEvent(event) || isWebhookEntry(event);
}

const IDENTITY_KINDS: ReadonlySet<string> = new Set<IdentityEvent['kind']>([
  'UserRegistered',
  'PasswordChanged',
  'UserSwitched',
  'SessionOpened',
  'SessionRefreshed',
  'SessionsEnded',
  'LoginsFailed',
  'AccountLocked',
  'ApiKeyCreated',
  'ApiKeyRotated',
  'ApiKeyRevoked',
  'ApiKeysUsed',
  'SigningKeyRotated',
  'AdminActed',
]);

/** True for facts about users and their credentials. */
export function isIdentityEvent(event: VenueEvent): event is IdentityEvent {
  return IDENTITY_KINDS.has(event.kind);
}

/**
 * A market's terms. The numbers in the journal mean nothing without them, so a start with other
 * units is refused; other fees list the market anew, and hold from there on.
 */
export interface MarketListed {
  readonly kind: 'MarketListed';
  readonly marketId: number;
  readonly exchange: string;
  readonly symbol: string;
  readonly base: string;
  readonly baseDecimals: number;
  readonly quote: string;
  readonly quoteDecimals: number;
  readonly tickUnits: number;
  readonly priceDecimals: number;
  readonly lotUnits: number;
  readonly qtyDecimals: number;
  readonly quoteUnitsPerTickLot: number;
  readonly baseUnitsPerLot: number;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  readonly auctionFeePpm: number;
  readonly priceBandBps: number;
  readonly volatilityHaltBps: number;
  readonly referenceWindowSeconds: number;
}

/**
 * `cash` portfolios never go negative: orders hold what they may cost. `margin` ones may owe assets as
 * long as what they are worth covers their margin. `external` ones stand for
 * the world outside (the venue's own account, simulated traders, recorded orders) and may.
 */
export type PortfolioKind = 'cash' | 'margin' | 'external';

export interface PortfolioOpened {
  readonly kind: 'PortfolioOpened';
  readonly portfolioId: number;
  /** 0 for the venue's own and for simulated traders. */
  readonly userId: number;
  readonly portfolioKind: PortfolioKind;
  /** By which the venue finds it again: no two of one user's have the same. */
  readonly name: string;
  /** What its user calls it; absent: the name. */
  readonly title?: string;
  readonly description?: string;
  /** The asset it is valued in; absent: the venue's default. */
  readonly currency?: string;
}

/** Money or assets came in from outside: the venue's own portfolio is debited. */
export interface FundsDeposited {
  readonly kind: 'FundsDeposited';
  readonly portfolioId: number;
  readonly asset: string;
  /** Smallest units of the asset. */
  readonly amountUnits: number;
}

/**
 * An operator put a market into a phase. It stays there until an operator says `continuous`: from then
 * on its calendar rules again.
 */
export interface PhaseOrdered {
  readonly kind: 'PhaseOrdered';
  readonly marketId: number;
  /** PHASE_… */
  readonly phase: number;
}

/**
 * From here on a market's facts come from its own exchange (`isLive`), or no longer do. What was told of
 * the other source's book and bars is forgotten with it: the two have nothing to do with each other.
 */
export interface MarketSourceSet {
  readonly kind: 'MarketSourceSet';
  readonly marketId: number;
  readonly isLive: boolean;
}

/** A dead man's switch was set, moved, taken back, or has done its work. */
export interface CancelAllScheduled {
  readonly kind: 'CancelAllScheduled';
  readonly portfolioId: number;
  /** 0 for all markets. */
  readonly marketId: number;
  /** When the orders leave, milliseconds since the Unix epoch; 0: not any more. */
  readonly atMs: number;
}
