import type { Market } from '../../domain/markets.ts';
import { SIDE_UNKNOWN } from '../../domain/orders.ts';
import type { MarketView } from '../../projections/market-view.ts';

/** Something traded that clients are told of: a large trade, or a fill of a liquidation. */
export interface TradeEvent {
  readonly market: Market;
  /** SIDE_… of the aggressor, or of the liquidation order. */
  readonly side: number;
  /** 10^-priceDecimals of the quote asset; of several fills their mean, rounded. */
  readonly priceUnits: number;
  readonly qtyLots: number;
  /** Smallest units of the quote asset. */
  readonly valueUnits: number;
  /** Venue time. */
  readonly seconds: number;
  readonly nanos: number;
}

/** Fills of one aggressor that follow each other. */
interface Taken {
  readonly orderId: number;
  readonly side: number;
  readonly seconds: number;
  readonly nanos: number;
  lots: number;
  /** Sum of price × quantity, ticks × lots. */
  tickLots: number;
}

/**
 * Adds up the fills of one aggressor: what an order takes from several others at once is one trade.
 * On another exchange the next fill, or a moment of silence, shows that it was all. A trade that was
 * only reported counts by itself; an auction has no aggressor, and an unknown one has
 * no side, so these are left out.
 */
export class AggressorTrades {
  /** By market id: fills of a command of which more records are to come. */
  private readonly open: (Taken | undefined)[] = [];

  /** Trades that are complete with this publication, in their order. */
  collect(view: MarketView): TradeEvent[] {
    const { market, trades } = view;
    const events: TradeEvent[] = [];
    let taken = this.open[market.id];
    const finish = () => {
      if (taken !== undefined) events.push(eventOf(market, taken));
      taken = undefined;
    };
    for (let i = 0; i < trades.length; i += 1) {
      const orderId = trades.takers[i];
      const seconds = trades.seconds[i];
      const nanos = trades.nanos[i];
      const isSame = orderId !== 0 && orderId === taken?.orderId;
      if (!isSame || seconds !== taken?.seconds || nanos !== taken.nanos) finish();
      const side = trades.sides[i];
      if (side === SIDE_UNKNOWN) continue;
      taken ??= { orderId, side, seconds, nanos, lots: 0, tickLots: 0 };
      taken.lots += trades.qtysLots[i];
      taken.tickLots += trades.qtysLots[i] * trades.pricesTicks[i];
    }
    // Another exchange tells fill by fill, and what follows may still be the same aggressor's.
    if (view.groupEnded && !view.outside.isLive) finish();
    this.open[market.id] = taken;
    return events;
  }

  /** The trade that still waits for more fills; from here on it waits no more. */
  takeWaiting(market: Market): TradeEvent | undefined {
    const taken = this.open[market.id];
    this.open[market.id] = undefined;
    return taken === undefined ? undefined : eventOf(market, taken);
  }

  /** True while fills of a market wait for the rest of their command. */
  isWaiting(market: Market): boolean {
    return this.open[market.id] !== undefined;
  }
}

function eventOf(market: Market, { side, seconds, nanos, lots, tickLots }: Taken): TradeEvent {
  return {
    market,
    side,
    priceUnits: Math.round((tickLots * market.tickUnits) / lots),
    qtyLots: lots,
    valueUnits: tickLots * market.quoteUnitsPerTickLot,
    seconds,
    nanos,
  };
}

/** The fills of liquidation orders since the last publication. */
export function liquidationEvents({ market, derivatives }: MarketView): TradeEvent[] {
  return derivatives.liquidations.map(({ side, priceTicks, qtyLots, seconds, nanos }) => ({
    market,
    side,
    priceUnits: priceTicks * market.tickUnits,
    qtyLots,
    valueUnits: priceTicks * qtyLots * market.quoteUnitsPerTickLot,
    seconds,
    nanos,
  }));
}
