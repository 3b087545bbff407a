import * as R from '../../codec/records.ts';
import { CANCEL_FILL_LIMIT } from '../../domain/orders.ts';
import { DUPLICATE_ORDER_ID } from '../../domain/result-codes.ts';
import { FRAME_FLAG_END, frameFlags, frameType } from '../../rings/frame.ts';
import { RING_EMPTY, type RingReader } from '../../rings/ring.ts';
import { REQUEST_TYPES } from './message-feed.ts';
import { MESSAGE_CANCEL, MESSAGE_MODIFY, MESSAGE_NEW } from './order-file.ts';
import * as S from './report-store.ts';

const { PLACE_ORDER, CANCEL_ORDER, TRADE_EXECUTED, ORDER_CANCELLED, COMMAND_REJECTED } = R;
const { R_HEAD, R_ORDER_ID, R_PRICE, R_QTY, R_TAKER_ID } = S;

/** Frames after which room is given back, at the next end of a group. */
const BATCH_FRAMES = 512;

/**
 * The reading thread's side: turns the core's event frames into the survey's reports, in the
 * canonical order (message index, report type, order of emission). A message's acceptance is
 * reported before its trades, and its modification after them, which is what that order asks for.
 */
export class ReportReader {
  readonly store: S.ReportStore;
  /** New orders not taken because their id rests already; the stream has no report for it. */
  duplicateIds = 0;
  private readonly reader: RingReader;
  /** Index of the message whose group is being read, its type, and the command's frame. */
  private message = 0;
  private type = 0;
  private commandAt = 0;
  private isPlace = false;
  /** No event of the group was read yet. */
  private isFresh = false;

  constructor(reader: RingReader, store: S.ReportStore) {
    this.reader = reader;
    this.store = store;
  }

  /**
   * Reads a batch of what is published and gives its room back: whoever waits for room must be told
   * whenever this returns true. @returns false when there was nothing to read
   */
  drain(): boolean {
    const { reader } = this;
    const { i32 } = reader.ring;
    let frames = 0;
    for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
      const word = i32[(at >>> 2) + 1];
      this.frame(at, frameType(word));
      frames += 1;
      if ((frameFlags(word) & FRAME_FLAG_END) === 0) continue;
      this.groupEnds();
      // A command's frame is looked at until its group ends, so room is given back between groups.
      if (frames > BATCH_FRAMES) break;
    }
    reader.release();
    return frames > 0;
  }

  private frame(at: number, type: number): void {
    if (type === PLACE_ORDER || type === CANCEL_ORDER) {
      const request = this.reader.ring.f64[(at + R.COMMAND_REQUEST_ID) >>> 3];
      this.message = Math.floor(request / REQUEST_TYPES);
      this.type = request - this.message * REQUEST_TYPES;
      this.commandAt = at;
      this.isPlace = type === PLACE_ORDER;
      this.isFresh = true;
      return;
    }
    if (type === R.ORDER_REJECTED) {
      this.rejected(at);
      return;
    }
    if (this.isFresh && this.type === MESSAGE_NEW) this.terms(S.REPORT_ACCEPTED);
    this.isFresh = false;
    if (type === TRADE_EXECUTED) this.trade(at);
    else if (type === ORDER_CANCELLED) this.cancelled(at);
    else if (type === COMMAND_REJECTED) this.refused();
  }

  private groupEnds(): void {
    if (this.type === MESSAGE_MODIFY && this.isPlace) this.terms(S.REPORT_MODIFIED);
  }

  /** A report that repeats the order's terms, which stand in its command. */
  private terms(type: number): void {
    const { f64, u8 } = this.reader.ring;
    const at = this.commandAt;
    const word = this.begin(type, u8[at + R.PLACE_SIDE]);
    const { current } = this.store;
    current[word + R_ORDER_ID] = f64[(at + R.COMMAND_ORDER_ID) >>> 3];
    current[word + R_PRICE] = f64[(at + R.PLACE_PRICE_TICKS) >>> 3];
    current[word + R_QTY] = f64[(at + R.PLACE_QTY_LOTS) >>> 3];
  }

  private trade(at: number): void {
    const { f64 } = this.reader.ring;
    const word = this.begin(S.REPORT_TRADE, 0);
    const { current } = this.store;
    current[word + R_ORDER_ID] = f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3];
    current[word + R_PRICE] = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
    current[word + R_QTY] = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
    current[word + R_TAKER_ID] = f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3];
  }

  private cancelled(at: number): void {
    const { f64, u8 } = this.reader.ring;
    if (u8[at + R.CANCELLED_REASON] === CANCEL_FILL_LIMIT) {
      throw new Error(`message ${this.message} fills more orders at once than memory is made for`);
    }
    // The first half of a modification: its report comes with the second.
    if (this.type === MESSAGE_MODIFY) return;
    const word = this.begin(S.REPORT_CANCELLED, u8[at + R.CANCELLED_SIDE]);
    const { current } = this.store;
    current[word + R_ORDER_ID] = f64[(at + R.EVENT_ORDER_ID) >>> 3];
    current[word + R_PRICE] = f64[(at + R.CANCELLED_PRICE_TICKS) >>> 3];
  }

  /** The order to be cancelled or modified does not rest. */
  private refused(): void {
    const cancel = this.type === MESSAGE_CANCEL;
    const word = this.begin(cancel ? S.REPORT_CANCEL_REJECTED : S.REPORT_MODIFY_REJECTED, 0);
    const { f64 } = this.reader.ring;
    this.store.current[word + R_ORDER_ID] = f64[(this.commandAt + R.COMMAND_ORDER_ID) >>> 3];
  }

  private rejected(at: number): void {
    const code = this.reader.ring.i32[(at + R.ORDER_REJECTED_CODE) >>> 2];
    if (code !== DUPLICATE_ORDER_ID) {
      throw new Error(`message ${this.message}: more orders rest at once than the core can hold`);
    }
    this.duplicateIds += 1;
  }

  private begin(type: number, side: number): number {
    const { store } = this;
    const word = store.next();
    store.current[word + R_HEAD] = this.message * 16 + side * 8 + type;
    return word;
  }
}
