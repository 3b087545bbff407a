import { type Market, marketName } from '../../domain/markets.ts';
import { formatScaled } from '../../lib/fixed-point.ts';

/** What a client needs to know of a market to read its messages in either format. */
export interface MarketWire {
  readonly market: string;
  readonly market_id: number;
  readonly exchange: string;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly asset_class: string;
  /** `simulated`, `live` or `replay`. */
  readonly source: string;
  /** Price step and quantity step as decimal text. */
  readonly tick: string;
  readonly lot: string;
  /** A price is `ticks × tick_units` over 10^price_decimals, a quantity `lots × lot_units` …. */
  readonly price_decimals: number;
  readonly qty_decimals: number;
  readonly tick_units: number;
  readonly lot_units: number;
}

export function marketToWire(market: Market): MarketWire {
  return {
    market: marketName(market),
    market_id: market.id,
    exchange: market.exchange,
    symbol: market.symbol,
    base: market.base.name,
    quote: market.quote.name,
    asset_class: market.assetClass,
    source: market.source,
    tick: formatScaled(market.tickUnits, market.priceDecimals, market.priceDecimals),
    lot: formatScaled(market.lotUnits, market.qtyDecimals, market.qtyDecimals),
    price_decimals: market.priceDecimals,
    qty_decimals: market.qtyDecimals,
    tick_units: market.tickUnits,
    lot_units: market.lotUnits,
  };
}
