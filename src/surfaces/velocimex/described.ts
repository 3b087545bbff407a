import type { PlaceOrderBody } from '../../../schemas/velocimex.ts';
import * as C from '../../domain/result-codes.ts';
import { refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import {
  notDeployed,
  notNow,
  tooMany,
  unknownStrategy,
} from '../../gateway/strategies/strategy-refusals.ts';
import { unknownExchange } from './place-order.ts';

/** What handlers of this surface refuse, for the documents. */
export const NO_SUCH_MARKET = [unknownExchange('nasd'), ...refusalsOfResults(C.UNKNOWN_MARKET)];

/** The venue takes nothing at the moment. */
export const BUSY = refusalsOfResults(C.COMMAND_RING_FULL, C.JOURNAL_UNAVAILABLE, C.DRAINING);

export const ORDER_REFUSALS = [
  ...refusalsOfResults(
    C.PRICE_OFF_TICK,
    C.QUANTITY_OFF_LOT,
    C.QUANTITY_TOO_SMALL,
    C.QUANTITY_TOO_LARGE,
    C.NOTIONAL_TOO_LARGE,
    C.TRIGGER_PRICE_INVALID,
    C.EXPIRY_INVALID,
    C.TERMS_INCOMPATIBLE,
    C.UNKNOWN_PORTFOLIO,
    C.INSUFFICIENT_BALANCE,
    C.INSUFFICIENT_MARGIN,
    C.MARKET_CLOSED,
    C.TOO_MANY_OPEN_ORDERS,
    C.DUPLICATE_CLIENT_ORDER_ID,
  ),
  ...BUSY,
  ...refusalsOfResults(C.ORDER_POOL_FULL, C.DISK_SPACE_LOW),
];

export const ORDER_DESCRIPTION =
  'An order that got an id is answered with its state, also when the book rejected it: `status` and `reason` say so. ' +
  'Repeated with the same `client_order_id` and the same terms, the request is answered with the first order.';

export const ORDER_EXAMPLE: PlaceOrderBody = {
  exchange: 'binance',
  symbol: 'BTC/USDT',
  side: 'buy',
  type: 'limit',
  quantity: 0.01,
  price: 90_000,
  time_in_force: 'gtc',
};

const UNKNOWN_STRATEGY = unknownStrategy('momentun');

export const DEPLOY_REFUSALS = [
  UNKNOWN_STRATEGY,
  notNow('momentum', 'STRATEGY_RUNNING', 'is deployed already: stop or configure it'),
  tooMany(),
];
export const RUNNING_REFUSALS = [UNKNOWN_STRATEGY, notDeployed('momentum')];
