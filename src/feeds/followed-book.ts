import { BookSide } from './book-side.ts';
import { type Grid, lotsOf, OFF_GRID, ticksOf } from './grid.ts';
import type { StaleReason } from './normalised.ts';
import { OffGridLevels } from './off-grid-levels.ts';
import type { TextLevel } from './reading.ts';
import type { BestQuote, DecoderEvents } from './venue-adapter.ts';

/**
 * The book of one symbol as an exchange describes it. It is fresh from a reset to the first thing
 * that cannot be: then it says so once, asks to be fetched anew, and takes no change any more.
 */
export class FollowedBook {
  readonly symbol: string;
  readonly bids = new BookSide('bid');
  readonly asks = new BookSide('ask');
  /** The exchange's number of the present state. */
  sequence = 0;
  isFresh = false;
  private readonly offGridBids = new OffGridLevels('bid');
  private readonly offGridAsks = new OffGridLevels('ask');
  private readonly grid: Grid;
  private readonly events: DecoderEvents;

  constructor(symbol: string, grid: Grid, events: DecoderEvents) {
    this.symbol = symbol;
    this.grid = grid;
    this.events = events;
  }

  best(): BestQuote | undefined {
    if (!this.isFresh) return undefined;
    const { bids, asks, sequence } = this;
    return {
      bidTicks: bids.bestTicks,
      bidLots: bids.bestLots,
      askTicks: asks.bestTicks,
      askLots: asks.bestLots,
      sequence,
    };
  }

  /** The whole book. @returns whether it is fresh now */
  reset(
    bids: readonly TextLevel[],
    asks: readonly TextLevel[],
    sequence: number,
    venueTimeMs: number,
  ): boolean {
    this.bids.clear();
    this.asks.clear();
    this.offGridBids.clear();
    this.offGridAsks.clear();
    enter(this.bids, this.read(bids, this.offGridBids));
    enter(this.asks, this.read(asks, this.offGridAsks));
    this.sequence = sequence;
    const wrong = this.wrong();
    if (wrong !== undefined) return this.fail(wrong);
    this.isFresh = true;
    this.events.record({
      kind: 'book',
      symbol: this.symbol,
      isReset: true,
      bids: this.bids.levels(),
      asks: this.asks.levels(),
      sequence,
      venueTimeMs,
    });
    return true;
  }

  /** Levels that changed; only while fresh. @returns whether it still is */
  change(
    bids: readonly TextLevel[],
    asks: readonly TextLevel[],
    sequence: number,
    venueTimeMs: number,
  ): boolean {
    const bidLevels = this.read(bids, this.offGridBids);
    const askLevels = this.read(asks, this.offGridAsks);
    enter(this.bids, bidLevels);
    enter(this.asks, askLevels);
    this.sequence = sequence;
    const wrong = this.wrong();
    if (wrong !== undefined) return this.fail(wrong);
    const { symbol } = this;
    this.events.record({
      kind: 'book',
      symbol,
      isReset: false,
      bids: bidLevels,
      asks: askLevels,
      sequence,
      venueTimeMs,
    });
    return true;
  }

  /** Declares the book stale, once. */
  invalidate(reason: StaleReason): void {
    if (!this.isFresh) return;
    this.isFresh = false;
    this.events.record({ kind: 'stale', symbol: this.symbol, reason });
  }

  /** Declares it stale and asks for it anew. */
  fail(reason: StaleReason): false {
    this.invalidate(reason);
    this.events.resync(this.symbol, reason);
    return false;
  }

  /** Why this cannot be the exchange's book. */
  private wrong(): 'crossed' | 'off_grid' | undefined {
    const { bids, asks, offGridBids, offGridAsks } = this;
    if (bids.size > 0 && asks.size > 0 && bids.bestTicks >= asks.bestTicks) return 'crossed';
    const isBestUnknown =
      offGridBids.reaches(bids.bestTicks, bids.size === 0) ||
      offGridAsks.reaches(asks.bestTicks, asks.size === 0);
    return isBestUnknown ? 'off_grid' : undefined;
  }

  /** Levels in ticks and lots; those that do not lie on the grid are noted apart, and said. */
  private read(levels: readonly TextLevel[], offGrid: OffGridLevels): number[] {
    const flat: number[] = [];
    for (const [price, qty] of levels) {
      const ticks = ticksOf(price, this.grid);
      const lots = lotsOf(qty, this.grid);
      if (ticks !== OFF_GRID && lots !== OFF_GRID) {
        flat.push(ticks, lots);
        // The same level may have held a quantity that our lots cannot tell.
        if (offGrid.size > 0) offGrid.set(price, 0, true);
        continue;
      }
      const { tickUnits, priceDecimals } = this.grid;
      offGrid.set(price, (Number(price) * 10 ** priceDecimals) / tickUnits, lots === 0);
      if (ticks !== OFF_GRID) flat.push(ticks, 0);
      if (lots !== 0) this.events.offGrid(this.symbol, `${price} × ${qty}`);
    }
    return flat;
  }
}

function enter(side: BookSide, levels: readonly number[]): void {
  for (let i = 0; i < levels.length; i += 2) side.set(levels[i], levels[i + 1]);
}
