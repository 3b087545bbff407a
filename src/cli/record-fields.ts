import * as R from '../codec/records.ts';
import {
  CANCEL_REASON_NAMES,
  ORDER_FLAG_EXTENDED,
  ORDER_TYPE_NAMES,
  PHASE_NAMES,
  SELF_TRADE_NAMES,
  SIDE_NAMES,
  TIF_NAMES,
} from '../domain/orders.ts';
import type { FrameViews } from '../rings/frame.ts';
import { OUTSIDE_RECORDS } from './outside-fields.ts';

/** Names of an enumeration by number. */
type Names = readonly string[];

/**
 * How a field lies in a record: a plain number, one that counts ticks, lots or smallest quote units
 * (and is given as a decimal too), a name, yes or no, or text with its length before it.
 */
export type FieldKind =
  | 'f64'
  | 'i32'
  | 'u8'
  | 'ticks'
  | 'lots'
  | 'quote'
  | 'flag'
  | { readonly names: Names; readonly wide?: boolean }
  | { readonly textAt: number };

export interface RecordField {
  readonly name: string;
  readonly offset: number;
  readonly kind: FieldKind;
  /** Only there when the record's flags say so. */
  readonly extended?: boolean;
}

export interface RecordDescription {
  readonly name: string;
  readonly fields: readonly RecordField[];
}

const field = (name: string, offset: number, kind: FieldKind): RecordField => ({
  name,
  offset,
  kind,
});
const extension = (name: string, offset: number, kind: FieldKind): RecordField => ({
  ...field(name, offset, kind),
  extended: true,
});
const orderId = field('order_id', R.EVENT_ORDER_ID, 'f64');
const side = (offset: number): RecordField => field('side', offset, { names: SIDE_NAMES });
const levelOf = (qtyOffset: number, ordersOffset: number): RecordField[] => [
  field('level_quantity', qtyOffset, 'lots'),
  field('level_orders', ordersOffset, 'i32'),
];
const COMMAND: readonly RecordField[] = [
  field('request_id', R.COMMAND_REQUEST_ID, 'f64'),
  field('session_id', R.COMMAND_SESSION_ID, 'i32'),
  field('portfolio_id', R.COMMAND_PORTFOLIO_ID, 'i32'),
  field('order_id', R.COMMAND_ORDER_ID, 'f64'),
];

const HELD_FOR: FieldKind = { names: ['nothing', 'stop', 'child', 'unpriced'], wide: true };

/** What an order beyond limit and market carries. */
const EXTENSION: readonly RecordField[] = [
  extension('trigger', R.PLACE_TRIGGER_TICKS, 'ticks'),
  extension('trail_offset', R.PLACE_TRAIL_OFFSET, 'f64'),
  extension('trail_unit', R.PLACE_TRAIL_UNIT, { names: ['ticks', 'bps'] }),
  extension('display', R.PLACE_DISPLAY_LOTS, 'lots'),
  extension('peg', R.PLACE_PEG_KIND, { names: ['primary', 'opposite'] }),
  extension('peg_offset_ticks', R.PLACE_PEG_OFFSET_TICKS, 'f64'),
  extension('expire_seconds', R.PLACE_EXPIRE_SECONDS, 'i32'),
  extension('expire_nanos', R.PLACE_EXPIRE_NANOS, 'i32'),
  extension('oco_order_id', R.PLACE_OCO_ORDER_ID, 'f64'),
  extension('parent_order_id', R.PLACE_PARENT_ORDER_ID, 'f64'),
  extension('replaces_order_id', R.PLACE_REPLACES_ORDER_ID, 'f64'),
];

/** Every record type that the export knows by name; others are given as bytes. */
export const RECORDS: ReadonlyMap<number, RecordDescription> = new Map([
  [
    R.PLACE_ORDER,
    {
      name: 'PlaceOrder',
      fields: [
        ...COMMAND,
        side(R.PLACE_SIDE),
        field('order_type', R.PLACE_ORDER_TYPE, { names: ORDER_TYPE_NAMES }),
        field('time_in_force', R.PLACE_TIF, { names: TIF_NAMES }),
        field('flags', R.PLACE_FLAGS, 'u8'),
        field('price', R.PLACE_PRICE_TICKS, 'ticks'),
        field('quantity', R.PLACE_QTY_LOTS, 'lots'),
        field('self_trade', R.PLACE_SELF_TRADE, { names: SELF_TRADE_NAMES }),
        field('liquidation', R.PLACE_LIQUIDATION, 'u8'),
        field('client_order_id', R.PLACE_CLIENT_ID_LENGTH, { textAt: R.PLACE_CLIENT_ID }),
        ...EXTENSION,
      ],
    },
  ],
  [
    R.CANCEL_ORDER,
    {
      name: 'CancelOrder',
      fields: [
        ...COMMAND,
        field('client_order_id', R.CANCEL_CLIENT_ID_LENGTH, { textAt: R.CANCEL_CLIENT_ID }),
      ],
    },
  ],
  [
    R.AMEND_ORDER,
    {
      name: 'AmendOrder',
      fields: [
        ...COMMAND,
        field('price', R.AMEND_PRICE_TICKS, 'ticks'),
        field('quantity', R.AMEND_QTY_LOTS, 'lots'),
        field('mode', R.AMEND_MODE, { names: ['total', 'remaining', 'reduce_by'] }),
        field('client_order_id', R.AMEND_CLIENT_ID_LENGTH, { textAt: R.AMEND_CLIENT_ID }),
      ],
    },
  ],
  [
    R.SET_PHASE,
    {
      name: 'SetPhase',
      fields: [...COMMAND, field('phase', R.SET_PHASE_TO, { names: PHASE_NAMES, wide: true })],
    },
  ],
  [
    R.PRINT_TRADE,
    {
      name: 'PrintTrade',
      fields: [
        ...COMMAND,
        field('price', R.PRINT_PRICE_TICKS, 'ticks'),
        field('quantity', R.PRINT_QTY_LOTS, 'lots'),
        side(R.PRINT_SIDE),
      ],
    },
  ],
  [R.CANCEL_ALL, { name: 'CancelAll', fields: COMMAND }],
  [
    R.CONTINUE_WORK,
    { name: 'ContinueWork', fields: [...COMMAND, field('kind', R.CONTINUE_KIND, 'i32')] },
  ],
  [R.ADVANCE_TIME, { name: 'AdvanceTime', fields: COMMAND }],
  [
    R.SET_REFERENCE,
    {
      name: 'SetReference',
      fields: [...COMMAND, field('price', R.SET_REFERENCE_TICKS, 'ticks')],
    },
  ],
  [R.ORDER_ACCEPTED, { name: 'OrderAccepted', fields: [orderId] }],
  [
    R.ORDER_REJECTED,
    { name: 'OrderRejected', fields: [orderId, field('code', R.ORDER_REJECTED_CODE, 'i32')] },
  ],
  [
    R.ORDER_RESTED,
    {
      name: 'OrderRested',
      fields: [
        orderId,
        side(R.RESTED_SIDE),
        field('price', R.RESTED_PRICE_TICKS, 'ticks'),
        field('quantity', R.RESTED_QTY_LOTS, 'lots'),
        ...levelOf(R.RESTED_LEVEL_QTY_LOTS, R.RESTED_LEVEL_ORDERS),
      ],
    },
  ],
  [
    R.TRADE_EXECUTED,
    {
      name: 'TradeExecuted',
      fields: [
        field('trade_id', R.TRADE_ID, 'f64'),
        field('maker_order_id', R.TRADE_MAKER_ORDER_ID, 'f64'),
        field('taker_order_id', R.TRADE_TAKER_ORDER_ID, 'f64'),
        field('taker_side', R.TRADE_TAKER_SIDE, { names: SIDE_NAMES }),
        field('price', R.TRADE_PRICE_TICKS, 'ticks'),
        field('quantity', R.TRADE_QTY_LOTS, 'lots'),
        field('maker_remaining', R.TRADE_MAKER_REMAINING_LOTS, 'lots'),
        field('taker_remaining', R.TRADE_TAKER_REMAINING_LOTS, 'lots'),
        field('maker_fee', R.TRADE_MAKER_FEE_UNITS, 'quote'),
        field('taker_fee', R.TRADE_TAKER_FEE_UNITS, 'quote'),
        field('maker_portfolio_id', R.TRADE_MAKER_PORTFOLIO_ID, 'i32'),
        field('taker_portfolio_id', R.TRADE_TAKER_PORTFOLIO_ID, 'i32'),
        ...levelOf(R.TRADE_LEVEL_QTY_LOTS, R.TRADE_LEVEL_ORDERS),
      ],
    },
  ],
  [
    R.ORDER_CANCELLED,
    {
      name: 'OrderCancelled',
      fields: [
        orderId,
        side(R.CANCELLED_SIDE),
        field('reason', R.CANCELLED_REASON, { names: CANCEL_REASON_NAMES }),
        field('was_resting', R.CANCELLED_WAS_RESTING, 'flag'),
        field('price', R.CANCELLED_PRICE_TICKS, 'ticks'),
        field('quantity', R.CANCELLED_QTY_LOTS, 'lots'),
        ...levelOf(R.CANCELLED_LEVEL_QTY_LOTS, R.CANCELLED_LEVEL_ORDERS),
      ],
    },
  ],
  [
    R.ORDER_AMENDED,
    {
      name: 'OrderAmended',
      fields: [
        orderId,
        side(R.AMENDED_SIDE),
        field('kept_priority', R.AMENDED_KEPT_PRIORITY, 'flag'),
        field('old_price', R.AMENDED_OLD_PRICE_TICKS, 'ticks'),
        field('price', R.AMENDED_NEW_PRICE_TICKS, 'ticks'),
        field('old_remaining', R.AMENDED_OLD_REMAINING_LOTS, 'lots'),
        field('remaining', R.AMENDED_NEW_REMAINING_LOTS, 'lots'),
        ...levelOf(R.AMENDED_LEVEL_QTY_LOTS, R.AMENDED_LEVEL_ORDERS),
      ],
    },
  ],
  [
    R.COMMAND_REJECTED,
    { name: 'CommandRejected', fields: [orderId, field('code', R.COMMAND_REJECTED_CODE, 'i32')] },
  ],
  [
    R.PHASE_CHANGED,
    {
      name: 'PhaseChanged',
      fields: [
        field('old_phase', R.PHASE_FROM, { names: PHASE_NAMES, wide: true }),
        field('phase', R.PHASE_TO, { names: PHASE_NAMES, wide: true }),
      ],
    },
  ],
  [
    R.TRADE_PRINTED,
    {
      name: 'TradePrinted',
      fields: [
        field('trade_id', R.PRINTED_ID, 'f64'),
        field('price', R.PRINTED_PRICE_TICKS, 'ticks'),
        field('quantity', R.PRINTED_QTY_LOTS, 'lots'),
        side(R.PRINTED_SIDE),
      ],
    },
  ],
  ...OUTSIDE_RECORDS,
  [
    R.ALL_CANCELLED,
    { name: 'AllCancelled', fields: [orderId, field('count', R.ALL_CANCELLED_COUNT, 'i32')] },
  ],
  [
    R.ORDER_HELD,
    {
      name: 'OrderHeld',
      fields: [
        orderId,
        field('trigger', R.HELD_TRIGGER_TICKS, 'ticks'),
        field('held_for', R.HELD_WHY, HELD_FOR),
      ],
    },
  ],
  [
    R.ORDER_TRIGGERED,
    {
      name: 'OrderTriggered',
      fields: [
        orderId,
        field('price', R.TRIGGERED_PRICE_TICKS, 'ticks'),
        field('held_for', R.TRIGGERED_WHY, HELD_FOR),
      ],
    },
  ],
  [
    R.SELF_TRADE_PREVENTED,
    {
      name: 'SelfTradePrevented',
      fields: [
        field('maker_order_id', R.PREVENTED_MAKER_ORDER_ID, 'f64'),
        field('taker_order_id', R.PREVENTED_TAKER_ORDER_ID, 'f64'),
        field('price', R.PREVENTED_PRICE_TICKS, 'ticks'),
        field('quantity', R.PREVENTED_QTY_LOTS, 'lots'),
        field('self_trade', R.PREVENTED_MODE, { names: SELF_TRADE_NAMES, wide: true }),
      ],
    },
  ],
  [
    R.AUCTION_PRICED,
    {
      name: 'AuctionPriced',
      fields: [
        field('price', R.AUCTION_PRICE_TICKS, 'ticks'),
        field('volume', R.AUCTION_VOLUME_LOTS, 'lots'),
        field('surplus', R.AUCTION_SURPLUS_LOTS, 'lots'),
      ],
    },
  ],
  [
    R.AUCTION_TRADE,
    {
      name: 'AuctionTradeExecuted',
      fields: [
        field('trade_id', R.AUCTION_TRADE_ID, 'f64'),
        field('bid_order_id', R.AUCTION_BID_ORDER_ID, 'f64'),
        field('ask_order_id', R.AUCTION_ASK_ORDER_ID, 'f64'),
        field('price', R.AUCTION_TRADE_PRICE_TICKS, 'ticks'),
        field('quantity', R.AUCTION_TRADE_QTY_LOTS, 'lots'),
        field('bid_remaining', R.AUCTION_BID_REMAINING_LOTS, 'lots'),
        field('ask_remaining', R.AUCTION_ASK_REMAINING_LOTS, 'lots'),
        field('bid_fee', R.AUCTION_BID_FEE_UNITS, 'quote'),
        field('ask_fee', R.AUCTION_ASK_FEE_UNITS, 'quote'),
        field('bid_portfolio_id', R.AUCTION_BID_PORTFOLIO_ID, 'i32'),
        field('ask_portfolio_id', R.AUCTION_ASK_PORTFOLIO_ID, 'i32'),
      ],
    },
  ],
  [R.REFERENCE_SET, { name: 'ReferenceSet', fields: [field('price', R.REFERENCE_TICKS, 'ticks')] }],
]);

/** True where the record has the field. */
export function hasField({ extended }: RecordField, views: FrameViews, record: number): boolean {
  return extended !== true || (views.u8[record + R.PLACE_FLAGS] & ORDER_FLAG_EXTENDED) !== 0;
}

/** A field's number or text as it lies there. */
export function rawValue(
  { kind, offset }: RecordField,
  views: FrameViews,
  record: number,
): string | number | boolean {
  const { i32, f64, u8 } = views;
  const at = record + offset;
  if (kind === 'i32') return i32[at >>> 2];
  if (kind === 'u8') return u8[at];
  if (kind === 'flag') return u8[at] === 1;
  if (typeof kind === 'string') return f64[at >>> 3];
  if ('names' in kind) {
    const value = kind.wide === true ? i32[at >>> 2] : u8[at];
    return kind.names[value] ?? value;
  }
  const start = record + kind.textAt;
  return String.fromCharCode(...u8.subarray(start, start + u8[at]));
}
