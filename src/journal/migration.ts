import { isFact, writeFact } from './facts.ts';
import { JOURNAL_FORMAT_VERSION, META_ORDERS_BATCH_2, META_TABLES_BATCH } from './format.ts';
import { readFramesIn } from './recovery.ts';
import { type JournalStore, transact } from './store.ts';

const FORMAT_WITHOUT_FACTS = 1;

/**
 * Brings a journal of a known older format up to date, all or nothing; does nothing to one that is.
 * From 1 to 2: `facts` follows from the batches, all of which format 1 kept; `orders` was written
 * with every batch. From 2 to 3: the new tables are filled by those who keep them; the mark of
 * `orders` becomes one of `trades` as well, and trades that are there already are written once more
 * when the marked batches are applied.
 * @throws JournalCorruptError when the batches cannot be read
 */
export function migrate(store: JournalStore): void {
  const format = store.meta.get('format');
  if (format === JOURNAL_FORMAT_VERSION) return;
  store.root.resetReadTxn();
  const transaction = store.root.useReadTransaction();
  try {
    transact(store, () => {
      if (format === FORMAT_WITHOUT_FACTS) {
        readFramesIn(store, transaction, undefined, (views, at) => {
          if (isFact(views, at)) writeFact(store, views, at);
        });
      }
      const mark = store.meta.get(META_ORDERS_BATCH_2);
      if (mark !== undefined) {
        store.meta.putSync(META_TABLES_BATCH, mark);
        store.meta.removeSync(META_ORDERS_BATCH_2);
      }
      store.meta.putSync('format', JOURNAL_FORMAT_VERSION);
    });
  } finally {
    transaction.done();
  }
}
