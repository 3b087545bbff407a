import type { FundingSettled, MarketSample, MarketsSampled } from '../domain/margin-events.ts';
import { ChannelPosition } from './channel-position.ts';

/** Thirty days of points every five minutes. */
const INTEREST_POINTS = 8640;
const FUNDING_POINTS = 2160;
const RECENT_LIQUIDATIONS = 200;
export const SAMPLE_SECONDS = 300;

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
  /** Of the trade in its market; 0 on an exchange that does not tell. */
  readonly tradeId: number;
}

/** A settlement of which the journal has the first events and not the last one. */
export interface OpenSettlement extends Omit<FundingSettled, 'kind' | 'payments' | 'last'> {
  /** Portfolios that were paid, or have paid. */
  readonly settled: number[];
}

/**
 * What a perpetual market has beside its book. Mark price and predicted funding follow the books
 * second by second and are not in the journal; everything else is, or follows from it.
 */
export class Derivatives {
  /** What positions are valued at; 0 before there was a price. Set for every market with margin. */
  markTicks = 0;
  /** Middle of the same asset's other markets; the market's own slow average where there is none. */
  indexTicks = 0;
  /** The rate settled last, parts per billion for its interval; 0 before the first. */
  fundingRatePpb = 0;
  /** What the rate would be if the interval ended now. */
  predictedRatePpb = 0;
  /** End of the interval under way, seconds since the Unix epoch; 0 before the market's first. */
  nextFundingSeconds = 0;
  fundingIntervalSeconds = 0;
  /** Contracts open, see docs/margin.md. */
  openInterestLots = 0;
  /** How far the book's middle is from the index now; `undefined` where there is no middle. */
  premiumPpb: number | undefined;
  /** Premiums of the interval under way, parts per billion of the index. */
  premiumSumPpb = 0;
  premiumSamples = 0;
  openSettlement: OpenSettlement | undefined;
  /** The newest order by which the venue closed a position here. */
  liquidationOrderId = 0;
  /** Oldest first, bounded. */
  readonly fundingPoints: FundingPoint[] = [];
  readonly interestPoints: OpenInterestPoint[] = [];
  readonly recentLiquidations: LiquidationFill[] = [];
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

  /** Takes in an event of a settlement. */
  settled(event: FundingSettled): void {
    const { kind: _, payments, last, ...terms } = event;
    if (!last) {
      this.openSettlement ??= { ...terms, settled: [] };
      for (const [portfolioId] of payments) this.openSettlement.settled.push(portfolioId);
      return;
    }
    const { intervalEndSeconds, nextSeconds, ratePpb, markTicks } = terms;
    this.openSettlement = undefined;
    this.fundingRatePpb = ratePpb;
    push(this.fundingPoints, { seconds: intervalEndSeconds, ratePpb, markTicks }, FUNDING_POINTS);
    this.beginInterval(nextSeconds);
  }

  /**
   * An exchange says when its interval ends. When that moves on, what it had predicted last is what
   * it has settled.
   */
  fundingEndMoved(nextSeconds: number): void {
    const endSeconds = this.nextFundingSeconds;
    if (endSeconds !== 0 && nextSeconds > endSeconds) {
      this.fundingRatePpb = this.predictedRatePpb;
      const { fundingRatePpb: ratePpb, markTicks } = this;
      push(this.fundingPoints, { seconds: endSeconds, ratePpb, markTicks }, FUNDING_POINTS);
    }
    this.nextFundingSeconds = nextSeconds;
  }

  /** The next interval begins, without premiums. */
  beginInterval(nextFundingSeconds: number): void {
    this.nextFundingSeconds = nextFundingSeconds;
    this.premiumSumPpb = 0;
    this.premiumSamples = 0;
  }

  /** Takes in a durable sample; of recovery, this is where a market goes on. */
  sampled({ seconds }: MarketsSampled, sample: MarketSample, isRecovery: boolean): void {
    const { markTicks, indexTicks, openInterestLots } = sample;
    const point = { seconds, lots: openInterestLots, markTicks };
    push(this.interestPoints, point, INTEREST_POINTS);
    if (this.nextFundingSeconds === 0) this.nextFundingSeconds = sample.nextFundingSeconds;
    if (!isRecovery) return;
    this.markTicks = markTicks;
    this.indexTicks = indexTicks;
    this.openInterestLots = openInterestLots;
    this.premiumSumPpb = sample.premiumSumPpb;
    this.premiumSamples = sample.premiumSamples;
  }

  /** Points that an exchange tells of times in which nobody took samples here. */
  learnInterest(points: readonly OpenInterestPoint[]): void {
    const known = new Map(points.map((point) => [point.seconds, point]));
    for (const point of this.interestPoints) known.set(point.seconds, point);
    const all = [...known.values()].sort((a, b) => a.seconds - b.seconds);
    this.interestPoints.splice(0, this.interestPoints.length, ...all.slice(-INTEREST_POINTS));
  }

  liquidated(fill: LiquidationFill, seq: number): void {
    this.liquidations.push(fill);
    push(this.recentLiquidations, fill, RECENT_LIQUIDATIONS);
    this.liquidationsPosition.set(seq, fill.seconds, fill.nanos);
  }

  /** What changed has been published. */
  clearChanges(): void {
    this.liquidations.length = 0;
    const { fundingPosition, openInterestPosition, liquidationsPosition } = this;
    for (const position of [fundingPosition, openInterestPosition, liquidationsPosition]) {
      position.publishedSeq = position.seq;
    }
  }
}

function push<T>(points: T[], point: T, most: number): void {
  points.push(point);
  if (points.length > most) points.shift();
}
