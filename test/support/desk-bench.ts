import * as R from '../../src/codec/records.ts';
import type { Market } from '../../src/domain/markets.ts';
import { SIDE_BUY } from '../../src/domain/orders.ts';
import { Prng } from '../../src/lib/prng.ts';
import { frameWord } from '../../src/rings/frame.ts';
import { Desk } from '../../src/simulation/desk.ts';
import { marketProfile } from '../../src/simulation/market-profile.ts';
import { MarketView, type ViewListener } from '../../src/simulation/market-view.ts';
import type { OrderSink } from '../../src/simulation/order-sink.ts';
import { OrderSizes } from '../../src/simulation/order-sizes.ts';
import { defaultMarkets } from './simulation-run.ts';

export type SentCommand =
  | {
      readonly kind: 'place';
      readonly marketId: number;
      readonly portfolioId: number;
      readonly clientOrderId: string;
      readonly side: number;
      readonly orderType: number;
      readonly tif: number;
      readonly priceTicks: number;
      readonly qtyLots: number;
    }
  | { readonly kind: 'cancel'; readonly clientOrderId: string }
  | {
      readonly kind: 'amend';
      readonly clientOrderId: string;
      readonly priceTicks: number;
      readonly qtyLots: number;
    };

/** Keeps what is sent; takes `room` commands and then refuses. */
export class RecordingSink implements OrderSink {
  readonly sent: SentCommand[] = [];
  room = Number.POSITIVE_INFINITY;

  place(
    marketId: number,
    portfolioId: number,
    clientOrderId: string,
    side: number,
    orderType: number,
    tif: number,
    priceTicks: number,
    qtyLots: number,
  ): boolean {
    const order = { marketId, portfolioId, clientOrderId, side, orderType, tif };
    return this.keep({ kind: 'place', ...order, priceTicks, qtyLots });
  }

  cancel(_marketId: number, _portfolioId: number, clientOrderId: string): boolean {
    return this.keep({ kind: 'cancel', clientOrderId });
  }

  amend(
    _marketId: number,
    _portfolioId: number,
    clientOrderId: string,
    priceTicks: number,
    qtyLots: number,
  ): boolean {
    return this.keep({ kind: 'amend', clientOrderId, priceTicks, qtyLots });
  }

  /** The new orders sent so far, of one side or of both. */
  placed(side?: number): Extract<SentCommand, { kind: 'place' }>[] {
    return this.sent.filter(
      (command) => command.kind === 'place' && (side === undefined || command.side === side),
    ) as Extract<SentCommand, { kind: 'place' }>[];
  }

  private keep(command: SentCommand): boolean {
    if (this.sent.length >= this.room) return false;
    this.sent.push(command);
    return true;
  }
}

/** Portfolios from here on are margin portfolios. */
export const LEVERAGED_FROM = 900;

/** A desk of one market with a book laid out by hand and a sink that remembers. */
export class DeskBench {
  readonly sink = new RecordingSink();
  readonly fills: [number, number][] = [];
  /** Portfolio, lots and price of what margin portfolios took. */
  readonly leveragedFills: [number, number, number][] = [];
  takers = 0;
  readonly view: MarketView;
  readonly desk: Desk;
  private nextOrderId = 1;
  private readonly bytes = new ArrayBuffer(256);
  private readonly views = {
    i32: new Int32Array(this.bytes),
    f64: new Float64Array(this.bytes),
    u8: new Uint8Array(this.bytes),
  };

  constructor(marketId = 1, seed = 1) {
    const market = defaultMarkets().find(({ id }) => id === marketId) as Market;
    const profile = marketProfile(market, 0);
    const listener: ViewListener = {
      onTaker: () => {
        this.takers += 1;
      },
      onOwnFill: (portfolioId, lots) => this.fills.push([portfolioId, lots]),
      isLeveraged: (portfolioId) => portfolioId >= LEVERAGED_FROM,
      onLeveragedFill: (portfolioId, lots, price) =>
        this.leveragedFills.push([portfolioId, lots, price]),
    };
    const prng = new Prng(seed);
    this.view = new MarketView(7, [101], listener);
    const sizes = new OrderSizes(prng, profile.medianLots, profile.roundLots, market.maxQtyLots);
    this.desk = new Desk(profile, this.view, prng, sizes, this.sink);
  }

  /** Lays out levels `[priceTicks, qtyLots]`, best first, and starts a step. */
  book(
    bids: readonly (readonly [number, number])[],
    asks: readonly (readonly [number, number])[],
    fairTicks: number,
  ): this {
    for (const [price, lots] of bids) this.view.depth.setLevel(0, price, lots, 1);
    for (const [price, lots] of asks) this.view.depth.setLevel(1, price, lots, 1);
    this.desk.fairTicks = fairTicks;
    this.desk.begin(this.desk.nowMs);
    return this;
  }

  /** An order of the simulator that rests, as the events would have told it. */
  rest(portfolioId: number, side: number, priceTicks: number, lots: number, id?: string): number {
    const orderId = this.nextOrderId;
    this.nextOrderId += 1;
    const clientOrderId = id ?? `s1-${orderId.toString(36)}`;
    const { own, depth } = this.view;
    own.rest(
      own.open(orderId, clientOrderId, portfolioId, side, priceTicks, lots),
      priceTicks,
      lots,
    );
    const levels = side === SIDE_BUY ? depth.bids : depth.asks;
    depth.setLevel(
      side,
      priceTicks,
      levels.qtyAt(priceTicks) + lots,
      levels.ordersAt(priceTicks) + 1,
    );
    return orderId;
  }

  /** Turns everything sent so far into resting orders, and starts a new step. */
  settle(stepMs = 100): void {
    for (const command of this.sink.sent.splice(0)) {
      if (command.kind === 'place') {
        const { portfolioId, side, priceTicks, qtyLots, clientOrderId } = command;
        this.rest(portfolioId, side, priceTicks, qtyLots, clientOrderId);
        continue;
      }
      const order = this.view.own.getByClientId(command.clientOrderId)!;
      this.view.depth.setLevel(order.side, order.priceTicks, 0, 0);
      if (command.kind === 'cancel') this.view.own.close(order);
      else this.view.own.rest(order, command.priceTicks, command.qtyLots);
    }
    this.view.inFlight = 0;
    this.desk.begin(this.desk.nowMs + stepMs);
  }

  /**
   * Applies one record of this market with the next sequence.
   * @param f64 and @param i32 fields by byte offset, @param u8 likewise, bytes or text
   */
  record(
    type: number,
    f64: Readonly<Record<number, number>>,
    i32: Readonly<Record<number, number>> = {},
    u8: Readonly<Record<number, number | string>> = {},
  ): void {
    const { views } = this;
    views.u8.fill(0);
    views.i32[1] = frameWord(type, 0, this.desk.profile.market.id);
    views.f64[R.RECORD_SEQ >>> 3] = this.view.depth.seq + 1;
    for (const [at, value] of Object.entries(f64)) views.f64[Number(at) >>> 3] = value;
    for (const [at, value] of Object.entries(i32)) views.i32[Number(at) >>> 2] = value;
    for (const [at, value] of Object.entries(u8)) {
      if (typeof value === 'number') views.u8[Number(at)] = value;
      else views.u8.set(Buffer.from(value, 'latin1'), Number(at));
    }
    this.view.apply(views, 0);
  }
}
