import * as C from '../../domain/result-codes.ts';
import { Refusal, type RefusalKind, valueText } from './refusal.ts';

/** How a result code is told to a client, whatever the surface. */
interface Telling {
  readonly kind: RefusalKind;
  readonly message: string;
  /**
   * The request parameter at fault, in the order vocabulary all order endpoints share; of several,
   * the first that was given.
   */
  readonly parameter?: OrderParameter | readonly OrderParameter[];
  readonly retryAfterSeconds?: number;
}

export type OrderParameter =
  | 'symbol'
  | 'price'
  | 'quantity'
  | 'order_id'
  | 'client_order_id'
  | 'portfolio_id'
  | 'type'
  | 'stop_price'
  | 'trail_offset'
  | 'display_quantity'
  | 'peg_offset'
  | 'expire_at'
  | 'oco_order_id'
  | 'parent_order_id'
  | 'position_id'
  | 'alert_id'
  | 'asset'
  | 'amount';

const LINKS: readonly OrderParameter[] = ['oco_order_id', 'parent_order_id', 'order_id'];

const TELLINGS: ReadonlyMap<number, Telling> = new Map<number, Telling>([
  [C.UNKNOWN_MARKET, { kind: 'not_found', message: 'Unknown market', parameter: 'symbol' }],
  [
    C.PRICE_OFF_TICK,
    {
      kind: 'invalid',
      message: "price must be a positive multiple of the market's tick",
      parameter: 'price',
    },
  ],
  [
    C.PRICE_TOO_LARGE,
    { kind: 'invalid', message: "price is above the market's maximum", parameter: 'price' },
  ],
  [
    C.QUANTITY_OFF_LOT,
    {
      kind: 'invalid',
      message: "quantity must be a positive multiple of the market's lot",
      parameter: 'quantity',
    },
  ],
  [
    C.QUANTITY_TOO_SMALL,
    { kind: 'invalid', message: "quantity is below the market's minimum", parameter: 'quantity' },
  ],
  [
    C.QUANTITY_TOO_LARGE,
    { kind: 'invalid', message: "quantity is above the market's maximum", parameter: 'quantity' },
  ],
  [
    C.NOTIONAL_TOO_LARGE,
    { kind: 'invalid', message: 'price times quantity is too large', parameter: 'quantity' },
  ],
  [
    C.NOTIONAL_ABOVE_MAXIMUM,
    {
      kind: 'invalid',
      message: "price times quantity is above the market's maximum",
      parameter: 'quantity',
    },
  ],
  [
    C.TRIGGER_PRICE_INVALID,
    {
      kind: 'invalid',
      message: "stop orders need a stop_price, a positive multiple of the market's tick",
      parameter: 'stop_price',
    },
  ],
  [
    C.DISPLAY_QUANTITY_INVALID,
    {
      kind: 'invalid',
      message: 'display_quantity must be a positive multiple of the lot, below the quantity',
      parameter: 'display_quantity',
    },
  ],
  [
    C.EXPIRY_INVALID,
    {
      kind: 'invalid',
      message: 'gtd orders need a time in the future, other orders have none',
      parameter: 'expire_at',
    },
  ],
  [
    C.TRAIL_OFFSET_INVALID,
    {
      kind: 'invalid',
      message:
        'trailing stops need a trail_offset: a positive multiple of the tick, or basis points',
      parameter: 'trail_offset',
    },
  ],
  [
    C.PEG_OFFSET_INVALID,
    {
      kind: 'invalid',
      message: 'peg_offset must be a multiple of the tick, against the other side at least one',
      parameter: 'peg_offset',
    },
  ],
  [
    C.TERMS_INCOMPATIBLE,
    {
      kind: 'invalid',
      message: 'type, time in force and flags of the order do not go together',
      parameter: 'type',
    },
  ],
  [
    C.UNKNOWN_LINKED_ORDER,
    {
      kind: 'not_found',
      message: 'No such order of this account to link with or to replace',
      parameter: LINKS,
    },
  ],
  [C.NO_REFERENCE_PRICE, { kind: 'conflict', message: 'The market has no price yet' }],
  [C.NO_LIQUIDITY, { kind: 'conflict', message: 'Nothing to trade against' }],
  [
    C.UNKNOWN_ORDER,
    { kind: 'not_found', message: 'No such order of this account', parameter: 'order_id' },
  ],
  [
    C.ORDER_NOT_IN_BOOK,
    { kind: 'conflict', message: 'The order is no longer open', parameter: 'order_id' },
  ],
  [
    C.DUPLICATE_CLIENT_ORDER_ID,
    {
      kind: 'conflict',
      message: 'This client_order_id was used for an order with other terms',
      parameter: 'client_order_id',
    },
  ],
  [
    C.UNKNOWN_PORTFOLIO,
    { kind: 'not_found', message: 'No such portfolio of this account', parameter: 'portfolio_id' },
  ],
  [
    C.MARKET_IS_LIVE,
    {
      kind: 'conflict',
      message: 'This market shows its own exchange live: orders are placed there, not here',
    },
  ],
  [C.MARKET_IS_OFF, { kind: 'conflict', message: 'This market is switched off' }],
  [C.TOO_MANY_RECORDS, { kind: 'conflict', message: 'There are as many of these as there may be' }],
  [
    C.DEPOSITS_CLOSED,
    { kind: 'conflict', message: 'Where live markets trade, no money comes in from outside' },
  ],
  [
    C.PORTFOLIO_NOT_EMPTY,
    {
      kind: 'conflict',
      message: 'The portfolio has balances, positions or open orders; force=true moves them',
      parameter: 'portfolio_id',
    },
  ],
  [
    C.PORTFOLIO_IN_USE,
    {
      kind: 'conflict',
      message: 'The venue needs this portfolio: it cannot be deleted',
      parameter: 'portfolio_id',
    },
  ],
  [
    C.UNKNOWN_ALERT,
    { kind: 'not_found', message: 'No such alert of this account', parameter: 'alert_id' },
  ],
  [
    C.POSITION_NOT_RECORDED,
    {
      kind: 'conflict',
      message: 'The position comes from orders or transfers: sell or transfer it',
      parameter: 'position_id',
    },
  ],
  [
    C.AMOUNT_TOO_LARGE,
    { kind: 'invalid', message: 'amount is more than may be paid in', parameter: 'amount' },
  ],
  [C.UNKNOWN_ASSET, { kind: 'not_found', message: 'Unknown asset', parameter: 'asset' }],
  [C.INSUFFICIENT_BALANCE, { kind: 'conflict', message: 'Not enough funds' }],
  [C.INSUFFICIENT_MARGIN, { kind: 'conflict', message: 'Not enough collateral for the margin' }],
  [
    C.POSITION_LIMIT_EXCEEDED,
    { kind: 'conflict', message: "The position would exceed the market's limit" },
  ],
  [
    C.LEVERAGE_NOT_ALLOWED,
    { kind: 'invalid', message: "leverage must be a whole number up to the market's maximum" },
  ],
  [
    C.PORTFOLIO_IN_LIQUIDATION,
    { kind: 'conflict', message: 'The venue is closing the positions of this portfolio' },
  ],
  [C.NO_MARK_PRICE, { kind: 'conflict', message: 'The market has no price yet' }],
  [
    C.UNKNOWN_POSITION,
    { kind: 'not_found', message: 'No such position of this account', parameter: 'position_id' },
  ],
  [C.TOO_MANY_OPEN_ORDERS, { kind: 'conflict', message: 'Too many open orders' }],
  [C.MARKET_HALTED, { kind: 'conflict', message: 'Market is not open' }],
  [C.MARKET_CLOSED, { kind: 'conflict', message: 'Market is not open' }],
  [
    C.NOT_BEFORE_AUCTION,
    { kind: 'conflict', message: 'An order that must trade at once cannot wait for an auction' },
  ],
  [
    C.ALL_OR_NONE_NOT_FILLABLE,
    { kind: 'conflict', message: 'The order would have traded in part' },
  ],
  [
    C.REDUCE_ONLY_WOULD_INCREASE,
    { kind: 'conflict', message: 'There is no position that the order would reduce' },
  ],
  [
    C.PRICE_OUTSIDE_BAND,
    {
      kind: 'conflict',
      message: 'price is too far from the reference price',
      parameter: 'price',
    },
  ],
  [
    C.LINKED_ORDER_GONE,
    {
      kind: 'conflict',
      message: 'The order to link with is no longer open, or has traded',
      parameter: LINKS,
    },
  ],
  [
    C.REPLACED_ORDER_GONE,
    {
      kind: 'conflict',
      message: 'The order to replace is no longer open, or has traded meanwhile',
      parameter: 'order_id',
    },
  ],
  [C.NO_TRIGGER_REFERENCE, { kind: 'conflict', message: 'Nothing has traded yet' }],
  [C.EXPIRED_ON_ARRIVAL, { kind: 'conflict', message: 'The time the order was good for is over' }],
  [
    C.LINK_NOT_ALLOWED,
    {
      kind: 'conflict',
      message: 'The order to link with cannot have this link',
      parameter: LINKS,
    },
  ],
  [
    C.AMEND_INVALID,
    { kind: 'conflict', message: 'The amendment changes nothing, or leaves nothing open' },
  ],
  [C.FOK_NOT_FILLABLE, { kind: 'conflict', message: 'The order cannot be filled whole' }],
  [C.POST_ONLY_WOULD_TAKE, { kind: 'conflict', message: 'A post-only order would have traded' }],
  [
    C.COMMAND_RING_FULL,
    { kind: 'unavailable', message: 'The market is busy, try again', retryAfterSeconds: 1 },
  ],
  [
    C.ORDER_POOL_FULL,
    { kind: 'unavailable', message: 'The book is full, try again', retryAfterSeconds: 5 },
  ],
  [
    C.DISK_SPACE_LOW,
    { kind: 'unavailable', message: 'Little disk space is left, try later', retryAfterSeconds: 30 },
  ],
  [C.TOO_MANY_JOBS, { kind: 'rate_limited', message: 'Too many analyses wait already' }],
  [
    C.JOB_CANCELLED,
    { kind: 'unavailable', message: 'The analysis was broken off', retryAfterSeconds: 5 },
  ],
  [
    C.JOURNAL_UNAVAILABLE,
    { kind: 'unavailable', message: 'Orders cannot be acknowledged', retryAfterSeconds: 10 },
  ],
  [
    C.TRADING_PAUSED,
    { kind: 'unavailable', message: 'Trading is paused or stopped', retryAfterSeconds: 30 },
  ],
  [
    C.DRAINING,
    { kind: 'unavailable', message: 'The server is shutting down', retryAfterSeconds: 5 },
  ],
]);

/**
 * The refusal for a result code; its name becomes the refusal's code.
 * @param given what the client sent, by parameter, to show the value at fault.
 * @param retryAfterSeconds where it is known better than the code's own
 */
export function refusalOfResult(
  code: number,
  given: Partial<Record<OrderParameter, unknown>>,
  retryAfterSeconds?: number,
): Refusal {
  const telling = TELLINGS.get(code);
  // A code no request of a client can cause: an invariant of ours is broken.
  if (telling === undefined) throw new Error(`no reply for result ${C.resultName(code)}`);
  const { kind, message } = telling;
  const named = [telling.parameter ?? []].flat();
  const parameter = named.find((name) => given[name] !== undefined) ?? named[0];
  const culprit =
    parameter === undefined ? {} : { parameter, value: valueText(given[parameter] ?? null) };
  return new Refusal(kind, C.resultName(code), message, {
    details: { ...culprit, reason: C.resultName(code) },
    retryAfterSeconds: retryAfterSeconds ?? telling.retryAfterSeconds,
  });
}

/** What clients are told of several results, for the documents. */
export function refusalsOfResults(...codes: readonly number[]): Refusal[] {
  return codes.map((code) => refusalOfResult(code, {}));
}
