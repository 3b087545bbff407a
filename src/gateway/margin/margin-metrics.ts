import type { Market } from '../../domain/markets.ts';
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
  const price = (ticks: number, { tickUnits, priceDecimals }: Market): number =>
    (ticks * tickUnits) / 10 ** priceDecimals;
  perMarket('openbell_mark_price', 'Mark price of a perpetual', ({ markTicks }, market) =>
    price(markTicks, market),
  );
  perMarket('openbell_index_price', 'Index price of a perpetual', ({ indexTicks }, market) =>
    price(indexTicks, market),
  );
  perMarket(
    'openbell_open_interest',
    'Contracts open, base asset',
    ({ openInterestLots }, { lotUnits, qtyDecimals }) =>
      (openInterestLots * lotUnits) / 10 ** qtyDecimals,
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
        value: totalUnits / 10 ** asset.decimals,
      }));
    },
  );
}
