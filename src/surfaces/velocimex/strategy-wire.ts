import type { WirePerformance, WireStrategy } from '../../../schemas/velocimex-strategies.ts';
import { priceNumber, quantityNumber } from '../../codec/decimals.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import { deployedMarkets } from '../../gateway/strategies/deploy-request.ts';
import type { Deployment } from '../../gateway/strategies/deployments.ts';
import type { StrategyDesk } from '../../gateway/strategies/strategy-desk.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';
import { readParameters } from '../../strategies/parameters.ts';
import type { StrategyDefinition } from '../../strategies/strategy.ts';
import { averagePriceToWire, symbolToWire } from './translate.ts';

/** A strategy of the catalogue as one user sees it: with the state of their own deployment. */
export function strategyToWire(
  desk: StrategyDesk,
  definition: StrategyDefinition,
  userId: number,
  registry: MarketRegistry,
): WireStrategy {
  const deployment = desk.deploymentOf(userId, definition.id);
  const { status, reason, sinceMs } = desk.stateOf(deployment);
  const markets = marketsOf(definition, deployment, registry);
  return {
    id: definition.id,
    name: definition.name,
    description: definition.description,
    status,
    reason,
    since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
    deployment_id: deployment === undefined ? null : String(deployment.deploymentId),
    portfolio_id: deployment === undefined ? null : String(deployment.portfolioId),
    markets: markets.map((market) => ({
      exchange: market.exchange,
      symbol: symbolToWire(market),
    })),
    parameters: { ...(deployment?.parameters ?? defaultsOf(definition)) },
    parameter_schema: definition.parameters as unknown as WireStrategy['parameter_schema'],
    performance: deployment === undefined ? null : performanceToWire(deployment, markets),
  };
}

function marketsOf(
  definition: StrategyDefinition,
  deployment: Deployment | undefined,
  registry: MarketRegistry,
): Market[] {
  if (deployment === undefined) {
    const markets = deployedMarkets(definition, registry, undefined);
    return Array.isArray(markets) ? markets : [];
  }
  return deployment.marketIds
    .map((id) => registry.get(id))
    .filter((market) => market !== undefined);
}

function defaultsOf(definition: StrategyDefinition) {
  const read = readParameters(definition, {});
  if ('problem' in read) throw new Error(`defaults of ${definition.id} are valid`);
  return read.parameters;
}

function performanceToWire(deployment: Deployment, markets: readonly Market[]): WirePerformance {
  const { record, startEquityUnits, atMs, openOrderIds } = deployment;
  const [{ quote }] = markets;
  const money = (units: number): number => scaledToNumber(units, quote.decimals);
  const equityUnits = startEquityUnits === null ? null : startEquityUnits + record.profitUnits;
  return {
    currency: quote.name,
    deployed_at: new Date(atMs).toISOString(),
    start_equity: startEquityUnits === null ? null : money(startEquityUnits),
    equity: equityUnits === null ? null : money(equityUnits),
    realized_pnl: money(record.realisedUnits),
    unrealized_pnl: money(record.unrealisedUnits),
    fees: money(record.feeUnits),
    total_pnl: money(record.profitUnits),
    max_drawdown: money(record.maxDrawdownUnits),
    volume: money(record.volumeUnits),
    fills: record.fills,
    orders_sent: record.ordersSent,
    open_orders: openOrderIds.size,
    positions: markets.map((market) => positionToWire(deployment, market)),
  };
}

function positionToWire(
  { record }: Deployment,
  market: Market,
): WirePerformance['positions'][number] {
  const position = record.positions.get(market.id);
  const markTicks = record.marks.get(market.id) ?? 0;
  const { qtyLots = 0, costUnits = 0, realisedUnits = 0, feeUnits = 0 } = position ?? {};
  const money = (units: number): number => scaledToNumber(units, market.quote.decimals);
  const worth = qtyLots * markTicks * market.quoteUnitsPerTickLot - costUnits;
  return {
    exchange: market.exchange,
    symbol: symbolToWire(market),
    quantity: quantityNumber(market, qtyLots),
    average_price: averagePriceToWire(market, Math.abs(qtyLots), Math.abs(costUnits)),
    mark_price: markTicks === 0 ? null : priceNumber(market, markTicks),
    realized_pnl: money(realisedUnits),
    unrealized_pnl: markTicks === 0 && qtyLots !== 0 ? null : money(worth),
    fees: money(feeUnits),
  };
}
