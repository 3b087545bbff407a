import * as R from '../../src/codec/records.ts';
import { type FrameViews, frameType } from '../../src/rings/frame.ts';

/** An event as an object: its name, and the fields of its record. */
export interface NaiveEvent {
  readonly type: EventName;
  readonly [field: string]: number | string;
}

type Field = readonly [name: string, kind: 'f64' | 'i32' | 'u8', offsetBytes: number];
interface Layout {
  readonly number: number;
  readonly bytes: number;
  readonly fields: readonly Field[];
}

const f = (name: string, offset: number): Field => [name, 'f64', offset];
const i = (name: string, offset: number): Field => [name, 'i32', offset];
const u = (name: string, offset: number): Field => [name, 'u8', offset];
const ORDER = f('orderId', R.EVENT_ORDER_ID);

const layout = (number: number, bytes: number, ...fields: Field[]): Layout => ({
  number,
  bytes,
  fields,
});

/** Every event's record: which fields lie where. Bytes that no field covers are zero. */
const LAYOUTS = {
  accepted: layout(R.ORDER_ACCEPTED, R.ORDER_ACCEPTED_BYTES, ORDER),
  rejected: layout(
    R.ORDER_REJECTED,
    R.ORDER_REJECTED_BYTES,
    ORDER,
    i('code', R.ORDER_REJECTED_CODE),
  ),
  refused: layout(
    R.COMMAND_REJECTED,
    R.COMMAND_REJECTED_BYTES,
    ORDER,
    i('code', R.COMMAND_REJECTED_CODE),
  ),
  rested: layout(
    R.ORDER_RESTED,
    R.ORDER_RESTED_BYTES,
    ORDER,
    f('priceTicks', R.RESTED_PRICE_TICKS),
    f('qtyLots', R.RESTED_QTY_LOTS),
    f('levelLots', R.RESTED_LEVEL_QTY_LOTS),
    i('levelOrders', R.RESTED_LEVEL_ORDERS),
    u('side', R.RESTED_SIDE),
  ),
  trade: layout(
    R.TRADE_EXECUTED,
    R.TRADE_EXECUTED_BYTES,
    f('maker', R.TRADE_MAKER_ORDER_ID),
    f('taker', R.TRADE_TAKER_ORDER_ID),
    f('priceTicks', R.TRADE_PRICE_TICKS),
    f('qtyLots', R.TRADE_QTY_LOTS),
    f('makerLeft', R.TRADE_MAKER_REMAINING_LOTS),
    f('takerLeft', R.TRADE_TAKER_REMAINING_LOTS),
    f('levelLots', R.TRADE_LEVEL_QTY_LOTS),
    f('makerFee', R.TRADE_MAKER_FEE_UNITS),
    f('takerFee', R.TRADE_TAKER_FEE_UNITS),
    i('makerPortfolio', R.TRADE_MAKER_PORTFOLIO_ID),
    i('takerPortfolio', R.TRADE_TAKER_PORTFOLIO_ID),
    i('levelOrders', R.TRADE_LEVEL_ORDERS),
    u('side', R.TRADE_TAKER_SIDE),
    f('tradeId', R.TRADE_ID),
  ),
  cancelled: layout(
    R.ORDER_CANCELLED,
    R.ORDER_CANCELLED_BYTES,
    ORDER,
    f('priceTicks', R.CANCELLED_PRICE_TICKS),
    f('qtyLots', R.CANCELLED_QTY_LOTS),
    f('levelLots', R.CANCELLED_LEVEL_QTY_LOTS),
    i('levelOrders', R.CANCELLED_LEVEL_ORDERS),
    u('side', R.CANCELLED_SIDE),
    u('reason', R.CANCELLED_REASON),
    u('wasResting', R.CANCELLED_WAS_RESTING),
  ),
  amended: layout(
    R.ORDER_AMENDED,
    R.ORDER_AMENDED_BYTES,
    ORDER,
    f('oldPriceTicks', R.AMENDED_OLD_PRICE_TICKS),
    f('priceTicks', R.AMENDED_NEW_PRICE_TICKS),
    f('oldLots', R.AMENDED_OLD_REMAINING_LOTS),
    f('qtyLots', R.AMENDED_NEW_REMAINING_LOTS),
    f('levelLots', R.AMENDED_LEVEL_QTY_LOTS),
    i('levelOrders', R.AMENDED_LEVEL_ORDERS),
    u('side', R.AMENDED_SIDE),
    u('kept', R.AMENDED_KEPT_PRIORITY),
    u('wasResting', R.AMENDED_WAS_RESTING),
  ),
  phase: layout(
    R.PHASE_CHANGED,
    R.PHASE_CHANGED_BYTES,
    i('from', R.PHASE_FROM),
    i('to', R.PHASE_TO),
  ),
  printed: layout(
    R.TRADE_PRINTED,
    R.TRADE_PRINTED_BYTES,
    f('priceTicks', R.PRINTED_PRICE_TICKS),
    f('qtyLots', R.PRINTED_QTY_LOTS),
    u('side', R.PRINTED_SIDE),
    f('tradeId', R.PRINTED_ID),
  ),
  allCancelled: layout(
    R.ALL_CANCELLED,
    R.ALL_CANCELLED_BYTES,
    ORDER,
    i('count', R.ALL_CANCELLED_COUNT),
  ),
  held: layout(
    R.ORDER_HELD,
    R.ORDER_HELD_BYTES,
    ORDER,
    f('triggerTicks', R.HELD_TRIGGER_TICKS),
    i('why', R.HELD_WHY),
  ),
  triggered: layout(
    R.ORDER_TRIGGERED,
    R.ORDER_TRIGGERED_BYTES,
    ORDER,
    f('priceTicks', R.TRIGGERED_PRICE_TICKS),
    i('why', R.TRIGGERED_WHY),
  ),
  prevented: layout(
    R.SELF_TRADE_PREVENTED,
    R.SELF_TRADE_PREVENTED_BYTES,
    f('maker', R.PREVENTED_MAKER_ORDER_ID),
    f('taker', R.PREVENTED_TAKER_ORDER_ID),
    f('priceTicks', R.PREVENTED_PRICE_TICKS),
    f('qtyLots', R.PREVENTED_QTY_LOTS),
    i('mode', R.PREVENTED_MODE),
  ),
  auctionPriced: layout(
    R.AUCTION_PRICED,
    R.AUCTION_PRICED_BYTES,
    f('priceTicks', R.AUCTION_PRICE_TICKS),
    f('volumeLots', R.AUCTION_VOLUME_LOTS),
    f('surplusLots', R.AUCTION_SURPLUS_LOTS),
  ),
  auctionTrade: layout(
    R.AUCTION_TRADE,
    R.AUCTION_TRADE_BYTES,
    f('bid', R.AUCTION_BID_ORDER_ID),
    f('ask', R.AUCTION_ASK_ORDER_ID),
    f('priceTicks', R.AUCTION_TRADE_PRICE_TICKS),
    f('qtyLots', R.AUCTION_TRADE_QTY_LOTS),
    f('bidLeft', R.AUCTION_BID_REMAINING_LOTS),
    f('askLeft', R.AUCTION_ASK_REMAINING_LOTS),
    f('bidTicks', R.AUCTION_BID_LEVEL_TICKS),
    f('bidLevelLots', R.AUCTION_BID_LEVEL_QTY_LOTS),
    f('askTicks', R.AUCTION_ASK_LEVEL_TICKS),
    f('askLevelLots', R.AUCTION_ASK_LEVEL_QTY_LOTS),
    f('bidFee', R.AUCTION_BID_FEE_UNITS),
    f('askFee', R.AUCTION_ASK_FEE_UNITS),
    f('tradeId', R.AUCTION_TRADE_ID),
    i('bidPortfolio', R.AUCTION_BID_PORTFOLIO_ID),
    i('askPortfolio', R.AUCTION_ASK_PORTFOLIO_ID),
    i('bidLevelOrders', R.AUCTION_BID_LEVEL_ORDERS),
    i('askLevelOrders', R.AUCTION_ASK_LEVEL_ORDERS),
  ),
  referenceSet: layout(R.REFERENCE_SET, R.REFERENCE_SET_BYTES, f('priceTicks', R.REFERENCE_TICKS)),
};

export type EventName = keyof typeof LAYOUTS;
export const EVENT_NAMES = Object.keys(LAYOUTS) as EventName[];

/** The record of an event, but for the frame's flags, market, sequence and time. */
export function recordOf(event: NaiveEvent): Buffer {
  const { number, bytes, fields } = LAYOUTS[event.type];
  const record = Buffer.alloc(bytes);
  record.writeInt32LE(bytes, 0);
  record.writeUInt8(number, 4);
  for (const [name, kind, offset] of fields) {
    const value = event[name];
    if (typeof value !== 'number') throw new Error(`${event.type} lacks ${name}`);
    if (kind === 'f64') record.writeDoubleLE(value, offset);
    else if (kind === 'i32') record.writeInt32LE(value, offset);
    else record.writeUInt8(value, offset);
  }
  return record;
}

/** An event's record as an object; `undefined` when it is a command. */
export function eventOf(views: FrameViews, at: number): NaiveEvent | undefined {
  const number = frameType(views.i32[(at + 4) >>> 2]);
  const type = EVENT_NAMES.find((name) => LAYOUTS[name].number === number);
  if (type === undefined) return undefined;
  const values: Record<string, number> = {};
  for (const [name, kind, offset] of LAYOUTS[type].fields) {
    if (kind === 'f64') values[name] = views.f64[(at + offset) >>> 3];
    else values[name] = kind === 'i32' ? views.i32[(at + offset) >>> 2] : views.u8[at + offset];
  }
  return { type, ...values };
}
