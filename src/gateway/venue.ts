import type { MarketRegistry } from '../config/markets.ts';
import type { Candle, CandleInterval, MarketStatistics } from '../domain/candles.ts';
import type { Market, MarketSource } from '../domain/markets.ts';
import type { OrderTerms } from '../domain/orders.ts';
import type { DepthBook } from '../projections/depth.ts';
import type { OrderExtension } from '../projections/order-extension.ts';
import type { Account, PortfolioSummary } from './account.ts';
import type { CandleSeries } from './candle-series.ts';
import type { MarginVenue } from './margin/margin-venue.ts';
import type { Amendment } from './order-door.ts';
import type { PortfolioVenue } from './portfolios/portfolio-venue.ts';
import type { Valuation } from './portfolios/valuation.ts';

/**
 * What surfaces see of the engine. Surfaces translate wire forms to these calls and these views to
 * wire forms, and know nothing else.
 */
export interface Venue {
  readonly markets: MarketRegistry;

  /** Leveraged trading, and what perpetual markets have beside their books. */
  readonly margin: MarginVenue;

  /** Portfolios as their users arrange them: opening, closing, transfers, recorded holdings. */
  readonly portfolioDesk: PortfolioVenue;

  /** What a portfolio is worth now; `undefined` for one that does not exist. */
  valuation(portfolioId: number): Valuation | undefined;

  /** `undefined` for a portfolio that does not exist; whose it is, `ownsPortfolio` says. */
  account(portfolioId: number): Account | undefined;

  /** The user's portfolios, oldest first. */
  portfolios(userId: number): readonly PortfolioSummary[];

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

  /**
   * Places orders that are linked with each other: all of them go to the book in this order, or none
   * does. `done` is called once, with a reply for each. A child whose parent trades at once acts at
   * once. Client order ids in it are not looked up: each request is a new one.
   */
  placeLinked(requests: readonly LinkedRequest[], done: (replies: OrderReply[]) => void): void;

  /**
   * Changes price or quantity of an open order; codes as for `cancel`, and those of terms, funds and
   * of the book, which leave the order as it was.
   */
  amend(request: AmendRequest, done: (reply: OrderReply) => void): void;

  /** Cancels many orders, also such as are on their way to the book. */
  cancelAll(request: CancelAllRequest, done: (reply: CancelAllReply) => void): void;

  /** Sets, renews or takes back the dead man's switch; `done` is called when that is durable. */
  cancelAllAfter(request: CancelAllAfterRequest, done: (reply: CancelAllAfterReply) => void): void;

  /** True while the order is open, as far as is durable. */
  isOpen(orderId: number): boolean;

  /** For operators: another phase for a market. */
  setPhase(market: Market, phase: number, done: (code: number) => void): void;

  /** For operators: the price that price bands refer to. */
  setReference(market: Market, priceTicks: number, done: (code: number) => void): void;

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

  /** Orders of one or of all portfolios of a user, open and closed, the newest first. */
  ordersOf(query: OrdersOf): OrderPage;

  /** The user's open orders, waiting ones included, in no particular sequence. */
  openOrders(userId: number): readonly OrderView[];

  /** The portfolio an order of this user goes to when the request names none. */
  defaultPortfolioId(userId: number): number | undefined;

  /** True when the portfolio is the user's. */
  ownsPortfolio(userId: number, portfolioId: number): boolean;

  /** The live book as of the newest durable event. REUSED: read it now, do not keep it. */
  depth(market: Market): DepthBook;

  ticker(market: Market): Ticker;

  /**
   * The newest `limit` (at most 5 000) bars of an interval that begin from one time to another, both
   * included, oldest first; the bar under way is the last one when the range includes now. Only what
   * is durable; nothing before the first trade or the generated history.
   */
  candles(
    market: Market,
    interval: CandleInterval,
    fromSeconds: number,
    toSeconds: number,
    limit: number,
  ): readonly Candle[];

  /** The same bars for callers who want many of them fast. */
  candleSeries(market: Market, interval: CandleInterval): CandleSeries;

  /** The last 24 hours and the day under way. */
  statistics(market: Market): MarketStatistics;

  status(): VenueStatus;
}

type PlainTerms = 'side' | 'orderType' | 'tif' | 'flags' | 'priceTicks' | 'qtyLots';

/**
 * An order as a client asks for it. Terms that are absent are plain ones. `priceTicks` is 0 for what
 * acts as a market order; an order for the day has no expiry yet: the door knows it.
 */
export interface PlaceRequest
  extends Pick<OrderTerms, PlainTerms>,
    Partial<Omit<OrderTerms, PlainTerms>> {
  readonly market: Market;
  readonly userId: number;
  readonly portfolioId: number;
  /** `''` when the client gave none; at most 36 characters of printable ASCII. */
  readonly clientOrderId: string;
  /** How far a market order may trade from the best price, basis points; default: the market's. */
  readonly collarBps?: number;
}

/** An order of a set that is placed together. */
export interface LinkedRequest {
  readonly request: PlaceRequest;
  /** Place in the set of the order that this one is the one-cancels-other partner of; -1: none. */
  readonly ocoOf: number;
  /** Place in the set of the order that must trade whole before this one acts; -1: none. */
  readonly childOf: number;
}

export interface AmendRequest extends Amendment {
  readonly userId: number;
  readonly orderId: number;
}

/** A page of a user's orders. */
export interface OrdersOf {
  readonly userId: number;
  /** `undefined`: all of the user's, closed ones included. */
  readonly portfolioId: number | undefined;
  /** Only orders with a smaller id; infinite for the first page. */
  readonly beforeOrderId: number;
  readonly limit: number;
  readonly wanted: (order: OrderView) => boolean;
}

export interface OrderPage {
  readonly orders: readonly OrderView[];
  /** Where the next page begins; `undefined`: there is none. */
  readonly nextBeforeOrderId: number | undefined;
}

/** Whose orders, and where: of all the user's portfolios, of all markets, where nothing is named. */
export interface CancelAllRequest {
  readonly userId: number;
  readonly portfolioId: number | undefined;
  readonly market: Market | undefined;
}

export interface CancelAllReply {
  /** `OK` when none of these orders is open any more. */
  readonly code: number;
  /** Orders that left. */
  readonly cancelled: number;
}

/** Cancels all of a portfolio's orders (in one market, or everywhere) unless it is set anew in time. */
export interface CancelAllAfterRequest {
  readonly userId: number;
  readonly portfolioId: number;
  readonly market: Market | undefined;
  /** From now; 0 disarms. */
  readonly seconds: number;
}

export interface CancelAllAfterReply {
  readonly code: number;
  /** Venue time at which it fires, milliseconds since the Unix epoch; 0 when it is disarmed. */
  readonly firesAtMs: number;
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
  /** SELF_TRADE_… */
  readonly selfTrade: number;
  /** Limit price; of what acts as a market order the protective limit it was given. */
  readonly priceTicks: number;
  /** The terms beyond the plain ones, and where such an order stands. */
  readonly extension: Readonly<OrderExtension>;
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
  /** Price and volume of the newest auction; 0 when there was none. */
  auctionPriceTicks: number;
  auctionVolumeLots: number;
  /** What price bands refer to; 0 when there is nothing. */
  referenceTicks: number;
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
  /** In the order of their first markets. */
  readonly exchanges: readonly ExchangeStatus[];
}

/** Where an exchange's facts come from, and how they are. */
export interface ExchangeStatus {
  readonly exchange: string;
  readonly source: MarketSource;
  /** Live: every socket brings data; else: something happened a short while ago. */
  readonly isFresh: boolean;
  /** When data of a live exchange came last, milliseconds since the Unix epoch; else `null`. */
  readonly lastDataMs: number | null;
  /** Symbols of live markets whose book cannot be trusted now; it is empty until it is told anew. */
  readonly staleMarkets: readonly string[];
}
