import type { Market } from '../domain/markets.ts';
import { SIDE_BUY, SIDE_SELL } from '../domain/orders.ts';
import { type Hold, heldAsset } from './holds.ts';
import type { Portfolio } from './portfolio.ts';

const SIDES = [SIDE_BUY, SIDE_SELL] as const;

/**
 * Orders that are linked with each other, and what they hold together. All are of one portfolio and
 * one market.
 *
 *  - Of orders that exclude each other (one cancels the other, one takes another's place) at most one
 *    will cost anything: they hold the largest need of them, not the sum.
 *  - Children that wait for a parent on the other side need no more than what the parent will not
 *    bring. As the parent trades, it will bring less, and what it brought goes into their hold.
 *
 * This follows from the open orders alone, so that recovery, which has nothing else, ends in the same
 * holds. A family may outlive the links that made it: what it holds then is the same as alone.
 */
export class Family {
  readonly portfolio: Portfolio;
  readonly market: Market;
  readonly members = new Map<number, Hold>();
  /** What is held now, by side: quote for purchases, base for sales. */
  private readonly amountsUnits: [number, number] = [0, 0];

  constructor(portfolio: Portfolio, market: Market) {
    this.portfolio = portfolio;
    this.market = market;
  }

  add(hold: Hold): void {
    hold.family = this;
    this.members.set(hold.orderId, hold);
  }

  /** Takes over the members and the amounts of another family. */
  merge(other: Family): void {
    for (const hold of other.members.values()) this.add(hold);
    for (const side of SIDES) this.amountsUnits[side] += other.amountsUnits[side];
  }

  /** Takes in an order that held for itself. */
  adopt(hold: Hold): void {
    this.amountsUnits[hold.side] += hold.amountUnits;
    hold.amountUnits = 0;
    this.add(hold);
  }

  /**
   * An order left, or was refused. Children of a parent that traded whole stay and stand for
   * themselves; of one that did not they will leave, as will whoever named an order that is gone.
   */
  remove(hold: Hold, tradedWhole: boolean): void {
    const { orderId } = hold;
    this.members.delete(orderId);
    hold.family = undefined;
    for (const other of this.members.values()) {
      if (other.parentOrderId === orderId) {
        if (tradedWhole) this.stand(other);
        else this.doom(other);
      }
      const named = other.ocoOrderId === orderId || other.replacesOrderId === orderId;
      if (named && !other.accepted) this.doom(other);
    }
  }

  /** An order traded: whatever excludes it will leave, or be refused, before it can trade. */
  noteTrade(hold: Hold): void {
    for (const other of this.excluding(hold)) if (other !== hold) this.doom(other);
  }

  /** What the family needs now beyond what it holds, of the asset of a side's orders. */
  missingUnits(side: number): number {
    return this.needUnits(side) - this.amountsUnits[side];
  }

  /** Holds what it needs now. */
  settle(): void {
    for (const side of SIDES) {
      const missing = this.missingUnits(side);
      if (missing === 0) continue;
      this.portfolio.balance(heldAsset(this.market, side)).held += missing;
      this.amountsUnits[side] += missing;
    }
  }

  /** A settled family's last member holds for itself again. */
  dissolve(): void {
    for (const hold of this.members.values()) {
      hold.family = undefined;
      hold.amountUnits = this.amountsUnits[hold.side];
    }
    this.members.clear();
  }

  /**
   * Its parent has traded whole. It was taken for doomed with a parent whose partner traded first, if
   * that was the parent's own last trade: partners can trade with each other.
   */
  private stand(child: Hold): void {
    child.parentOrderId = 0;
    child.doomed = false;
  }

  /** What will leave takes its children along. */
  private doom(hold: Hold): void {
    if (hold.doomed) return;
    hold.doomed = true;
    for (const other of this.members.values()) {
      if (other.parentOrderId === hold.orderId) this.doom(other);
    }
  }

  private needUnits(side: number): number {
    const seen = new Set<Hold>();
    /** By parent: what the children need that may count on it. */
    const children = new Map<Hold, number>();
    let sumUnits = 0;
    for (const hold of this.members.values()) {
      if (hold.side !== side || seen.has(hold)) continue;
      const group = this.excluding(hold).filter((other) => other.side === side);
      let needUnits = 0;
      for (const other of group) {
        seen.add(other);
        needUnits = Math.max(needUnits, other.needUnits());
      }
      const parent = this.sharedParent(group);
      if (parent === undefined || parent.side === side) sumUnits += needUnits;
      else children.set(parent, (children.get(parent) ?? 0) + needUnits);
    }
    for (const [parent, needUnits] of children) {
      sumUnits += Math.max(0, needUnits - parent.comingUnits());
    }
    return sumUnits;
  }

  /** The parent that all of these wait for. */
  private sharedParent(group: readonly Hold[]): Hold | undefined {
    const waiting = group.filter(({ doomed }) => !doomed);
    const [first] = waiting;
    if (first === undefined || first.parentOrderId === 0) return undefined;
    if (waiting.some(({ parentOrderId }) => parentOrderId !== first.parentOrderId))
      return undefined;
    return this.members.get(first.parentOrderId);
  }

  /** The order and all that exclude it, directly or by others. */
  private excluding(hold: Hold): Hold[] {
    const group = [hold];
    for (let i = 0; i < group.length; i += 1) {
      for (const other of this.members.values()) {
        if (!group.includes(other) && excludes(group[i], other)) group.push(other);
      }
    }
    return group;
  }
}

function excludes(a: Hold, b: Hold): boolean {
  return (
    a.ocoOrderId === b.orderId ||
    b.ocoOrderId === a.orderId ||
    a.replacesOrderId === b.orderId ||
    b.replacesOrderId === a.orderId
  );
}
