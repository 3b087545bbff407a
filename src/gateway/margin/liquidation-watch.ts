import type { Market } from '../../domain/markets.ts';
import type { MarginAccount } from '../../ledger/margin.ts';
import type { Portfolio } from '../../ledger/portfolio.ts';
import type { MarketViews } from '../../projections/market-view.ts';
import { PriceHeap, type Watched } from './liquidation-index.ts';

/** A margin portfolio's positions that settle in one asset. */
export interface WatchedAccount extends Watched {
  readonly portfolio: Portfolio;
  readonly asset: string;
  /** An entry or a command of its liquidation is under way. */
  busy: boolean;
}

interface MarketHeaps {
  readonly market: Market;
  readonly falling: PriceHeap<WatchedAccount>;
  readonly rising: PriceHeap<WatchedAccount>;
}

/**
 * Which accounts have to be looked at when a mark price moves, without going through all of them.
 * What an account has above its maintenance margin is divided among its positions: each one watches
 * for the price at which it alone has lost its part. Before one of these prices is reached the
 * account cannot have too little, whatever all prices do together; with a single position the
 * price watched for is the liquidation price itself.
 */
export class LiquidationWatch {
  private readonly views: MarketViews;
  private readonly heaps: readonly MarketHeaps[];
  private readonly byMarket = new Map<number, MarketHeaps>();
  private readonly accounts = new Map<Portfolio, Map<string, WatchedAccount>>();
  private readonly assets: readonly string[];

  constructor(markets: readonly Market[], views: MarketViews) {
    this.views = views;
    const margined = markets.filter(({ margin }) => margin !== null);
    this.assets = [...new Set(margined.map(({ quote }) => quote.name))];
    this.heaps = margined.map((market) => ({
      market,
      falling: new PriceHeap<WatchedAccount>(true),
      rising: new PriceHeap<WatchedAccount>(false),
    }));
    for (const one of this.heaps) this.byMarket.set(one.market.id, one);
  }

  /** The portfolio's accounts, one for each asset that margin markets settle in and it has any of. */
  *accountsOf(portfolio: Portfolio): Generator<WatchedAccount> {
    let known = this.accounts.get(portfolio);
    if (known === undefined) {
      known = new Map();
      this.accounts.set(portfolio, known);
    }
    for (const asset of this.assets) {
      if (!portfolio.balances.has(asset)) continue;
      let account = known.get(asset);
      if (account === undefined) {
        account = { portfolio, asset, busy: false, version: 0 };
        known.set(asset, account);
      }
      yield account;
    }
  }

  /** From now on watches for the prices at which this account may have too little. */
  set(account: WatchedAccount, { equityUnits, maintenanceUnits, positions }: MarginAccount): void {
    account.version += 1;
    if (positions === 0) return;
    const part = (equityUnits - maintenanceUnits) / positions;
    for (const [marketId, { qtyLots }] of account.portfolio.positions) {
      const heaps = this.byMarket.get(marketId);
      if (qtyLots === 0 || heaps === undefined) continue;
      const { market } = heaps;
      if (market.quote.name !== account.asset) continue;
      const ratio = (market.margin?.maintenancePpm ?? 0) / 1_000_000;
      const perTick = Math.abs(qtyLots) * market.quoteUnitsPerTickLot;
      const markTicks = this.markTicks(marketId);
      // One tick early: margins are rounded. Looking too early costs a look.
      if (qtyLots > 0) {
        heaps.falling.add(Math.ceil(markTicks - part / (perTick * (1 - ratio))) + 1, account);
      } else {
        heaps.rising.add(Math.floor(markTicks + part / (perTick * (1 + ratio))) - 1, account);
      }
    }
  }

  /**
   * An account one of whose prices is reached now; `undefined` when there is none left. It is watched
   * no longer.
   */
  next(): WatchedAccount | undefined {
    for (const { market, falling, rising } of this.heaps) {
      const markTicks = this.markTicks(market.id);
      if (markTicks === 0) continue;
      const due = falling.take(markTicks) ?? rising.take(markTicks);
      if (due === undefined) continue;
      due.version += 1;
      return due;
    }
    return undefined;
  }

  private markTicks(marketId: number): number {
    return this.views.get(marketId)?.derivatives.markTicks ?? 0;
  }
}
