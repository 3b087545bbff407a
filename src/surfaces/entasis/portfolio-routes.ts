import {
  ClosedPositionResponse,
  OpenPositionBody,
  OpenPositionResponse,
  PositionParams,
  PositionsResponse,
} from '../../../schemas/entasis.ts';
import * as C from '../../domain/result-codes.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import { defineRoute, LATER, type Route } from '../../gateway/http/route.ts';
import { NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import type { Principal } from '../../identity/principal.ts';
import { SURFACE } from './errors.ts';
import { closedToWire, openedToWire, positionsToWire, toOpenRequest } from './positions.ts';

const READ = { surface: SURFACE, limit: 'rest', auth: 'required', scope: 'read' } as const;
const TRADE = { surface: SURFACE, limit: 'rest', auth: 'required', scope: 'write' } as const;

const OPEN_REFUSALS = [
  ...NO_SUCH_MARKET,
  ...refusalsOfResults(
    C.QUANTITY_OFF_LOT,
    C.LEVERAGE_NOT_ALLOWED,
    C.INSUFFICIENT_MARGIN,
    C.POSITION_LIMIT_EXCEEDED,
    C.NO_LIQUIDITY,
    C.MARKET_CLOSED,
    C.COMMAND_RING_FULL,
    C.JOURNAL_UNAVAILABLE,
  ),
];

export function portfolioRoutes(base: string): Route[] {
  return [
    defineRoute({
      ...READ,
      method: 'GET',
      path: `${base}/portfolio/positions`,
      summary: 'Open positions of the margin portfolio',
      response: PositionsResponse,
      successStatus: 200,
      handler: ({ principal, venue, clock }) => {
        const { userId } = principal as Principal;
        return { positions: positionsToWire(venue, userId, clock.nowMs()) };
      },
    }),
    defineRoute({
      ...TRADE,
      method: 'POST',
      path: `${base}/portfolio/positions`,
      summary: 'Opens a position by a market order, or nets the opposite one',
      body: OpenPositionBody,
      response: OpenPositionResponse,
      examples: { body: { symbol: 'BTC-USDT', size: '0.01', type: 'long', leverage: '2' } },
      refusals: OPEN_REFUSALS,
      successStatus: 201,
      handler: ({ body, principal, venue, clock, settle }) => {
        const request = toOpenRequest(body, (principal as Principal).userId, venue);
        if (request instanceof Refusal) return request;
        venue.margin.openPosition(request, (reply) =>
          settle(openedToWire(reply, body, clock.nowMs())),
        );
        return LATER;
      },
    }),
    defineRoute({
      ...TRADE,
      method: 'DELETE',
      path: `${base}/portfolio/positions/{position_id}`,
      summary: 'Closes a position by a market order (an extension)',
      params: PositionParams,
      response: ClosedPositionResponse,
      refusals: refusalsOfResults(C.UNKNOWN_POSITION, C.NO_LIQUIDITY, C.COMMAND_RING_FULL),
      successStatus: 200,
      handler: ({ params, principal, venue, clock, settle }) => {
        const { position_id: positionId } = params;
        const { userId } = principal as Principal;
        venue.margin.closePosition({ userId, positionId }, (reply) =>
          settle(closedToWire(reply, positionId, clock.nowMs())),
        );
        return LATER;
      },
    }),
  ];
}
