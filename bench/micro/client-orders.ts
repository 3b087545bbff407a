import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STATUS_FILLED } from '../../src/domain/orders.ts';
import { ClientOrderIndex } from '../../src/gateway/client-order-index.ts';
import { scanClientOrders } from '../../src/journal/client-order-scan.ts';
import { OrderImageWriter } from '../../src/journal/order-image.ts';
import { type JournalStore, openStore, transact } from '../../src/journal/store.ts';
import { TrackedOrder } from '../../src/projections/order-tracker.ts';
import { type BenchOptions, type BenchResult, percentile, three } from '../support/result.ts';

const PORTFOLIO = 2;
const PASSES = 3;

/**
 * What idempotency costs: an order's look-up and entry in the index of client order ids, beside a
 * `Map` of strings; and building the index at start, beside reading the same rows raw.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const orders = smoke ? 20_000 : 1_000_000;
  const ids = Array.from({ length: orders }, (_, i) => `client-${i.toString(36)}-${i % 97}`);
  const rows = [indexRow(ids), mapRow(ids)];
  const directory = mkdtempSync(join(tmpdir(), 'openbell-bench-'));
  try {
    rows.push(...(await startRows(directory, ids)));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return {
    name: 'client-orders',
    rows,
    notes: [
      `${orders} orders of one portfolio; each is looked for first, as every order with an id is, then entered`,
      'bytes per id: typed arrays of the index, and growth of the heap for the map, its strings not counted',
      'rebuild: every row of the orders table has an id; medians of three passes',
    ],
  };
}

function indexRow(ids: readonly string[]): Record<string, string | number> {
  const index = new ClientOrderIndex(2 * ids.length, 42);
  let checks = 0;
  const isIt = (): boolean => {
    checks += 1;
    return false;
  };
  const started = performance.now();
  ids.forEach((id, i) => {
    if (index.find(PORTFOLIO, id, isIt) !== 0) throw new Error('found what nobody entered');
    index.add(PORTFOLIO, id, i + 1);
  });
  const seconds = (performance.now() - started) / 1000;
  let found = 0;
  ids.forEach((id, i) => {
    found += index.find(PORTFOLIO, id, (orderId) => orderId === i + 1) === i + 1 ? 1 : 0;
  });
  if (found !== ids.length) throw new Error('lost what was entered');
  return row('index: find and add', ids.length / seconds, 24, `${checks} rows read in vain`);
}

function mapRow(ids: readonly string[]): Record<string, string | number> {
  const before = process.memoryUsage().heapUsed;
  const map = new Map<string, number>();
  const started = performance.now();
  ids.forEach((id, i) => {
    const key = `${PORTFOLIO}/${id}`;
    if (map.has(key)) throw new Error('found what nobody entered');
    map.set(key, i + 1);
  });
  const seconds = (performance.now() - started) / 1000;
  const bytes = (process.memoryUsage().heapUsed - before) / ids.length;
  return row('Map of strings: has and set', ids.length / seconds, three(bytes), '');
}

async function startRows(
  directory: string,
  ids: readonly string[],
): Promise<Record<string, string | number>[]> {
  const store = openStore(directory, { readOnly: false, durability: 'async' });
  try {
    fill(store, ids);
    const rebuild = (): void => {
      const index = new ClientOrderIndex(2 * ids.length, 42);
      scanClientOrders(
        store,
        () => true,
        () => false,
        (orderId, portfolioId, id) => index.addOlder(portfolioId, id, orderId),
      );
      if (index.size !== ids.length) throw new Error('the index is not whole');
    };
    const raw = (): void => {
      let bytes = 0;
      store.root.resetReadTxn();
      const range = { start: Number.MAX_SAFE_INTEGER, end: 0, reverse: true };
      for (const { value } of store.orders.getRange(range)) bytes += value.length;
      if (bytes === 0) throw new Error('nothing was read');
    };
    const [indexed, plain] = [rebuild, raw].map((pass) => ids.length / median(pass));
    return [
      row('rebuild at start', indexed, 24, `${three(indexed / plain)} of raw`),
      row('raw LMDB range read of the rows', plain, 112, ''),
    ];
  } finally {
    await store.close();
  }
}

function fill(store: JournalStore, ids: readonly string[]): void {
  const writer = new OrderImageWriter();
  const order = new TrackedOrder();
  order.portfolioId = PORTFOLIO;
  order.status = STATUS_FILLED;
  transact(store, () => {
    ids.forEach((id, i) => {
      order.clientOrderId = id;
      store.orders.putSync(i + 1, writer.write(order));
    });
  });
}

/** Seconds. */
function median(pass: () => void): number {
  const seconds = Array.from({ length: PASSES }, () => {
    const started = performance.now();
    pass();
    return (performance.now() - started) / 1000;
  });
  return percentile(seconds, 0.5);
}

function row(
  what: string,
  perSecond: number,
  bytesPerId: number,
  remark: string,
): Record<string, string | number> {
  const rate = three(perSecond / 1e6);
  return { case: what, 'million orders/s': rate, 'bytes per id': bytesPerId, remark };
}
