import type { PortfolioKind } from '../domain/venue-events.ts';
import { MarginState } from './margin-state.ts';
import { RecentFills } from './recent-fills.ts';

/** What a portfolio has of one asset, in its smallest units. Free is `total - held`. */
export interface Balance {
  total: number;
  /** Set aside for open orders; never more than `total` in a cash portfolio. */
  held: number;
}

/** What fills in one market add up to. */
export interface Position {
  /** Signed: bought minus sold. */
  qtyLots: number;
  /** What the open quantity cost, smallest quote units, signed like `qtyLots`; fees not included. */
  costUnits: number;
  /** Profit taken by reducing the position, smallest quote units; fees not included. */
  realisedUnits: number;
  /** Fees paid less rebates, smallest quote units. */
  feeUnits: number;
}

/** A portfolio's position in a market. */
export interface HeldPosition extends Position {
  /** Funding received less funding paid, smallest quote units. */
  fundingUnits: number;
  /** How often a position was opened here: by the first fill, or by one that turned it round. */
  opened: number;
}

export class Portfolio {
  readonly id: number;
  readonly userId: number;
  readonly kind: PortfolioKind;
  readonly name: string;
  readonly balances = new Map<string, Balance>();
  readonly positions = new Map<number, HeldPosition>();
  /** Open orders by client order id, for in-process sessions, which name their orders by it. */
  readonly openByClientId = new Map<string, number>();
  openOrders = 0;
  /** No new orders: it is closed, being closed, or about to pay something out. */
  locked = false;
  /** Of users' portfolios, by market: what the day's change is told from. */
  readonly recentFills = new Map<number, RecentFills>();
  /** Of margin portfolios alone. */
  readonly margin: MarginState | undefined;

  constructor(id: number, userId: number, kind: PortfolioKind, name: string) {
    this.id = id;
    this.userId = userId;
    this.kind = kind;
    this.name = name;
    this.margin = kind === 'margin' ? new MarginState() : undefined;
  }

  balance(asset: string): Balance {
    let balance = this.balances.get(asset);
    if (balance === undefined) {
      balance = { total: 0, held: 0 };
      this.balances.set(asset, balance);
    }
    return balance;
  }

  /** The fills of the last days in a market, made on first use. */
  fillsOf(marketId: number): RecentFills {
    let fills = this.recentFills.get(marketId);
    if (fills === undefined) {
      fills = new RecentFills();
      this.recentFills.set(marketId, fills);
    }
    return fills;
  }

  /**
   * Takes in a fill of a venue time; see `addFill`.
   * @returns what the position was before it
   */
  take(
    marketId: number,
    signedLots: number,
    notionalUnits: number,
    feeUnits: number,
    seconds: number,
  ): number {
    if (this.userId > 0) {
      this.fillsOf(marketId).add(seconds, signedLots, notionalUnits, feeUnits);
    }
    const position = this.position(marketId);
    const beforeLots = position.qtyLots;
    addFill(position, signedLots, notionalUnits, feeUnits);
    if (beforeLots === 0 || position.qtyLots * beforeLots < 0) position.opened += 1;
    return beforeLots;
  }

  position(marketId: number): HeldPosition {
    let position = this.positions.get(marketId);
    if (position === undefined) {
      position = {
        qtyLots: 0,
        costUnits: 0,
        realisedUnits: 0,
        feeUnits: 0,
        fundingUnits: 0,
        opened: 0,
      };
      this.positions.set(marketId, position);
    }
    return position;
  }
}

/**
 * Adds a fill to a position by average cost: growing it adds to the cost; reducing it takes the
 * proportional cost out and realises the difference; crossing zero does both.
 * `signedLots` is positive for a purchase; `notionalUnits` is price × quantity, positive.
 */
export function addFill(
  position: Position,
  signedLots: number,
  notionalUnits: number,
  feeUnits: number,
): void {
  position.feeUnits += feeUnits;
  const signedNotional = signedLots > 0 ? notionalUnits : -notionalUnits;
  const before = position.qtyLots;
  const after = before + signedLots;
  if (before === 0 || before > 0 === signedLots > 0) {
    position.qtyLots = after;
    position.costUnits += signedNotional;
    return;
  }
  const closingLots = Math.min(Math.abs(before), Math.abs(signedLots));
  // Both shares are rounded towards zero; what rounding leaves stays in the open part's cost, so
  // that closing the position whole always takes its whole cost.
  const costOut = share(position.costUnits, closingLots, Math.abs(before));
  const proceeds = share(signedNotional, closingLots, Math.abs(signedLots));
  position.realisedUnits -= costOut + proceeds;
  position.costUnits = position.costUnits - costOut + (signedNotional - proceeds);
  position.qtyLots = after;
}

/** `units × part / whole`, exact where the product leaves 53 bits, rounded towards zero. */
function share(units: number, part: number, whole: number): number {
  if (part === whole) return units;
  const product = units * part;
  if (Number.isSafeInteger(product)) return Math.trunc(product / whole);
  return Number((BigInt(units) * BigInt(part)) / BigInt(whole));
}
