import { createWriteStream } from 'node:fs';
import { type Readable, Readable as ReadableStream, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { RECORD_SEQ } from '../codec/records.ts';
import { CANDLE_INTERVALS } from '../domain/candles.ts';
import { BAR_FIELDS } from '../features/bar-rows.ts';
import { StoredBars } from '../journal/bar-queries.ts';
import { readFacts } from '../journal/facts.ts';
import { readOrderImage } from '../journal/order-image.ts';
import { readFramesTo } from '../journal/recovery.ts';
import { type JournalStore, lastKey } from '../journal/store.ts';
import { readTradeImage } from '../journal/trade-image.ts';
import { isoMicros } from '../lib/clock.ts';
import { frameMarketId } from '../rings/frame.ts';
import { dataDirectory, listedMarkets, openForReading } from './data-directory.ts';
import { ExportRows, type Row } from './export-rows.ts';

const HELP = `openbell export --what events|orders|trades|candles|facts [--format ndjson|csv] [--market EXCHANGE:SYMBOL]
                [--from-seq N] [--to-seq N] [--interval I] [--output FILE]
                [--data-dir D]

Writes what the journal holds, one line a row, to FILE or standard output.
  events   every retained command and event, batch by batch, in the order in which they became durable
  orders   every order's latest state, by order id
  trades   executed and printed trades, market by market, in the order of time
  candles  bars with trades, market by market, interval by interval (--interval ${CANDLE_INTERVALS.join('|')}
           for one), in the order of time: generated ones, closed ones, the one under way; a period without
           a bar in which the market was open is an empty bar at the close before it
  facts    users, portfolios, listings, deposits: the venue's own facts, password hashes left out
Quantities are there as whole numbers (price_ticks, quantity_lots, fee_units) and as exact decimals
(price, quantity, fee). --market venue selects the facts among the events. --from-seq and --to-seq are
sequences of the market, both included; orders and candles have none. The server may run meanwhile.
`;

const OPTIONS = {
  what: { type: 'string' },
  format: { type: 'string', default: 'ndjson' },
  market: { type: 'string' },
  'from-seq': { type: 'string' },
  'to-seq': { type: 'string' },
  interval: { type: 'string' },
  output: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const BATCHES_A_SLICE = 64;
const ROWS_A_SLICE = 4096;

interface Selection {
  readonly marketId: number | undefined;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly intervals: readonly string[];
}

/** Rows slice by slice, so that no read transaction stays open while a reader is slow. */
type Source = (store: JournalStore, rows: ExportRows, selection: Selection) => Generator<Row[]>;

const SOURCES: Record<string, Source> = { events, orders, trades, candles, facts };

/** `openbell export`; returns the exit code. */
export async function exportRows(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const what = oneOf('--what', values.what, Object.keys(SOURCES));
  const format = oneOf('--format', values.format, ['ndjson', 'csv']);
  const hasSeqs = values['from-seq'] !== undefined || values['to-seq'] !== undefined;
  if ((what === 'orders' || what === 'candles') && hasSeqs) {
    throw new Error(`${what} have no sequence to select by`);
  }
  const { interval } = values;
  if (interval !== undefined) oneOf('--interval', interval, CANDLE_INTERVALS);
  const store = openForReading(dataDirectory(values['data-dir']));
  const listings = listedMarkets(store);
  const names = new Map(listings.map((l) => [`${l.exchange}:${l.symbol}`, l.marketId]));
  const selection = {
    marketId: values.market === undefined ? undefined : marketId(values.market, names),
    fromSeq: integer('--from-seq', values['from-seq'], 0),
    toSeq: integer('--to-seq', values['to-seq'], Number.MAX_SAFE_INTEGER - 1),
    intervals: interval === undefined ? CANDLE_INTERVALS : [interval],
  };
  const rows = new ExportRows(listings);
  const slices = SOURCES[what](store, rows, selection);
  const lines = format === 'csv' ? csv(slices, what, rows) : ndjson(slices);
  const output: Writable =
    values.output === undefined ? process.stdout : createWriteStream(values.output);
  const source: Readable = ReadableStream.from(lines);
  try {
    await pipeline(source, output, { end: values.output !== undefined });
    // The process ends after this, and a pipe takes its time.
    if (output === process.stdout) await new Promise((resolve) => output.write('', resolve));
  } catch (error) {
    // Whoever read has enough.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
  await store.close();
  return 0;
}

function* events(store: JournalStore, rows: ExportRows, selection: Selection): Generator<Row[]> {
  const last = lastKey(store.batches);
  for (let next = oldestBatch(store); next <= last; ) {
    const slice: Row[] = [];
    const batch = Math.max(next, oldestBatch(store));
    if (batch > next)
      process.stderr.write(`batches ${next} to ${batch - 1} were removed meanwhile\n`);
    const end = Math.min(last, batch + BATCHES_A_SLICE - 1);
    next = end + 1;
    readFramesTo(store, { batch }, end, (views, at, number) => {
      const id = frameMarketId(views.i32[(at + 4) >>> 2]);
      const seq = views.f64[(at + RECORD_SEQ) >>> 3];
      if (isSelected(selection, id, seq)) slice.push(rows.event(views, at, number));
    });
    yield slice.map(withoutSecrets);
  }
}

function oldestBatch(store: JournalStore): number {
  store.root.resetReadTxn();
  const [first = 1] = store.batches.getKeys({ start: 0, limit: 1 });
  return first;
}

function* orders(store: JournalStore, rows: ExportRows, selection: Selection): Generator<Row[]> {
  for (let next = 1, isMore = true; isMore; ) {
    store.root.resetReadTxn();
    const entries = [...store.orders.getRange({ start: next, limit: ROWS_A_SLICE })];
    isMore = entries.length === ROWS_A_SLICE;
    next = (entries.at(-1)?.key ?? 0) + 1;
    yield entries
      .map(({ key, value }) => readOrderImage(key, value))
      .filter((order) => selection.marketId === undefined || order.marketId === selection.marketId)
      .map((order) => rows.order(order));
  }
}

function* trades(store: JournalStore, rows: ExportRows, selection: Selection): Generator<Row[]> {
  let start: Uint8Array = new Uint8Array(1);
  for (let isMore = true; isMore; ) {
    store.root.resetReadTxn();
    const range = { start, exclusiveStart: true, limit: ROWS_A_SLICE };
    const entries = [...store.trades.getRange(range)];
    isMore = entries.length === ROWS_A_SLICE;
    start = Uint8Array.from(entries.at(-1)?.key ?? start);
    yield entries
      .map(({ key, value }) => readTradeImage(key, value))
      .filter(({ marketId: id, seq }) => isSelected(selection, id, seq))
      .map((trade) => rows.trade(trade));
  }
}

function* candles(store: JournalStore, rows: ExportRows, selection: Selection): Generator<Row[]> {
  const stored = new StoredBars(store);
  for (const id of rows.marketIds) {
    if (selection.marketId !== undefined && selection.marketId !== id) continue;
    const generatedEnd = stored.generatedEnd(id) ?? 0;
    for (const [interval, name] of CANDLE_INTERVALS.entries()) {
      if (!selection.intervals.includes(name)) continue;
      for (const bars of stored.all(id, interval)) {
        const slice: Row[] = [];
        for (let at = 0; at < bars.length; at += BAR_FIELDS) {
          slice.push(rows.candle(id, name, bars.subarray(at, at + BAR_FIELDS), generatedEnd));
        }
        yield slice;
      }
    }
  }
}

function* facts(store: JournalStore, _rows: ExportRows, selection: Selection): Generator<Row[]> {
  const { marketId: id, fromSeq, toSeq } = selection;
  if (id !== undefined && id !== 0) return;
  for (const { seq, seconds, nanos, json } of readFacts(store, fromSeq, toSeq)) {
    const { kind, ...fact } = JSON.parse(json) as Row;
    yield [withoutSecrets({ seq, time: isoMicros(seconds, nanos), type: kind, fact })];
  }
}

function isSelected(
  { marketId: id, fromSeq, toSeq }: Selection,
  has: number,
  seq: number,
): boolean {
  return (id === undefined || id === has) && seq >= fromSeq && seq <= toSeq;
}

/** Hashes of passwords and keys are nobody's business outside. */
function withoutSecrets(row: Row): Row {
  const { fact } = row;
  if (typeof fact !== 'object' || fact === null) return row;
  const open = Object.entries(fact).filter(([name]) => !/hash|secret/i.test(name));
  return { ...row, fact: Object.fromEntries(open) };
}

function* ndjson(slices: Iterable<Row[]>): Generator<string> {
  for (const slice of slices) {
    if (slice.length > 0) yield `${slice.map((row) => JSON.stringify(row)).join('\n')}\n`;
  }
}

function* csv(slices: Iterable<Row[]>, what: string, rows: ExportRows): Generator<string> {
  let columns = what === 'events' ? rows.eventColumns() : undefined;
  if (columns !== undefined) yield `${columns.join(',')}\r\n`;
  for (const slice of slices) {
    if (slice.length === 0) continue;
    if (columns === undefined) {
      columns = Object.keys(slice[0]);
      yield `${columns.join(',')}\r\n`;
    }
    const names = columns;
    yield slice.map((row) => `${names.map((name) => cell(row[name])).join(',')}\r\n`).join('');
  }
}

/** RFC 4180: quoted where a comma, a quote or a line end would be misread. */
function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function marketId(name: string, names: ReadonlyMap<string, number>): number {
  if (name === 'venue') return 0;
  const id = names.get(name);
  if (id !== undefined) return id;
  throw new Error(`no market ${name}; there are ${[...names.keys()].join(', ')}`);
}

function oneOf(option: string, value: string | undefined, allowed: readonly string[]): string {
  if (value !== undefined && allowed.includes(value)) return value;
  throw new Error(`${option} must be one of ${allowed.join(', ')}`);
}

function integer(option: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Error(`${option} is "${text}"; it must be a whole number`);
}
