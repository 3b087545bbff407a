import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import { UNKNOWN_PORTFOLIO } from '../../domain/result-codes.ts';
import type { OpeningPosition } from '../../domain/strategy-events.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { MarketViews } from '../../projections/market-view.ts';
import { type Accounts, ensurePortfolio } from '../accounts.ts';
import { invalidParameter, type Refusal } from '../http/refusal.ts';
import { refusalOfResult } from '../http/result-refusal.ts';
import type { DeployRequest } from './strategy-desk.ts';

interface PortfolioParts {
  readonly accounts: Accounts;
  readonly ledger: Ledger;
  readonly markets: MarketRegistry;
  readonly views: MarketViews;
  readonly record: (event: VenueEvent) => Promise<void>;
}

/** The name of the portfolio that a user's deployments of a strategy have of their own. */
function ownName(strategy: string): string {
  return `strategy-${strategy}`;
}

/**
 * The portfolio a deployment trades for: the one named, or the strategy's own, which is opened at the
 * first deployment and, where nothing but simulated markets trades, gets the capital paid in once.
 */
export async function deploymentPortfolio(
  { accounts, ledger, markets, record }: PortfolioParts,
  { userId, strategy, portfolioId: named }: DeployRequest,
  deployed: readonly Market[],
  capital: number,
): Promise<number | Refusal> {
  if (named !== undefined) {
    const portfolio = ledger.portfolios.get(named);
    const isOwn = portfolio?.userId === userId && !portfolio.locked;
    return isOwn ? named : refusalOfResult(UNKNOWN_PORTFOLIO, { portfolio_id: named });
  }
  if (markets.all.some(({ source }) => source === 'live')) {
    const message = 'portfolio_id is required: where live markets trade no capital is paid in';
    return invalidParameter('portfolio_id', null, message);
  }
  const name = ownName(strategy);
  const portfolioId = await ensurePortfolio(accounts, record, userId, 'cash', name);
  const { quote } = deployed[0];
  if (accounts.hasDeposit(portfolioId, quote.name)) return portfolioId;
  const amountUnits = Math.round(capital * 10 ** quote.decimals);
  await record({ kind: 'FundsDeposited', portfolioId, asset: quote.name, amountUnits });
  return portfolioId;
}

/**
 * What a deployment begins with: in a portfolio of its own the positions of earlier ones, in another
 * none, since what lies there belongs to its user; and what the portfolio is worth in these markets.
 */
export function openingOf(
  { accounts, ledger, views }: PortfolioParts,
  portfolioId: number,
  markets: readonly Market[],
  userId: number,
): { opening: OpeningPosition[]; startEquityUnits: number | null } {
  const portfolio = ledger.get(portfolioId);
  const mark = ({ id }: Market): number => views.get(id)?.ticker.lastPriceTicks ?? 0;
  const isOwn = accounts.portfolioIdByName(userId, portfolio.name) === portfolioId;
  const opening =
    isOwn && portfolio.name.startsWith(ownName(''))
      ? markets.flatMap((market) => {
          const qtyLots = portfolio.positions.get(market.id)?.qtyLots ?? 0;
          return qtyLots === 0 ? [] : [{ marketId: market.id, qtyLots, markTicks: mark(market) }];
        })
      : [];
  let worth: number | null = portfolio.balances.get(markets[0].quote.name)?.total ?? 0;
  const counted = new Set<string>();
  for (const market of markets) {
    if (counted.has(market.base.name)) continue;
    counted.add(market.base.name);
    const baseUnits = portfolio.balances.get(market.base.name)?.total ?? 0;
    if (baseUnits === 0) continue;
    const ticks = mark(market);
    const lots = baseUnits / market.baseUnitsPerLot;
    const value = Math.floor(lots * ticks * market.quoteUnitsPerTickLot);
    worth = ticks === 0 || worth === null ? null : worth + value;
  }
  return { opening, startEquityUnits: worth };
}
