import type { Asset, Market } from '../../domain/markets.ts';
import type { PortfolioKind } from '../../domain/venue-events.ts';

/**
 * Where a position comes from: what its orders add up to; what is there beyond that because it was
 * transferred in (or, negative, sold of that); what was bought elsewhere and recorded.
 */
export type PositionSource = 'orders' | 'transfers' | 'recorded';

/** One line of a portfolio's value. Money is in the smallest units of the portfolio's currency. */
export interface ValuedPosition {
  readonly source: PositionSource;
  /** Of a recorded holding; else 0. */
  readonly holdingId: number;
  readonly market: Market;
  /** Signed, smallest units of the market's base asset. */
  readonly qtyUnits: number;
  /** What it cost, signed like the quantity, without fees; `null` where nobody knows. */
  readonly costUnits: number | null;
  /** Newest trade's price (margin portfolios: the mark price); 0 while there is none. */
  readonly priceTicks: number;
  /** Close of the market's newest day before this one; `null` where there is none. */
  readonly previousCloseTicks: number | null;
  /** Signed. Without a price it is what it cost, and 0 where nobody knows that. */
  readonly valueUnits: number;
  /** Value less cost; `null` where the cost is not known. */
  readonly unrealisedUnits: number | null;
  /** What has been made with it since the market's day began, fees taken off. */
  readonly dayChangeUnits: number;
  /** Part of the portfolio's total value, a fraction; 0 where that is not positive. */
  readonly weight: number;
}

/**
 * What a portfolio is worth as of the newest durable event. Assets that markets settle in and that
 * no market trades (USD, USDT, USDC) are cash, and are worth the same. A copy: it does not change.
 */
export interface Valuation {
  readonly portfolioId: number;
  readonly userId: number;
  readonly kind: PortfolioKind;
  readonly title: string;
  /** What all money here is in. */
  readonly currency: Asset;
  /** All cash, also what is held for open orders; negative where a margin portfolio owes it. */
  readonly cashUnits: number;
  /** The part of it that no open order holds. */
  readonly freeCashUnits: number;
  /** By market id, within a market orders, transfers, then holdings; flat ones are left out. */
  readonly positions: readonly ValuedPosition[];
  readonly positionsUnits: number;
  /** Cash and positions. */
  readonly totalUnits: number;
  /** What has been made today, each market's day by its calendar; flat positions count too. */
  readonly dayChangeUnits: number;
}
