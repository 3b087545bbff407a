import type { Transaction } from 'lmdb';
import type { JournalStore } from './store.ts';

/** Where a market's frames end in the journal. */
export interface Head {
  readonly seq: number;
  readonly batch: number;
}

/** The end of every market that has frames, by market id. */
export function readHeads(store: JournalStore, transaction?: Transaction): Map<number, Head> {
  const heads = new Map<number, Head>();
  for (const { key, value } of store.heads.getRange({ start: 0, end: 65_536, transaction })) {
    const view = new DataView(value.buffer, value.byteOffset, 16);
    heads.set(key, { seq: view.getFloat64(0, true), batch: view.getFloat64(8, true) });
  }
  return heads;
}

/** Moves a market's end; inside the transaction of the batch. */
export function writeHead(store: JournalStore, marketId: number, seq: number, batch: number): void {
  store.heads.putSync(marketId, new Uint8Array(new Float64Array([seq, batch]).buffer));
}
