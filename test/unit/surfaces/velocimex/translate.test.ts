import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as O from '../../../../src/domain/orders.ts';
import { POST_ONLY_WOULD_TAKE } from '../../../../src/domain/result-codes.ts';
import type { OrderView } from '../../../../src/gateway/venue.ts';
import { NO_EXTENSION } from '../../../../src/projections/order-extension.ts';
import { orderToWire, symbolToWire } from '../../../../src/surfaces/velocimex/translate.ts';
import { shippedMarkets } from '../../../support/markets.ts';

const registry = shippedMarkets();
const ORDER: OrderView = {
  orderId: 123456,
  market: registry.resolve('NASDAQ', 'AAPL')!,
  portfolioId: 4,
  side: O.SIDE_BUY,
  orderType: O.ORDER_TYPE_LIMIT,
  tif: O.TIF_GTC,
  flags: 0,
  selfTrade: 0,
  extension: NO_EXTENSION,
  priceTicks: 15_050,
  qtyLots: 100,
  filledLots: 0,
  filledNotionalUnits: 0,
  feeUnits: 0,
  status: O.STATUS_OPEN,
  reason: 0,
  clientOrderId: '',
  createdSeconds: 1_713_191_400,
  createdNanos: 0,
  updatedSeconds: 1_713_191_400,
  updatedNanos: 123_456_000,
};

test('an order has the documented fields with the documented values', () => {
  assert.deepEqual(orderToWire(ORDER), {
    order_id: '123456',
    timestamp: '2024-04-15T14:30:00.123456Z',
    exchange: 'NASDAQ',
    symbol: 'AAPL',
    side: 'buy',
    type: 'limit',
    quantity: 100,
    price: 150.5,
    stop_price: null,
    status: 'open',
    filled_quantity: 0,
    remaining_quantity: 100,
    average_price: null,
    fee: 0,
    fee_asset: 'USD',
    time_in_force: 'gtc',
    expire_at: null,
    post_only: false,
    client_order_id: null,
    portfolio_id: '4',
    created_at: '2024-04-15T14:30:00.000000Z',
    reason: null,
  });
});

test('symbols have a slash, equities none', () => {
  assert.equal(symbolToWire(registry.get(6)!), 'BTC/USDT');
  assert.equal(symbolToWire(registry.get(1)!), 'AAPL');
});

test('every status has its Velocimex name', () => {
  const names = [0, 1, 2, 3, 4, 5, 6].map((status) => orderToWire({ ...ORDER, status }).status);
  assert.deepEqual(names, [
    'open',
    'open',
    'partially_filled',
    'filled',
    'cancelled',
    'rejected',
    'expired',
  ]);
});

test('a fill states quantity, average price and fee exactly', () => {
  // 60 at 150.49 and 40 at 150.50, in micro-dollars.
  const filled = orderToWire({
    ...ORDER,
    status: O.STATUS_FILLED,
    filledLots: 100,
    filledNotionalUnits: 60 * 150_490_000 + 40 * 150_500_000,
    feeUnits: 451_482,
  });
  assert.equal(filled.average_price, 150.494);
  assert.equal(filled.fee, 0.451482);
  assert.equal(filled.remaining_quantity, 0);
  const btc = registry.get(6)!;
  const third = orderToWire({
    ...ORDER,
    market: btc,
    qtyLots: 3,
    filledLots: 3,
    filledNotionalUnits: (972_500 + 972_501 + 972_501) * btc.quoteUnitsPerTickLot,
  });
  assert.equal(third.average_price, 97250.0666667);
  assert.equal(third.quantity, 0.003);
});

test('a market order shows no price; reasons carry the name of their kind', () => {
  const market = orderToWire({
    ...ORDER,
    orderType: O.ORDER_TYPE_MARKET,
    tif: O.TIF_IOC,
    status: O.STATUS_CANCELLED,
    reason: O.CANCEL_MARKET_REMAINDER,
    clientOrderId: 'mine-1',
  });
  assert.equal(market.price, null);
  assert.equal(market.reason, 'market_remainder');
  assert.equal(market.client_order_id, 'mine-1');
  const rejected = orderToWire({
    ...ORDER,
    flags: O.ORDER_FLAG_POST_ONLY,
    status: O.STATUS_REJECTED,
    reason: POST_ONLY_WOULD_TAKE,
  });
  assert.equal(rejected.reason, 'post_only_would_take');
  assert.equal(rejected.post_only, true);
});
