import { SIDE_BUY, SIDE_SELL } from '../../domain/orders.ts';
import type { Desk } from '../desk.ts';
import type { OwnOrder } from '../own-orders.ts';
import type { Agent } from './agent.ts';

/** Quotes a maker keeps on each side. */
const LADDER_STEPS = 9;
/** Distance of the nearest quote from the fair value, in units. */
const FIRST_STEP_UNITS = 0.4;
/** Spacing of the first quotes, in units; it widens by the exponent. */
const STEP_UNITS = 0.45;
const STEP_GROWTH = 1.35;
/** Quotes are largest here and thin out in both directions. */
const LARGEST_STEP = 4;
const LARGEST_MULTIPLE = 6;
/** Inventory, in multiples of the quoted total of a side, at which the skew is full. */
const INVENTORY_SIDES = 3;
const SKEW_UNITS_MAX = 1.2;
/** Rate at which inventory is hedged away elsewhere: to a third within five minutes. */
const HEDGED_PER_MS = 1 / 300_000;
const COMMANDS_PER_ACTION = 3;

/**
 * A market maker: a ladder of quotes on both sides of its reservation price, which leans against
 * its inventory (after Avellaneda and Stoikov 2008). The ladder's spacing follows the desk's unit,
 * so it widens with volatility. It moves by amending the quotes that stand worst, a few at a time.
 */
export class MarketMaker implements Agent {
  readonly portfolioId: number;
  inventoryLots = 0;
  private hedgedAtMs = 0;
  /** Scratch of one action: price of each step, and the order that stands for it. */
  private readonly targets = new Float64Array(LADDER_STEPS);
  private readonly holders: (OwnOrder | undefined)[] = new Array(LADDER_STEPS).fill(undefined);
  private readonly spare: OwnOrder[] = [];

  constructor(portfolioId: number) {
    this.portfolioId = portfolioId;
  }

  /** Mends the side that stands worse, nearest quotes first. */
  act(desk: Desk): boolean {
    // What is under way may be a quote that seems to be missing.
    if (desk.view.inFlight > 0) return false;
    const reservation = this.reservationTicks(desk);
    const bidsOff = this.compare(desk, SIDE_BUY, reservation);
    const asksOff = this.compare(desk, SIDE_SELL, reservation);
    if (bidsOff === 0 && asksOff === 0) return false;
    const first = bidsOff > asksOff ? SIDE_BUY : SIDE_SELL;
    let left = COMMANDS_PER_ACTION;
    left -= this.mend(desk, first, reservation, left, false);
    if (left > 0) left -= this.mend(desk, 1 - first, reservation, left, false);
    return left < COMMANDS_PER_ACTION;
  }

  /** Quotes the whole ladder at once, behind whatever stands in the way: for an empty book. */
  quoteAll(desk: Desk): void {
    const reservation = this.reservationTicks(desk);
    this.mend(desk, SIDE_BUY, reservation, LADDER_STEPS, true);
    this.mend(desk, SIDE_SELL, reservation, LADDER_STEPS, true);
  }

  private reservationTicks(desk: Desk): number {
    const elapsedMs = desk.nowMs - this.hedgedAtMs;
    this.hedgedAtMs = desk.nowMs;
    this.inventoryLots *= Math.exp(-elapsedMs * HEDGED_PER_MS);
    const sideLots = desk.profile.medianLots * LARGEST_MULTIPLE * LADDER_STEPS * 0.5;
    const filled = this.inventoryLots / (sideLots * INVENTORY_SIDES);
    const skew = Math.max(-1, Math.min(1, filled)) * SKEW_UNITS_MAX;
    return desk.fairTicks - skew * desk.unitTicks;
  }

  /**
   * Matches the ladder's steps with the orders that stand near enough; what is left of both lies in
   * `holders` (undefined) and `spare`.
   * @returns how much is off: a missing step counts more the nearer it is
   */
  private compare(desk: Desk, side: number, reservation: number): number {
    const { targets, holders, spare } = this;
    const direction = side === SIDE_BUY ? -1 : 1;
    const gap = Math.max(1, STEP_UNITS * desk.unitTicks);
    const start = Math.max(0.5, FIRST_STEP_UNITS * desk.unitTicks);
    for (let step = 0; step < LADDER_STEPS; step += 1) {
      const distance = start + gap * step ** STEP_GROWTH;
      const exact = reservation + direction * distance;
      targets[step] = side === SIDE_BUY ? Math.floor(exact) : Math.ceil(exact);
      holders[step] = undefined;
    }
    spare.length = 0;
    for (const order of desk.view.own.maker(this.portfolioId, side).orders) {
      if (!this.hold(order, gap)) spare.push(order);
    }
    let off = 0;
    for (let step = 0; step < LADDER_STEPS; step += 1) {
      if (holders[step] === undefined) off += 1 / (1 + step);
    }
    return off + spare.length * 0.1;
  }

  /** Gives an order the step it is nearest to, if it is near enough and the step is free. */
  private hold(order: OwnOrder, gap: number): boolean {
    const { targets, holders } = this;
    let nearest = 0;
    for (let step = 1; step < LADDER_STEPS; step += 1) {
      const closer =
        Math.abs(targets[step] - order.priceTicks) < Math.abs(targets[nearest] - order.priceTicks);
      if (closer) nearest = step;
    }
    const tolerance = 0.6 * gap * (1 + 0.35 * nearest);
    if (Math.abs(targets[nearest] - order.priceTicks) > tolerance) return false;
    if (holders[nearest] !== undefined) return false;
    holders[nearest] = order;
    return true;
  }

  /**
   * Fills missing steps with spare orders, else with new ones.
   * @param yielding whether a step that would cross the touch is quoted behind it, or left out
   * @returns commands sent
   */
  private mend(
    desk: Desk,
    side: number,
    reservation: number,
    limit: number,
    yielding: boolean,
  ): number {
    this.compare(desk, side, reservation);
    const { spare, targets, holders } = this;
    let sent = 0;
    const free = spare.filter((order) => order.busyUntilMs <= desk.nowMs);
    // Orders on the wrong side of the reservation price are about to be picked off: they go first.
    const toward = side === SIDE_BUY ? 1 : -1;
    free.sort((a, b) => (a.priceTicks - b.priceTicks) * toward || a.orderId - b.orderId);
    for (let step = 0; step < LADDER_STEPS && sent < limit; step += 1) {
      if (holders[step] !== undefined) continue;
      if (!yielding && desk.crosses(side, targets[step])) continue;
      const lots = desk.sizes.quote(sizeMultiple(step));
      const order = free.pop();
      const moved =
        order === undefined
          ? desk.quote(this.portfolioId, side, targets[step], lots)
          : desk.amend(order, targets[step], lots);
      if (!moved) break;
      sent += 1;
    }
    let surplus = desk.view.own.maker(this.portfolioId, side).orders.length - LADDER_STEPS;
    for (; surplus > 0 && sent < limit && free.length > 0; surplus -= 1) {
      if (desk.cancel(free.pop()!)) sent += 1;
    }
    return sent;
  }
}

/** Size of a step's quote in multiples of the median order: rises from the touch, then thins. */
function sizeMultiple(step: number): number {
  const away = (step - LARGEST_STEP) / 3.2;
  return 1 + (LARGEST_MULTIPLE - 1) * Math.exp(-0.5 * away * away);
}
