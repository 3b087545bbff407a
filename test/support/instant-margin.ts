import type { Market } from '../../src/domain/markets.ts';
import { OK } from '../../src/domain/result-codes.ts';
import type {
  ClosePositionRequest,
  LeverageRequest,
  MarginVenue,
  OpenPositionRequest,
  PositionReply,
} from '../../src/gateway/margin/margin-venue.ts';
import { Derivatives } from '../../src/projections/derivatives.ts';

/** Margin trading without an engine: what is asked for is kept, and answered as a test says. */
export class InstantMargin implements MarginVenue {
  readonly opened: OpenPositionRequest[] = [];
  readonly closed: ClosePositionRequest[] = [];
  readonly leverages: LeverageRequest[] = [];
  /** What the next request is answered with. */
  nextReply: PositionReply = { code: OK, order: null, position: null };
  private readonly byMarket = new Map<number, Derivatives>();

  marginPortfolioId(userId: number): number {
    return userId * 10 + 1;
  }

  openPosition(request: OpenPositionRequest, done: (reply: PositionReply) => void): void {
    this.opened.push(request);
    done(this.nextReply);
  }

  closePosition(request: ClosePositionRequest, done: (reply: PositionReply) => void): void {
    this.closed.push(request);
    done(this.nextReply);
  }

  setLeverage(request: LeverageRequest, done: (code: number) => void): void {
    this.leverages.push(request);
    done(this.nextReply.code);
  }

  derivatives(market: Market): Derivatives | undefined {
    if (market.assetClass !== 'crypto_perpetual') return undefined;
    let derivatives = this.byMarket.get(market.id);
    if (derivatives === undefined) {
      derivatives = new Derivatives();
      this.byMarket.set(market.id, derivatives);
    }
    return derivatives;
  }

  openInterestHistory(market: Market) {
    return this.derivatives(market)?.interestPoints ?? [];
  }

  fundingHistory(market: Market) {
    return this.derivatives(market)?.fundingPoints ?? [];
  }

  liquidations(market: Market) {
    return this.derivatives(market)?.recentLiquidations ?? [];
  }
}
