import type { Side } from '../domain/orders.ts';
import type { DepthBook } from '../projections/depth.ts';
import type { BookCheck, ExpectedSide } from './actions.ts';
import { isBeyond } from './book-file.ts';
import { type Counts, countOne } from './counts.ts';
import type { BookComparison } from './report.ts';

const MAX_EXAMPLES = 5;

/** Compares the engine's book, as its events tell it, with the rows of the book file. */
export class RowComparison {
  private readonly book: DepthBook;
  private compared = 0;
  private equal = 0;
  private unexplained = 0;
  private readonly explained: Counts = {};
  private readonly examples: string[] = [];
  /** The row whose explanation is still to be proven: after it was made up for, all must be equal. */
  private pending: BookCheck | null = null;

  constructor(book: DepthBook) {
    this.book = book;
  }

  check(check: BookCheck): void {
    const difference = this.difference(check);
    if (check.again) {
      const first = this.pending;
      this.pending = null;
      if (first === null) return;
      if (difference !== null) this.fail(check, difference);
      else for (const name of first.explanations) countOne(this.explained, name);
      return;
    }
    this.compared += 1;
    this.pending = null;
    if (difference !== null) this.fail(check, difference);
    else if (check.explanations.length > 0) this.pending = check;
    else this.equal += 1;
  }

  result(file: string): BookComparison {
    return {
      file,
      rows_compared: this.compared,
      rows_equal: this.equal,
      rows_explained: this.explained,
      rows_unexplained: this.unexplained,
      examples: this.examples,
    };
  }

  private fail(check: BookCheck, difference: string): void {
    this.unexplained += 1;
    if (this.examples.length < MAX_EXAMPLES) this.examples.push(`row ${check.row}: ${difference}`);
  }

  private difference(check: BookCheck): string | null {
    return this.sideDifference(check.bids, 0) ?? this.sideDifference(check.asks, 1);
  }

  /** Where the engine's side first differs within what the file sees, in words; `null` if nowhere. */
  private sideDifference({ levels, edgeTicks }: ExpectedSide, side: Side): string | null {
    const ours = side === 0 ? this.book.bids : this.book.asks;
    const name = side === 0 ? 'bid' : 'ask';
    for (let i = 0; i * 2 < levels.length; i += 1) {
      const priceTicks = i < ours.length ? ours.pricesTicks[i] : 0;
      const qtyLots = i < ours.length ? ours.qtysLots[i] : 0;
      if (priceTicks === levels[i * 2] && qtyLots === levels[i * 2 + 1]) continue;
      const file = `${levels[i * 2 + 1]} at ${levels[i * 2]}`;
      return `${name} level ${i + 1} is ${qtyLots} at ${priceTicks}, in the file ${file} (lots, ticks)`;
    }
    const next = levels.length / 2;
    if (next >= ours.length || isBeyond(ours.pricesTicks[next], edgeTicks, side)) return null;
    return `${name} level ${next + 1} at ${ours.pricesTicks[next]} ticks is not in the file`;
  }
}
