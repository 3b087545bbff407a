import type { TradingMetricsResponse } from '../../../schemas/flashmm-trading.ts';
import type { MakerDesk, MarketStanding } from '../../gateway/maker/maker-desk.ts';
import {
  fillRatePercent,
  sinceMinuteOf,
  spreadFigures,
} from '../../gateway/maker/period-figures.ts';
import type { QuoteMinute } from '../../gateway/strategies/quote-minutes.ts';
import type { RequestFigures } from '../../metrics/system-figures.ts';
import { exposureOf, performanceSince, riskOf } from './maker-figures.ts';
import { money, rounded, roundedOrZero, symbolOf, timeOf } from './wire.ts';

export const PERIODS_MS = { '1h': 3_600_000, '24h': 86_400_000 } as const;
export type MetricsPeriod = keyof typeof PERIODS_MS;

const MINUTE_MS = 60_000;

/** `GET /api/v1/metrics/trading`. @param nowMs milliseconds since the Unix epoch */
export function tradingMetrics(
  maker: MakerDesk,
  period: MetricsPeriod,
  requests: RequestFigures,
  nowMs: number,
): TradingMetricsResponse {
  const periodMs = PERIODS_MS[period];
  const since = sinceMinuteOf(nowMs, periodMs);
  const quotes = maker.deployment()?.quotes;
  const rows = maker.standings().map((standing) => {
    const minutes = quotes?.markets.get(standing.market.id);
    const before = minutes?.minutes.profitBefore(since) ?? 0;
    const sums = maker.minutes(minutes, nowMs, periodMs);
    return { standing, sums, pnlUnits: standing.totalUnits - before };
  });
  const standings = rows.map(({ standing }) => standing);
  const [first] = standings;
  const usdc = (units: number): number => (first === undefined ? 0 : money(first.market, units));
  const sum = (field: (sums: QuoteMinute) => number): number =>
    rows.reduce((total, { sums }) => total + field(sums), 0);
  const spreads = spreadFigures({
    pairedMs: sum(({ pairedMs }) => pairedMs),
    marketBpsMs: sum(({ marketBpsMs }) => marketBpsMs),
    oursBpsMs: sum(({ oursBpsMs }) => oursBpsMs),
  });
  const performance = performanceSince(maker, since);
  const exposure = exposureOf(standings);
  const risk = riskOf(maker, standings);
  const observedMs = rows.reduce((most, { sums }) => Math.max(most, sums.observedMs), 0);
  return {
    timestamp: timeOf(nowMs),
    period,
    summary: {
      total_volume_usdc: usdc(sum(({ volumeUnits }) => volumeUnits)),
      total_trades: sum(({ fills }) => fills),
      unique_trading_pairs: rows.filter(({ sums }) => sums.fills > 0).length,
      average_spread_bps: rounded(spreads.marketBps, 1),
      spread_improvement_percent: rounded(spreads.improvementPercent, 1),
      maker_fee_earned_usdc: usdc(sum(({ rebateUnits }) => rebateUnits)),
      total_pnl_usdc: usdc(rows.reduce((total, { pnlUnits }) => total + pnlUnits, 0)),
      sharpe_ratio: performance.sharpe,
      max_drawdown_percent: performance.drawdownPercent,
      system_uptime_percent: roundedOrZero(maker.uptime.share(nowMs - periodMs, nowMs) * 100, 3),
    },
    by_market: Object.fromEntries(
      rows.map(({ standing, sums, pnlUnits }) => [
        symbolOf(standing.market),
        marketMetrics(standing, sums, pnlUnits),
      ]),
    ),
    performance: {
      orders_per_minute: roundedOrZero(sum(({ orders }) => orders) / (observedMs / MINUTE_MS), 2),
      latency_p95_ms: rounded(requests.latencyP95Ms, 2),
      api_requests_per_minute: requests.requestsPerMinute,
      error_rate_percent: requests.errorPercent,
      predictions_per_second: null,
      ml_inference_time_ms: null,
    },
    risk: {
      total_position_usdc: exposure.totalUsdc,
      max_position_limit_usdc: exposure.limitUsdc,
      position_utilization_percent: exposure.utilizationPercent,
      var_95_usdc: risk.var95,
      expected_shortfall_usdc: risk.shortfall,
    },
  };
}

function marketMetrics(
  { market, positionUnits }: MarketStanding,
  sums: QuoteMinute,
  pnlUnits: number,
): TradingMetricsResponse['by_market'][string] {
  const spreads = spreadFigures(sums);
  return {
    volume_usdc: money(market, sums.volumeUnits),
    trades: sums.fills,
    spread_bps: rounded(spreads.marketBps, 1),
    our_spread_bps: rounded(spreads.oursBps, 1),
    improvement_percent: rounded(spreads.improvementPercent, 1),
    position_usdc: money(market, positionUnits),
    pnl_usdc: money(market, pnlUnits),
    maker_fees_usdc: money(market, sums.rebateUnits),
    fill_rate_percent: rounded(fillRatePercent(sums), 1),
    quoting_percent: rounded((sums.bothMs / sums.observedMs) * 100, 2),
    prediction_accuracy: null,
  };
}
