import type { TradingStatusResponse } from '../../../schemas/flashmm-trading.ts';
import type { MakerDesk, MarketStanding } from '../../gateway/maker/maker-desk.ts';
import { spreadFigures } from '../../gateway/maker/period-figures.ts';
import { currentSpreads, exposureOf, riskOf } from './maker-figures.ts';
import { money, rounded, roundedOrZero, symbolOf, timeOrNull } from './wire.ts';

/** From this share of a limit on. */
const ELEVATED_PERCENT = 75;
const HIGH_PERCENT = 90;
/** From this share of the loss at which the maker stops itself on. */
const HIGH_LOSS_SHARE = 0.5;

/** `GET /api/v1/trading/status`. @param nowMs milliseconds since the Unix epoch */
export function tradingStatus(maker: MakerDesk, nowMs: number): TradingStatusResponse {
  const deployment = maker.deployment();
  const standings = maker.standings();
  const status = maker.status();
  const { totalUnits: worth } = maker.portfolioUnits();
  const exposure = exposureOf(standings);
  const [first] = standings;
  const usdc = (units: number): number => (first === undefined ? 0 : money(first.market, units));
  const total = (units: (standing: MarketStanding) => number): number =>
    usdc(standings.reduce((sum, standing) => sum + units(standing), 0));
  const paired = { pairedMs: 0, marketBpsMs: 0, oursBpsMs: 0 };
  for (const { day } of standings) {
    paired.pairedMs += day.pairedMs;
    paired.marketBpsMs += day.marketBpsMs;
    paired.oursBpsMs += day.oursBpsMs;
  }
  return {
    status,
    trading_enabled: status === 'active',
    start_time: timeOrNull(deployment?.atMs ?? 0),
    total_runtime_hours: runtimeHours(maker, nowMs),
    markets: standings.map((standing) => marketToWire(standing, worth)),
    totals: {
      total_pnl_usdc: total(({ totalUnits }) => totalUnits),
      daily_pnl_usdc: total(({ dailyUnits }) => dailyUnits),
      total_volume_usdc: total(({ day }) => day.volumeUnits),
      total_trades: standings.reduce((sum, { day }) => sum + day.fills, 0),
      maker_fees_earned_usdc: total(({ day }) => day.rebateUnits),
      average_spread_improvement_percent: rounded(spreadFigures(paired).improvementPercent, 1),
    },
    risk_metrics: {
      risk_level: riskLevel(maker, standings),
      total_position_usdc: exposure.totalUsdc,
      max_position_limit_usdc: exposure.limitUsdc,
      position_utilization_percent: exposure.utilizationPercent,
      var_95_usdc: riskOf(maker, standings).var95,
      max_drawdown_usdc: usdc(deployment?.record.maxDrawdownUnits ?? 0),
    },
  };
}

function marketToWire(
  standing: MarketStanding,
  worthUnits: number,
): TradingStatusResponse['markets'][number] {
  const { market, day } = standing;
  const spreads = currentSpreads(standing);
  const usdc = (units: number): number => money(market, units);
  return {
    symbol: symbolOf(market),
    status: standing.status,
    last_quote_time: timeOrNull(standing.quotedMs),
    spread_bps: rounded(spreads.marketBps, 1),
    our_spread_bps: rounded(spreads.oursBps, 1),
    spread_improvement_percent: rounded(spreads.improvementPercent, 1),
    position_usdc: usdc(standing.positionUnits),
    position_percent: positionPercent(standing, worthUnits),
    daily_pnl_usdc: usdc(standing.dailyUnits),
    total_pnl_usdc: usdc(standing.totalUnits),
    volume_24h_usdc: usdc(day.volumeUnits),
    trades_24h: day.fills,
    maker_fees_earned_usdc: usdc(day.rebateUnits),
    active_orders: standing.activeOrders,
  };
}

/** Of the worth of the portfolio; `null` where it has none. */
export function positionPercent(
  { positionUnits }: Pick<MarketStanding, 'positionUnits'>,
  worthUnits: number,
): number | null {
  return worthUnits === 0 ? null : rounded((positionUnits / worthUnits) * 100, 2);
}

function runtimeHours(maker: MakerDesk, nowMs: number): number {
  const deployment = maker.deployment();
  if (deployment === undefined) return 0;
  const endMs = deployment.end?.atMs ?? nowMs;
  const ms = (endMs - deployment.atMs) * maker.uptime.share(deployment.atMs, endMs);
  return roundedOrZero(Math.max(0, ms) / 3_600_000, 2);
}

/** By the fullest market and by the loss, against the limits of the deployment. */
function riskLevel(
  maker: MakerDesk,
  standings: readonly MarketStanding[],
): 'normal' | 'elevated' | 'high' {
  const deployment = maker.deployment();
  if (deployment === undefined) return 'normal';
  const fullest = standings.reduce(
    (most, { positionUnits, limitUnits }) =>
      limitUnits === 0 ? most : Math.max(most, (Math.abs(positionUnits) / limitUnits) * 100),
    0,
  );
  const [first] = standings;
  const maxLoss = Number(deployment.parameters.max_loss ?? 0) * 10 ** first.market.quote.decimals;
  const isLosing = maxLoss > 0 && -deployment.record.profitUnits > maxLoss * HIGH_LOSS_SHARE;
  if (isLosing || fullest >= HIGH_PERCENT) return 'high';
  return fullest >= ELEVATED_PERCENT ? 'elevated' : 'normal';
}
