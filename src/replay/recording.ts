import { basename } from 'node:path';
import type { Market } from '../domain/markets.ts';
import { formatScaled } from '../lib/fixed-point.ts';
import { ActionSink } from './action-sink.ts';
import { bookDepth, parseBookRow } from './book-file.ts';
import { MBO_FLAG_SNAPSHOT, MBO_PRICE_DECIMALS, MboEvents, MboParser } from './databento-mbo.ts';
import { LineSource } from './line-source.ts';
import { LOBSTER_HALT, LOBSTER_PRICE_DECIMALS, parseLobster } from './lobster.ts';
import { MboMapping, tradesContinuously } from './mbo-mapping.ts';
import { QueueBook } from './queue-book.ts';

export type RecordingFormat = 'lobster' | 'databento-mbo';
export const RECORDING_FORMATS: readonly RecordingFormat[] = ['lobster', 'databento-mbo'];

/** Where a replay begins. */
export const START_POINTS = ['start', 'pre-open', 'first-continuous-trade'] as const;
export type StartPoint = (typeof START_POINTS)[number];

export interface RecordingOptions {
  readonly format: RecordingFormat;
  readonly file: string;
  /** A LOBSTER book file, or `null`. */
  readonly bookFile: string | null;
  /** `null` takes it from the file's name. */
  readonly symbol: string | null;
  /** `null` decides by what the recording begins with. */
  readonly from: StartPoint | null;
}

/** What one reading of the files tells before the replay: plain data, so that it can be sent to a worker. */
export interface Recording {
  readonly format: RecordingFormat;
  readonly file: string;
  readonly bookFile: string | null;
  readonly market: Market;
  /** File units in one tick. */
  readonly priceUnitsPerTick: number;
  /** `YYYY-MM-DD` from the file's name, or `null`. */
  readonly date: string | null;
  readonly rows: number;
  readonly bookRows: number;
  readonly bookDepth: number;
  readonly from: StartPoint;
}

const QUOTE = { name: 'USD', decimals: 6 } as const;

/**
 * Reads a recording once to find what the market for it must be: the tick is the greatest common
 * divisor of all its prices, the lot is 1, the quote asset is USD.
 * @param marketId the id the market gets
 * @throws where a file cannot be read, is not of its format, has no rows, or needs a tick below
 *   0.000001 USD
 */
export async function describeRecording(
  options: RecordingOptions,
  marketId = 1,
): Promise<Recording> {
  const { format, file, bookFile } = options;
  if (bookFile !== null && format !== 'lobster') throw new Error('only LOBSTER has book files');
  const scan = format === 'lobster' ? await scanLobster(file) : await scanMbo(file);
  if (scan.rows === 0) throw new Error(`${file} has no rows`);
  const book = bookFile === null ? NO_BOOK : await scanBook(bookFile);
  const priceUnitsPerTick = commonDivisor(scan.tick, book.tick);
  if (priceUnitsPerTick === 0) throw new Error(`${file} has no prices`);
  const named = nameParts(basename(file));
  const decimals = format === 'lobster' ? LOBSTER_PRICE_DECIMALS : MBO_PRICE_DECIMALS;
  const symbol = options.symbol ?? named.symbol ?? 'LOB';
  return {
    format,
    file,
    bookFile,
    market: marketFor(marketId, symbol, format, priceUnitsPerTick, decimals),
    priceUnitsPerTick,
    date: named.date,
    rows: scan.rows,
    bookRows: book.rows,
    bookDepth: book.depth,
    from: options.from ?? scan.from,
  };
}

/** `AAPL_2012-06-21_34200000…` and `lobster-aapl-20120621-…` both name AAPL and 2012-06-21. */
export function nameParts(name: string): { symbol: string | null; date: string | null } {
  const match = /(?:^|[-_])([A-Za-z][A-Za-z0-9.]*)[-_](\d{4})-?(\d{2})-?(\d{2})(?!\d)/.exec(name);
  if (match === null) {
    const bare = /(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)/.exec(name);
    return { symbol: null, date: bare === null ? null : dateOf(bare.slice(1)) };
  }
  return { symbol: match[1].toUpperCase(), date: dateOf(match.slice(2)) };
}

function dateOf(parts: readonly string[]): string | null {
  const date = parts.join('-');
  const time = Date.parse(`${date}T00:00:00Z`);
  // A day that the month does not have would come back as another.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date) ? date : null;
}

interface Scan {
  readonly rows: number;
  readonly tick: number;
  readonly from: StartPoint;
}

const NO_BOOK = { rows: 0, tick: 0, depth: 0 };

async function scanLobster(file: string): Promise<Scan> {
  let rows = 0;
  let tick = 0;
  for await (const line of linesOf(file)) {
    const { type, price } = parseLobster(line);
    rows += 1;
    if (type !== LOBSTER_HALT && price > 0) tick = commonDivisor(tick, price);
  }
  return { rows, tick, from: 'start' };
}

async function scanBook(file: string): Promise<{ rows: number; tick: number; depth: number }> {
  let rows = 0;
  let tick = 0;
  let depth = 0;
  for await (const line of linesOf(file)) {
    if (rows === 0) depth = bookDepth(line);
    rows += 1;
    const { bids, asks } = parseBookRow(line, 1);
    for (const levels of [bids, asks]) {
      for (let i = 0; i < levels.length; i += 2) tick = commonDivisor(tick, levels[i]);
    }
  }
  return { rows, tick, depth };
}

/** A recording that starts with a snapshot, or whose book is crossed before it trades, starts in an
 * auction's call phase. */
async function scanMbo(file: string): Promise<Scan> {
  let rows = 0;
  let tick = 0;
  let parser: MboParser | undefined;
  let instrumentId: string | undefined;
  let from: StartPoint | null = null;
  const book = new QueueBook();
  const sink = new ActionSink(book);
  sink.quiet = true;
  // Ticks do not matter for this book: one file unit is one tick.
  const mapping = new MboMapping(sink, 1);
  const events = new MboEvents();
  for await (const line of linesOf(file)) {
    if (parser === undefined) {
      parser = new MboParser(line);
      continue;
    }
    rows += 1;
    const record = parser.parse(line, rows);
    instrumentId ??= record.instrumentId;
    if (record.instrumentId !== instrumentId) continue;
    if (record.price > 0) tick = commonDivisor(tick, record.price);
    if (from !== null) continue;
    if ((record.flags & MBO_FLAG_SNAPSHOT) !== 0) from = 'pre-open';
    for (const records of events.add(record)) {
      if (tradesContinuously(records)) from ??= 'start';
      else mapping.apply(records);
      if (book.isCrossed()) from ??= 'pre-open';
    }
  }
  return { rows, tick, from: from ?? 'start' };
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const lines = await LineSource.open(file);
  try {
    for (;;) {
      const line = lines.take();
      if (line !== undefined) yield line;
      else if (!(await lines.fill())) return;
    }
  } finally {
    lines.close();
  }
}

function commonDivisor(a: number, b: number): number {
  let [left, right] = [a, b];
  while (right !== 0) [left, right] = [right, left % right];
  return left;
}

function marketFor(
  id: number,
  symbol: string,
  format: RecordingFormat,
  priceUnitsPerTick: number,
  priceDecimals: number,
): Market {
  let tickUnits = priceUnitsPerTick;
  let decimals = priceDecimals;
  while (tickUnits % 10 === 0 && decimals > 0) {
    tickUnits /= 10;
    decimals -= 1;
  }
  if (decimals > QUOTE.decimals) {
    const tick = formatScaled(priceUnitsPerTick, priceDecimals);
    throw new Error(`the recording needs a tick of ${tick} USD; the smallest is 0.000001 USD`);
  }
  const quoteUnitsPerTickLot = tickUnits * 10 ** (QUOTE.decimals - decimals);
  return {
    id,
    exchange: 'replay',
    symbol,
    base: { name: symbol, decimals: 0 },
    quote: QUOTE,
    assetClass: format === 'lobster' ? 'equity' : 'future',
    source: 'replay',
    tickUnits,
    priceDecimals: decimals,
    lotUnits: 1,
    qtyDecimals: 0,
    quoteUnitsPerTickLot,
    baseUnitsPerLot: 1,
    minQtyLots: 1,
    maxQtyLots: 1_000_000_000,
    maxPriceTicks: Math.min(2 ** 40, Math.floor(2 ** 50 / quoteUnitsPerTickLot)),
    makerFeePpm: 0,
    takerFeePpm: 0,
    auctionFeePpm: 0,
    maxNotionalUnits: 2 ** 50,
    // The recorded venue had bounds of its own; what it let through must go through here.
    priceBandBps: 0,
    volatilityHaltBps: 0,
    referenceWindowSeconds: 0,
    margin: null,
    marketCollarBps: 500,
    reference: {
      name: `${symbol} (recorded)`,
      sector: null,
      sharesOutstanding: null,
      newsNames: [],
      earningsPerShare: null,
      startPrice: null,
      annualVolatility: null,
    },
  };
}
