import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuffer } from 'flatbuffers';
import type { PlaceOrderBody } from '../../../schemas/velocimex.ts';
import { Message } from '../../../src/codec/generated/openbell/stream/message.ts';
import { Trades } from '../../../src/codec/generated/openbell/stream/trades.ts';
import * as R from '../../../src/codec/records.ts';
import * as C from '../../../src/domain/result-codes.ts';
import { Refusal } from '../../../src/gateway/http/refusal.ts';
import type { OrderReply } from '../../../src/gateway/venue.ts';
import { OrderImageWriter } from '../../../src/journal/order-image.ts';
import { TradeImageWriter } from '../../../src/journal/trade-image.ts';
import { frameType } from '../../../src/rings/frame.ts';
import { BinaryOut } from '../../../src/surfaces/native/binary-out.ts';
import { tradesChannel } from '../../../src/surfaces/native/channels/trades.ts';
import { JsonOut } from '../../../src/surfaces/native/json-out.ts';
import { quoteToWire } from '../../../src/surfaces/octopus/quotes.ts';
import { AggressorTrades } from '../../../src/surfaces/takashi/trade-event.ts';
import { TradeMessageWriter } from '../../../src/surfaces/takashi/trade-messages.ts';
import { MarketMessageWriter } from '../../../src/surfaces/velocimex/market-message.ts';
import { toPlaceRequest } from '../../../src/surfaces/velocimex/place-order.ts';
import { orderToWire } from '../../../src/surfaces/velocimex/translate.ts';
import { shippedMarkets } from '../../support/markets.ts';
import { OneThreadVenue } from '../../support/one-thread-venue.ts';
import { markdownTable, sourceText } from '../../support/source-files.ts';

const markets = shippedMarkets();
const market = markets.resolve('binance', 'BTC/USDT');
assert.ok(market !== undefined);

/** The numbers the page names at one place, as written there. */
const [, ...rows] = markdownTable(sourceText('docs/walkthrough.md'), 'value');
function said(place: string): (string | undefined)[] {
  const row = rows.find(([name]) => name.startsWith(place));
  assert.ok(row !== undefined, `the page has a line for ${place}`);
  return row.slice(1).map((cell) => /`([^`]+)`/.exec(cell)?.[1]);
}

function place(venue: OneThreadVenue, userId: number, body: PlaceOrderBody): OrderReply[] {
  const request = toPlaceRequest(body, userId, venue.engine);
  assert.ok(!(request instanceof Refusal));
  const [ticks, lots] = said('`PlaceRequest`');
  assert.deepEqual([request.priceTicks, request.qtyLots], [Number(ticks), Number(lots)]);
  const replies: OrderReply[] = [];
  const portfolioId = userId + 1;
  venue.engine.place({ ...request, portfolioId }, (reply) => replies.push(reply));
  return replies;
}

/** The frame of that type, aligned as it was in the ring. */
function frameOf(venue: OneThreadVenue, type: number) {
  for (const bytes of venue.journal) {
    const { buffer } = Uint8Array.from(bytes);
    const views = {
      u8: new Uint8Array(buffer),
      i32: new Int32Array(buffer),
      f64: new Float64Array(buffer),
    };
    if (frameType(views.i32[1]) === type) return views;
  }
  throw new Error(`no record of type ${type}`);
}

test('one price and one quantity are what the walk says at every place', () => {
  const venue = new OneThreadVenue(markets, { balances: { USDT: 1e12, BTC: 1e12 } });
  const [price, quantity] = said('body of the request').map(Number);
  const body = { exchange: 'binance', symbol: 'BTC/USDT', type: 'limit' as const, price, quantity };
  const [bought] = [place(venue, 1, { ...body, side: 'buy', portfolio_id: 2 })];
  venue.settle();
  assert.equal(bought[0].code, C.OK);
  const buyer = venue.ledger.get(2);
  assert.equal(buyer.balance('USDT').held, Number(said('held by the buyer')[0]));
  const before = { usdt: buyer.balance('USDT').total, btc: buyer.balance('BTC').total };
  const sold = place(venue, 2, { ...body, side: 'sell', portfolio_id: 3 });
  venue.settle();

  const [ticks, lots] = said('`PlaceRequest`').map(Number);
  const placed = frameOf(venue, R.PLACE_ORDER);
  assert.deepEqual(
    [placed.f64[R.PLACE_PRICE_TICKS / 8], placed.f64[R.PLACE_QTY_LOTS / 8]],
    [ticks, lots],
  );
  const traded = frameOf(venue, R.TRADE_EXECUTED);
  const tradeRow = new TradeImageWriter();
  tradeRow.write(traded, 0);
  const tradeValue = new Float64Array(Uint8Array.from(tradeRow.value).buffer);
  assert.deepEqual([tradeValue[1], tradeValue[2]], [ticks, lots]);
  const [order] = venue.userOrders.filter(({ side }) => side === 0);
  const orderRow = new OrderImageWriter().write({
    ...order,
    marketId: market.id,
    sessionId: 0,
    changed: false,
  });
  const orderValue = new Float64Array(Uint8Array.from(orderRow).buffer);
  assert.deepEqual([orderValue[0], orderValue[1]], [ticks, lots]);

  const [paidUnits, gotUnits] = said('posted to the buyer').map(Number);
  const makerFee = traded.f64[R.TRADE_MAKER_FEE_UNITS / 8];
  assert.equal(before.usdt - buyer.balance('USDT').total, paidUnits + makerFee);
  assert.equal(buyer.balance('BTC').total - before.btc, gotUnits);

  const [outPrice, outQuantity] = said('reply, Velocimex').map(Number);
  const reply = orderToWire(sold[0].order ?? order);
  assert.deepEqual([reply.price, reply.filled_quantity], [outPrice, outQuantity]);
  assert.equal(reply.average_price, outPrice);
  const quote = quoteToWire(venue.engine, market);
  assert.deepEqual([quote.price, quote.volume], [outPrice, outQuantity]);

  const view = venue.views.get(market.id);
  assert.ok(view !== undefined);
  view.settle();
  const velocimex = JSON.parse(
    Buffer.from(new MarketMessageWriter(venue.clock).write(view, view.trades)).toString(),
  );
  assert.deepEqual([velocimex.price, velocimex.volume], [outPrice, outQuantity]);
  const [large] = new AggressorTrades().collect(view);
  const takashi = JSON.parse(
    Buffer.from(new TradeMessageWriter('large_trade').write(large)).toString(),
  );
  assert.deepEqual([takashi.price, takashi.quantity], [outPrice, outQuantity]);
  assert.equal(takashi.value, Number(said('`large_trades`')[0]));

  const channel = tradesChannel();
  const json = Buffer.from(channel.json.update(new JsonOut(1, venue.clock), view, 0)).toString();
  const [jsonPrice, jsonQuantity] = said('native stream, JSON').map((text) =>
    JSON.parse(text ?? ''),
  );
  assert.deepEqual(
    [JSON.parse(json).trades[0].price, JSON.parse(json).trades[0].qty],
    [jsonPrice, jsonQuantity],
  );
  const binary = channel.binary.update(new BinaryOut(1, venue.clock), view, 0);
  const message = Message.getRootAsMessage(new ByteBuffer(Uint8Array.from(binary)));
  const trade = (message.body(new Trades()) as Trades).trades(0);
  assert.deepEqual(
    [String(trade?.priceTicks()), String(trade?.qtyLots())],
    said('native stream, FlatBuffers'),
  );
});
