/**
 * The format of the journal: its databases, and what their keys and values mean.
 *
 * | format | what changed | how an older one gets there |
 * |--------|--------------|------------------------------|
 * | 1      | batches, heads, orders, trades | – |
 * | 2      | `facts`, `snapshots`; `orders` may be behind its batches, `orders_batch` says from where | both follow from the batches, which format 1 kept all |
 * | 3      | `candles`, `history`; `trades` may be behind its batches too: `tables_batch`, formerly `orders_batch`, is of both | the new tables begin empty, the journal thread builds `candles` from `trades`; the mark is renamed: what it says of orders may be said of both |
 *
 * The rule: the journal thread brings a known older format up to date in one transaction when it
 * starts (`migration.ts`); readers do not, and say so; a newer or unknown format is refused and left
 * as it is.
 */
export const JOURNAL_FORMAT_VERSION = 3;
const OLDEST_FORMAT = 1;

/** Names in `meta` besides `format` and `epoch`. */
/** `orders` and `trades` hold what the batches up to this one say; absent: what all of them say. */
export const META_TABLES_BATCH = 'tables_batch';
/** The same of `orders` alone, in format 2. */
export const META_ORDERS_BATCH_2 = 'orders_batch';
/** Rows of closed orders of in-process sessions below this order id are gone. */
export const META_ORDERS_PRUNED_BELOW = 'orders_pruned_below';

/** The rows under way in `candles` tell all up to this batch; absent: nothing was built yet. */
export const META_CANDLES_BATCH = 'candles_batch';

/** When the generated bars of a market end, seconds; absent: they are not all there. */
export function metaHistory(marketId: number): string {
  return `history/${marketId}`;
}

/** Rows of trades without a user up to this trade id of the market are gone. */
export function metaTradesPrunedTo(marketId: number): string {
  return `trades_pruned_to/${marketId}`;
}

/** Why a journal of this format is not opened, in a sentence; `undefined` when it is. */
export function refusalOf(format: number | undefined, readOnly: boolean): string | undefined {
  const ours = `this version reads ${JOURNAL_FORMAT_VERSION}`;
  if (format === undefined) return `the journal has format unknown, ${ours}`;
  if (format > JOURNAL_FORMAT_VERSION) {
    return `the journal has format ${format}, ${ours}: a newer Openbell wrote it, use that one`;
  }
  if (format === JOURNAL_FORMAT_VERSION) return undefined;
  if (!(format >= OLDEST_FORMAT)) return `the journal has format ${format}, ${ours}`;
  if (!readOnly) return undefined;
  return `the journal has format ${format}, ${ours}: start the server once, it brings it up to date`;
}
