import { priceText, quantityText } from '../../../codec/decimals.ts';
import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { Fill } from '../../../codec/generated/openbell/stream/fill.ts';
import { Fills } from '../../../codec/generated/openbell/stream/fills.ts';
import { Liquidity } from '../../../codec/generated/openbell/stream/liquidity.ts';
import { marketName } from '../../../domain/markets.ts';
import { SIDE_NAMES } from '../../../domain/orders.ts';
import type { UserFill } from '../../../gateway/user-fills.ts';
import { isoMicros } from '../../../lib/clock.ts';
import { formatScaled } from '../../../lib/fixed-point.ts';
import type { BinaryOut } from '../binary-out.ts';
import type { PrivateChannel } from './private-channel.ts';

// Field ids of table Fill.
const TRADE_ID = 0;
const ORDER_ID = 1;
const PRICE_TICKS = 5;
const QTY_LOTS = 6;
const FEE_UNITS = 7;
const VENUE_TIME_NS = 8;

/** Wire names by `Liquidity`. */
const LIQUIDITY_NAMES = ['taker', 'maker', 'auction'] as const;

/** Each trade of the portfolio's orders. There is nothing to start from: REST has the past. */
export const fillsReports: PrivateChannel<UserFill> = {
  name: 'fills',
  code: Channel.Fills,
  bodyType: Body.Fills,
  listName: 'fills',
  reportsState: false,
  toJson: (fill) => {
    const { market, qtyLots, priceTicks } = fill;
    return {
      trade_id: fill.tradeId,
      order_id: String(fill.orderId),
      market: marketName(market),
      side: SIDE_NAMES[fill.side],
      liquidity: LIQUIDITY_NAMES[liquidityOf(fill)],
      price: priceText(market, priceTicks),
      quantity: quantityText(market, qtyLots),
      fee: formatScaled(fill.feeUnits, market.quote.decimals),
      fee_asset: market.quote.name,
      venue_time: isoMicros(fill.seconds, fill.nanos),
    };
  },
  toBinary: (out, kind, portfolioId, fills) => {
    const at = fills.map((fill) => fillTable(out, fill));
    const list = Fills.createFillsVector(out.builder, at);
    Fills.startFills(out.builder);
    out.long.add(1, portfolioId);
    Fills.addFills(out.builder, list);
    Fills.addKind(out.builder, kind);
    return Fills.endFills(out.builder);
  },
};

function fillTable({ builder, long }: BinaryOut, fill: UserFill): number {
  Fill.startFill(builder);
  long.add(TRADE_ID, fill.tradeId);
  long.add(ORDER_ID, fill.orderId);
  long.add(PRICE_TICKS, fill.priceTicks);
  long.add(QTY_LOTS, fill.qtyLots);
  long.add(FEE_UNITS, fill.feeUnits);
  long.addTime(VENUE_TIME_NS, fill.seconds, fill.nanos);
  Fill.addMarketId(builder, fill.market.id);
  Fill.addSide(builder, fill.side);
  Fill.addLiquidity(builder, liquidityOf(fill));
  return Fill.endFill(builder);
}

function liquidityOf({ maker }: UserFill): 0 | 1 | 2 {
  if (maker === null) return Liquidity.Auction;
  return maker ? Liquidity.Maker : Liquidity.Taker;
}
