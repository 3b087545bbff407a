import { readClientId } from '../../src/codec/commands.ts';
import * as R from '../../src/codec/records.ts';
import { SIDE_BUY } from '../../src/domain/orders.ts';
import {
  FRAME_FLAG_END,
  type FrameViews,
  frameFlags,
  frameMarketId,
  frameType,
} from '../../src/rings/frame.ts';

interface Resting {
  readonly side: number;
  price: number;
  lots: number;
  readonly isOurs: boolean;
}

/** How one market stood from a moment on. */
export interface Standing {
  readonly ms: number;
  readonly ours: readonly [bid: number, ask: number];
  readonly theirs: readonly [bid: number, ask: number];
}

/** What the maker traded, in whole numbers of any size. */
export interface Money {
  cash: bigint;
  fees: bigint;
  lots: bigint;
  lastTicks: bigint;
  /** Half ticks × lots better than the middle before each fill. */
  spreadHalfTickLots: bigint;
  fills: number;
  volumeTickLots: bigint;
}

/**
 * The books and the maker's fills once more, from the frames alone and in the plainest way: every
 * order in a map, best prices by looking at all of them.
 */
export class RecordedMaker {
  /** By market id, in the order of time. */
  readonly standings = new Map<number, Standing[]>();
  readonly money = new Map<number, Money>();
  /** Greatest worth of the position at the price of a purchase that brought it there, tick lots. */
  readonly largest = new Map<number, bigint>();
  private readonly books = new Map<number, Map<number, Resting>>();
  private readonly placed = new Map<number, Resting>();
  private readonly middles = new Map<number, bigint>();
  private readonly prefix: string;

  constructor(deploymentId: number) {
    this.prefix = `st${deploymentId}-`;
  }

  apply(views: FrameViews): void {
    const { i32, f64, u8 } = views;
    const marketId = frameMarketId(i32[1]);
    const type = frameType(i32[1]);
    const book = this.books.get(marketId) ?? new Map<number, Resting>();
    this.books.set(marketId, book);
    if (type < R.FIRST_EVENT_TYPE) this.middles.set(marketId, middleOf(book));
    switch (type) {
      case R.PLACE_ORDER: {
        const name = readClientId(u8, R.PLACE_CLIENT_ID_LENGTH, R.PLACE_CLIENT_ID);
        this.placed.set(f64[R.COMMAND_ORDER_ID >>> 3], {
          side: u8[R.PLACE_SIDE],
          price: f64[R.PLACE_PRICE_TICKS >>> 3],
          lots: f64[R.PLACE_QTY_LOTS >>> 3],
          isOurs: name.startsWith(this.prefix),
        });
        break;
      }
      case R.ORDER_RESTED: {
        const orderId = f64[R.EVENT_ORDER_ID >>> 3];
        const order = this.placed.get(orderId);
        if (order !== undefined) book.set(orderId, order);
        break;
      }
      case R.ORDER_AMENDED: {
        const order = this.placed.get(f64[R.EVENT_ORDER_ID >>> 3]);
        if (order === undefined) break;
        order.price = f64[R.AMENDED_NEW_PRICE_TICKS >>> 3];
        order.lots = f64[R.AMENDED_NEW_REMAINING_LOTS >>> 3];
        break;
      }
      case R.ORDER_CANCELLED:
      case R.ORDER_REJECTED:
        this.gone(book, f64[R.EVENT_ORDER_ID >>> 3]);
        break;
      case R.TRADE_EXECUTED:
        this.traded(marketId, book, views);
        break;
      default:
    }
    if ((frameFlags(i32[1]) & FRAME_FLAG_END) === 0) return;
    const ms =
      (i32[R.RECORD_SECONDS >>> 2] >>> 0) * 1000 +
      Math.floor((i32[R.RECORD_NANOS >>> 2] >>> 0) / 1_000_000);
    const list = this.standings.get(marketId) ?? [];
    this.standings.set(marketId, list);
    list.push({ ms, ours: bestOf(book, true), theirs: bestOf(book, false) });
  }

  moneyOf(marketId: number): Money {
    const known = this.money.get(marketId);
    if (known !== undefined) return known;
    const none = { cash: 0n, fees: 0n, lots: 0n, lastTicks: 0n };
    const money = { ...none, spreadHalfTickLots: 0n, fills: 0, volumeTickLots: 0n };
    this.money.set(marketId, money);
    return money;
  }

  private traded(marketId: number, book: Map<number, Resting>, { f64 }: FrameViews): void {
    const price = BigInt(f64[R.TRADE_PRICE_TICKS >>> 3]);
    const lots = f64[R.TRADE_QTY_LOTS >>> 3];
    const money = this.moneyOf(marketId);
    money.lastTicks = price;
    for (const [idAt, feeAt] of [
      [R.TRADE_MAKER_ORDER_ID, R.TRADE_MAKER_FEE_UNITS],
      [R.TRADE_TAKER_ORDER_ID, R.TRADE_TAKER_FEE_UNITS],
    ]) {
      const orderId = f64[idAt >>> 3];
      const order = this.placed.get(orderId);
      if (order === undefined) continue;
      order.lots -= lots;
      if (order.lots === 0) this.gone(book, orderId);
      if (!order.isOurs) continue;
      const signed = BigInt(order.side === SIDE_BUY ? lots : -lots);
      const middle = this.middles.get(marketId) || 2n * price;
      money.cash -= signed * price;
      money.lots += signed;
      money.fees += BigInt(f64[feeAt >>> 3]);
      money.spreadHalfTickLots += signed * (middle - 2n * price);
      money.fills += 1;
      money.volumeTickLots += BigInt(lots) * price;
      if (signed > 0n) {
        const worth = money.lots * price;
        const most = this.largest.get(marketId) ?? 0n;
        this.largest.set(marketId, worth > most ? worth : most);
      }
    }
  }

  private gone(book: Map<number, Resting>, orderId: number): void {
    book.delete(orderId);
    this.placed.delete(orderId);
  }
}

function bestOf(book: ReadonlyMap<number, Resting>, isOurs: boolean): readonly [number, number] {
  let bid = 0;
  let ask = 0;
  for (const order of book.values()) {
    if (order.isOurs !== isOurs) continue;
    if (order.side === SIDE_BUY) bid = Math.max(bid, order.price);
    else ask = ask === 0 ? order.price : Math.min(ask, order.price);
  }
  return [bid, ask];
}

/** Twice the middle of the whole book, 0 while a side is empty. */
function middleOf(book: ReadonlyMap<number, Resting>): bigint {
  const [ourBid, ourAsk] = bestOf(book, true);
  const [theirBid, theirAsk] = bestOf(book, false);
  const bid = Math.max(ourBid, theirBid);
  const asks = [ourAsk, theirAsk].filter((ticks) => ticks > 0);
  if (bid === 0 || asks.length === 0) return 0n;
  return BigInt(bid) + BigInt(Math.min(...asks));
}
