import type { MarketView } from '../../../projections/market-view.ts';
import type { ChannelRefusal } from './channel.ts';

/** Rates are kept in parts per billion and travel in 1e-12. */
export const E12_PER_PPB = 1_000;
/** Decimals of a rate in JSON. */
export const RATE_DECIMALS = 9;

/** Why a market has no funding, open interest or liquidations. */
export function unlessPerpetual({ market }: MarketView): ChannelRefusal | undefined {
  if (market.assetClass === 'crypto_perpetual') return undefined;
  return {
    code: 'NOT_A_PERPETUAL',
    message: `${market.exchange}:${market.symbol} is no perpetual: it has no such data`,
  };
}
