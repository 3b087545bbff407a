import type { MarginEvent } from '../../domain/margin-events.ts';
import type { Market } from '../../domain/markets.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Portfolio } from '../../ledger/portfolio.ts';

/** Outside these multiples of its collateral a flat portfolio is set back to it. */
const POOR = 0.5;
const RICH = 3;

export interface CollateralKeeperParts {
  readonly ledger: Ledger;
  /** Resolves when the entry is durable and applied. */
  readonly record: (event: MarginEvent) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

interface Kept {
  readonly portfolio: Portfolio;
  readonly market: Market;
  readonly collateralUnits: number;
  busy: boolean;
}

/**
 * Collateral of simulated traders: whoever lost it is followed by another trader with new money, whoever
 * made a fortune takes it out of the venue. Users' portfolios are left alone.
 */
export class CollateralKeeper {
  private readonly parts: CollateralKeeperParts;
  private readonly kept: Kept[] = [];

  constructor(parts: CollateralKeeperParts) {
    this.parts = parts;
  }

  /** Takes on a portfolio; resolves when it has its leverage and its first collateral. */
  async keep(portfolioId: number, market: Market, collateralUnits: number): Promise<void> {
    const portfolio = this.parts.ledger.get(portfolioId);
    const one = { portfolio, market, collateralUnits, busy: false };
    this.kept.push(one);
    const leverage = market.margin?.maxLeverage ?? 1;
    const entries = [this.restore(one)];
    if (portfolio.margin?.leverage(market.id) !== leverage) {
      const kind = 'LeverageSet';
      entries.push(this.parts.record({ kind, portfolioId, marketId: market.id, leverage }));
    }
    await Promise.all(entries);
  }

  /** Sets back whoever is flat and has too little or too much. */
  step(): void {
    for (const one of this.kept) {
      if (!one.busy) this.restore(one).catch((error: unknown) => this.parts.onError(error));
    }
  }

  private async restore(one: Kept): Promise<void> {
    const { portfolio, market, collateralUnits } = one;
    const asset = market.quote.name;
    const isFlat = (portfolio.positions.get(market.id)?.qtyLots ?? 0) === 0;
    const isIdle = portfolio.openOrders === 0 && !portfolio.margin?.liquidations.has(asset);
    const total = portfolio.balances.get(asset)?.total ?? 0;
    const isFine = total >= POOR * collateralUnits && total <= RICH * collateralUnits;
    if (!isFlat || !isIdle || isFine || total < 0) return;
    const units = collateralUnits - total;
    one.busy = true;
    try {
      const portfolioId = portfolio.id;
      await this.parts.record({ kind: 'CollateralMoved', portfolioId, asset, units });
    } finally {
      one.busy = false;
    }
  }
}
