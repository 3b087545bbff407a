import type { MarketRegistry } from '../config/markets.ts';
import type { Market } from '../domain/markets.ts';
import type { DepthBook } from '../projections/depth.ts';

/**
 * What surfaces see of the engine. Surfaces translate wire forms to these calls and these views to
 * wire forms, and know nothing else.
 */
export interface Venue {
  readonly markets: MarketRegistry;

  /**
   * Places an order, or answers with the order that a request with the same client order id and the
   * same terms placed before (see `ClientOrders`). `done` is called exactly once: at once when the order is denied before the
   * book, else when its outcome is durable. The order in the reply is a copy.
   */
  place(request: PlaceRequest, done: (reply: OrderReply) => void): void;

  /**
   * Cancels an open order of one of the user's portfolios. Code `UNKNOWN_ORDER` when there is none
   * such (also for another user's order), `ORDER_NOT_IN_BOOK` when it closed in the meantime.
   */
  cancel(userId: number, orderId: number, done: (reply: OrderReply) => void): void;

  /** An order of the user, open or closed; `undefined` for another user's. */
  order(userId: number, orderId: number): OrderView | undefined;

  /**
   * The order that a client order id stands for in one of the user's portfolios, open or closed;
   * `undefined` when there is none, or its outcome is not durable yet.
   */
  orderByClientId(
    userId: number,
    portfolioId: number,
    clientOrderId: string,
  ): OrderView | undefined;

  /** The portfolio an order of this user goes to when the request names none. */
  defaultPortfolioId(userId: number): number | undefined;

  /** True when the portfolio is the user's. */
  ownsPortfolio(userId: number, portfolioId: number): boolean;

  /** The live book as of the newest durable event. REUSED: read it now, do not keep it. */
  depth(market: Market): DepthBook;

  ticker(market: Market): Ticker;

  status(): VenueStatus;
}

export interface PlaceRequest {
  readonly market: Market;
  readonly userId: number;
  readonly portfolioId: number;
  readonly side: number;
  readonly orderType: number;
  readonly tif: number;
  readonly flags: number;
  /** 0 for a market order. */
  readonly priceTicks: number;
  readonly qtyLots: number;
  /** `''` when the client gave none; at most 36 characters of printable ASCII. */
  readonly clientOrderId: string;
}

export interface OrderReply {
  /** A result code; `OK` when the command did what was asked. */
  readonly code: number;
  /** The order's state when the outcome became durable; `null` when it never existed. */
  readonly order: OrderView | null;
}

export interface OrderView {
  readonly orderId: number;
  readonly market: Market;
  readonly portfolioId: number;
  readonly side: number;
  readonly orderType: number;
  readonly tif: number;
  readonly flags: number;
  /** Limit price; for a market order the protective limit it was given. */
  readonly priceTicks: number;
  readonly qtyLots: number;
  readonly filledLots: number;
  /** Sum of price × quantity over the fills, smallest units of the quote asset. */
  readonly filledNotionalUnits: number;
  /** Sum of fees over the fills, smallest units of the quote asset; negative for rebates. */
  readonly feeUnits: number;
  /** STATUS_… */
  readonly status: number;
  /** CANCEL_… when cancelled or expired, a result code when rejected, else 0. */
  readonly reason: number;
  readonly clientOrderId: string;
  readonly createdSeconds: number;
  readonly createdNanos: number;
  readonly updatedSeconds: number;
  readonly updatedNanos: number;
}

export interface Ticker {
  /** Last trade price, or 0 when nothing has traded. */
  lastPriceTicks: number;
  /** Quantity of the last trade. */
  lastQtyLots: number;
  /** Venue time of the newest durable event of the market; 0 before the first. */
  updatedSeconds: number;
  updatedNanos: number;
  /** Since the data directory was made. */
  tradesTotal: number;
  tradedLotsTotal: number;
  tradedNotionalUnitsTotal: number;
  /** PHASE_… */
  phase: number;
  /** Sequence of the newest durable event. */
  seq: number;
}

export interface VenueStatus {
  readonly version: string;
  readonly environment: string;
  /** `commit`: acknowledged means synced to disk; `async`: for benchmarks only. */
  readonly durability: 'commit' | 'async';
  readonly rateLimits: 'on' | 'off';
  readonly startedAtMs: number;
  /** False once a worker or the journal has failed, while draining, or with little disk space. */
  readonly accepting: boolean;
  readonly journal: { readonly healthy: boolean; readonly detail: string };
  readonly matching: { readonly healthy: boolean; readonly detail: string };
  /** Unhealthy while there is too little space for new orders. */
  readonly disk: { readonly healthy: boolean; readonly detail: string };
  readonly epoch: number;
  readonly openOrders: number;
  readonly webSocketConnections: number;
}
