import {
  CreatePortfolioBody,
  DeletedPortfolio,
  DeletePortfolioQuery,
  PortfolioDetail,
  PortfolioList,
  PortfolioParams,
  UpdatePortfolioBody,
} from '../../../schemas/octopus-portfolio.ts';
import * as C from '../../domain/result-codes.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult, refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import { defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import type { CreatePortfolio } from '../../gateway/portfolios/portfolio-venue.ts';
import type { Venue } from '../../gateway/venue.ts';
import { parseScaled, scaledToNumber } from '../../lib/fixed-point.ts';
import { principalOf } from './auth-routes.ts';
import { SURFACE } from './errors.ts';
import { portfolioUuid } from './ids.ts';
import { NOT_OWN, ownPortfolio, valuationOf } from './portfolio-access.ts';
import { portfolioDetailToWire, portfolioToWire } from './portfolio-wire.ts';

const READ = { surface: SURFACE, limit: 'default', auth: 'required', scope: 'read' } as const;
const WRITE = { ...READ, scope: 'write' } as const;

/** The caller's portfolios. */
export function portfolioRoutes(): Route[] {
  return [
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/portfolios/',
      summary: 'The caller’s portfolios with their value, oldest first',
      response: PortfolioList,
      successStatus: 200,
      handler: (context) => {
        const { venue } = context;
        const portfolios = venue.portfolioDesk.list(principalOf(context).userId);
        return {
          portfolios: portfolios.map((info) => portfolioToWire(info, valuationOf(venue, info))),
        };
      },
    }),
    defineRoute({
      ...WRITE,
      method: 'POST',
      path: '/api/portfolios/',
      summary: 'Open a portfolio, with play money in it where all markets are simulated',
      body: CreatePortfolioBody,
      response: PortfolioDetail,
      examples: {
        body: {
          name: 'Growth Portfolio',
          description: 'Long-term growth focused portfolio',
          initial_cash: 100_000,
        },
      },
      refusals: refusalsOfResults(C.DEPOSITS_CLOSED, C.AMOUNT_TOO_LARGE, C.TOO_MANY_RECORDS),
      successStatus: 201,
      handler: create,
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/portfolios/{portfolio_id}',
      summary: 'A portfolio with its value and its positions',
      params: PortfolioParams,
      response: PortfolioDetail,
      refusals: NOT_OWN,
      successStatus: 200,
      handler: (context) => {
        const { venue, params } = context;
        const info = ownPortfolio(venue, principalOf(context).userId, params.portfolio_id);
        if (info instanceof Refusal) return info;
        return portfolioDetailToWire(info, valuationOf(venue, info));
      },
    }),
    defineRoute({
      ...WRITE,
      method: 'PUT',
      path: '/api/portfolios/{portfolio_id}',
      summary: 'Change name or description; what is left out stays',
      params: PortfolioParams,
      body: UpdatePortfolioBody,
      response: PortfolioDetail,
      examples: { body: { name: 'Updated Portfolio Name', description: 'Updated description' } },
      refusals: NOT_OWN,
      successStatus: 200,
      handler: update,
    }),
    defineRoute({
      ...WRITE,
      method: 'DELETE',
      path: '/api/portfolios/{portfolio_id}',
      summary: 'Delete an empty portfolio; with force also one that is not, and nothing is lost',
      params: PortfolioParams,
      query: DeletePortfolioQuery,
      response: DeletedPortfolio,
      examples: { query: { force: true } },
      refusals: [...NOT_OWN, ...refusalsOfResults(C.PORTFOLIO_NOT_EMPTY, C.PORTFOLIO_IN_USE)],
      successStatus: 200,
      handler: remove,
    }),
  ];
}

async function create(
  context: RequestContext<unknown, unknown, CreatePortfolioBody>,
): Promise<object> {
  const { venue, body } = context;
  const request = toCreateRequest(venue, principalOf(context).userId, body);
  if (request instanceof Refusal) return request;
  const info = await venue.portfolioDesk.create(request);
  if (typeof info === 'number') return refusalOfResult(info, { amount: body.initial_cash });
  return portfolioDetailToWire(info, valuationOf(venue, info));
}

function toCreateRequest(
  { portfolioDesk }: Venue,
  userId: number,
  body: CreatePortfolioBody,
): CreatePortfolio | Refusal {
  const { cashAssets } = portfolioDesk;
  const wanted = body.currency?.toUpperCase();
  const currency =
    wanted === undefined
      ? (cashAssets.get('USD') ?? cashAssets.values().next().value)
      : cashAssets.get(wanted);
  if (currency === undefined) {
    const allowed = [...cashAssets.keys()];
    const message = `currency must be one of: ${allowed.join(', ')}`;
    return invalidParameter('currency', body.currency, message, { allowed });
  }
  const initialUnits = parseScaled(String(body.initial_cash ?? 0), currency.decimals);
  if (initialUnits === undefined) {
    const message = `initial_cash has at most ${currency.decimals} decimals`;
    return invalidParameter('initial_cash', body.initial_cash, message);
  }
  const { name: title, description = '' } = body;
  return { userId, title, description, currency, initialUnits };
}

async function update(
  context: RequestContext<{ portfolio_id: string }, unknown, UpdatePortfolioBody>,
): Promise<object> {
  const { venue, params, body } = context;
  const { userId } = principalOf(context);
  const info = ownPortfolio(venue, userId, params.portfolio_id);
  if (info instanceof Refusal) return info;
  const edited = await venue.portfolioDesk.edit({
    userId,
    portfolioId: info.portfolioId,
    title: body.name,
    description: body.description,
  });
  if (typeof edited === 'number') return refusalOfResult(edited, params);
  return portfolioDetailToWire(edited, valuationOf(venue, edited));
}

/** What is deleted is told as it was, and where everything went. */
async function remove(
  context: RequestContext<{ portfolio_id: string }, { force?: boolean }, unknown>,
): Promise<object> {
  const { venue, params, query } = context;
  const { userId } = principalOf(context);
  const info = ownPortfolio(venue, userId, params.portfolio_id);
  if (info instanceof Refusal) return info;
  const last = portfolioDetailToWire(info, valuationOf(venue, info));
  const closed = await venue.portfolioDesk.close(userId, info.portfolioId, query.force === true);
  if (typeof closed === 'number') return refusalOfResult(closed, params);
  const { moved, ordersCancelled, toPortfolioId } = closed;
  return {
    ...last,
    status: 'deleted',
    orders_cancelled: ordersCancelled,
    moved_to: moved.length === 0 ? null : portfolioUuid(toPortfolioId),
    moved: moved.map(({ asset, units }) => ({
      asset: asset.name,
      amount: scaledToNumber(units, asset.decimals),
    })),
  };
}
