import * as R from '../../src/codec/records.ts';
import { CANCEL_REASON_NAMES, PHASE_NAMES, SIDE_NAMES } from '../../src/domain/orders.ts';
import { resultName } from '../../src/domain/result-codes.ts';
import { type FrameViews, frameType } from '../../src/rings/frame.ts';

/** Bytes of event records that no field covers, by type: first and one past the last. */
const UNUSED_BYTES: ReadonlyMap<number, readonly [number, number]> = new Map([
  [R.ORDER_REJECTED, [R.ORDER_REJECTED_CODE + 4, R.ORDER_REJECTED_BYTES]],
  [R.ORDER_RESTED, [R.RESTED_SIDE + 1, R.ORDER_RESTED_BYTES]],
  [R.TRADE_EXECUTED, [R.TRADE_TAKER_SIDE + 1, R.TRADE_ID]],
  [R.ORDER_CANCELLED, [R.CANCELLED_WAS_RESTING + 1, R.ORDER_CANCELLED_BYTES]],
  [R.ORDER_AMENDED, [R.AMENDED_WAS_RESTING + 1, R.ORDER_AMENDED_BYTES]],
  [R.COMMAND_REJECTED, [R.COMMAND_REJECTED_CODE + 4, R.COMMAND_REJECTED_BYTES]],
  [R.TRADE_PRINTED, [R.PRINTED_SIDE + 1, R.PRINTED_ID]],
  [R.ALL_CANCELLED, [R.ALL_CANCELLED_COUNT + 4, R.ALL_CANCELLED_BYTES]],
]);

/** True when the bytes of an event that mean nothing are zero, so that equal histories are equal bytes. */
export function isClean(type: number, bytes: Uint8Array): boolean {
  const [from, to] = UNUSED_BYTES.get(type) ?? [0, 0];
  return bytes.subarray(from, to).every((byte) => byte === 0);
}

/** An event record as the line that the naive book says for it. */
export function lineOf(views: FrameViews, at: number): string {
  const f = (offset: number): number => views.f64[(at + offset) >>> 3];
  const i = (offset: number): number => views.i32[(at + offset) >>> 2];
  const side = (offset: number): string => SIDE_NAMES[views.u8[at + offset]] ?? 'unknown';
  const order = f(R.EVENT_ORDER_ID);
  switch (frameType(i(4))) {
    case R.ORDER_ACCEPTED:
      return `accepted ${order}`;
    case R.ORDER_REJECTED:
      return `rejected ${order} ${resultName(i(R.ORDER_REJECTED_CODE))}`;
    case R.COMMAND_REJECTED:
      return `refused ${order} ${resultName(i(R.COMMAND_REJECTED_CODE))}`;
    case R.ORDER_RESTED:
      return (
        `rested ${order} ${side(R.RESTED_SIDE)} ${f(R.RESTED_QTY_LOTS)}@${f(R.RESTED_PRICE_TICKS)} ` +
        `level ${f(R.RESTED_LEVEL_QTY_LOTS)}/${i(R.RESTED_LEVEL_ORDERS)}`
      );
    case R.TRADE_EXECUTED:
      return (
        `trade #${f(R.TRADE_ID)} maker ${f(R.TRADE_MAKER_ORDER_ID)} ` +
        `taker ${f(R.TRADE_TAKER_ORDER_ID)} ${side(R.TRADE_TAKER_SIDE)} ` +
        `${f(R.TRADE_QTY_LOTS)}@${f(R.TRADE_PRICE_TICKS)} ` +
        `left ${f(R.TRADE_MAKER_REMAINING_LOTS)}/${f(R.TRADE_TAKER_REMAINING_LOTS)} ` +
        `fees ${f(R.TRADE_MAKER_FEE_UNITS)}/${f(R.TRADE_TAKER_FEE_UNITS)} ` +
        `pf ${i(R.TRADE_MAKER_PORTFOLIO_ID)}/${i(R.TRADE_TAKER_PORTFOLIO_ID)} ` +
        `level ${f(R.TRADE_LEVEL_QTY_LOTS)}/${i(R.TRADE_LEVEL_ORDERS)}`
      );
    case R.ORDER_CANCELLED: {
      const what = `${f(R.CANCELLED_QTY_LOTS)}@${f(R.CANCELLED_PRICE_TICKS)}`;
      const reason = CANCEL_REASON_NAMES[views.u8[at + R.CANCELLED_REASON]];
      const level = ` level ${f(R.CANCELLED_LEVEL_QTY_LOTS)}/${i(R.CANCELLED_LEVEL_ORDERS)}`;
      const resting = views.u8[at + R.CANCELLED_WAS_RESTING] === 1;
      return `cancelled ${order} ${side(R.CANCELLED_SIDE)} ${what} ${reason}${resting ? level : ''}`;
    }
    case R.ORDER_AMENDED: {
      const old = `${f(R.AMENDED_OLD_REMAINING_LOTS)}@${f(R.AMENDED_OLD_PRICE_TICKS)}`;
      const now = `${f(R.AMENDED_NEW_REMAINING_LOTS)}@${f(R.AMENDED_NEW_PRICE_TICKS)}`;
      const kept = views.u8[at + R.AMENDED_KEPT_PRIORITY] === 1 ? 'kept' : 'moved';
      const level = `level ${f(R.AMENDED_LEVEL_QTY_LOTS)}/${i(R.AMENDED_LEVEL_ORDERS)}`;
      return `amended ${order} ${side(R.AMENDED_SIDE)} ${old} -> ${now} ${kept} ${level}`;
    }
    case R.PHASE_CHANGED:
      return `phase ${PHASE_NAMES[i(R.PHASE_FROM)]} -> ${PHASE_NAMES[i(R.PHASE_TO)]}`;
    case R.TRADE_PRINTED:
      return (
        `printed #${f(R.PRINTED_ID)} ${side(R.PRINTED_SIDE)} ` +
        `${f(R.PRINTED_QTY_LOTS)}@${f(R.PRINTED_PRICE_TICKS)}`
      );
    case R.ALL_CANCELLED:
      return `all-cancelled ${i(R.ALL_CANCELLED_COUNT)}`;
    default:
      return `record of type ${frameType(i(4))}`;
  }
}
