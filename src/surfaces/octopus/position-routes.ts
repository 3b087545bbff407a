import {
  AddPositionBody,
  DeletedPosition,
  PortfolioParams,
  PositionList,
  PositionParams,
  WirePosition,
} from '../../../schemas/octopus-portfolio.ts';
import { lotsOf } from '../../codec/decimals.ts';
import type { Market } from '../../domain/markets.ts';
import {
  POSITION_NOT_RECORDED,
  QUANTITY_OFF_LOT,
  TOO_MANY_RECORDS,
  UNKNOWN_POSITION,
} from '../../domain/result-codes.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult, refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import { defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import { marketOf, NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import type { ValuedPosition } from '../../gateway/portfolios/valuation.ts';
import type { Venue } from '../../gateway/venue.ts';
import { parseScaled } from '../../lib/fixed-point.ts';
import { principalOf } from './auth-routes.ts';
import { SURFACE } from './errors.ts';
import { type PositionRef, positionOf } from './ids.ts';
import { NOT_OWN, ownPortfolio, valuationOf } from './portfolio-access.ts';
import { positionsToWire, positionToWire } from './portfolio-wire.ts';

const READ = { surface: SURFACE, limit: 'default', auth: 'required', scope: 'read' } as const;
const WRITE = { ...READ, scope: 'write' } as const;

/** What portfolios hold: by orders, by transfers, and as recorded. */
export function positionRoutes(): Route[] {
  return [
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/portfolios/{portfolio_id}/positions',
      summary: 'Positions of a portfolio by market: from orders, from transfers, recorded ones',
      params: PortfolioParams,
      response: PositionList,
      refusals: NOT_OWN,
      successStatus: 200,
      handler: (context) => {
        const { venue, params } = context;
        const info = ownPortfolio(venue, principalOf(context).userId, params.portfolio_id);
        if (info instanceof Refusal) return info;
        return { positions: positionsToWire(valuationOf(venue, info)) };
      },
    }),
    defineRoute({
      ...WRITE,
      method: 'POST',
      path: '/api/portfolios/{portfolio_id}/positions',
      summary: 'Record a holding that was bought elsewhere; no cash moves',
      params: PortfolioParams,
      body: AddPositionBody,
      response: WirePosition,
      examples: { body: { symbol: 'AAPL', quantity: 100, price: 150 } },
      refusals: [
        ...NOT_OWN,
        ...NO_SUCH_MARKET,
        ...refusalsOfResults(QUANTITY_OFF_LOT, TOO_MANY_RECORDS),
      ],
      successStatus: 201,
      handler: add,
    }),
    defineRoute({
      ...WRITE,
      method: 'DELETE',
      path: '/api/positions/{position_id}',
      summary: 'Take a recorded holding away; answers what it was',
      params: PositionParams,
      response: DeletedPosition,
      refusals: refusalsOfResults(UNKNOWN_POSITION, POSITION_NOT_RECORDED),
      successStatus: 200,
      handler: remove,
    }),
  ];
}

async function add(
  context: RequestContext<{ portfolio_id: string }, unknown, AddPositionBody>,
): Promise<object> {
  const { venue, params, body } = context;
  const { userId } = principalOf(context);
  const info = ownPortfolio(venue, userId, params.portfolio_id);
  if (info instanceof Refusal) return info;
  const market = marketOf(venue.markets, body.symbol, body.exchange);
  if (market instanceof Refusal) return market;
  const qtyLots = lotsOf(market, String(body.quantity));
  if (qtyLots === undefined) return refusalOfResult(QUANTITY_OFF_LOT, body);
  const costUnits = costOf(market, qtyLots, body.price);
  if (costUnits === undefined) {
    const message = `price has at most ${market.quote.decimals} decimals`;
    return invalidParameter('price', body.price, message);
  }
  const { portfolioId } = info;
  const request = { userId, portfolioId, market, qtyLots, costUnits };
  const holding = await venue.portfolioDesk.recordHolding(request);
  if (typeof holding === 'number') return refusalOfResult(holding, { ...params, ...body });
  const valuation = valuationOf(venue, info);
  const position = valuation.positions.find((one) => one.holdingId === holding.holdingId);
  // Another request may have taken it away in the same moment.
  if (position === undefined) return refusalOfResult(UNKNOWN_POSITION, {});
  return positionToWire(valuation, position);
}

async function remove(context: RequestContext<{ position_id: string }>): Promise<object> {
  const { venue, params } = context;
  const { userId } = principalOf(context);
  const unknown = refusalOfResult(UNKNOWN_POSITION, params);
  const ref = positionOf(params.position_id);
  const found = ref && find(venue, userId, ref);
  if (ref === undefined || found === undefined) return unknown;
  if (ref.kind !== 'holding') return refusalOfResult(POSITION_NOT_RECORDED, params);
  const removed = await venue.portfolioDesk.removeHolding(userId, ref.holdingId);
  if (typeof removed === 'number') return refusalOfResult(removed, params);
  return { ...found, status: 'deleted' };
}

/** The caller's position as it stands now. */
function find(venue: Venue, userId: number, ref: PositionRef) {
  const portfolioId =
    ref.kind === 'holding'
      ? venue.portfolioDesk.holding(ref.holdingId)?.portfolioId
      : ref.portfolioId;
  const info = portfolioId && ownPortfolio(venue, userId, String(portfolioId));
  if (!info || info instanceof Refusal) return undefined;
  const valuation = valuationOf(venue, info);
  const isMeant = ({ source, holdingId, market }: ValuedPosition): boolean => {
    if (ref.kind === 'holding') return holdingId === ref.holdingId;
    const wanted = ref.kind === 'traded' ? 'orders' : 'transfers';
    return source === wanted && market.id === ref.marketId;
  };
  const position = valuation.positions.find(isMeant);
  return position && positionToWire(valuation, position);
}

/** Price × quantity in the quote asset's smallest units, rounded half up; exact up to them. */
function costOf(market: Market, qtyLots: number, price: number): number | undefined {
  const { quote, lotUnits, qtyDecimals } = market;
  const priceUnits = parseScaled(String(price), quote.decimals);
  if (priceUnits === undefined || priceUnits <= 0) return undefined;
  const scale = 10n ** BigInt(qtyDecimals);
  const product = BigInt(priceUnits) * BigInt(qtyLots * lotUnits);
  return Number((product * 2n + scale) / (scale * 2n));
}
