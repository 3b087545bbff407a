import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { Trade } from '../../../codec/generated/openbell/stream/trade.ts';
import { Trades } from '../../../codec/generated/openbell/stream/trades.ts';
import { jsonBytes } from '../../../lib/json-writer.ts';
import { jsonHead } from '../json-out.ts';
import { type MarketChannel, ONE_VARIANT, PLAIN_OPTIONS } from './channel.ts';

const HEAD = jsonHead('trades', 'trades');
const TRADE_BYTES = Trade.sizeOf();
const TRADES = jsonBytes(',"trades":[');
const TRADE_ID = jsonBytes('{"trade_id":');
const PRICE = jsonBytes(',"price":');
const QTY = jsonBytes(',"qty":');
const SIDES = ['buy', 'sell'].map((side) => jsonBytes(`,"side":"${side}"`));
const SIDE_UNKNOWN = jsonBytes(',"side":null');
const VENUE_TIME = jsonBytes(',"venue_time":');
const PRINTED = [jsonBytes(',"printed":false}'), jsonBytes(',"printed":true}')];
const LIST_END = jsonBytes(']}');

/** Every trade, in order. There is no state to start from: the acknowledgement's `seq` is it. */
export function tradesChannel(): MarketChannel {
  return {
    name: 'trades',
    code: Channel.Trades,
    bodyTypes: [Body.Trades],
    fields: [],
    variants: ONE_VARIANT,
    conflation: 'never',
    parse: () => PLAIN_OPTIONS,
    position: (view) => view.tradesPosition,
    json: {
      update: (out, { trades, market, tradesPosition }) => {
        const { writer } = out;
        out.begin(HEAD, market, tradesPosition, 0);
        writer.raw(TRADES);
        for (let i = 0; i < trades.length; i += 1) {
          if (i > 0) writer.comma();
          writer.raw(TRADE_ID);
          writer.integer(trades.ids[i]);
          writer.raw(PRICE);
          out.price(market, trades.pricesTicks[i]);
          writer.raw(QTY);
          out.qty(market, trades.qtysLots[i]);
          writer.raw(SIDES[trades.sides[i]] ?? SIDE_UNKNOWN);
          writer.raw(VENUE_TIME);
          writer.isoMicros(trades.seconds[i], trades.nanos[i]);
          writer.raw(PRINTED[trades.printed[i]]);
        }
        writer.raw(LIST_END);
        return writer.take();
      },
    },
    binary: {
      update: (out, { trades, market, tradesPosition }) => {
        const { builder, long } = out;
        out.begin();
        Trades.startTradesVector(builder, trades.length);
        for (let i = trades.length - 1; i >= 0; i -= 1) {
          builder.prep(8, TRADE_BYTES);
          builder.pad(6);
          builder.writeInt8(trades.printed[i]);
          builder.writeInt8(trades.sides[i]);
          long.writeTime(trades.seconds[i], trades.nanos[i]);
          long.write(trades.qtysLots[i]);
          long.write(trades.pricesTicks[i]);
          long.write(trades.ids[i]);
        }
        const body = Trades.createTrades(builder, builder.endVector());
        return out.finish(market.id, tradesPosition, Body.Trades, body, 0);
      },
    },
  };
}
