import type { PositionsResponse } from '../../../schemas/flashmm-trading.ts';
import type { Market } from '../../domain/markets.ts';
import type { MakerDesk, MarketStanding } from '../../gateway/maker/maker-desk.ts';
import { sinceMinuteOf } from '../../gateway/maker/period-figures.ts';
import { MINUTE_MS } from '../../gateway/strategies/quote-minutes.ts';
import type { Venue } from '../../gateway/venue.ts';
import { formatScaled, scaledToNumber } from '../../lib/fixed-point.ts';
import { correlationsOf, exposureOf, performanceSince, riskOf } from './maker-figures.ts';
import { positionPercent } from './trading-status.ts';
import { halfMoney, money, rounded, symbolOf, timeOf, timeOrNull } from './wire.ts';

const DAY_MS = 86_400_000;

/**
 * `GET /api/v1/trading/positions`. @param only a market to be shown alone; sums are over all of them
 * @param nowMs milliseconds since the Unix epoch
 */
export function positions(
  maker: MakerDesk,
  venue: Venue,
  only: Market | undefined,
  withHistory: boolean,
  nowMs: number,
): PositionsResponse {
  const standings = maker.standings();
  const exposure = exposureOf(standings);
  const worth = maker.portfolioUnits();
  const risk = riskOf(maker, standings);
  const performance = performanceSince(maker, sinceMinuteOf(nowMs, DAY_MS));
  const [first] = standings;
  const usdc = (units: number): number => (first === undefined ? 0 : money(first.market, units));
  const total = (units: (standing: MarketStanding) => number): number =>
    usdc(standings.reduce((sum, standing) => sum + units(standing), 0));
  return {
    timestamp: timeOf(nowMs),
    positions: standings
      .filter(({ market }) => only === undefined || market === only)
      .map((standing) => ({
        ...positionToWire(maker, venue, standing, worth.totalUnits),
        ...(withHistory ? { history: historyOf(maker, standing) } : {}),
      })),
    portfolio_summary: {
      total_position_usdc: exposure.totalUsdc,
      total_limit_usdc: exposure.limitUsdc,
      risk_utilization_percent: exposure.utilizationPercent,
      portfolio_value_usdc: usdc(worth.totalUnits),
      available_capital_usdc: usdc(worth.freeUnits),
      total_unrealized_pnl: total(({ unrealisedUnits }) => unrealisedUnits),
      total_realized_pnl: total(({ realisedUnits }) => realisedUnits),
    },
    risk_metrics: {
      var_95_1d_usdc: risk.var95,
      expected_shortfall_usdc: risk.shortfall,
      sharpe_ratio: performance.sharpe,
      max_drawdown_percent: performance.drawdownPercent,
      correlation_matrix: correlationsOf(maker, standings),
    },
  };
}

function positionToWire(
  maker: MakerDesk,
  venue: Venue,
  standing: MarketStanding,
  worthUnits: number,
): PositionsResponse['positions'][number] {
  const { market } = standing;
  const deployment = maker.deployment();
  const account = deployment && venue.account(deployment.portfolioId);
  const balance = ({ name, decimals }: Market['base']) => {
    const found = account?.balances.find(({ asset }) => asset.name === name);
    const { totalUnits = 0, freeUnits = 0 } = found ?? {};
    return [scaledToNumber(totalUnits, decimals), scaledToNumber(freeUnits, decimals)] as const;
  };
  const [base, baseFree] = balance(market.base);
  const [quote, quoteFree] = balance(market.quote);
  const percent = positionPercent(standing, worthUnits);
  const { updatedSeconds, updatedNanos } = venue.ticker(market);
  const usdc = (units: number): number => money(market, units);
  return {
    symbol: symbolOf(market),
    base_asset: market.base.name,
    quote_asset: market.quote.name,
    base_balance: base,
    quote_balance: quote,
    base_balance_available: baseFree,
    quote_balance_available: quoteFree,
    position_usdc: usdc(standing.positionUnits),
    position_percent: percent,
    position_limit_usdc: usdc(standing.limitUnits),
    target_position_usdc: usdc(standing.targetUnits),
    inventory_skew: percent === null ? null : rounded(percent / 100, 4),
    last_updated: timeOrNull(updatedSeconds * 1000 + Math.floor(updatedNanos / 1_000_000)),
    unrealized_pnl_usdc: usdc(standing.unrealisedUnits),
    realized_pnl_usdc: usdc(standing.realisedUnits),
    spread_capture_usdc: halfMoney(market, standing.spreadHalfUnits),
    inventory_pnl_usdc: halfMoney(market, standing.inventoryHalfUnits),
    fees_usdc: usdc(standing.feeUnits),
  };
}

function historyOf(
  maker: MakerDesk,
  { market }: MarketStanding,
): NonNullable<PositionsResponse['positions'][number]['history']> {
  const minutes = maker.deployment()?.quotes?.markets.get(market.id)?.minutes.all ?? [];
  return minutes.map(({ minute, positionLots, profitUnits }) => ({
    timestamp: timeOf((minute + 1) * MINUTE_MS),
    position: formatScaled(positionLots * market.lotUnits, market.qtyDecimals),
    total_pnl_usdc: money(market, profitUnits),
  }));
}
