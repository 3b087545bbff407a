import type { WirePosition } from '../../../schemas/velocimex.ts';
import { priceNumber, quantityNumber } from '../../codec/decimals.ts';
import { UNKNOWN_PORTFOLIO } from '../../domain/result-codes.ts';
import type { Account, AccountPosition, PortfolioSummary } from '../../gateway/account.ts';
import type { Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult } from '../../gateway/http/result-refusal.ts';
import type { Venue } from '../../gateway/venue.ts';
import { type Clock, isoMicros } from '../../lib/clock.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';
import { averagePriceToWire, symbolToWire } from './translate.ts';

/** The account of the portfolio that was named, or of the default one; or why there is none. */
export function accountOf(
  venue: Venue,
  userId: number,
  query: { readonly portfolio_id?: string },
): Account | Refusal {
  const named = query.portfolio_id;
  const portfolioId = named === undefined ? venue.defaultPortfolioId(userId) : Number(named);
  const isOwn = portfolioId !== undefined && venue.ownsPortfolio(userId, portfolioId);
  const account = isOwn ? venue.account(portfolioId) : undefined;
  return account ?? refusalOfResult(UNKNOWN_PORTFOLIO, query);
}

/** Whose account a reply tells of, and when it was read. */
export function accountHead({ portfolioId, kind }: Account, clock: Clock) {
  clock.tick();
  return {
    portfolio_id: String(portfolioId),
    portfolio_kind: kind,
    timestamp: isoMicros(clock.seconds, clock.nanos),
  };
}

export function portfolioToWire({ portfolioId, kind, name }: PortfolioSummary) {
  return { portfolio_id: String(portfolioId), portfolio_kind: kind, name };
}

export function balancesToWire({ balances }: Account) {
  return balances.map(({ asset, totalUnits, heldUnits, freeUnits }) => ({
    asset: asset.name,
    total: scaledToNumber(totalUnits, asset.decimals),
    available: scaledToNumber(freeUnits, asset.decimals),
    held: scaledToNumber(heldUnits, asset.decimals),
  }));
}

export function positionsToWire({ positions }: Account, includeFlat: boolean): WirePosition[] {
  return positions.filter(({ qtyLots }) => includeFlat || qtyLots !== 0).map(positionToWire);
}

function positionToWire(position: AccountPosition): WirePosition {
  const { market, qtyLots, costUnits, priceTicks, liquidationTicks } = position;
  const money = (units: number): number => scaledToNumber(units, market.quote.decimals);
  const lots = Math.abs(qtyLots);
  return {
    position_id: position.positionId,
    exchange: market.exchange,
    symbol: symbolToWire(market),
    side: qtyLots > 0 ? 'long' : qtyLots < 0 ? 'short' : 'flat',
    quantity: quantityNumber(market, lots),
    average_price: averagePriceToWire(market, lots, Math.abs(costUnits)),
    current_price: priceTicks === 0 ? null : priceNumber(market, priceTicks),
    market_value: money(qtyLots * priceTicks * market.quoteUnitsPerTickLot),
    unrealized_pnl: money(position.unrealisedUnits),
    realized_pnl: money(position.realisedUnits),
    fees: money(position.feeUnits),
    funding: money(position.fundingUnits),
    leverage: position.leverage,
    liquidation_price: liquidationTicks === null ? null : priceNumber(market, liquidationTicks),
    currency: market.quote.name,
  };
}
