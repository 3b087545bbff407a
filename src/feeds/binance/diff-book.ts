import { FollowedBook } from '../followed-book.ts';
import type { Grid } from '../grid.ts';
import type { StaleReason } from '../normalised.ts';
import type { TextLevel } from '../reading.ts';
import type { BestQuote, DecoderEvents } from '../venue-adapter.ts';

/** One `depthUpdate`. */
export interface DepthDiff {
  /** `U`: the first update in it. */
  readonly first: number;
  /** `u`: the last update in it, which the book stands at afterwards. */
  readonly last: number;
  /** `pu`: where the diff before it ended; spot has none and counts without holes. */
  readonly previous: number;
  readonly bids: readonly TextLevel[];
  readonly asks: readonly TextLevel[];
  readonly venueTimeMs: number;
}

export interface DepthSnapshot {
  readonly lastUpdateId: number;
  readonly bids: readonly TextLevel[];
  readonly asks: readonly TextLevel[];
  readonly venueTimeMs: number;
}

/** At 10 diffs a second a snapshot that is so late will not come any more. */
const WAITING_DIFFS_MAX = 5_000;

/**
 * A book from diffs and a snapshot (Binance, "How to manage a local order book correctly"): diffs
 * wait until a snapshot is there that one of them spans; from then on each must begin where the one
 * before it ended.
 */
export class DiffBook {
  readonly book: FollowedBook;
  private readonly events: DecoderEvents;
  private waiting: DepthDiff[] = [];
  private snapshot: DepthSnapshot | undefined;
  private isAsked = false;

  constructor(symbol: string, grid: Grid, events: DecoderEvents) {
    this.events = events;
    // A book that fails is fetched anew from here, where the diffs that wait are known.
    const bookEvents: DecoderEvents = {
      ...bound(events),
      resync: (_, reason) => this.restart(reason),
    };
    this.book = new FollowedBook(symbol, grid, bookEvents);
  }

  best(): BestQuote | undefined {
    return this.book.best();
  }

  diff(diff: DepthDiff): void {
    const { book } = this;
    if (!book.isFresh) {
      this.keep(diff);
      if (this.snapshot !== undefined) this.join();
      else this.ask('disconnected');
      return;
    }
    // Sent twice, or overtaken: the book is beyond it already.
    if (diff.last <= book.sequence) return;
    if (diff.previous !== book.sequence) {
      book.invalidate('gap');
      this.restart('gap');
      this.keep(diff);
      return;
    }
    book.change(diff.bids, diff.asks, diff.last, diff.venueTimeMs);
  }

  /** A snapshot that was asked for, or that a recording holds. */
  take(snapshot: DepthSnapshot): void {
    this.isAsked = false;
    if (this.book.isFresh) return;
    this.snapshot = snapshot;
    this.join();
  }

  /** Nothing that is known can be built on. */
  clear(reason: StaleReason): void {
    this.book.invalidate(reason);
    this.waiting = [];
    this.snapshot = undefined;
    this.isAsked = false;
  }

  private keep(diff: DepthDiff): void {
    if (this.waiting.length >= WAITING_DIFFS_MAX) this.waiting.shift();
    this.waiting.push(diff);
  }

  private restart(reason: StaleReason): void {
    this.waiting = [];
    this.snapshot = undefined;
    this.isAsked = false;
    this.ask(reason);
  }

  private ask(reason: StaleReason): void {
    if (this.isAsked) return;
    this.isAsked = true;
    this.events.resync(this.book.symbol, reason);
  }

  /** Puts snapshot and diffs together, as soon as one of these spans it. */
  private join(): void {
    const { snapshot } = this;
    if (snapshot === undefined) return;
    const { lastUpdateId } = snapshot;
    const diffs = this.waiting
      .filter(({ last }) => last >= lastUpdateId)
      .sort((a, b) => a.last - b.last);
    this.waiting = diffs;
    // The next diff may be the one that spans it.
    if (diffs.length === 0) return;
    if (Math.min(diffs[0].first, diffs[0].previous) > lastUpdateId) {
      this.snapshot = undefined;
      this.ask('gap');
      return;
    }
    this.apply(snapshot, diffs);
  }

  private apply(snapshot: DepthSnapshot, [spanning, ...rest]: readonly DepthDiff[]): void {
    const { book } = this;
    this.waiting = [];
    this.snapshot = undefined;
    // One reset that holds both: the snapshot alone is a state that never was at a diff's end.
    const { bids, asks, lastUpdateId, venueTimeMs } = snapshot;
    const isPartOf = spanning.last === lastUpdateId;
    const timeMs = Math.max(venueTimeMs, spanning.venueTimeMs);
    const isReset = book.reset(
      isPartOf ? bids : [...bids, ...spanning.bids],
      isPartOf ? asks : [...asks, ...spanning.asks],
      spanning.last,
      timeMs,
    );
    if (!isReset) return;
    for (const diff of rest) this.diff(diff);
  }
}

/** The same events, callable without their object. */
function bound(events: DecoderEvents): DecoderEvents {
  return {
    record: (record) => events.record(record),
    resync: (symbol, reason) => events.resync(symbol, reason),
    refused: (symbol, detail) => events.refused(symbol, detail),
    undescribed: (symbol) => events.undescribed(symbol),
    offGrid: (symbol, text) => events.offGrid(symbol, text),
  };
}
