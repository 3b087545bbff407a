import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { Liquidation } from '../../../codec/generated/openbell/stream/liquidation.ts';
import { Liquidations } from '../../../codec/generated/openbell/stream/liquidations.ts';
import { jsonBytes } from '../../../lib/json-writer.ts';
import { jsonHead } from '../json-out.ts';
import { type MarketChannel, ONE_VARIANT, PLAIN_OPTIONS } from './channel.ts';
import { unlessPerpetual } from './perpetuals.ts';

const HEAD = jsonHead('liquidations', 'liquidations');
const LIQUIDATION_BYTES = Liquidation.sizeOf();
const LIST = jsonBytes(',"liquidations":[');
const TRADE_ID = jsonBytes('{"trade_id":');
const SIDES = ['buy', 'sell'].map((side) => jsonBytes(`,"side":"${side}","price":`));
const QTY = jsonBytes(',"qty":');
const VENUE_TIME = jsonBytes(',"venue_time":');
const END = 125; // }
const LIST_END = jsonBytes(']}');

/** Fills of orders that close positions by force, each of them; whose they were is not told. */
export function liquidationsChannel(): MarketChannel {
  return {
    name: 'liquidations',
    code: Channel.Liquidations,
    bodyTypes: [Body.Liquidations],
    fields: [],
    variants: ONE_VARIANT,
    conflation: 'never',
    parse: () => PLAIN_OPTIONS,
    refusal: unlessPerpetual,
    position: (view) => view.derivatives.liquidationsPosition,
    json: {
      update: (out, { derivatives, market }) => {
        const { writer } = out;
        out.begin(HEAD, market, derivatives.liquidationsPosition, 0);
        writer.raw(LIST);
        for (const [i, fill] of derivatives.liquidations.entries()) {
          if (i > 0) writer.comma();
          writer.raw(TRADE_ID);
          writer.integer(fill.tradeId);
          writer.raw(SIDES[fill.side]);
          out.price(market, fill.priceTicks);
          writer.raw(QTY);
          out.qty(market, fill.qtyLots);
          writer.raw(VENUE_TIME);
          writer.isoMicros(fill.seconds, fill.nanos);
          writer.char(END);
        }
        writer.raw(LIST_END);
        return writer.take();
      },
    },
    binary: {
      update: (out, { derivatives, market }) => {
        const { builder, long } = out;
        const { liquidations } = derivatives;
        out.begin();
        builder.startVector(LIQUIDATION_BYTES, liquidations.length, 8);
        for (let i = liquidations.length - 1; i >= 0; i -= 1) {
          const fill = liquidations[i];
          builder.prep(8, LIQUIDATION_BYTES);
          builder.pad(7);
          builder.writeInt8(fill.side);
          long.writeTime(fill.seconds, fill.nanos);
          long.write(fill.qtyLots);
          long.write(fill.priceTicks);
          long.write(fill.tradeId);
        }
        const body = Liquidations.createLiquidations(builder, builder.endVector());
        const position = derivatives.liquidationsPosition;
        return out.finish(market.id, position, Body.Liquidations, body, 0);
      },
    },
  };
}
