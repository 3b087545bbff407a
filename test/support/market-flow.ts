import * as R from '../../src/codec/records.ts';
import { Prng } from '../../src/lib/prng.ts';
import { FRAME_FLAG_END, type FrameViews, frameWord } from '../../src/rings/frame.ts';

export interface RestingOrder {
  id: number;
  side: number;
  priceTicks: number;
  qtyLots: number;
}

export interface FlowTrade {
  id: number;
  priceTicks: number;
  qtyLots: number;
  side: number;
  printed: boolean;
}

export const FLOW_FRAME_BYTES = R.AUCTION_TRADE_BYTES;
const MAX_ORDERS = 400;

/**
 * A seeded stream of one market's event records with level totals that are right, beside a naive
 * book (`levels`) that says what a reader must arrive at. No matching engine: it only invents what
 * one could have written.
 */
export class MarketFlow {
  /** The newest record lies at offset 0. REUSED by every `step`. */
  readonly views: FrameViews;
  readonly marketId: number;
  /** Side → price → [quantity, orders]. */
  readonly levels = [new Map<number, [number, number]>(), new Map<number, [number, number]>()];
  readonly trades: FlowTrade[] = [];
  seq = 0;
  seconds = 1_700_000_000;
  nanos = 0;
  private readonly prng: Prng;
  private readonly midTicks: number;
  private readonly bytes = new ArrayBuffer(FLOW_FRAME_BYTES);
  /** Orders in the book, oldest first. */
  readonly orders: RestingOrder[] = [];
  private nextOrderId = 1;

  constructor(marketId: number, seed: number, midTicks = 972_500) {
    this.marketId = marketId;
    this.prng = new Prng(seed);
    this.midTicks = midTicks;
    this.views = {
      i32: new Int32Array(this.bytes),
      f64: new Float64Array(this.bytes),
      u8: new Uint8Array(this.bytes),
    };
  }

  /** Writes the next record at offset 0 of `views`. */
  step(): void {
    const dice = this.prng.integer(1, 100);
    this.nanos += this.prng.integer(1, 50_000_000);
    if (this.nanos >= 1_000_000_000) {
      this.nanos -= 1_000_000_000;
      this.seconds += 1;
    }
    if (this.orders.length < 4 || (dice <= 45 && this.orders.length < MAX_ORDERS)) this.rest();
    else if (dice <= 70) this.cancel();
    else if (dice <= 85) this.trade();
    else if (dice <= 92) this.amend();
    else if (dice <= 94) this.auctionTrade();
    else if (dice <= 96) this.print();
    else this.other();
  }

  private rest(): void {
    const side = this.prng.integer(0, 1);
    const away = 1 + Math.floor(this.prng.exponential(12));
    const priceTicks = this.midTicks + (side === 0 ? -away : away);
    const qtyLots = this.prng.integer(1, 5000);
    const order = { id: this.nextOrderId, side, priceTicks, qtyLots };
    this.nextOrderId += 1;
    this.orders.push(order);
    const level = this.change(side, priceTicks, qtyLots, 1);
    this.begin(R.ORDER_RESTED, R.ORDER_RESTED_BYTES);
    this.f64(R.EVENT_ORDER_ID, order.id);
    this.f64(R.RESTED_PRICE_TICKS, priceTicks);
    this.f64(R.RESTED_QTY_LOTS, qtyLots);
    this.f64(R.RESTED_LEVEL_QTY_LOTS, level[0]);
    this.i32(R.RESTED_LEVEL_ORDERS, level[1]);
    this.views.u8[R.RESTED_SIDE] = side;
  }

  private cancel(): void {
    const [order] = this.orders.splice(this.prng.integer(0, this.orders.length - 1), 1);
    const level = this.change(order.side, order.priceTicks, -order.qtyLots, -1);
    this.begin(R.ORDER_CANCELLED, R.ORDER_CANCELLED_BYTES);
    this.f64(R.EVENT_ORDER_ID, order.id);
    this.f64(R.CANCELLED_PRICE_TICKS, order.priceTicks);
    this.f64(R.CANCELLED_QTY_LOTS, order.qtyLots);
    this.f64(R.CANCELLED_LEVEL_QTY_LOTS, level[0]);
    this.i32(R.CANCELLED_LEVEL_ORDERS, level[1]);
    this.views.u8[R.CANCELLED_SIDE] = order.side;
    this.views.u8[R.CANCELLED_WAS_RESTING] = 1;
  }

  private trade(): void {
    const side = this.prng.integer(0, 1);
    const direction = side === 0 ? -1 : 1;
    let maker: RestingOrder | undefined;
    for (const order of this.orders) {
      if (order.side !== side) continue;
      if (maker === undefined || (order.priceTicks - maker.priceTicks) * direction < 0)
        maker = order;
    }
    if (maker === undefined) {
      this.rest();
      return;
    }
    const qtyLots = this.prng.chance(0.5) ? maker.qtyLots : this.prng.integer(1, maker.qtyLots);
    maker.qtyLots -= qtyLots;
    const gone = maker.qtyLots === 0;
    if (gone) this.orders.splice(this.orders.indexOf(maker), 1);
    const level = this.change(side, maker.priceTicks, -qtyLots, gone ? -1 : 0);
    const id = this.trades.length + 1;
    this.trades.push({ id, priceTicks: maker.priceTicks, qtyLots, side: 1 - side, printed: false });
    this.begin(R.TRADE_EXECUTED, R.TRADE_EXECUTED_BYTES);
    this.f64(R.TRADE_MAKER_ORDER_ID, maker.id);
    this.f64(R.TRADE_PRICE_TICKS, maker.priceTicks);
    this.f64(R.TRADE_QTY_LOTS, qtyLots);
    this.f64(R.TRADE_LEVEL_QTY_LOTS, level[0]);
    this.i32(R.TRADE_LEVEL_ORDERS, level[1]);
    this.f64(R.TRADE_ID, id);
    this.views.u8[R.TRADE_TAKER_SIDE] = 1 - side;
  }

  private amend(): void {
    const order = this.orders[this.prng.integer(0, this.orders.length - 1)];
    const keeps = this.prng.chance(0.5) && order.qtyLots > 1;
    const before = order.qtyLots;
    if (keeps) order.qtyLots = this.prng.integer(1, before - 1);
    else this.orders.splice(this.orders.indexOf(order), 1);
    const level = keeps
      ? this.change(order.side, order.priceTicks, order.qtyLots - before, 0)
      : this.change(order.side, order.priceTicks, -before, -1);
    this.begin(R.ORDER_AMENDED, R.ORDER_AMENDED_BYTES);
    this.f64(R.EVENT_ORDER_ID, order.id);
    this.f64(R.AMENDED_OLD_PRICE_TICKS, order.priceTicks);
    this.f64(R.AMENDED_NEW_PRICE_TICKS, order.priceTicks);
    this.f64(R.AMENDED_OLD_REMAINING_LOTS, before);
    this.f64(R.AMENDED_NEW_REMAINING_LOTS, order.qtyLots);
    this.f64(R.AMENDED_LEVEL_QTY_LOTS, level[0]);
    this.i32(R.AMENDED_LEVEL_ORDERS, level[1]);
    this.views.u8[R.AMENDED_SIDE] = order.side;
    this.views.u8[R.AMENDED_KEPT_PRIORITY] = keeps ? 1 : 0;
    this.views.u8[R.AMENDED_WAS_RESTING] = 1;
  }

  /** A bid and an ask trade at one price, as in an auction: two levels move, nobody takes. */
  private auctionTrade(): void {
    const bid = this.orders.find(({ side }) => side === 0);
    const ask = this.orders.find(({ side }) => side === 1);
    if (bid === undefined || ask === undefined) {
      this.rest();
      return;
    }
    const qtyLots = this.prng.integer(1, Math.min(bid.qtyLots, ask.qtyLots));
    const [bidLevel, askLevel] = [bid, ask].map((order) => {
      order.qtyLots -= qtyLots;
      const gone = order.qtyLots === 0;
      if (gone) this.orders.splice(this.orders.indexOf(order), 1);
      return this.change(order.side, order.priceTicks, -qtyLots, gone ? -1 : 0);
    });
    const id = this.trades.length + 1;
    const priceTicks = this.midTicks;
    this.trades.push({ id, priceTicks, qtyLots, side: 255, printed: false });
    this.begin(R.AUCTION_TRADE, R.AUCTION_TRADE_BYTES);
    this.f64(R.AUCTION_BID_ORDER_ID, bid.id);
    this.f64(R.AUCTION_ASK_ORDER_ID, ask.id);
    this.f64(R.AUCTION_TRADE_PRICE_TICKS, priceTicks);
    this.f64(R.AUCTION_TRADE_QTY_LOTS, qtyLots);
    this.f64(R.AUCTION_BID_LEVEL_TICKS, bid.priceTicks);
    this.f64(R.AUCTION_BID_LEVEL_QTY_LOTS, bidLevel[0]);
    this.i32(R.AUCTION_BID_LEVEL_ORDERS, bidLevel[1]);
    this.f64(R.AUCTION_ASK_LEVEL_TICKS, ask.priceTicks);
    this.f64(R.AUCTION_ASK_LEVEL_QTY_LOTS, askLevel[0]);
    this.i32(R.AUCTION_ASK_LEVEL_ORDERS, askLevel[1]);
    this.f64(R.AUCTION_TRADE_ID, id);
  }

  private print(): void {
    const id = this.trades.length + 1;
    const side = [0, 1, 255][this.prng.integer(0, 2)];
    const priceTicks = this.midTicks + this.prng.integer(-3, 3);
    const qtyLots = this.prng.integer(1, 10_000);
    this.trades.push({ id, priceTicks, qtyLots, side, printed: true });
    this.begin(R.TRADE_PRINTED, R.TRADE_PRINTED_BYTES);
    this.f64(R.PRINTED_PRICE_TICKS, priceTicks);
    this.f64(R.PRINTED_QTY_LOTS, qtyLots);
    this.f64(R.PRINTED_ID, id);
    this.views.u8[R.PRINTED_SIDE] = side;
  }

  /** Records that move no level: an echo, an order that never rested, a refusal. */
  private other(): void {
    const kind = this.prng.integer(0, 3);
    if (kind === 0) this.begin(R.PLACE_ORDER, R.PLACE_CLIENT_ID);
    else if (kind === 3) {
      // An order that waits is amended: the level of its price is another's business.
      this.begin(R.ORDER_AMENDED, R.ORDER_AMENDED_BYTES);
      this.f64(R.AMENDED_OLD_PRICE_TICKS, this.midTicks);
    } else if (kind === 1) this.begin(R.ORDER_CANCELLED, R.ORDER_CANCELLED_BYTES);
    else this.begin(R.COMMAND_REJECTED, R.COMMAND_REJECTED_BYTES);
  }

  private change(side: number, priceTicks: number, lots: number, orders: number): [number, number] {
    const before = this.levels[side].get(priceTicks) ?? [0, 0];
    const after: [number, number] = [before[0] + lots, before[1] + orders];
    if (after[0] === 0) this.levels[side].delete(priceTicks);
    else this.levels[side].set(priceTicks, after);
    return after;
  }

  private begin(type: number, lengthBytes: number): void {
    this.views.u8.fill(0);
    this.seq += 1;
    this.i32(0, lengthBytes);
    this.i32(4, frameWord(type, FRAME_FLAG_END, this.marketId));
    this.f64(R.RECORD_SEQ, this.seq);
    this.i32(R.RECORD_SECONDS, this.seconds);
    this.i32(R.RECORD_NANOS, this.nanos);
  }

  private f64(field: number, value: number): void {
    this.views.f64[field >>> 3] = value;
  }

  private i32(field: number, value: number): void {
    this.views.i32[field >>> 2] = value;
  }
}

/** A naive side as `[price, quantity, orders]`, best first. */
export function sortedLevels(flow: MarketFlow, side: number): [number, number, number][] {
  const direction = side === 0 ? -1 : 1;
  return [...flow.levels[side]]
    .map(([price, [qty, orders]]): [number, number, number] => [price, qty, orders])
    .sort((a, b) => (a[0] - b[0]) * direction);
}
