import type {
  PortfolioDetail,
  WirePortfolio,
  WirePosition,
  WireTransfer,
} from '../../../schemas/octopus-portfolio.ts';
import { averagePriceUnits, priceNumber } from '../../codec/decimals.ts';
import type { Asset } from '../../domain/markets.ts';
import type { PortfolioInfo, TransferView } from '../../gateway/portfolios/portfolio-book.ts';
import type { Valuation, ValuedPosition } from '../../gateway/portfolios/valuation.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';
import { holdingUuid, portfolioUuid, positionUuid, transferUuid } from './ids.ts';

/** Decimals an average cost may have beyond those of its market. */
const AVERAGE_EXTRA_DECIMALS = 6;

export function portfolioToWire(info: PortfolioInfo, valuation: Valuation): WirePortfolio {
  const { currency, totalUnits, dayChangeUnits } = valuation;
  const money = (units: number): number => scaledToNumber(units, currency.decimals);
  return {
    id: portfolioUuid(info.portfolioId),
    name: info.title,
    description: info.description,
    kind: info.kind,
    currency: currency.name,
    total_value: money(totalUnits),
    cash_balance: money(valuation.cashUnits),
    available_cash: money(valuation.freeCashUnits),
    positions_value: money(valuation.positionsUnits),
    day_change: money(dayChangeUnits),
    day_change_percent: dayChangePercent(valuation),
    positions_count: valuation.positions.length,
    created_at: new Date(info.createdMs).toISOString(),
  };
}

export function portfolioDetailToWire(info: PortfolioInfo, valuation: Valuation): PortfolioDetail {
  return { ...portfolioToWire(info, valuation), positions: positionsToWire(valuation) };
}

/** The day's change in percent of what there was before it; `null` where there was nothing. */
export function dayChangePercent({ totalUnits, dayChangeUnits }: Valuation): number | null {
  if (dayChangeUnits === 0) return 0;
  return percent(dayChangeUnits, totalUnits - dayChangeUnits);
}

export function positionsToWire(valuation: Valuation): WirePosition[] {
  return valuation.positions.map((position) => positionToWire(valuation, position));
}

export function positionToWire(
  { portfolioId, currency }: Pick<Valuation, 'portfolioId' | 'currency'>,
  position: ValuedPosition,
): WirePosition {
  const { market, qtyUnits, costUnits, priceTicks, valueUnits, unrealisedUnits } = position;
  const money = (units: number): number => scaledToNumber(units, currency.decimals);
  return {
    id: idOf(portfolioId, position),
    symbol: market.symbol,
    exchange: market.exchange,
    source: position.source,
    quantity: scaledToNumber(qtyUnits, market.base.decimals),
    avg_cost: averageCost(position, currency),
    current_price: priceTicks === 0 ? null : priceNumber(market, priceTicks),
    market_value: money(valueUnits),
    unrealized_pnl: unrealisedUnits === null ? null : money(unrealisedUnits),
    unrealized_pnl_percent:
      unrealisedUnits === null ? null : percent(unrealisedUnits, Math.abs(costUnits ?? 0)),
    day_change: money(position.dayChangeUnits),
    weight: Math.round(position.weight * 1_000_000) / 10_000 + 0,
  };
}

export function transferToWire(
  portfolioId: number,
  { n, units, otherPortfolioId, note, atMs }: TransferView,
  asset: Asset,
): WireTransfer {
  return {
    id: transferUuid(portfolioId, n),
    portfolio_id: portfolioUuid(portfolioId),
    direction: units > 0 ? 'in' : 'out',
    asset: asset.name,
    amount: scaledToNumber(Math.abs(units), asset.decimals),
    other_portfolio_id: otherPortfolioId === undefined ? null : portfolioUuid(otherPortfolioId),
    note,
    created_at: new Date(atMs).toISOString(),
  };
}

function idOf(portfolioId: number, { source, holdingId, market }: ValuedPosition): string {
  if (source === 'recorded') return holdingUuid(holdingId);
  return positionUuid(source === 'orders' ? 'traded' : 'transferred', portfolioId, market.id);
}

function averageCost(position: ValuedPosition, quote: Asset): number | null {
  const { market, qtyUnits, costUnits } = position;
  if (costUnits === null || qtyUnits === 0) return null;
  const decimals = market.priceDecimals + AVERAGE_EXTRA_DECIMALS;
  const units = { lotUnits: 1, qtyDecimals: market.base.decimals, quote };
  return scaledToNumber(averagePriceUnits(units, qtyUnits, costUnits, decimals), decimals);
}

/** Percent with four decimals, the nearest ones. */
function percent(units: number, ofUnits: number): number | null {
  if (!(ofUnits > 0)) return null;
  return Math.round((units / ofUnits) * 1_000_000) / 10_000 + 0;
}
