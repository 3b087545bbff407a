import type { MachineConfig } from '../../src/matching/machine-config.ts';
import type { Command } from './naive-command.ts';

interface NaiveOrder {
  id: number;
  portfolio: number;
  side: 'buy' | 'sell';
  price: number;
  remaining: number;
  total: number;
}

type Place = Extract<Command, { kind: 'place' }>;
type Amend = Extract<Command, { kind: 'amend' }>;

/**
 * The rules of the book written to be obviously right and nothing else: one array of orders in order
 * of arrival, sorted whenever somebody asks who is next. It shares no code with the engine; events
 * are lines of text, which `lineOf` makes of the engine's records.
 */
export class NaiveMachine {
  readonly resting: NaiveOrder[] = [];
  phase: 'continuous' | 'halted' = 'continuous';
  lastTradeId = 0;
  lastTradePrice = 0;
  private readonly config: MachineConfig;
  private lines: string[] = [];

  constructor(config: MachineConfig) {
    this.config = config;
  }

  /** The lines of the events a command causes, its echo left out. */
  apply(command: Command): string[] {
    this.lines = [];
    if (command.kind === 'place') this.place(command);
    else if (command.kind === 'cancel') this.cancel(command.orderId, command.portfolio);
    else if (command.kind === 'amend') this.amend(command);
    else if (command.kind === 'phase') this.setPhase(command.to === 1 ? 'halted' : 'continuous');
    else if (command.kind === 'cancel-all') this.cancelAll(command.portfolio);
    else {
      this.lastTradeId += 1;
      const side = ['buy', 'sell'][command.side] ?? 'unknown';
      this.say(`printed #${this.lastTradeId} ${side} ${command.qty}@${command.price}`);
    }
    return this.lines;
  }

  /** All orders: bids best first, at one price by time; then asks likewise. */
  canonical(): NaiveOrder[] {
    return [...this.queue('buy'), ...this.queue('sell')];
  }

  /** One side, next to trade first. Sorting is stable, so equal prices stay in order of arrival. */
  queue(side: 'buy' | 'sell'): NaiveOrder[] {
    return this.resting
      .filter((order) => order.side === side)
      .sort((a, b) => (side === 'buy' ? b.price - a.price : a.price - b.price));
  }

  private place(command: Place): void {
    const { orderId: id, portfolio, price, qty } = command;
    const side = command.side === 0 ? 'buy' : 'sell';
    const order = { id, portfolio, side, price, remaining: qty, total: qty } as const;
    const market = command.orderType === 1;
    const takes = this.crossing(order).length > 0;
    const rests = !market && command.tif === 0;
    if (this.find(id, 0) !== undefined) return this.say(`rejected ${id} DUPLICATE_ORDER_ID`);
    if (this.phase === 'halted') return this.say(`rejected ${id} MARKET_HALTED`);
    if (takes && command.flags === 1) return this.say(`rejected ${id} POST_ONLY_WOULD_TAKE`);
    if (command.tif === 2 && !this.tradesWhole(order)) {
      return this.say(`rejected ${id} FOK_NOT_FILLABLE`);
    }
    if (market && !takes) return this.say(`rejected ${id} NO_LIQUIDITY`);
    if (rests && !this.tradesWhole(order) && !this.hasRoom(order)) {
      return this.say(`rejected ${id} ORDER_POOL_FULL`);
    }
    this.say(`accepted ${id}`);
    this.arrive({ ...order }, rests ? '' : market ? 'market_remainder' : 'ioc_remainder');
  }

  /** Trades, then rests when no reason to cancel the remainder is given. */
  private arrive(taker: NaiveOrder, remainderReason: string): void {
    const makers = this.crossing(taker);
    let fills = 0;
    while (taker.remaining > 0 && makers.length > 0 && fills < this.config.maxFillsPerCommand) {
      this.fill(makers[0], taker);
      if (makers[0].remaining === 0) makers.shift();
      fills += 1;
    }
    if (taker.remaining === 0) return;
    const what = `${taker.id} ${taker.side} ${taker.remaining}@${taker.price}`;
    if (makers.length > 0) this.say(`cancelled ${what} fill_limit`);
    else if (remainderReason !== '') this.say(`cancelled ${what} ${remainderReason}`);
    else {
      this.resting.push(taker);
      this.say(`rested ${what} ${this.level(taker.side, taker.price)}`);
    }
  }

  private fill(maker: NaiveOrder, taker: NaiveOrder): void {
    const qty = Math.min(maker.remaining, taker.remaining);
    maker.remaining -= qty;
    taker.remaining -= qty;
    if (maker.remaining === 0) this.remove(maker);
    this.lastTradeId += 1;
    this.lastTradePrice = maker.price;
    const notional = BigInt(maker.price) * BigInt(qty) * BigInt(this.config.quoteUnitsPerTickLot);
    const makerFee = (notional * BigInt(this.config.makerFeePpm)) / 1_000_000n;
    const takerFee = (notional * BigInt(this.config.takerFeePpm)) / 1_000_000n;
    this.say(
      `trade #${this.lastTradeId} maker ${maker.id} taker ${taker.id} ${taker.side} ` +
        `${qty}@${maker.price} left ${maker.remaining}/${taker.remaining} ` +
        `fees ${makerFee}/${takerFee} pf ${maker.portfolio}/${taker.portfolio} ` +
        this.level(maker.side, maker.price),
    );
  }

  private cancel(id: number, portfolio: number): void {
    const order = this.find(id, portfolio);
    if (order === undefined) return this.say(`refused ${id} ORDER_NOT_IN_BOOK`);
    this.cancelResting(order, 'requested');
  }

  private cancelResting(order: NaiveOrder, reason: string): void {
    this.remove(order);
    this.say(
      `cancelled ${order.id} ${order.side} ${order.remaining}@${order.price} ${reason} ` +
        this.level(order.side, order.price),
    );
  }

  private amend(command: Amend): void {
    const { orderId: id, mode, qty } = command;
    const order = this.find(id, command.portfolio);
    if (order === undefined) return this.say(`refused ${id} ORDER_NOT_IN_BOOK`);
    const filled = order.total - order.remaining;
    const wanted = [qty - filled, qty, order.remaining - qty][mode];
    const remaining = qty === 0 ? order.remaining : wanted;
    const price = command.price === 0 ? order.price : command.price;
    if (mode === 2 && remaining <= 0) return this.cancelResting(order, 'requested');
    if (remaining <= 0) return this.say(`refused ${id} AMEND_INVALID`);
    if (remaining === order.remaining && price === order.price) {
      return this.say(`refused ${id} AMEND_INVALID`);
    }
    const change = `${order.remaining}@${order.price} -> ${remaining}@${price}`;
    const keeps = price === order.price && remaining < order.remaining;
    const amended = { ...order, price, remaining, total: filled + remaining };
    if (!keeps) {
      if (this.phase === 'halted') return this.say(`refused ${id} MARKET_HALTED`);
      if (!this.hasRoomWithout(order, amended) && !this.tradesWhole(amended)) {
        return this.say(`refused ${id} ORDER_POOL_FULL`);
      }
    }
    if (keeps) Object.assign(order, amended);
    else this.remove(order);
    const level = this.level(order.side, order.price);
    this.say(`amended ${id} ${order.side} ${change} ${keeps ? 'kept' : 'moved'} ${level}`);
    if (!keeps) this.arrive(amended, '');
  }

  private setPhase(to: 'continuous' | 'halted'): void {
    this.say(`phase ${this.phase} -> ${to}`);
    this.phase = to;
  }

  private cancelAll(portfolio: number): void {
    const orders = this.canonical()
      .filter((order) => portfolio === 0 || order.portfolio === portfolio)
      .slice(0, this.config.maxFillsPerCommand);
    for (const order of orders) this.cancelResting(order, 'mass_cancel');
    this.say(`all-cancelled ${orders.length}`);
  }

  /** Whom an order would trade with, in order. */
  private crossing(taker: NaiveOrder): NaiveOrder[] {
    return taker.side === 'buy'
      ? this.queue('sell').filter((maker) => maker.price <= taker.price)
      : this.queue('buy').filter((maker) => maker.price >= taker.price);
  }

  private tradesWhole(taker: NaiveOrder): boolean {
    const makers = this.crossing(taker).slice(0, this.config.maxFillsPerCommand);
    return makers.reduce((sum, maker) => sum + maker.remaining, 0) >= taker.remaining;
  }

  private hasRoom(order: NaiveOrder): boolean {
    const levels = new Set(this.resting.map(({ side, price }) => `${side} ${price}`));
    const ownLevel = levels.has(`${order.side} ${order.price}`);
    return (
      this.resting.length < this.config.maxOrders &&
      (ownLevel || levels.size < this.config.maxLevels)
    );
  }

  private hasRoomWithout(old: NaiveOrder, amended: NaiveOrder): boolean {
    const at = this.resting.indexOf(old);
    this.resting.splice(at, 1);
    const room = this.hasRoom(amended);
    this.resting.splice(at, 0, old);
    return room;
  }

  private find(id: number, portfolio: number): NaiveOrder | undefined {
    return this.resting.find(
      (order) => order.id === id && (portfolio === 0 || portfolio === order.portfolio),
    );
  }

  private remove(order: NaiveOrder): void {
    this.resting.splice(this.resting.indexOf(order), 1);
  }

  private level(side: string, price: number): string {
    const orders = this.resting.filter((o) => o.side === side && o.price === price);
    const qty = orders.reduce((sum, order) => sum + order.remaining, 0);
    return `level ${qty}/${orders.length}`;
  }

  private say(line: string): void {
    this.lines.push(line);
  }
}
