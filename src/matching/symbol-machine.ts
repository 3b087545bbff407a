import * as R from '../codec/records.ts';
import * as O from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import { assert } from '../lib/assert.ts';
import { FRAME_FLAG_END, type FrameViews, frameMarketId, frameWord } from '../rings/frame.ts';
import type { RingProducer } from '../rings/ring.ts';
import { Admission } from './admission.ts';
import { Amendments } from './amendments.ts';
import { Arrivals } from './arrivals.ts';
import { isCrossed } from './auction.ts';
import type { BookImage } from './book-image.ts';
import { PriceBounds } from './bounds.ts';
import { ContinuedWork, NO_WORK } from './continued-work.ts';
import { Departures } from './departures.ts';
import { EventWriter } from './event-writer.ts';
import { GroupEnd } from './group-end.ts';
import { worstGroupBytes } from './group-writer.ts';
import * as L from './layout.ts';
import { LookAhead } from './look-ahead.ts';
import type { MachineConfig } from './machine-config.ts';
import { MarketState } from './market-state.ts';
import type { OrderBook } from './order-book.ts';
import { GROUPS_WHOLE as ALL_WHOLE, ORDER_OPEN, PlainRun, RUN_BYTES } from './plain-run.ts';
import { PlainTrades } from './plain-trades.ts';
import { imageHash } from './state-hash.ts';
import { fillState, imageOf } from './state-image.ts';
import { Trading } from './trading.ts';
import { Uncrossing } from './uncrossing.ts';
import { WatchedBook } from './watched-book.ts';

// Constants of this module cost nothing; an imported binding is loaded and checked on every use, so
// what every order needs is copied here.
const PLACE_ORDER = R.PLACE_ORDER;
const CANCEL_ORDER = R.CANCEL_ORDER;
const F_ORDER_ID = R.COMMAND_ORDER_ID / 8;
const I_PORTFOLIO_ID = R.COMMAND_PORTFOLIO_ID / 4;
const { PHASE_CONTINUOUS } = O;
const NONE = L.NONE;
const GROUPS_WHOLE = ALL_WHOLE;

/**
 * One market: commands in, events out. Deterministic: it reads no clock and no chance, so the same
 * commands give the same events byte for byte. The rules are those of docs/matching.md; each room of
 * them is a class of its own, and what most commands are goes a short way, see plain-run.ts.
 *
 * Whoever feeds it does: `while (isDue(command)) expire(command); apply(command); while (hasWork())
 * continueWork();`, and goes on with work that is due first of all after `restore`.
 */
export class SymbolMachine {
  readonly config: MachineConfig;
  private readonly state: MarketState;
  private readonly book: OrderBook;
  private readonly bounds: PriceBounds;
  private readonly plainRun: PlainRun;
  private readonly events: EventWriter;
  private readonly departures: Departures;
  private readonly arrivals: Arrivals;
  private readonly amendments: Amendments;
  private readonly uncrossing: Uncrossing;
  private readonly work: ContinuedWork;
  private readonly groupEnd: GroupEnd;
  /** The command the market gives to itself. */
  private readonly ownCommand = continueWorkRecord();
  /** False when no work can be due: since it was last asked for there were plain orders only. */
  private unsettled = true;
  /** True while plain orders and cancellations need no more than the shortest way. */
  private calm = true;

  constructor(config: MachineConfig, producer: RingProducer) {
    const { maxOrders, maxLevels, maxWaiting, maxFillsPerCommand: maxWork } = config;
    const state = new MarketState(maxOrders, maxLevels, maxWaiting);
    const bounds = new PriceBounds(config.priceBandBps, config.volatilityHaltBps);
    const events = new EventWriter(producer, config.marketId, config, state);
    const lookAhead = new LookAhead(state, bounds, maxWork);
    const departures = new Departures(state, events);
    const plainTrades = new PlainTrades(state, events, config);
    const trading = new Trading(state, events, bounds, { departures, plainTrades }, maxWork);
    const admission = new Admission(state, bounds, lookAhead, maxWaiting);
    const rules = { departures, trading, admission, lookAhead };
    const arrivals = new Arrivals(state, events, bounds, rules);
    const amendments = new Amendments(state, events, bounds, { ...rules, arrivals });
    const uncrossing = new Uncrossing(state, events, bounds, rules, maxWork);
    const later = { departures, arrivals, amendments, uncrossing };
    this.config = config;
    this.state = state;
    this.book = state.book;
    this.bounds = bounds;
    this.plainRun = new PlainRun(state, events, bounds, config);
    this.events = events;
    this.departures = departures;
    this.arrivals = arrivals;
    this.amendments = amendments;
    this.uncrossing = uncrossing;
    this.work = new ContinuedWork(state, events, later, maxWork);
    this.groupEnd = new GroupEnd(state, events, bounds, later, config.referenceWindowSeconds);
  }

  /** Sequence of the newest record written; 0 before the first. */
  get seq(): number {
    return this.events.seq;
  }

  /** Orders that rest or wait. */
  get openOrders(): number {
    return this.book.index.size;
  }

  /** Best bid, or 0. */
  bestBidTicks(): number {
    return this.book.bids.bestPrice();
  }

  /** Best ask, or 0. */
  bestAskTicks(): number {
    return this.book.asks.bestPrice();
  }

  /** The live book, for who watches it between groups. */
  watchedBook(): WatchedBook {
    return new WatchedBook(this.book);
  }

  /** Most bytes of frames one group can have: what must be free before each. */
  get worstGroupBytes(): number {
    return worstGroupBytes(this.config.maxFillsPerCommand);
  }

  /** The same for a whole `applyRun`. */
  get worstRunBytes(): number {
    return this.worstGroupBytes + RUN_BYTES;
  }

  /**
   * Carries out one command and writes its group: the echo, then its events. Publishes nothing.
   * The producer must have room for the worst group.
   * @param at byte offset of a command record (types 1 to 9) in `views`
   */
  apply(views: FrameViews, at: number): void {
    if (this.runPlain(views, at, at + 1, 1) === 1) return;
    this.applyByRules(views.i32[(at >>> 2) + 1] & 0xff, views, at);
  }

  /**
   * Carries out commands of this market that lie in a row: plain ones, and the first that is not
   * one. The fast way for many: `apply` does the same one by one. It stops before orders expire,
   * before a frame of another market, and where there may be work.
   * The producer must have room for `worstRunBytes`.
   * @param at byte offset of the first; @param end of what follows the last; @param most how many
   * @returns how many were carried out; `ranTo` is where the next one lies
   */
  applyRun(views: FrameViews, at: number, end: number, most: number): number {
    const { plainRun } = this;
    const done = this.runPlain(views, at, end, most);
    const next = plainRun.end;
    if (done === most || next === end || plainRun.outcome !== GROUPS_WHOLE) return done;
    const word = views.i32[(next >>> 2) + 1];
    if (frameMarketId(word) !== this.config.marketId || this.isDue(views, next)) return done;
    plainRun.end = next + views.i32[next >>> 2];
    this.applyByRules(word & 0xff, views, next);
    return done + 1;
  }

  /** Byte offset behind the last command that `applyRun` has carried out. */
  get ranTo(): number {
    return this.plainRun.end;
  }

  private runPlain(views: FrameViews, at: number, end: number, most: number): number {
    const { plainRun } = this;
    const done = plainRun.run(views, at, end, this.calm ? most : 0);
    if (plainRun.outcome !== GROUPS_WHOLE) this.finishByRules();
    return done;
  }

  /** A run has handed a group over that it could not bring to its end. */
  private finishByRules(): void {
    const { outcome, order, fate, workDone } = this.plainRun;
    this.unsettled = true;
    if (outcome === ORDER_OPEN) this.arrivals.goOn(order, fate, workDone);
    this.groupEnd.run();
    this.events.endGroup();
    this.noteCalm();
  }

  /** True when orders expire before this command may be applied: `expire` is called first. */
  isDue(views: FrameViews, at: number): boolean {
    return this.work.expiryDue(views, at);
  }

  /** Writes one group in which orders expire, under the time of the command that is to come. */
  expire(views: FrameViews, at: number): void {
    const seconds = views.i32[(at + R.RECORD_SECONDS) >>> 2];
    this.continueWith(O.CONTINUE_EXPIRE, seconds, views.i32[(at + R.RECORD_NANOS) >>> 2]);
  }

  /** True when there is work that has to be gone on with before the next command. */
  hasWork(): boolean {
    if (!this.unsettled) return false;
    this.unsettled = this.work.due() !== NO_WORK;
    return this.unsettled;
  }

  /** Writes one group of the work that is due, under the newest command's time. */
  continueWork(): void {
    this.continueWith(this.work.due(), this.events.seconds, this.events.nanos);
  }

  /** The market's whole state; a new object. */
  image(): BookImage {
    const { events, bounds } = this;
    return imageOf(this.state, {
      marketId: this.config.marketId,
      seq: events.seq,
      seconds: events.seconds,
      nanos: events.nanos,
      referenceTicks: bounds.referenceTicks,
      referenceSeconds: bounds.referenceSeconds,
    });
  }

  /** Takes over a state; only a new machine may. Goes on exactly as the machine it was taken from. */
  restore(image: BookImage): void {
    assert(this.seq === 0, 'only a new machine is restored');
    assert(image.marketId === this.config.marketId, 'the image is of another market');
    fillState(this.state, image);
    this.bounds.set(image.referenceTicks, image.referenceSeconds);
    this.events.restore(image.seq, image.seconds, image.nanos);
    this.noteCalm();
  }

  /** SHA-256 of the state, hexadecimal: equal for equal states however they came about. */
  stateHash(): string {
    return imageHash(this.image());
  }

  private applyByRules(type: number, views: FrameViews, at: number): void {
    this.unsettled = true;
    const { events } = this;
    events.echo(views, at);
    switch (type) {
      case PLACE_ORDER:
        this.arrivals.place(views, at);
        break;
      case CANCEL_ORDER:
      case R.AMEND_ORDER:
        this.change(type, views, at);
        break;
      case R.SET_PHASE:
        this.setPhase(views.i32[(at + R.SET_PHASE_TO) >>> 2]);
        break;
      case R.PRINT_TRADE:
        events.tradePrinted(
          views.f64[(at + R.PRINT_PRICE_TICKS) >>> 3],
          views.f64[(at + R.PRINT_QTY_LOTS) >>> 3],
          views.u8[at + R.PRINT_SIDE],
        );
        break;
      case R.CANCEL_ALL:
        this.work.cancelAll(views.i32[(at >>> 2) + I_PORTFOLIO_ID]);
        break;
      case R.CONTINUE_WORK:
        this.work.carryOut(views, at);
        break;
      case R.ADVANCE_TIME:
        break;
      case R.SET_REFERENCE:
        this.groupEnd.setReference(views.f64[(at + R.SET_REFERENCE_TICKS) >>> 3]);
        break;
      default:
        assert(false, 'a market was sent a record that is no command');
    }
    this.groupEnd.run();
    events.endGroup();
    this.noteCalm();
  }

  private change(type: number, views: FrameViews, at: number): void {
    const slot = this.findOwn(views, at);
    if (slot === NONE) this.events.commandRejected(C.ORDER_NOT_IN_BOOK);
    else if (type === CANCEL_ORDER) this.departures.leave(slot, O.CANCEL_BY_REQUEST);
    else this.amendments.amend(slot, views, at);
  }

  /** The open order a command speaks of; `NONE` also when it is of another portfolio. */
  private findOwn(views: FrameViews, at: number): number {
    const slot = this.book.index.find(views.f64[(at >>> 3) + F_ORDER_ID]);
    if (slot === NONE) return NONE;
    const portfolioId = views.i32[(at >>> 2) + I_PORTFOLIO_ID];
    return portfolioId === 0 || portfolioId === this.book.orders.portfolio(slot) ? slot : NONE;
  }

  private setPhase(phase: number): void {
    const { state, groupEnd } = this;
    assert(phase in O.PHASE_NAMES, 'a market was sent a phase that does not exist');
    assert(phase !== O.PHASE_AUCTION, 'a market enters its auction by itself');
    assert(state.phase !== O.PHASE_AUCTION, 'an auction ends before the next command');
    if (phase !== PHASE_CONTINUOUS || !isCrossed(state)) {
      groupEnd.setPhase(phase);
      return;
    }
    groupEnd.setPhase(O.PHASE_AUCTION);
    this.uncrossing.run();
  }

  private continueWith(kind: number, seconds: number, nanos: number): void {
    const { f64, i32 } = this.ownCommand;
    i32[R.RECORD_SECONDS / 4] = seconds;
    i32[R.RECORD_NANOS / 4] = nanos;
    i32[R.CONTINUE_KIND / 4] = kind;
    f64[R.COMMAND_ORDER_ID / 8] = this.work.orderId(kind);
    i32[1] = frameWord(R.CONTINUE_WORK, FRAME_FLAG_END, this.config.marketId);
    this.applyByRules(R.CONTINUE_WORK, this.ownCommand, 0);
  }

  private noteCalm(): void {
    const { phase, pegs } = this.state;
    this.calm = phase === PHASE_CONTINUOUS && pegs.count === 0;
  }
}

function continueWorkRecord(): FrameViews {
  const buffer = new ArrayBuffer(R.CONTINUE_WORK_BYTES);
  const i32 = new Int32Array(buffer);
  i32[0] = R.CONTINUE_WORK_BYTES;
  return { i32, f64: new Float64Array(buffer), u8: new Uint8Array(buffer) };
}
