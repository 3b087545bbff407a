import {
  PageQuery,
  PortfolioParams,
  TransferBody,
  TransferList,
  WireTransfer,
} from '../../../schemas/octopus-portfolio.ts';
import * as C from '../../domain/result-codes.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult, refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import { defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import type { PortfolioInfo, TransferView } from '../../gateway/portfolios/portfolio-book.ts';
import type { Venue } from '../../gateway/venue.ts';
import { parseScaled } from '../../lib/fixed-point.ts';
import { principalOf } from './auth-routes.ts';
import { cursorOf, readCursor } from './cursors.ts';
import { SURFACE } from './errors.ts';
import { portfolioIdOf } from './ids.ts';
import { NOT_OWN, ownPortfolio, valuationOf } from './portfolio-access.ts';
import { transferToWire } from './portfolio-wire.ts';

const READ = { surface: SURFACE, limit: 'default', auth: 'required', scope: 'read' } as const;
const PAGE_DEFAULT = 100;
const LIST = 'transfers';

/** What came into portfolios and went out of them beside trades (an extension). */
export function transferRoutes(): Route[] {
  return [
    defineRoute({
      ...READ,
      scope: 'write',
      method: 'POST',
      path: '/api/portfolios/{portfolio_id}/transfers',
      summary: 'Move an asset into or out of a portfolio (an extension)',
      params: PortfolioParams,
      body: TransferBody,
      response: WireTransfer,
      examples: { body: { direction: 'in', amount: 2500, note: 'savings' } },
      refusals: [
        ...NOT_OWN,
        ...refusalsOfResults(
          C.UNKNOWN_ASSET,
          C.INSUFFICIENT_BALANCE,
          C.DEPOSITS_CLOSED,
          C.AMOUNT_TOO_LARGE,
          C.TOO_MANY_RECORDS,
        ),
      ],
      successStatus: 201,
      handler: transfer,
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/portfolios/{portfolio_id}/transfers',
      summary: 'Transfers of a portfolio, the newest first (an extension)',
      params: PortfolioParams,
      query: PageQuery,
      response: TransferList,
      examples: { query: { limit: 10 } },
      refusals: NOT_OWN,
      successStatus: 200,
      handler: (context) => {
        const { venue, params, query } = context;
        const info = ownPortfolio(venue, principalOf(context).userId, params.portfolio_id);
        if (info instanceof Refusal) return info;
        const before = readCursor(LIST, query.cursor);
        if (before instanceof Refusal) return before;
        return page(venue, info, before, query.limit ?? PAGE_DEFAULT);
      },
    }),
  ];
}

async function transfer(
  context: RequestContext<{ portfolio_id: string }, unknown, TransferBody>,
): Promise<object> {
  const { venue, params, body } = context;
  const { userId } = principalOf(context);
  const info = ownPortfolio(venue, userId, params.portfolio_id);
  if (info instanceof Refusal) return info;
  const name = body.asset?.toUpperCase() ?? valuationOf(venue, info).currency.name;
  const asset = venue.portfolioDesk.asset(name);
  if (asset === undefined) return refusalOfResult(C.UNKNOWN_ASSET, body);
  const amountUnits = parseScaled(String(body.amount), asset.decimals);
  if (amountUnits === undefined || amountUnits <= 0) {
    const message = `amount of ${name} is positive, with at most ${asset.decimals} decimals`;
    return invalidParameter('amount', body.amount, message);
  }
  const other = body.other_portfolio_id;
  const otherPortfolioId = other === undefined ? undefined : portfolioIdOf(other);
  if (other !== undefined && otherPortfolioId === undefined) {
    return refusalOfResult(C.UNKNOWN_PORTFOLIO, { portfolio_id: other });
  }
  const { portfolioId } = info;
  const { direction, note = '' } = body;
  const request = { userId, portfolioId, otherPortfolioId, direction, asset, amountUnits, note };
  const done = await venue.portfolioDesk.transfer(request);
  if (typeof done === 'number') return refusalOfResult(done, { ...body, ...params });
  return transferToWire(portfolioId, done, asset);
}

function page(venue: Venue, { portfolioId }: PortfolioInfo, before: number, limit: number) {
  const { portfolioDesk } = venue;
  // Numbered from 1 in their order.
  const all = portfolioDesk.transfers(portfolioId);
  const end = Math.min(all.length, before - 1);
  const start = Math.max(0, end - limit);
  const shown = all.slice(start, end).reverse();
  const toWire = (one: TransferView) => {
    const asset = portfolioDesk.asset(one.asset) ?? { name: one.asset, decimals: 0 };
    return transferToWire(portfolioId, one, asset);
  };
  return {
    transfers: shown.map(toWire),
    next_cursor: start > 0 ? cursorOf(LIST, start + 1) : null,
  };
}
