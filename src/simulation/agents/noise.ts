import { SIDE_BUY, SIDE_SELL } from '../../domain/orders.ts';
import type { Prng } from '../../lib/prng.ts';
import type { Desk } from '../desk.ts';
import type { OwnOrder } from '../own-orders.ts';
import type { Agent } from './agent.ts';

/** Shares of actions; cancels grow with the number of orders, the rest are limit orders. */
const MARKET_SHARE = 0.17;
const CANCEL_SHARE = 0.28;
/** A book this empty gets limit orders only. */
const THIN_SHARE = 0.5;
/** Limit orders inside a spread that has room, at the touch, or (the rest) at a distance. */
const INSIDE_SHARE = 0.4;
const TOUCH_SHARE = 0.14;
/** Of those inside the spread, how many leave it one tick wide. */
const CLOSING_SHARE = 0.55;
/** Tail exponent of the distance from the touch (Bouchaud, Mézard and Potters 2002 find 0.6 to 1). */
const DISTANCE_TAIL = 1.05;
const DISTANCE_UNITS = 2.4;
const DISTANCE_TICKS_MIN = 7;
const DISTANCE_FRACTION_MAX = 0.02;
/** Beyond this many units people type round prices. */
const ROUND_BEYOND_UNITS = 0.8;
const ROUND_SHARE = 0.92;
/** How round: a grid of so many units, and of so much of the distance. */
const GRID_UNITS = 0.35;
const GRID_SHARE = 0.1;
/** Share of orders at a distance that join a level which is there within so many units. */
const JOIN_SHARE = 0.8;
const JOIN_UNITS = 0.7;
/** How far from the touch a market order may trade, in units. */
const PROTECTION_UNITS = 6;

/**
 * The direction of market orders has a long memory because large orders are sent in pieces (Lillo,
 * Mike and Farmer 2005): a few hidden orders are worked at a time, their lengths are Pareto.
 */
class HiddenOrders {
  private readonly sides: number[] = [];
  private readonly left: number[] = [];
  private readonly prng: Prng;

  constructor(prng: Prng) {
    this.prng = prng;
    for (let i = 0; i < HIDDEN_ORDERS; i += 1) this.renew(i);
  }

  /** Side of the next piece. */
  nextSide(): number {
    const i = this.prng.integer(0, HIDDEN_ORDERS - 1);
    if (this.left[i] === 0) this.renew(i);
    this.left[i] -= 1;
    return this.sides[i];
  }

  private renew(i: number): void {
    const length = Math.ceil((1 - this.prng.uniform()) ** (-1 / HIDDEN_TAIL));
    this.left[i] = Math.min(HIDDEN_LENGTH_MAX, length);
    this.sides[i] = this.prng.integer(SIDE_BUY, SIDE_SELL);
  }
}

const HIDDEN_ORDERS = 2;
const HIDDEN_TAIL = 1.2;
const HIDDEN_LENGTH_MAX = 200;

/** Everybody without an opinion: rests orders near and far, takes some, and changes their minds. */
export class NoiseTraders implements Agent {
  private readonly portfolioIds: readonly number[];
  private readonly hidden: HiddenOrders;

  constructor(portfolioIds: readonly number[], prng: Prng) {
    this.portfolioIds = portfolioIds;
    this.hidden = new HiddenOrders(prng);
  }

  act(desk: Desk): boolean {
    const { own } = desk.view;
    const fullness = own.count / desk.profile.targetOrders;
    const choice = desk.prng.uniform();
    if (fullness < THIN_SHARE) return this.placeLimit(desk, this.side(desk));
    if (choice < MARKET_SHARE) return this.placeMarket(desk);
    const cancels = Math.min(0.75, CANCEL_SHARE * fullness ** 4);
    if (choice < MARKET_SHARE + cancels) return this.cancelOne(desk);
    return this.placeLimit(desk, this.side(desk));
  }

  /** Fills an empty book with the given number of orders at a distance. */
  seed(desk: Desk, orders: number): void {
    for (let i = 0; i < orders; i += 1) {
      const side = i % 2 === 0 ? SIDE_BUY : SIDE_SELL;
      const from = Math.max(0.5, 0.3 * desk.unitTicks);
      const distance = from + this.distanceTicks(desk);
      const price = this.snap(desk, side, desk.fairTicks, distance);
      desk.quote(this.portfolio(desk), side, price, desk.sizes.draw());
    }
  }

  private portfolio(desk: Desk): number {
    return this.portfolioIds[desk.prng.integer(0, this.portfolioIds.length - 1)];
  }

  /** The thinner side is likelier to get the next limit order. */
  private side(desk: Desk): number {
    const { bids, asks } = desk.view.depth;
    const total = bids.length + asks.length;
    const buys = total === 0 ? 0.5 : 0.5 + 0.6 * (asks.length / total - 0.5);
    return desk.prng.chance(buys) ? SIDE_BUY : SIDE_SELL;
  }

  private placeLimit(desk: Desk, side: number): boolean {
    const { prng, bidTicks, askTicks } = desk;
    const portfolioId = this.portfolio(desk);
    const lots = desk.sizes.draw();
    if (bidTicks === 0 || askTicks === 0) {
      const price = this.snap(desk, side, desk.fairTicks, this.distanceTicks(desk));
      return desk.quote(portfolioId, side, price, lots);
    }
    const choice = prng.uniform();
    const spread = askTicks - bidTicks;
    if (spread > 1 && choice < INSIDE_SHARE) {
      const price = this.insidePrice(desk, side, spread);
      if (price > 0) return desk.quote(portfolioId, side, price, lots);
    }
    const touch = side === SIDE_BUY ? bidTicks : askTicks;
    if (choice > 1 - TOUCH_SHARE) return desk.quote(portfolioId, side, touch, lots);
    const price = this.snap(desk, side, touch, this.distanceTicks(desk));
    return desk.quote(portfolioId, side, price, lots);
  }

  /** A price inside the spread that gives nothing away; 0 when there is none. */
  private insidePrice(desk: Desk, side: number, spread: number): number {
    const { prng, bidTicks, askTicks, fairTicks, unitTicks } = desk;
    const step = prng.chance(CLOSING_SHARE) ? spread - 1 : prng.integer(1, spread - 1);
    const slack = 0.15 * unitTicks + 0.5;
    if (side === SIDE_BUY) {
      const price = Math.min(bidTicks + step, Math.floor(fairTicks + slack));
      return price > bidTicks ? price : 0;
    }
    const price = Math.max(askTicks - step, Math.ceil(fairTicks - slack));
    return price < askTicks ? price : 0;
  }

  private distanceTicks(desk: Desk): number {
    const scale = Math.max(DISTANCE_TICKS_MIN, DISTANCE_UNITS * desk.unitTicks);
    const tail = (1 - desk.prng.uniform()) ** (-1 / DISTANCE_TAIL) - 1;
    return Math.min(desk.fairTicks * DISTANCE_FRACTION_MAX, scale * tail);
  }

  /** A whole price at a distance behind another, rounded away from it where people would. */
  private snap(desk: Desk, side: number, fromTicks: number, distanceTicks: number): number {
    const exact = side === SIDE_BUY ? fromTicks - distanceTicks : fromTicks + distanceTicks;
    const round = side === SIDE_BUY ? Math.floor : Math.ceil;
    const far = distanceTicks > ROUND_BEYOND_UNITS * desk.unitTicks;
    if (far && desk.prng.chance(JOIN_SHARE)) {
      const joined = levelNear(desk, side, exact, JOIN_UNITS * desk.unitTicks);
      if (joined > 0) return joined;
    }
    if (!far || !desk.prng.chance(ROUND_SHARE)) return round(exact);
    const grid = roundGrid(Math.max(GRID_UNITS * desk.unitTicks, GRID_SHARE * distanceTicks));
    return round(exact / grid) * grid;
  }

  private placeMarket(desk: Desk): boolean {
    const { bids, asks } = desk.view.depth;
    const side = this.hidden.nextSide();
    const opposite = side === SIDE_BUY ? asks : bids;
    if (opposite.length === 0 || desk.sweptSide === 1 - side) return false;
    const best = opposite.pricesTicks[0];
    const away = Math.ceil(PROTECTION_UNITS * desk.unitTicks);
    const limit = side === SIDE_BUY ? best + away : best - away;
    // Most takers look at what is there and take no more (Farmer et al. 2004).
    const drawn = desk.sizes.draw();
    const lots = desk.prng.chance(0.8) ? Math.min(drawn, opposite.qtysLots[0]) : drawn;
    if (!desk.market(this.portfolio(desk), side, Math.max(1, limit), lots)) return false;
    if (lots >= opposite.qtysLots[0]) desk.sweptSide = 1 - side;
    return true;
  }

  /** Of three orders drawn at random, the one farthest from the touch goes, or any of them. */
  private cancelOne(desk: Desk): boolean {
    const { prng } = desk;
    const [buys, sells] = desk.view.own.loose;
    const { orders } = prng.chance(buys.orders.length / (buys.orders.length + sells.orders.length))
      ? buys
      : sells;
    if (orders.length === 0) return false;
    let chosen = orders[prng.integer(0, orders.length - 1)];
    if (prng.chance(0.55)) {
      for (let i = 0; i < 2; i += 1) {
        const other = orders[prng.integer(0, orders.length - 1)];
        if (distance(desk, other) > distance(desk, chosen)) chosen = other;
      }
    }
    return desk.cancel(chosen);
  }
}

function distance(desk: Desk, order: OwnOrder): number {
  return Math.abs(order.priceTicks - desk.fairTicks);
}

/** Price of the level nearest to a price, 0 when none is within the reach. */
function levelNear(desk: Desk, side: number, priceTicks: number, reachTicks: number): number {
  const { bids, asks } = desk.view.depth;
  const levels = side === SIDE_BUY ? bids : asks;
  let nearest = 0;
  let nearestTicks = reachTicks;
  for (let i = 0; i < levels.length; i += 1) {
    const ticks = Math.abs(levels.pricesTicks[i] - priceTicks);
    if (ticks <= nearestTicks) {
      nearest = levels.pricesTicks[i];
      nearestTicks = ticks;
    }
  }
  return nearest;
}

/** The largest of 1, 2, 5 × 10^n ticks that is not above the value; at least 1. */
function roundGrid(value: number): number {
  if (value < 2) return 1;
  const scale = 10 ** Math.floor(Math.log10(value));
  const mantissa = value / scale;
  if (mantissa >= 5) return 5 * scale;
  return mantissa >= 2 ? 2 * scale : scale;
}
