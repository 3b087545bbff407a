import type { RiskMetric } from '../../domain/alert-events.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';
import type { Valuation } from '../portfolios/valuation.ts';

/** Figures that only a calculation over a history gives. */
export interface HistoryFigures {
  readonly var95: number | null;
  readonly var99: number | null;
  readonly maxDrawdown: number | null;
}

/** Metrics that follow from a valuation alone. */
const FROM_VALUE: ReadonlySet<RiskMetric> = new Set<RiskMetric>([
  'total_value',
  'cash_balance',
  'day_change',
  'day_change_percent',
  'largest_weight',
]);

export function needsHistory(metric: RiskMetric): boolean {
  return !FROM_VALUE.has(metric);
}

/**
 * A metric as surfaces tell it: amounts in the portfolio's currency, percentages, and the drawdown as
 * a negative fraction; `null` where it has no meaning.
 */
export function metricOf(
  metric: RiskMetric,
  valuation: Valuation,
  figures: HistoryFigures | undefined,
): number | null {
  const { currency, totalUnits, dayChangeUnits, positions } = valuation;
  switch (metric) {
    case 'total_value':
      return scaledToNumber(totalUnits, currency.decimals);
    case 'cash_balance':
      return scaledToNumber(valuation.cashUnits, currency.decimals);
    case 'day_change':
      return scaledToNumber(dayChangeUnits, currency.decimals);
    case 'day_change_percent': {
      const before = totalUnits - dayChangeUnits;
      return before > 0 ? (dayChangeUnits / before) * 100 : null;
    }
    case 'largest_weight': {
      const byMarket = new Map<number, number>();
      for (const { market, weight } of positions) {
        byMarket.set(market.id, (byMarket.get(market.id) ?? 0) + weight);
      }
      return 100 * Math.max(0, ...byMarket.values());
    }
    case 'var_95':
      return figures?.var95 ?? null;
    case 'var_99':
      return figures?.var99 ?? null;
    case 'max_drawdown':
      return figures?.maxDrawdown ?? null;
  }
}
