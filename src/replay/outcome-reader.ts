import { readClientId } from '../codec/commands.ts';
import * as R from '../codec/records.ts';
import type { Market } from '../domain/markets.ts';
import { PHASE_AUCTION, TIF_GTC } from '../domain/orders.ts';
import { resultName } from '../domain/result-codes.ts';
import { DepthBook } from '../projections/depth.ts';
import {
  FRAME_FLAG_END,
  type FrameViews,
  frameFlags,
  frameMarketId,
  frameType,
} from '../rings/frame.ts';
import type { AuctionEnd, BookCheck, ExpectedAuction, LevelImage, PlaceAction } from './actions.ts';
import { AuctionComparison } from './auction-comparison.ts';
import { RowComparison } from './book-comparison.ts';
import { type Counts, countOne } from './counts.ts';
import { MakerMatching } from './maker-matching.ts';
import { StateSequence } from './state-sequence.ts';

interface OutcomeConfig {
  readonly market: Market;
  readonly sessionId: number;
  /** Last request of a former run; 0 for none. */
  readonly resumedFrom: number;
  /** Collect the sequence of best prices, for a book file that does not pair with the messages. */
  readonly collectStates: boolean;
}

/** A row's end, which falls due when everything up to a request has been seen. */
interface DueRow {
  readonly afterRequestId: number;
  readonly check: BookCheck | AuctionEnd | null;
}

/**
 * Sees what became of the replay's commands: reads the durable records of its market, keeps the
 * engine's book from them alone, and holds both against what the recording says.
 */
export class OutcomeReader {
  readonly makers: MakerMatching;
  readonly book = new DepthBook();
  readonly rows = new RowComparison(this.book);
  readonly states = new StateSequence();
  readonly auctions: AuctionComparison;
  readonly rejected: Counts = {};
  /** Records of the market seen. */
  events = 0;
  executions = 0;
  /** Last request whose outcome has been seen. */
  answeredRequestId: number;
  /** Requests that were passed over: no outcome can come any more. */
  unanswered = 0;
  private readonly config: OutcomeConfig;
  /** Aggressors and resting orders on their way, by request. */
  private readonly placed = new Map<number, PlaceAction>();
  private readonly opening = new Map<number, ExpectedAuction>();
  private readonly due: DueRow[] = [];
  private dueFirst = 0;
  /** True while the records of a command of ours pass. */
  private ours = false;
  private requestId = 0;
  private uncrossing = false;

  constructor(config: OutcomeConfig) {
    this.config = config;
    this.answeredRequestId = config.resumedFrom;
    this.auctions = new AuctionComparison(this.book, config.market);
    this.makers = new MakerMatching(config.resumedFrom > 0);
  }

  /** Sets the book a resumed replay starts from. */
  startFrom(levels: readonly LevelImage[]): void {
    for (const { side, priceTicks, qtyLots, orders } of levels) {
      this.book.setLevel(side, priceTicks, qtyLots, orders);
    }
  }

  /** An order was sent; its trades will be held against what it expects. */
  expect(action: PlaceAction): void {
    this.placed.set(action.requestId, action);
  }

  /** The market is told to open; what its auction does is held against the recorded one. */
  expectAuction(requestId: number, expected: ExpectedAuction): void {
    this.opening.set(requestId, expected);
  }

  /** A recorded auction's event is over once this request has been answered. */
  auctionEnds(afterRequestId: number, end: AuctionEnd): void {
    if (afterRequestId <= this.answeredRequestId && !this.uncrossing) this.auctions.end(end);
    else this.due.push({ afterRequestId, check: end });
  }

  /** A row is over once this request has been answered. */
  rowEnds(afterRequestId: number, check: BookCheck | null): void {
    if (check === null && !this.config.collectStates) return;
    if (afterRequestId <= this.answeredRequestId) this.endRow(check);
    else this.due.push({ afterRequestId, check });
  }

  /** Takes in one durable record. */
  record(views: FrameViews, at: number): void {
    const word = views.i32[(at + 4) >>> 2];
    if (frameMarketId(word) !== this.config.market.id) return;
    const type = frameType(word);
    this.events += 1;
    if (type < R.FIRST_EVENT_TYPE) this.beginGroup(views, at, type);
    else {
      this.book.apply(views, at);
      this.event(views, at, type);
    }
    if ((frameFlags(word) & FRAME_FLAG_END) !== 0) this.endGroup();
  }

  private beginGroup({ f64, i32, u8 }: FrameViews, at: number, type: number): void {
    this.ours = i32[(at + R.COMMAND_SESSION_ID) >>> 2] === this.config.sessionId;
    if (!this.ours) return;
    const requestId = f64[(at + R.COMMAND_REQUEST_ID) >>> 3];
    // Requests are answered in order, so a gap will not be filled any more.
    for (let id = this.answeredRequestId + 1; id < requestId; id += 1) {
      this.unanswered += 1;
      this.placed.delete(id);
    }
    this.requestId = requestId;
    const action = this.placed.get(requestId) ?? null;
    this.placed.delete(requestId);
    this.makers.begin(action);
    const opening = this.opening.get(requestId);
    if (opening !== undefined) {
      this.opening.delete(requestId);
      this.auctions.begin(opening);
    }
    if (type === R.PLACE_ORDER && action?.tif === TIF_GTC) {
      const clientOrderId = readClientId(u8, at + R.PLACE_CLIENT_ID_LENGTH, at + R.PLACE_CLIENT_ID);
      this.makers.name(f64[(at + R.COMMAND_ORDER_ID) >>> 3], clientOrderId);
    }
  }

  private event({ f64, i32 }: FrameViews, at: number, type: number): void {
    const orderId = f64[(at + R.EVENT_ORDER_ID) >>> 3];
    switch (type) {
      case R.TRADE_EXECUTED:
        if (this.ours) {
          this.executions += 1;
          this.makers.trade(orderId, f64[(at + R.TRADE_QTY_LOTS) >>> 3]);
        }
        if (f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3] === 0) this.makers.forget(orderId);
        return;
      case R.AUCTION_TRADE:
        this.auctionTrade(f64, at);
        return;
      case R.PHASE_CHANGED:
        this.uncrossing = i32[(at + R.PHASE_TO) >>> 2] === PHASE_AUCTION;
        return;
      case R.ORDER_CANCELLED:
        this.makers.forget(orderId);
        return;
      case R.ORDER_REJECTED:
        this.makers.forget(orderId);
        if (this.ours) this.reject(i32[(at + R.ORDER_REJECTED_CODE) >>> 2]);
        return;
      case R.COMMAND_REJECTED:
        if (this.ours) this.reject(i32[(at + R.COMMAND_REJECTED_CODE) >>> 2]);
        return;
      default:
    }
  }

  private auctionTrade(f64: Float64Array, at: number): void {
    const { makers } = this;
    const bidId = f64[(at + R.AUCTION_BID_ORDER_ID) >>> 3];
    const askId = f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3];
    this.executions += 1;
    this.auctions.trade(
      f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3],
      f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3],
      [makers.nameOf(bidId), makers.nameOf(askId)],
    );
    if (f64[(at + R.AUCTION_BID_REMAINING_LOTS) >>> 3] === 0) makers.forget(bidId);
    if (f64[(at + R.AUCTION_ASK_REMAINING_LOTS) >>> 3] === 0) makers.forget(askId);
  }

  private reject(code: number): void {
    countOne(this.rejected, resultName(code));
  }

  private endGroup(): void {
    this.book.changed.clear();
    if (this.ours) {
      this.ours = false;
      this.makers.end();
      this.makers.begin(null);
      this.answeredRequestId = this.requestId;
    }
    // An auction may take several groups; what is said of the book holds after the last.
    if (!this.uncrossing) this.endDueRows();
  }

  private endDueRows(): void {
    while (this.dueFirst < this.due.length) {
      const row = this.due[this.dueFirst];
      if (row.afterRequestId > this.answeredRequestId) break;
      this.endRow(row.check);
      this.dueFirst += 1;
    }
    // The queue is cut down now and then, not at every row, which would move all of it each time.
    if (this.dueFirst > 1024) {
      this.due.splice(0, this.dueFirst);
      this.dueFirst = 0;
    }
  }

  private endRow(check: BookCheck | AuctionEnd | null): void {
    if (check !== null && 'kind' in check) {
      this.auctions.end(check);
      return;
    }
    if (check !== null) this.rows.check(check);
    if (this.config.collectStates) this.states.addTop(this.book);
  }
}
