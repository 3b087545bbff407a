import {
  PortfolioRiskResponse,
  type PositionInput,
  RiskParams,
  RiskQuery,
  ScenariosResponse,
  StressBody,
  StressResponse,
  VarBody,
  VarResponse,
} from '../../../schemas/octopus-risk.ts';
import type { Market } from '../../domain/markets.ts';
import { TOO_MANY_JOBS } from '../../domain/result-codes.ts';
import { TOO_LITTLE_DATA } from '../../gateway/http/insufficient-data.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import { defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import { answerByJob } from '../../gateway/jobs/job-answer.ts';
import { marketOf, NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import type { Valuation } from '../../gateway/portfolios/valuation.ts';
import {
  positionsOf,
  type RiskDesk,
  type RiskPosition,
  totalValueOf,
  WINDOW_DAYS,
} from '../../gateway/risk/risk-desk.ts';
import type { Venue } from '../../gateway/venue.ts';
import { type Clock, isoMillis } from '../../lib/clock.ts';
import { principalOf } from './auth-routes.ts';
import { SURFACE } from './errors.ts';
import { portfolioUuid } from './ids.ts';
import { NOT_OWN, ownPortfolio, valuationOf } from './portfolio-access.ts';
import { benchmarkToWire, portfolioClaims, portfolioRiskToWire } from './risk-portfolio.ts';
import { askedScenarios, stressToWire } from './risk-stress.ts';
import { varClaims, varToWire } from './risk-var.ts';

const READ = { surface: SURFACE, limit: 'default', auth: 'required', scope: 'read' } as const;

const JOB_REFUSALS = refusalsOfResults(TOO_MANY_JOBS);

/** What positions may lose: computed in jobs, answered when these are done. */
export function riskRoutes(desk: RiskDesk): Route[] {
  return [portfolioRoute(desk), varRoute(desk), stressRoute(desk), scenariosRoute(desk)];
}

function portfolioRoute(desk: RiskDesk): Route {
  return defineRoute({
    ...READ,
    method: 'GET',
    path: '/api/risk/portfolio/{portfolio_id}',
    summary: 'Value at risk, ratios, beta, correlations and sectors of a portfolio',
    params: RiskParams,
    query: RiskQuery,
    response: PortfolioRiskResponse,
    refusals: [...NOT_OWN, ...JOB_REFUSALS],
    successStatus: 200,
    handler: (context) => {
      const { params, query, clock } = context;
      const valuation = portfolioOf(context, params.portfolio_id);
      if (valuation instanceof Refusal) return valuation;
      const claims = portfolioClaims(query);
      const positions = positionsOf(valuation);
      const request = desk.portfolioRisk(
        positions,
        totalValueOf(valuation),
        claims,
        query.window ?? WINDOW_DAYS,
      );
      return answerByJob(desk.jobs, context, request, (risk) =>
        portfolioRiskToWire(valuation, query, desk, risk, timestampOf(clock)),
      );
    },
  });
}

function varRoute(desk: RiskDesk): Route {
  return defineRoute({
    ...READ,
    method: 'POST',
    path: '/api/risk/var',
    summary: 'Value at risk and expected shortfall of positions, by every method',
    body: VarBody,
    response: VarResponse,
    examples: {
      body: {
        positions: [
          { symbol: 'AAPL', value: 10_000 },
          { symbol: 'MSFT', value: 15_000 },
        ],
        confidence_level: 0.95,
        time_horizon: 1,
      },
    },
    refusals: [...NO_SUCH_MARKET, ...JOB_REFUSALS, ...TOO_LITTLE_DATA],
    successStatus: 200,
    handler: (context) => {
      const { body, venue, clock } = context;
      const positions = readPositions(venue, body.positions);
      if (positions instanceof Refusal) return positions;
      const totalValue = positions.reduce((sum, { value }) => sum + value, 0);
      const window = body.window ?? WINDOW_DAYS;
      const request = desk.portfolioRisk(positions, totalValue, varClaims(body), window);
      return answerByJob(desk.jobs, context, request, ({ claims }) =>
        varToWire(claims, totalValue, timestampOf(clock)),
      );
    },
  });
}

function stressRoute(desk: RiskDesk): Route {
  return defineRoute({
    ...READ,
    method: 'POST',
    path: '/api/risk/stress-test',
    summary: 'What crises of the past, or shocks of your own, would do to positions',
    body: StressBody,
    response: StressResponse,
    examples: {
      body: {
        positions: [{ symbol: 'AAPL', value: 10_000 }],
        scenarios: ['2008_financial_crisis'],
      },
    },
    refusals: [...NOT_OWN, ...NO_SUCH_MARKET, ...JOB_REFUSALS],
    successStatus: 200,
    handler: (context) => {
      const { body, venue, clock } = context;
      const asked = askedScenarios(body, desk, venue.markets);
      if (asked instanceof Refusal) return asked;
      const stressed = stressedPositions(context, body);
      if (stressed instanceof Refusal) return stressed;
      const { positions, totalValue, valuation } = stressed;
      const request = desk.stressTest(
        positions,
        asked.map(({ scenario }) => scenario),
      );
      return answerByJob(desk.jobs, context, request, (answer) => ({
        portfolio_id: valuation === undefined ? null : portfolioUuid(valuation.portfolioId),
        currency: valuation?.currency.name ?? null,
        total_value: totalValue,
        benchmark: benchmarkToWire(
          desk,
          Math.max(0, ...answer.betas.map(({ observations }) => observations)),
        ),
        beta_window: WINDOW_DAYS,
        results: stressToWire(asked, positions, totalValue, answer),
        timestamp: timestampOf(clock),
      }));
    },
  });
}

function scenariosRoute(desk: RiskDesk): Route {
  return defineRoute({
    ...READ,
    method: 'GET',
    path: '/api/risk/scenarios',
    summary: 'The stress scenarios there are, with their shocks, sources and dates (an extension)',
    response: ScenariosResponse,
    successStatus: 200,
    handler: () => ({ scenarios: desk.scenarios }),
  });
}

/** The caller's portfolio, valued. */
function portfolioOf(context: RequestContext, id: string): Valuation | Refusal {
  const { venue } = context;
  const info = ownPortfolio(venue, principalOf(context).userId, id);
  return info instanceof Refusal ? info : valuationOf(venue, info);
}

/** Positions as a request lists them, those in one market added up. */
function readPositions(
  { markets }: Venue,
  inputs: readonly PositionInput[],
): RiskPosition[] | Refusal {
  const values = new Map<Market, number>();
  for (const { symbol, exchange, value } of inputs) {
    const market = marketOf(markets, symbol, exchange);
    if (market instanceof Refusal) return market;
    values.set(market, (values.get(market) ?? 0) + value);
  }
  return [...values].map(([market, value]) => ({ market, value }));
}

interface Stressed {
  readonly positions: readonly RiskPosition[];
  readonly totalValue: number;
  readonly valuation: Valuation | undefined;
}

/** Those of the portfolio that the request names, or those that it lists. */
function stressedPositions(
  context: RequestContext,
  { portfolio_id: portfolioId, positions: listed }: StressBody,
): Stressed | Refusal {
  if ((portfolioId === undefined) === (listed === undefined)) {
    const message = 'portfolio_id or positions must be given, and not both';
    return invalidParameter('portfolio_id', portfolioId, message);
  }
  if (listed !== undefined) {
    const positions = readPositions(context.venue, listed);
    if (positions instanceof Refusal) return positions;
    const totalValue = positions.reduce((sum, { value }) => sum + value, 0);
    return { positions, totalValue, valuation: undefined };
  }
  const valuation = portfolioOf(context, portfolioId ?? '');
  if (valuation instanceof Refusal) return valuation;
  return { positions: positionsOf(valuation), totalValue: totalValueOf(valuation), valuation };
}

function timestampOf(clock: Clock): string {
  const nowMs = clock.nowMs();
  return isoMillis(Math.floor(nowMs / 1000), (nowMs % 1000) * 1_000_000);
}
