import { PHASE_CONTINUOUS, PHASE_PRE_OPEN, SIDE_NAMES } from '../domain/orders.ts';
import type { ActionSink } from './action-sink.ts';
import { SIDE_UNKNOWN } from './actions.ts';
import { type MboRecord, splitNanos } from './databento-mbo.ts';
import { auctionOf, type RecordedAuction } from './mbo-auction.ts';
import type { QueueBook, RecordedOrder } from './queue-book.ts';

/** What an event did to orders by trading. */
interface Traded {
  /** Lots filled of resting orders by id. */
  readonly fills: Map<string, number>;
  readonly aggressors: Set<string>;
  /** Everyone who traded, in auctions too. */
  readonly parties: Set<string>;
}

/** What Databento MBO events ask of the engine: the table is in docs/replay.md. */
export class MboMapping {
  private readonly sink: ActionSink;
  private readonly book: QueueBook;
  private readonly priceUnitsPerTick: number;
  /** True while orders rest for an auction. */
  private calling = false;

  constructor(sink: ActionSink, priceUnitsPerTick: number) {
    this.sink = sink;
    this.book = sink.book;
    this.priceUnitsPerTick = priceUnitsPerTick;
  }

  /** @param records one event of the exchange: what happened there at one moment */
  apply(records: readonly MboRecord[]): void {
    const auction = this.calling ? this.endCall(records) : null;
    const traded = whatTraded(records);
    if (auction !== null) noteAuction(auction, traded);
    const early = this.cancelEarly(records, traded);
    const hasTrade = records.some(({ action }) => action === 'T');
    for (let i = 0; i < records.length; i += 1) {
      const record = records[i];
      if (early.has(record)) continue;
      this.begin(record);
      if (auction !== null && 'TF'.includes(record.action)) continue;
      if (record.action === 'T') this.trade(record, fillsAfter(records, i));
      else if (record.action !== 'F') this.change(record, traded);
      else if (!hasTrade) this.sink.skipped('fill_without_trade');
    }
    if (auction !== null) this.sink.auctionEnd();
  }

  /** Begins with an auction's call: orders rest, and may cross, until the first trade. */
  call(first: MboRecord): void {
    this.calling = true;
    this.begin(first);
    this.sink.phase(PHASE_PRE_OPEN);
  }

  /**
   * The call ends with an auction, which is returned, or with the first trade of an aggressor.
   * What only the auction shows is placed before it, where it is sure to trade.
   */
  private endCall(records: readonly MboRecord[]): RecordedAuction | null {
    const { sink, book } = this;
    const auction = auctionOf(records, book);
    if (auction === null) {
      if (!tradesContinuously(records)) return null;
      this.calling = false;
      this.begin(records[0]);
      if (book.isCrossed()) sink.adjusted('opened_without_an_auction');
      sink.phase(PHASE_CONTINUOUS);
      return null;
    }
    this.calling = false;
    this.begin(auction.trade);
    const priceTicks = this.ticks(auction.trade);
    const foremost = [
      Math.max(priceTicks, book.best(0)),
      Math.min(priceTicks, book.best(1) || priceTicks),
    ];
    const fills = auction.fills.map(({ record, side, seen }) => {
      const { orderId, size } = record;
      const order = book.get(orderId);
      if (!seen || order === undefined) {
        sink.adjusted('auction_order_unseen');
        sink.rest(orderId, side, foremost[side], size);
      } else if (size > order.qtyLots) {
        this.reveal(order, size - order.qtyLots);
      }
      return { id: orderId, qtyLots: size };
    });
    for (const side of [0, 1] as const) {
      const qtyLots = auction.unnamedLots[side];
      if (qtyLots === 0) continue;
      sink.adjusted('auction_quantity_unnamed');
      const id = `auction-${SIDE_NAMES[side]}-${auction.trade.row}`;
      sink.rest(id, side, foremost[side], qtyLots);
      fills.push({ id, qtyLots });
    }
    sink.phase(PHASE_CONTINUOUS, { priceTicks, volumeLots: auction.trade.size, fills });
    for (const { id, qtyLots } of fills) this.fillInAuction(id, qtyLots);
    return auction;
  }

  /** Takes an auction's fill off the files' book: what was shown first, then what was hidden. */
  private fillInAuction(id: string, qtyLots: number): void {
    const shown = this.book.get(id);
    const shownLots = Math.min(qtyLots, shown?.qtyLots ?? 0);
    if (shown !== undefined) this.book.reduce(shown, shownLots);
    const hidden = this.book.get(`${id}~hidden`);
    if (hidden !== undefined && qtyLots > shownLots) this.book.reduce(hidden, qtyLots - shownLots);
  }

  /**
   * Ends a time in which the book was kept without the engine: places every order that waits now,
   * each price by arrival. `quiet` of the sink is off from here on.
   */
  placeBook(event: readonly MboRecord[]): void {
    const orders = [...this.book.inPriority()];
    this.book.clear();
    this.sink.quiet = false;
    this.begin(event[0]);
    for (const { id, side, priceTicks, qtyLots } of orders) {
      if (this.book.crosses(side, priceTicks)) this.sink.adjusted('crosses_at_the_start');
      else this.sink.rest(id, side, priceTicks, qtyLots);
    }
  }

  private begin(record: MboRecord): void {
    const { seconds, nanos } = splitNanos(record.time);
    this.sink.beginRow(record.row, seconds, nanos);
  }

  /**
   * Orders that the event takes out although they neither traded nor were the aggressor: the
   * exchange cancelled them because they would have met an order of the same owner. The file
   * lists that after the trades, but it came before them.
   * @returns the records dealt with
   */
  private cancelEarly(records: readonly MboRecord[], traded: Traded): Set<MboRecord> {
    const early = new Set<MboRecord>();
    if (records.length === 1) return early;
    for (const record of records) {
      const { action, orderId } = record;
      if (action !== 'C' || traded.parties.has(orderId)) continue;
      const order = this.book.get(orderId);
      if (order === undefined) continue;
      this.begin(record);
      this.sink.adjusted('cancelled_before_its_event');
      this.takeOff(order, record, traded);
      early.add(record);
    }
    return early;
  }

  /** One aggressor against the resting orders it filled at one price. */
  private trade(trade: MboRecord, fills: readonly MboRecord[]): void {
    const { sink } = this;
    const priceTicks = this.ticks(trade);
    if (priceTicks <= 0 || trade.size === 0) {
      sink.skipped('trade_without_size_or_price');
      return;
    }
    // The aggressor's own fill is listed too where it was a resting order that was modified.
    const wanted = new Map<RecordedOrder, number>();
    for (const fill of fills) {
      if (fill.orderId === trade.orderId) continue;
      const order = this.book.get(fill.orderId);
      if (order === undefined) sink.unknown('fill');
      else wanted.set(order, (wanted.get(order) ?? 0) + fill.size);
    }
    if (trade.side === null || wanted.size === 0) {
      sink.print(trade.side ?? SIDE_UNKNOWN, priceTicks, trade.size);
      return;
    }
    const makers: { order: RecordedOrder; qtyLots: number }[] = [];
    let limitTicks = priceTicks;
    for (const [order, qtyLots] of wanted) {
      if (order.side === trade.side) {
        sink.adjusted('fill_of_the_aggressors_side');
        continue;
      }
      const worse =
        trade.side === 0 ? order.priceTicks > limitTicks : order.priceTicks < limitTicks;
      if (worse) limitTicks = order.priceTicks;
      makers.push({ order, qtyLots: Math.min(qtyLots, order.qtyLots) });
      if (qtyLots > order.qtyLots) makers.push(this.reveal(order, qtyLots - order.qtyLots));
    }
    if (makers.length > 0) sink.aggress(trade.side, limitTicks, makers);
  }

  /** More was filled than the order showed: the hidden part comes out behind the queue, as it does
   * at the exchange, as an order of its own. */
  private reveal(order: RecordedOrder, qtyLots: number): { order: RecordedOrder; qtyLots: number } {
    this.sink.adjusted('hidden_quantity_revealed');
    const id = `${order.id}~hidden`;
    this.sink.rest(id, order.side, order.priceTicks, qtyLots, `${order.id}~${this.sink.row}`);
    return { order: this.book.get(id) as RecordedOrder, qtyLots };
  }

  private change(record: MboRecord, traded: Traded): void {
    const { sink, book } = this;
    const order = book.get(record.orderId);
    switch (record.action) {
      case 'A':
        this.add(record, order);
        return;
      case 'M':
        this.modify(record, order, traded);
        return;
      case 'C':
        if (order !== undefined) this.takeOff(order, record, traded);
        else if (traded.fills.has(record.orderId)) sink.skipped('fill_already_applied');
        else sink.unknown('cancel');
        return;
      case 'R':
        sink.cancelAll();
        return;
      default:
        sink.skipped('no_action');
    }
  }

  private add(record: MboRecord, known: RecordedOrder | undefined): void {
    const { orderId, side, size } = record;
    const priceTicks = this.ticks(record);
    if (side === null || priceTicks <= 0 || size === 0) {
      this.sink.skipped('order_without_side_size_or_price');
      return;
    }
    if (known !== undefined) {
      this.sink.adjusted('order_id_added_twice');
      this.sink.cancel(known);
    }
    // An id that was used before gets a name of its own: the engine may still be closing the first.
    const reused = known !== undefined || record.action === 'M';
    const name = reused ? `${orderId}~${this.sink.row}` : orderId;
    this.sink.rest(orderId, side, priceTicks, size, name);
  }

  private modify(record: MboRecord, order: RecordedOrder | undefined, traded: Traded): void {
    const { sink } = this;
    const priceTicks = this.ticks(record);
    if (order === undefined) {
      if (traded.fills.has(record.orderId)) sink.adjusted('hidden_quantity_shown');
      else sink.unknown('modify');
      this.add(record, undefined);
    } else if (priceTicks <= 0 || record.size === 0) {
      sink.skipped('order_without_side_size_or_price');
    } else if (record.side !== order.side) {
      sink.skipped('modify_of_the_other_side');
    } else if (priceTicks !== order.priceTicks || record.size > order.qtyLots) {
      sink.replace(order, priceTicks, record.size);
    } else if (record.size < order.qtyLots) {
      sink.reduce(order, order.qtyLots - record.size);
    } else {
      const reported = traded.fills.has(order.id);
      sink.skipped(reported ? 'fill_already_applied' : 'modify_of_nothing_we_see');
    }
  }

  private takeOff(order: RecordedOrder, record: MboRecord, traded: Traded): void {
    if (traded.fills.get(order.id) === record.size) {
      // Some exchanges report a fill as a cancellation of the filled part; it is off already.
      this.sink.skipped('fill_already_applied');
    } else if (traded.aggressors.has(order.id)) {
      // A resting order that was modified to trade: what it filled is not in our copy of it.
      this.sink.cancel(order);
    } else {
      this.sink.reduce(order, record.size === 0 ? order.qtyLots : record.size);
    }
  }

  private ticks(record: MboRecord): number {
    return record.price / this.priceUnitsPerTick;
  }
}

/** True when an event has a trade with an aggressor that met a resting order: continuous trading. */
export function tradesContinuously(records: readonly MboRecord[]): boolean {
  return whatTraded(records).fills.size > 0;
}

/** The fills that a trade's record is followed by. */
function fillsAfter(records: readonly MboRecord[], trade: number): readonly MboRecord[] {
  let end = trade + 1;
  while (end < records.length && records[end].action === 'F') end += 1;
  return records.slice(trade + 1, end);
}

/** What an auction did to orders stands again in the rows after it, as after any trade. */
function noteAuction(auction: RecordedAuction, traded: Traded): void {
  for (const { record } of auction.fills) {
    const lots = traded.fills.get(record.orderId) ?? 0;
    traded.fills.set(record.orderId, lots + record.size);
  }
}

function whatTraded(records: readonly MboRecord[]): Traded {
  const traded: Traded = { fills: new Map(), aggressors: new Set(), parties: new Set() };
  let aggressor: string | null = null;
  for (const { action, side, orderId, size } of records) {
    if (action === 'T' || action === 'F') traded.parties.add(orderId);
    if (action === 'T') {
      aggressor = side === null ? null : orderId;
      if (aggressor !== null) traded.aggressors.add(aggressor);
    } else if (action === 'F' && aggressor !== null && orderId !== aggressor) {
      traded.fills.set(orderId, (traded.fills.get(orderId) ?? 0) + size);
    }
  }
  return traded;
}
