import type { Market } from '../../domain/markets.ts';
import type {
  Derivatives,
  FundingPoint,
  LiquidationFill,
  OpenInterestPoint,
} from '../../projections/derivatives.ts';
import type { AccountPosition } from '../account.ts';
import type { OrderView } from '../venue.ts';

/** What surfaces see of leveraged trading and of perpetual markets. */
export interface MarginVenue {
  /** The user's margin portfolio; `undefined` before the first `openPosition` or `setLeverage`. */
  marginPortfolioId(userId: number): number | undefined;

  /**
   * A market order for the user's margin portfolio, which is opened on first use; on a venue of simulated
   * markets it comes with opening collateral. An opposite position is netted. `done` is called
   * once, when the outcome is durable. Codes beside those of any order: `INSUFFICIENT_MARGIN`,
   * `POSITION_LIMIT_EXCEEDED`, `LEVERAGE_NOT_ALLOWED`, `NO_MARK_PRICE`, `PORTFOLIO_IN_LIQUIDATION`.
   */
  openPosition(request: OpenPositionRequest, done: (reply: PositionReply) => void): void;

  /**
   * Closes a position of one of the user's portfolios by a reduce-only market order; whatever the book
   * does not take stays open. Code `UNKNOWN_POSITION` when there is none such.
   */
  closePosition(request: ClosePositionRequest, done: (reply: PositionReply) => void): void;

  /** Changes a market's leverage in the user's margin portfolio; done when that is durable. */
  setLeverage(request: LeverageRequest, done: (code: number) => void): void;

  /** Mark price, funding, open interest; `undefined` where the market is no perpetual. */
  derivatives(market: Market): Derivatives | undefined;

  /** Points of the open interest at multiples of the interval, oldest first, the newest `limit`. */
  openInterestHistory(market: Market, range: HistoryRange): readonly OpenInterestPoint[];

  /** Funding that was settled, oldest first; `intervalSeconds` is left out of account. */
  fundingHistory(market: Market, range: HistoryRange): readonly FundingPoint[];

  /** The newest fills of liquidation orders, newest first. */
  liquidations(market: Market, limit: number): readonly LiquidationFill[];
}

export interface OpenPositionRequest {
  readonly userId: number;
  readonly market: Market;
  /** SIDE_…: a purchase goes long. */
  readonly side: number;
  readonly qtyLots: number;
  /** A whole number from 1 to the market's maximum. */
  readonly leverage: number;
  /** `''` when there is none. */
  readonly clientOrderId: string;
}

export interface ClosePositionRequest {
  readonly userId: number;
  readonly positionId: string;
}

export interface LeverageRequest {
  readonly userId: number;
  readonly market: Market;
  readonly leverage: number;
}

export interface PositionReply {
  readonly code: number;
  /** `null` when it was denied before the book. */
  readonly order: OrderView | null;
  /** The portfolio's position in this market after it; `null` where nothing was ever traded. */
  readonly position: AccountPosition | null;
}

/** Seconds since the Unix epoch, both ends included. */
export interface HistoryRange {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** A multiple of 300. */
  readonly intervalSeconds: number;
  readonly limit: number;
}
