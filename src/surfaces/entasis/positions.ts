import type { OpenPositionBody } from '../../../schemas/entasis.ts';
import { averagePriceUnits, lotsOf, priceText, quantityText } from '../../codec/decimals.ts';
import type { Market } from '../../domain/markets.ts';
import { SIDE_BUY, SIDE_SELL } from '../../domain/orders.ts';
import { NO_LIQUIDITY, OK, QUANTITY_OFF_LOT } from '../../domain/result-codes.ts';
import type { AccountPosition } from '../../gateway/account.ts';
import { invalidParameter, Refusal, valueText } from '../../gateway/http/refusal.ts';
import { refusalOfResult } from '../../gateway/http/result-refusal.ts';
import type { OpenPositionRequest, PositionReply } from '../../gateway/margin/margin-venue.ts';
import { marketOf } from '../../gateway/market-lookup.ts';
import type { Venue } from '../../gateway/venue.ts';
import { formatScaled, parseScaled } from '../../lib/fixed-point.ts';
import { secondsText } from './times.ts';

/** Decimals of money at least: `"1500.00"`. */
const MONEY_DECIMALS = 2;

/** Open positions of all the user's margin portfolios. */
export function positionsToWire(venue: Venue, userId: number, nowMs: number) {
  const timestamp = secondsText(Math.floor(nowMs / 1000));
  return venue
    .portfolios(userId)
    .filter(({ kind }) => kind === 'margin')
    .flatMap(({ portfolioId }) => venue.account(portfolioId)?.positions ?? [])
    .filter(({ qtyLots }) => qtyLots !== 0)
    .map((position) => ({ ...positionToWire(position), timestamp }));
}

function positionToWire(position: AccountPosition) {
  const { market, qtyLots, priceTicks, liquidationTicks } = position;
  return {
    symbol: market.symbol,
    size: quantityText(market, Math.abs(qtyLots)),
    entry_price: entryPrice(position),
    current_price: priceTicks === 0 ? null : priceText(market, priceTicks),
    pnl: money(market, position.unrealisedUnits),
    position_id: position.positionId,
    type: qtyLots > 0 ? 'long' : 'short',
    leverage: String(position.leverage),
    exchange: market.exchange,
    realized_pnl: money(market, position.realisedUnits),
    margin: money(market, position.initialMarginUnits),
    liquidation_price: liquidationTicks === null ? null : priceText(market, liquidationTicks),
  };
}

/**
 * What one unit cost, rounded half up to the quote asset's smallest unit: `pnl` is exact also where
 * this is not.
 */
function entryPrice({ market, qtyLots, costUnits }: AccountPosition): string {
  const { decimals } = market.quote;
  const units = averagePriceUnits(market, qtyLots, costUnits, decimals);
  return formatScaled(units, decimals, market.priceDecimals);
}

function money(market: Market, units: number): string {
  return formatScaled(units, market.quote.decimals, MONEY_DECIMALS);
}

/** Turns a validated request body into the venue's request, or says what is wrong with it. */
export function toOpenRequest(
  body: OpenPositionBody,
  userId: number,
  venue: Venue,
): OpenPositionRequest | Refusal {
  const market = marketOf(venue.markets, body.symbol, body.exchange);
  if (market instanceof Refusal) return market;
  const qtyLots = lotsOf(market, String(body.size));
  if (qtyLots === undefined) return refusalFor(QUANTITY_OFF_LOT, body);
  const leverage = parseScaled(String(body.leverage ?? 1), 0);
  if (leverage === undefined || leverage < 1) {
    return invalidParameter('leverage', body.leverage, 'leverage is a whole number from 1');
  }
  return {
    userId,
    market,
    side: body.type === 'long' ? SIDE_BUY : SIDE_SELL,
    qtyLots,
    leverage,
    clientOrderId: body.client_order_id ?? '',
  };
}

/** The reply to a position that was asked for: what the book took of it, or why it took nothing. */
export function openedToWire(
  { code, order, position }: PositionReply,
  body: OpenPositionBody,
  nowMs: number,
): object {
  if (code !== OK) return refusalFor(code, body);
  if (order === null || order.filledLots === 0) return refusalFor(NO_LIQUIDITY, body);
  const { market } = order;
  return {
    position_id: position?.positionId ?? null,
    status: order.filledLots === order.qtyLots ? 'success' : 'partial',
    timestamp: secondsText(Math.floor(nowMs / 1000)),
    symbol: market.symbol,
    exchange: market.exchange,
    type: body.type,
    size: quantityText(market, order.filledLots),
    order_id: String(order.orderId),
  };
}

/** The reply to a position that was closed: how much of it, and what it brought. */
export function closedToWire(
  { code, order, position }: PositionReply,
  positionId: string,
  nowMs: number,
): object {
  const given = { parameter: 'position_id', value: positionId };
  if (code !== OK || order === null || order.filledLots === 0) {
    const { kind, code: name, message } = refusalOfResult(code === OK ? NO_LIQUIDITY : code, {});
    return new Refusal(kind, name, message, { details: given });
  }
  const { market } = order;
  const left = Math.abs(position?.qtyLots ?? 0);
  return {
    position_id: positionId,
    status: left === 0 ? 'closed' : 'partial',
    timestamp: secondsText(Math.floor(nowMs / 1000)),
    symbol: market.symbol,
    exchange: market.exchange,
    type: order.side === SIDE_SELL ? 'long' : 'short',
    size: quantityText(market, order.filledLots),
    remaining_size: quantityText(market, left),
    realized_pnl: money(market, position?.realisedUnits ?? 0),
    order_id: String(order.orderId),
  };
}

/** The refusal for a result code; what the venue calls quantity is called size here. */
function refusalFor(code: number, body: OpenPositionBody): Refusal {
  const { symbol, size, client_order_id } = body;
  const refusal = refusalOfResult(code, { symbol, quantity: size, client_order_id });
  const { kind, message, details, retryAfterSeconds } = refusal;
  if (details.parameter !== 'quantity') return refusal;
  return new Refusal(kind, refusal.code, message.replace('quantity', 'size'), {
    details: { ...details, parameter: 'size', value: valueText(size) },
    retryAfterSeconds,
  });
}
