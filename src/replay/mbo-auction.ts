import type { Side } from '../domain/orders.ts';
import type { MboRecord } from './databento-mbo.ts';
import type { QueueBook } from './queue-book.ts';

/** One order's part in an auction. */
interface AuctionFill {
  readonly record: MboRecord;
  readonly side: Side;
  /** False for an order that the recording first shows here: it waited unseen for the auction. */
  readonly seen: boolean;
}

export interface RecordedAuction {
  readonly trade: MboRecord;
  readonly fills: readonly AuctionFill[];
  /** What traded on each side without any order being named, by side. */
  readonly unnamedLots: readonly [number, number];
}

/**
 * An auction is a trade without an aggressor, followed by the fills of both sides. `null` where the
 * event has none: no such trade, or one of whose orders the book knows nothing.
 */
export function auctionOf(records: readonly MboRecord[], book: QueueBook): RecordedAuction | null {
  const at = records.findIndex(
    ({ action, side, size, price }) => action === 'T' && side === null && size > 0 && price > 0,
  );
  if (at < 0) return null;
  const trade = records[at];
  let end = at + 1;
  while (end < records.length && records[end].action === 'F') end += 1;
  const listed = records.slice(at + 1, end);
  if (!book.isCrossed() && !listed.some(({ orderId }) => book.get(orderId) !== undefined)) {
    return null;
  }
  const room: [number, number] = [trade.size, trade.size];
  for (const { orderId, side, size } of listed) {
    const known = side ?? book.get(orderId)?.side;
    if (known !== undefined) room[known] -= size;
  }
  let before: Side = 1;
  const fills = listed.map((record): AuctionFill => {
    const order = book.get(record.orderId);
    const known = record.side ?? order?.side;
    const side = known ?? sideOf(record, before, room);
    if (known === undefined) room[side] -= record.size;
    before = side;
    return { record, side, seen: order !== undefined };
  });
  return { trade, fills, unnamedLots: [Math.max(0, room[0]), Math.max(0, room[1])] };
}

/** The file lists both sides in turn, each by priority; both must come to what traded. */
function sideOf(record: MboRecord, before: Side, room: readonly [number, number]): Side {
  const inTurn = (1 - before) as Side;
  return room[inTurn] >= record.size ? inTurn : before;
}
