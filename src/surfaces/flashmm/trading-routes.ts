import {
  OrdersQuery,
  OrdersResponse,
  PositionsQuery,
  PositionsResponse,
  TradingConfigBody,
  TradingConfigResponse,
  TradingMetricsQuery,
  TradingMetricsResponse,
  TradingStatusResponse,
} from '../../../schemas/flashmm-trading.ts';
import { clientOf } from '../../gateway/http/identity-refusal.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import { MAKER_STRATEGY, type MakerDesk } from '../../gateway/maker/maker-desk.ts';
import { notDeployed } from '../../gateway/strategies/strategy-refusals.ts';
import type { Identity } from '../../identity/identity.ts';
import type { Principal } from '../../identity/principal.ts';
import type { RequestFigures } from '../../metrics/system-figures.ts';
import { definitionOf } from '../../strategies/catalogue.ts';
import { SURFACE } from './errors.ts';
import { orders } from './orders.ts';
import { positions } from './positions.ts';
import { type MetricsPeriod, tradingMetrics } from './trading-metrics.ts';
import { tradingStatus } from './trading-status.ts';
import { marketOf, symbolOf, timeOrNull } from './wire.ts';

export interface TradingServices {
  readonly maker: MakerDesk;
  readonly identity: Pick<Identity, 'recordAction'>;
  /** How the requests of the last minute went. */
  readonly requests: () => RequestFigures;
}

const BASE = { surface: SURFACE, auth: 'required', successStatus: 200 } as const;
const READ = { ...BASE, scope: 'read', limit: 'trading' } as const;
const WRITE = { ...BASE, scope: 'write', limit: 'trading' } as const;

/** The market-making account: how it stands, what it did, and its parameters. */
export function tradingRoutes({ maker, identity, requests }: TradingServices): Route[] {
  return [
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/v1/trading/status',
      summary: 'State and figures of the market maker, by market and together',
      response: TradingStatusResponse,
      handler: ({ clock }) => tradingStatus(maker, clock.nowMs()),
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/v1/trading/positions',
      summary: 'Inventory of the market maker, its profit by source, and its risk',
      query: PositionsQuery,
      response: PositionsResponse,
      handler: ({ venue, clock, query }) => {
        const { symbol, include_history = false } = query;
        const market = symbol === undefined ? undefined : marketOf(venue.markets, symbol);
        if (market instanceof Refusal) return market;
        return positions(maker, venue, market, include_history, clock.nowMs());
      },
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/v1/trading/orders',
      summary: 'Orders and fills of the market maker, the newest first',
      query: OrdersQuery,
      response: OrdersResponse,
      handler: ({ venue, clock, query }) => orders(maker, venue, query, clock.nowMs()),
    }),
    defineRoute({
      ...READ,
      limit: 'metrics',
      method: 'GET',
      path: '/api/v1/metrics/trading',
      summary: 'Figures of a period, from the journal',
      query: TradingMetricsQuery,
      response: TradingMetricsResponse,
      handler: ({ clock, query }) => {
        const period = (query.period ?? '24h') as MetricsPeriod;
        return tradingMetrics(maker, period, requests(), clock.nowMs());
      },
    }),
    defineRoute({
      ...WRITE,
      method: 'GET',
      path: '/api/v1/trading/config',
      summary: 'Parameters of the market maker, with their schema',
      response: TradingConfigResponse,
      handler: ({ venue }) => configToWire(maker, venue),
    }),
    defineRoute({
      ...WRITE,
      audited: true,
      method: 'PUT',
      path: '/api/v1/trading/config',
      summary: 'Other parameters for the market maker, without a stop',
      body: TradingConfigBody,
      examples: { body: { parameters: { risk_aversion: 1.5 } } },
      refusals: [notDeployed(MAKER_STRATEGY)],
      response: TradingConfigResponse,
      handler: (context) => configure(maker, identity, context),
    }),
  ];
}

async function configure(
  maker: MakerDesk,
  identity: Pick<Identity, 'recordAction'>,
  context: RequestContext<unknown, unknown, TradingConfigBody>,
): Promise<TradingConfigResponse | Refusal> {
  const { parameters } = context.body;
  const { userId } = context.principal as Principal;
  // The deployment is the account's, whoever of those who may changes it.
  const configured = await maker.strategies.configure(maker.userId, MAKER_STRATEGY, parameters);
  if (configured instanceof Refusal) return configured;
  const details = { deployment_id: String(configured.deploymentId), parameters };
  await identity.recordAction('trading.configured', details, clientOf(context), userId);
  return configToWire(maker, context.venue);
}

function configToWire(
  maker: MakerDesk,
  { markets }: RequestContext['venue'],
): TradingConfigResponse {
  const deployment = maker.deployment();
  const definition = definitionOf(MAKER_STRATEGY);
  return {
    status: maker.status(),
    deployment_id: deployment === undefined ? null : String(deployment.deploymentId),
    portfolio_id: deployment === undefined ? null : String(deployment.portfolioId),
    markets: (deployment?.marketIds ?? []).flatMap((id) => markets.get(id) ?? []).map(symbolOf),
    parameters: deployment?.parameters ?? {},
    parameter_schema: definition?.parameters ?? {},
    updated_at: timeOrNull(deployment?.configuredMs ?? 0),
  };
}
