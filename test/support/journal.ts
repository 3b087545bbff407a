import type { TestContext } from 'node:test';
import { Committer } from '../../src/journal/committer.ts';
import { DerivedTables } from '../../src/journal/derived-tables.ts';
import { FactsTable } from '../../src/journal/facts.ts';
import { Failpoints } from '../../src/journal/failpoints.ts';
import { type JournalStore, openStore } from '../../src/journal/store.ts';
import { Ring } from '../../src/rings/ring.ts';
import { temporaryDirectory } from './temp-directory.ts';

export const QUOTE_UNITS: ReadonlyMap<number, number> = new Map([
  [1, 10],
  [2, 1000],
]);

export interface JournalSetup {
  readonly directory: string;
  readonly store: JournalStore;
  readonly rings: readonly Ring[];
  readonly committer: Committer;
}

export interface JournalSetupOptions {
  readonly directory?: string;
  readonly rings?: number;
  readonly ringBytes?: number;
  readonly batchBytes?: number;
}

/** A journal with a committer on rings of two readers (journal, gateway); closed with the test. */
export function setUpJournal(
  context: TestContext,
  options: JournalSetupOptions = {},
): JournalSetup {
  const directory = options.directory ?? temporaryDirectory(context);
  const store = openStore(directory, { readOnly: false, durability: 'commit' });
  context.after(() => store.close().catch(() => undefined));
  const rings = Array.from({ length: options.rings ?? 1 }, () =>
    Ring.create(options.ringBytes ?? 1 << 18, 2),
  );
  const committer = new Committer({
    store,
    rings,
    tables: [DerivedTables.open(store, QUOTE_UNITS), new FactsTable(store)],
    failpoints: new Failpoints(''),
    batchBytes: options.batchBytes,
  });
  return { directory, store, rings, committer };
}
