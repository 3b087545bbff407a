import type { StrategyRecord } from '../domain/strategy-events.ts';
import { PnlSplit } from './pnl-split.ts';
import { addFill, type Position } from './portfolio.ts';

export type TrackRecordImage = StrategyRecord;

/**
 * What a trader's own fills add up to, whatever else happens in its portfolio: positions, profit,
 * fees, volume, drawdown. All markets have one quote asset; money is its smallest units. It follows
 * from the fills and marks it is given alone, so whoever gives the same ends with the same.
 */
export class TrackRecord {
  readonly positions = new Map<number, Position>();
  /** The newest price of each market, in ticks. */
  readonly marks = new Map<number, number>();
  /** Orders that reached the book. */
  ordersSent = 0;
  /** Greatest number of an order so far. */
  lastOrderNumber = 0;
  fills = 0;
  /** Sum of price × quantity. */
  volumeUnits = 0;
  /** Greatest profit at a fill or a full minute, not below 0. */
  peakUnits = 0;
  /** Greatest fall of the profit from its peak. */
  maxDrawdownUnits = 0;
  /** Minutes since the Unix epoch of the newest mark by the clock. */
  markedMinute = 0;
  private readonly unitsPerTickLot: ReadonlyMap<number, number>;
  private readonly splits = new Map<number, PnlSplit>();

  /** @param unitsPerTickLot by market id: smallest quote units in one tick times one lot */
  constructor(unitsPerTickLot: ReadonlyMap<number, number>) {
    this.unitsPerTickLot = unitsPerTickLot;
  }

  /** Takes over a position as if it had been bought (or sold) at the mark, without a fee. */
  open(marketId: number, qtyLots: number, markTicks: number): void {
    const costUnits = qtyLots * markTicks * this.units(marketId);
    this.positions.set(marketId, { qtyLots, costUnits, realisedUnits: 0, feeUnits: 0 });
    this.split(marketId).open(markTicks);
    if (markTicks > 0) this.marks.set(marketId, markTicks);
  }

  /** An order of the trader got to its book. */
  sent(orderNumber: number): void {
    this.ordersSent += 1;
    this.lastOrderNumber = Math.max(this.lastOrderNumber, orderNumber);
  }

  /**
   * `signedLots` is positive for a purchase; a negative fee is a rebate.
   * @param referenceHalfTicks twice the middle of the market before the fill; 0 where it had none
   */
  fill(
    marketId: number,
    signedLots: number,
    priceTicks: number,
    feeUnits: number,
    referenceHalfTicks = 0,
  ): void {
    const units = this.units(marketId);
    const notionalUnits = Math.abs(signedLots) * priceTicks * units;
    const position = this.position(marketId);
    const reference = referenceHalfTicks || 2 * priceTicks;
    this.split(marketId).fill(position.qtyLots, signedLots, priceTicks, reference, units);
    addFill(position, signedLots, notionalUnits, feeUnits);
    this.fills += 1;
    this.volumeUnits += notionalUnits;
    this.marks.set(marketId, priceTicks);
    this.measure();
  }

  /** The market traded at this price. */
  mark(marketId: number, priceTicks: number): void {
    this.marks.set(marketId, priceTicks);
  }

  /** The clock has come to this time; drawdown is measured once a minute. */
  pass(seconds: number): void {
    const minute = Math.floor(seconds / 60);
    if (minute <= this.markedMinute) return;
    this.markedMinute = minute;
    this.measure();
  }

  position(marketId: number): Position {
    let position = this.positions.get(marketId);
    if (position === undefined) {
      position = { qtyLots: 0, costUnits: 0, realisedUnits: 0, feeUnits: 0 };
      this.positions.set(marketId, position);
    }
    return position;
  }

  get realisedUnits(): number {
    return this.sum(({ realisedUnits }) => realisedUnits);
  }

  /** Fees paid less rebates. */
  get feeUnits(): number {
    return this.sum(({ feeUnits }) => feeUnits);
  }

  /** What the open positions would bring at the marks, less their cost. */
  get unrealisedUnits(): number {
    return this.sum((position, marketId) => this.unrealisedOf(position, marketId));
  }

  /** What the market's fills were better than its middle, in half units. */
  spreadHalfUnitsOf(marketId: number): number {
    return this.split(marketId).spreadHalfUnits;
  }

  /** What the market's inventory brought as prices moved, in half units. */
  inventoryHalfUnitsOf(marketId: number): number {
    const { qtyLots } = this.position(marketId);
    const mark = this.marks.get(marketId) ?? 0;
    return this.split(marketId).inventoryAt(qtyLots, mark, this.units(marketId));
  }

  /** What one market's open position would bring at the mark, less its cost. */
  unrealisedUnitsOf(marketId: number): number {
    return this.unrealisedOf(this.position(marketId), marketId);
  }

  /** Realised and unrealised profit in one market, less fees. */
  profitUnitsOf(marketId: number): number {
    const { realisedUnits, feeUnits } = this.position(marketId);
    return realisedUnits + this.unrealisedUnitsOf(marketId) - feeUnits;
  }

  /** Realised and unrealised profit less fees. */
  get profitUnits(): number {
    return this.realisedUnits + this.unrealisedUnits - this.feeUnits;
  }

  image(): TrackRecordImage {
    const { ordersSent, lastOrderNumber, fills, volumeUnits, peakUnits } = this;
    return {
      ordersSent,
      lastOrderNumber,
      fills,
      volumeUnits,
      peakUnits,
      maxDrawdownUnits: this.maxDrawdownUnits,
      markedMinute: this.markedMinute,
      positions: [...this.positions].map(([marketId, position]) => [marketId, { ...position }]),
      marks: [...this.marks],
      splits: [...this.splits].map(([marketId, split]) => [marketId, split.image()]),
    };
  }

  restore({ positions, marks, splits, ...counters }: TrackRecordImage): void {
    Object.assign(this, counters);
    this.positions.clear();
    for (const [marketId, position] of positions) this.positions.set(marketId, { ...position });
    this.marks.clear();
    for (const [marketId, ticks] of marks) this.marks.set(marketId, ticks);
    this.splits.clear();
    for (const [marketId] of positions) this.splits.set(marketId, this.unsplit(marketId));
    for (const [marketId, split] of splits ?? []) this.split(marketId).restore(split);
  }

  /** Of a record that is older than the split: all profit so far counts as the inventory's. */
  private unsplit(marketId: number): PnlSplit {
    const split = new PnlSplit();
    const markTicks = this.marks.get(marketId) ?? 0;
    const { realisedUnits } = this.position(marketId);
    split.restore({
      spreadHalfUnits: 0,
      inventoryHalfUnits: 2 * (realisedUnits + this.unrealisedUnitsOf(marketId)),
      referenceHalfTicks: 2 * markTicks,
    });
    return split;
  }

  private split(marketId: number): PnlSplit {
    let split = this.splits.get(marketId);
    if (split === undefined) {
      split = new PnlSplit();
      this.splits.set(marketId, split);
    }
    return split;
  }

  private unrealisedOf({ qtyLots, costUnits }: Position, marketId: number): number {
    const mark = this.marks.get(marketId) ?? 0;
    return qtyLots * mark * this.units(marketId) - costUnits;
  }

  private measure(): void {
    const { profitUnits } = this;
    this.peakUnits = Math.max(this.peakUnits, profitUnits);
    this.maxDrawdownUnits = Math.max(this.maxDrawdownUnits, this.peakUnits - profitUnits);
  }

  private sum(part: (position: Position, marketId: number) => number): number {
    let sum = 0;
    for (const [marketId, position] of this.positions) sum += part(position, marketId);
    return sum;
  }

  private units(marketId: number): number {
    return this.unitsPerTickLot.get(marketId) ?? 0;
  }
}
