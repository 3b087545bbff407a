import { ChannelPosition } from './channel-position.ts';

/** Funding as settled at the end of an interval. */
export interface FundingPoint {
  /** End of the interval, seconds since the Unix epoch. */
  readonly seconds: number;
  /** Parts per billion of the notional for the interval; positive: longs pay. */
  readonly ratePpb: number;
  readonly markTicks: number;
}

export interface OpenInterestPoint {
  readonly seconds: number;
  readonly lots: number;
  readonly markTicks: number;
}

/** A fill of a liquidation order. */
export interface LiquidationFill {
  /** Venue time of the trade. */
  readonly seconds: number;
  readonly nanos: number;
  /** The liquidation order's side: a sale closes a long position. */
  readonly side: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
  /** Of the trade in its market. */
  readonly tradeId: number;
}

/**
 * What a perpetual market has beside its book. Mark price and predicted funding follow the books
 * second by second and are not in the journal; everything else is, or follows from it.
 */
export class Derivatives {
  /** What positions are valued at; 0 before there was a price. */
  markTicks = 0;
  /** Middle of the same asset's other markets; the market's own slow average where there is none. */
  indexTicks = 0;
  /** The rate settled last, parts per billion for its interval; 0 before the first. */
  fundingRatePpb = 0;
  /** What the rate would be if the interval ended now. */
  predictedRatePpb = 0;
  /** End of the interval under way, seconds since the Unix epoch; 0 where nothing is settled. */
  nextFundingSeconds = 0;
  fundingIntervalSeconds = 0;
  /** Contracts open, see docs/margin.md. */
  openInterestLots = 0;
  /** Channel `funding`: mark, index, rates. Sequences count changes since the process started. */
  readonly fundingPosition = new ChannelPosition();
  /** Channel `open_interest`, likewise. */
  readonly openInterestPosition = new ChannelPosition();
  /** Channel `liquidations`: sequences are those of the trades in their market. */
  readonly liquidationsPosition = new ChannelPosition();
  /** Since the last publication; emptied by `clearChanges`. */
  readonly liquidations: LiquidationFill[] = [];

  get changed(): boolean {
    return (
      this.fundingPosition.changed ||
      this.openInterestPosition.changed ||
      this.liquidationsPosition.changed
    );
  }

  /** What changed has been published. */
  clearChanges(): void {
    this.liquidations.length = 0;
    for (const position of [
      this.fundingPosition,
      this.openInterestPosition,
      this.liquidationsPosition,
    ]) {
      position.publishedSeq = position.seq;
    }
  }
}
