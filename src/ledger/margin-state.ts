/** What the open orders of a margin portfolio in one market may come to. */
export interface Exposure {
  buyLots: number;
  sellLots: number;
  /** Notional at the orders' worst prices, smallest quote units. */
  buyUnits: number;
  sellUnits: number;
  /** Highest fees on all of it. */
  feeUnits: number;
  /** Open orders, also those that only reduce the position and count for nothing else. */
  orders: number;
}

/** What an order counts for in its market's exposure now. */
export interface Counted {
  lots: number;
  units: number;
  feeUnits: number;
}

/** A liquidation under way. */
export interface Liquidation {
  /** Notional closed since its beginning, smallest units. */
  closedUnits: number;
  readonly feePpm: number;
}

const FLAT: Exposure = {
  buyLots: 0,
  sellLots: 0,
  buyUnits: 0,
  sellUnits: 0,
  feeUnits: 0,
  orders: 0,
};

/** What a margin portfolio has beyond balances and positions. */
export class MarginState {
  /** By market id; 1 where nothing was set. */
  readonly leverages = new Map<number, number>();
  /** By market id. Follows from the open orders. */
  readonly exposures = new Map<number, Exposure>();
  /** By asset of settlement. */
  readonly liquidations = new Map<string, Liquidation>();

  leverage(marketId: number): number {
    return this.leverages.get(marketId) ?? 1;
  }

  exposure(marketId: number): Exposure {
    let exposure = this.exposures.get(marketId);
    if (exposure === undefined) {
      exposure = { ...FLAT };
      this.exposures.set(marketId, exposure);
    }
    return exposure;
  }
}
