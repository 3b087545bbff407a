import { BatchBuffer, emptyBatchHeader } from './batch.ts';
import { type JournalStore, lastKey } from './store.ts';

/** The greatest venue time in the newest batch; zeros in a journal without one. */
export function newestTime(store: JournalStore): { seconds: number; nanos: number } {
  store.root.resetReadTxn();
  const value = store.batches.get(lastKey(store.batches));
  if (value === undefined) return { seconds: 0, nanos: 0 };
  const header = emptyBatchHeader();
  const problem = new BatchBuffer(value.length).load(value, header);
  if (problem !== undefined) throw new Error(`the newest batch of the journal: ${problem}`);
  return { seconds: header.lastSeconds, nanos: header.lastNanos };
}
