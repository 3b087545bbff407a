import type { MarketRegistry } from './config/markets.ts';
import type { Settings } from './config/settings.ts';
import type { RecoveredState } from './gateway/recover.ts';
import type { DepthSide } from './projections/depth.ts';
import type { InProcessSession } from './session.ts';
import { SIMULATOR_SESSION_ID } from './session.ts';
import { SimulatorProxy } from './simulation/simulator-proxy.ts';
import type {
  RecoveredLevel,
  RecoveredMarket,
  SimulatorPortfolios,
} from './simulation/worker-data.ts';

/** How many portfolios of each role the simulated traders have. */
const ROLES = { marketMakers: 3, noise: 3, momentum: 1, value: 1, arbitrage: 1 } as const;
type Role = keyof typeof ROLES;

/** The embedded default: seeded traders in every market whose source is `simulated`. */
export function simulatedMarket(markets: MarketRegistry, settings: Settings): InProcessSession {
  const names = (role: Role): string[] =>
    Array.from({ length: ROLES[role] }, (_, i) => `simulated-${role}-${i + 1}`);
  const roles = Object.keys(ROLES) as Role[];
  return {
    name: 'simulator',
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
          recovered: recoveredMarkets(recovered, mine),
        },
        onFailure,
      );
      await proxy.ready;
      return proxy;
    },
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
      bids: levels(depth.bids),
      asks: levels(depth.asks),
    }));
}

function levels(side: DepthSide): RecoveredLevel[] {
  return Array.from({ length: side.length }, (_, i) => [
    side.pricesTicks[i],
    side.qtysLots[i],
    side.orders[i],
  ]);
}
