import type { StoredBars } from './journal/bar-queries.ts';
import { BLOCK_BYTES } from './journal/history-blocks.ts';
import type { JournalProxy } from './journal/journal-proxy.ts';
import type { MarketViews } from './projections/market-view.ts';

/** Doubles that go into one transaction: half a dozen blocks hold clients up for about a millisecond. */
const DOUBLES_A_PORTION = (6 * BLOCK_BYTES) / 8;

export interface BarKeeper {
  readonly journal: JournalProxy;
  readonly views: MarketViews;
  readonly stored: StoredBars;
  /** Does a portion of the work, unless the server stops: then it rejects. */
  readonly ask: (work: () => Promise<void>) => Promise<void>;
}

/**
 * Hands the bars of a market's past to the journal, in portions; they count when the last one is durable.
 * @param endSeconds where they end @param intervals rows of each interval, oldest first
 * @returns how many bars
 */
export async function keepBars(
  { journal, views, stored, ask }: BarKeeper,
  marketId: number,
  endSeconds: number,
  intervals: readonly Float64Array<ArrayBuffer>[],
): Promise<number> {
  let doubles = 0;
  await ask(() => journal.maintain({ kind: 'history-drop', marketId }));
  for (const [interval, all] of intervals.entries()) {
    doubles += all.length;
    for (let at = 0; at < all.length; at += DOUBLES_A_PORTION) {
      const rows = all.slice(at, at + DOUBLES_A_PORTION);
      const work = { kind: 'history-rows', marketId, interval, rows } as const;
      await ask(() => journal.maintain(work, [rows.buffer]));
    }
  }
  await ask(() => journal.maintain({ kind: 'history-close', marketId, endSeconds }));
  const newest = stored.newestGenerated(marketId);
  if (newest !== undefined) views.get(marketId)?.candles.joinHistory(newest, endSeconds);
  return doubles / 8;
}
