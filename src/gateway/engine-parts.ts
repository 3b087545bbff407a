import type { MarketRegistry } from '../config/markets.ts';
import type { VenueEvent } from '../domain/venue-events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { MarketViews } from '../projections/market-view.ts';
import type { OrderTracker, TrackedOrder } from '../projections/order-tracker.ts';
import type { RingReader } from '../rings/ring.ts';
import type { NewsArchive } from '../sentiment/news-archive.ts';
import type { AccountListener } from './account-report.ts';
import type { Accounts } from './accounts.ts';
import type { Alarms } from './alarms.ts';
import type { CandleDesk } from './candle-desk.ts';
import type { ClientOrderIndex } from './client-order-index.ts';
import type { DeadManSwitches } from './dead-man-switches.ts';
import type { OrderHistory } from './order-history.ts';
import type { Deployments } from './strategies/deployments.ts';
import type { FillListener } from './user-fills.ts';
import type { OrderView, VenueStatus } from './venue.ts';
import type { VenueLog } from './venue-log.ts';
import type { WebhookState } from './webhooks/webhook-state.ts';

/** What the engine tells others while it drains; everything told is durable. */
export interface EngineListeners extends AccountListener, FillListener {
  /** A fact of the venue became durable and was applied to the accounts. */
  onVenueEvent(event: VenueEvent): void;
  /** An order of a user (not of a simulated trader or a recording) changed. */
  onUserOrder(userId: number, order: OrderView): void;
  /** Everything drained in this turn has been applied and answered: publish it. */
  onDrained(): void;
}

/** What acts when its time has come. */
export interface Clockwork {
  readonly alarms: Alarms;
  readonly switches: DeadManSwitches;
}

export interface EngineParts {
  readonly markets: MarketRegistry;
  readonly ledger: Ledger;
  readonly accounts: Accounts;
  readonly orders: OrderTracker;
  readonly views: MarketViews;
  readonly candles: CandleDesk;
  readonly deployments: Deployments;
  readonly webhooks: WebhookState;
  readonly news: NewsArchive;
  readonly venueLog: VenueLog;
  /** Client order ids of users' portfolios, with what the journal knows of them. */
  readonly clientOrderIndex: ClientOrderIndex;
  /** What users' portfolios have had of orders. */
  readonly orderHistory: OrderHistory;
  /** Event rings of all market workers, and the venue's own, behind the journal's cursor. */
  readonly eventReaders: readonly RingReader[];
  /** Reads an order that is no longer in memory. */
  readonly readClosedOrder: (orderId: number) => TrackedOrder | undefined;
  /** Keeps a closed order of a user for `readClosedOrder`, until the table has it. */
  readonly keepClosedOrder: (order: TrackedOrder) => void;
  readonly status: () => VenueStatus;
  /** Why a user may not trade in a market now, or `OK`: pauses and emergency stops. */
  readonly tradingRefusal: (userId: number, marketId: number) => number;
  /** What a user's margin portfolio starts with, decimal text by asset; nothing if absent. */
  readonly openingCollateral?: ReadonlyMap<string, string>;
  /** False once the journal or a market worker failed: nothing new can be acknowledged. */
  readonly healthy: () => boolean;
  /** True while little disk space is left: what makes the journal grow has to wait. */
  readonly spaceLow: () => boolean;
}
