import type { MarketView } from '../../projections/market-view.ts';

/** Levels of each side that the checksum of a book message covers. */
export const CHECKSUM_LEVELS = 10;

/**
 * Writes one market's public messages in one codec. All encoders state the same facts of the same
 * view. The view must be settled; before `clearChanges` the deltas, trades and bbo are those to be
 * published, after it a snapshot or a bbo is the state as published, with `prev_seq` equal to `seq`.
 *
 * Every result is REUSED: valid until the encoder's next call.
 */
export interface StreamEncoder {
  /** The book with at most `levels` levels of each side. */
  snapshot(view: MarketView, levels: number): Uint8Array;
  /** The levels that changed, with their new totals. */
  bookDelta(view: MarketView): Uint8Array;
  /** The trades since the last publication. */
  trades(view: MarketView): Uint8Array;
  /** Best bid and offer. */
  bbo(view: MarketView): Uint8Array;
}
