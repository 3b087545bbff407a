import type { MarginEvent } from '../../domain/margin-events.ts';
import type { Market } from '../../domain/markets.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { MarginRules } from '../../ledger/margin.ts';
import type { MarketView, MarketViews } from '../../projections/market-view.ts';
import { CollateralKeeper } from './collateral-keeper.ts';
import { FundingDesk } from './funding-desk.ts';
import { Liquidator, type LiquidatorParts } from './liquidator.ts';
import { MarkPrices } from './mark-prices.ts';

const STEP_MS = 1000;
/** A process that stood still for longer does not make up for it in the averages. */
const ELAPSED_MS_MAX = 10_000;

export interface MarginClockworkParts
  extends Pick<LiquidatorParts, 'cancelAll' | 'close' | 'onError'> {
  readonly markets: readonly Market[];
  readonly ledger: Ledger;
  readonly rules: MarginRules;
  readonly views: MarketViews;
  readonly clock: { nowMs(): number };
  readonly record: (event: MarginEvent) => Promise<void>;
  /** False while nothing may be written. */
  readonly healthy: () => boolean;
  /** Gives what changed to those who listen. */
  readonly publish: () => void;
}

/**
 * What happens to margin portfolios and perpetual markets as time goes by: every second mark prices
 * are worked out, then funding that is due is settled, then liquidations begin or go on.
 */
export class MarginClockwork {
  /** Of simulated traders. */
  readonly keeper: CollateralKeeper;
  private readonly parts: MarginClockworkParts;
  private readonly prices: MarkPrices;
  private desks: { readonly funding: FundingDesk; readonly liquidator: Liquidator } | undefined;
  private readonly fundPortfolioId: () => number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private steppedMs: number | undefined;
  private changes = 0;
  private readonly told = new Map<MarketView, readonly number[]>();

  /** @param fundPortfolioId the insurance fund, once it exists */
  constructor(parts: MarginClockworkParts, fundPortfolioId: () => number | undefined) {
    this.parts = parts;
    this.fundPortfolioId = fundPortfolioId;
    this.keeper = new CollateralKeeper(parts);
    this.prices = new MarkPrices(parts.markets, parts.views);
    this.prices.step(0);
  }

  get liquidator(): Liquidator | undefined {
    return this.desks?.liquidator;
  }

  start(): void {
    this.step(this.parts.clock.nowMs());
    this.timer = setInterval(() => this.step(this.parts.clock.nowMs()), STEP_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** One step, at this venue time; the time may jump or stand still. */
  step(nowMs: number): void {
    const elapsedMs = nowMs - (this.steppedMs ?? nowMs);
    this.steppedMs = nowMs;
    this.prices.step(Math.min(ELAPSED_MS_MAX, Math.max(0, elapsedMs)));
    if (this.parts.healthy()) {
      this.desks ??= this.openDesks();
      this.desks?.funding.step(Math.floor(nowMs / 1000));
      this.desks?.liquidator.step();
      this.keeper.step();
    }
    this.tell(nowMs);
    this.parts.publish();
  }

  private openDesks(): MarginClockwork['desks'] {
    const fundPortfolioId = this.fundPortfolioId();
    if (fundPortfolioId === undefined) return undefined;
    const parts = { ...this.parts, fundPortfolioId };
    return { funding: new FundingDesk(parts), liquidator: new Liquidator(parts) };
  }

  /** Channels of perpetuals whose figures are others than before. */
  private tell(nowMs: number): void {
    const seconds = Math.floor(nowMs / 1000);
    const nanos = Math.floor((nowMs - seconds * 1000) * 1_000_000);
    for (const view of this.parts.views.all) {
      if ((view.market.margin?.funding ?? null) === null) continue;
      const { derivatives } = view;
      const { markTicks, indexTicks, predictedRatePpb, fundingRatePpb, nextFundingSeconds } =
        derivatives;
      const figures = [markTicks, indexTicks, predictedRatePpb, fundingRatePpb, nextFundingSeconds];
      const before = this.told.get(view) ?? [];
      const { openInterestLots } = derivatives;
      if (figures.some((figure, i) => figure !== before[i])) {
        this.changes += 1;
        derivatives.fundingPosition.set(this.changes, seconds, nanos);
      }
      if (openInterestLots !== before[figures.length]) {
        this.changes += 1;
        derivatives.openInterestPosition.set(this.changes, seconds, nanos);
      }
      this.told.set(view, [...figures, openInterestLots]);
      this.parts.views.note(view);
    }
  }
}
