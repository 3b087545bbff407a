import type { MarketRegistry } from './config/markets.ts';
import type { Settings } from './config/settings.ts';
import type { RecoveredState } from './gateway/recover.ts';

import { levelsOf } from './gateway/strategies/market-images.ts';
import type { Portfolio } from './ledger/portfolio.ts';
import type { InProcessSession, MarginPortfolio } from './session.ts';
import { SIMULATOR_SESSION_ID } from './session.ts';
import { SimulatorProxy } from './simulation/simulator-proxy.ts';
import type {
  LeveragedTrader,
  RecoveredMarket,
  SimulatorPortfolios,
} from './simulation/worker-data.ts';

/** How many portfolios of each role the simulated traders have. */
const ROLES = { marketMakers: 3, noise: 3, momentum: 1, value: 1, arbitrage: 1 } as const;
/** Traders with margin portfolios in each perpetual: collateral from this many quote units on. */
const LEVERAGED_PER_MARKET = 16;
const SMALLEST_COLLATERAL = 200;
const COLLATERAL_GROWTH = 1.2;
type Role = keyof typeof ROLES;

/** The embedded default: seeded traders in every market whose source is `simulated`. */
export function simulatedMarket(markets: MarketRegistry, settings: Settings): InProcessSession {
  const names = (role: Role): string[] =>
    Array.from({ length: ROLES[role] }, (_, i) => `simulated-${role}-${i + 1}`);
  const roles = Object.keys(ROLES) as Role[];
  const leveraged = leveragedPortfolios(markets);
  return {
    name: 'simulator',
    marginPortfolios: leveraged,
    sessionId: SIMULATOR_SESSION_ID,
    portfolioNames: roles.flatMap(names),
    async start({ wiring, portfolioIds, recovered, onFailure }) {
      const ids = (role: Role): number[] => names(role).map((name) => portfolioIds.get(name) ?? 0);
      const portfolios: SimulatorPortfolios = {
        marketMakers: ids('marketMakers'),
        noise: ids('noise'),
        momentum: ids('momentum'),
        value: ids('value'),
        arbitrage: ids('arbitrage'),
      };
      const mine = new Set(portfolioIds.values());
      const proxy = SimulatorProxy.start(
        {
          wiring,
          markets: markets.all.filter((market) => market.source === 'simulated'),
          seed: settings.simulationSeed,
          ordersPerSecond: settings.simulationOrdersPerSecond,
          portfolioIds: portfolios,
          leveraged: leveraged.map((one) =>
            leveragedTrader(one, recovered.ledger.get(portfolioIds.get(one.name) ?? 0)),
          ),
          recovered: recoveredMarkets(recovered, mine),
        },
        onFailure,
      );
      await proxy.ready;
      return proxy;
    },
  };
}

/** Traders on margin in every simulated perpetual, from small to large. */
function leveragedPortfolios(markets: MarketRegistry): MarginPortfolio[] {
  return markets.all
    .filter(({ source, margin }) => source === 'simulated' && (margin?.funding ?? null) !== null)
    .flatMap((market) =>
      Array.from({ length: LEVERAGED_PER_MARKET }, (_, i) => ({
        name: `simulated-leveraged-${market.id}-${i + 1}`,
        market,
        collateralUnits:
          Math.round(SMALLEST_COLLATERAL * COLLATERAL_GROWTH ** i) * 10 ** market.quote.decimals,
      })),
    );
}

function leveragedTrader(
  { market, collateralUnits }: MarginPortfolio,
  { id, balances, positions }: Portfolio,
): LeveragedTrader {
  const { qtyLots = 0, costUnits = 0 } = positions.get(market.id) ?? {};
  const whole = (units: number): number => units / 10 ** market.quote.decimals;
  return {
    marketId: market.id,
    portfolioId: id,
    collateral: whole(collateralUnits),
    wallet: whole((balances.get(market.quote.name)?.total ?? 0) + costUnits),
    lots: qtyLots,
    cost: whole(costUnits),
  };
}

/** What the simulated traders must know to go on where a former run ended. */
function recoveredMarkets(
  state: RecoveredState,
  portfolios: ReadonlySet<number>,
): RecoveredMarket[] {
  const byMarket = new Map<number, RecoveredMarket['orders'][number][]>();
  for (const order of state.orders.all()) {
    if (!portfolios.has(order.portfolioId)) continue;
    const orders = byMarket.get(order.marketId) ?? [];
    byMarket.set(order.marketId, orders);
    orders.push({
      orderId: order.orderId,
      portfolioId: order.portfolioId,
      side: order.side,
      priceTicks: order.priceTicks,
      remainingLots: order.qtyLots - order.filledLots,
      clientOrderId: order.clientOrderId,
    });
  }
  return state.views.all
    .filter(({ ticker }) => ticker.seq > 0)
    .map(({ market, ticker, depth }) => ({
      marketId: market.id,
      seq: ticker.seq,
      lastPriceTicks: ticker.lastPriceTicks,
      orders: byMarket.get(market.id) ?? [],
      bids: levelsOf(depth.bids),
      asks: levelsOf(depth.asks),
    }));
}
