import { priceNumber, quantityNumber } from '../../codec/decimals.ts';
import type { Market } from '../../domain/markets.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { Derivatives } from '../../projections/derivatives.ts';
import type { Venue } from '../venue.ts';
import type { Liquidator } from './liquidator.ts';

type Reading = (derivatives: Derivatives, market: Market) => number;

/** Figures of perpetual markets, of liquidations and of the insurance fund. */
export function registerMarginMetrics(
  metrics: Metrics,
  venue: Venue,
  liquidator: () => Liquidator | undefined,
  insuranceFundId: () => number | undefined,
): void {
  const perMarket = (name: string, help: string, read: Reading): void => {
    metrics.gauge(name, help, () =>
      venue.markets.all.flatMap((market) => {
        const derivatives = venue.margin.derivatives(market);
        if (derivatives === undefined) return [];
        const labels = { exchange: market.exchange, symbol: market.symbol };
        return [{ labels, value: read(derivatives, market) }];
      }),
    );
  };
  perMarket('openbell_mark_price', 'Mark price of a perpetual', ({ markTicks }, market) =>
    priceNumber(market, markTicks),
  );
  perMarket('openbell_index_price', 'Index price of a perpetual', ({ indexTicks }, market) =>
    priceNumber(market, indexTicks),
  );
  perMarket(
    'openbell_open_interest',
    'Contracts open, base asset',
    ({ openInterestLots }, market) => quantityNumber(market, openInterestLots),
  );
  perMarket(
    'openbell_predicted_funding_rate',
    'Funding rate if the interval ended now',
    ({ predictedRatePpb }) => predictedRatePpb / 1e9,
  );
  metrics.counter('openbell_liquidations_total', 'Liquidations begun since the start', () => [
    { value: liquidator()?.startedTotal ?? 0 },
  ]);
  metrics.gauge('openbell_liquidations_active', 'Accounts being liquidated now', () => [
    { value: liquidator()?.active ?? 0 },
  ]);
  metrics.gauge(
    'openbell_insurance_fund',
    'What the insurance fund has; below zero: losses it could not pay',
    () => {
      const fundId = insuranceFundId();
      const account = fundId === undefined ? undefined : venue.account(fundId);
      return (account?.balances ?? []).map(({ asset, totalUnits }) => ({
        labels: { asset: asset.name },
        value: scaledToNumber(totalUnits, asset.decimals),
      }));
    },
  );
}
