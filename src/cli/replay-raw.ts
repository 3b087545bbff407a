import { type Market, marketName } from '../domain/markets.ts';
import type { VenueName } from '../feeds/normalised.ts';
import { GridScan, readRawLine } from '../live/raw-lines.ts';
import { RawReplay, type RawReport } from '../live/raw-replay.ts';
import { LineSource } from '../replay/line-source.ts';
import { UsageError } from './usage-error.ts';

/** Formats of raw frames, by name: the exchange's own messages. */
export const RAW_FORMATS = ['binance-raw', 'bybit-raw', 'hyperliquid-raw', 'okx-raw'] as const;
export type RawFormat = (typeof RAW_FORMATS)[number];

const SYMBOLS_MAX = 64;
/** So many decimals of price and quantity together leave room for a notional. */
const QUOTE_DECIMALS = 12;

export interface ReplayRawOptions {
  readonly format: RawFormat;
  readonly file: string;
  /** The exchange's symbols; empty: all that the recording names. */
  readonly symbols: readonly string[];
  readonly json: boolean;
}

/** Raw frames through the connector's own parser; the exit code is 1 when something differs. */
export async function replayRaw({
  format,
  file,
  symbols,
  json,
}: ReplayRawOptions): Promise<number> {
  const venue = format.slice(0, -'-raw'.length) as VenueName;
  const markets = await marketsOf(venue, file, symbols);
  const replay = new RawReplay(venue, markets);
  await eachLine(file, (line) => {
    const read = readRawLine(line);
    if (read !== undefined) replay.take(read);
  });
  const report = { format, file, ...replay.report() };
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else print(report);
  const isSame = report.symbols.every(
    ({ quotesDifferent, minutesDifferent }) => quotesDifferent + minutesDifferent === 0,
  );
  return isSame ? 0 : 1;
}

/** Reads the recording once for the grids of its symbols. */
async function marketsOf(
  venue: VenueName,
  file: string,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, Market>> {
  const scan = new GridScan();
  await eachLine(file, (line) => {
    const read = readRawLine(line);
    if (read !== undefined) {
      scan.look(read.text, read.kind === 'snapshot' ? read.symbol : undefined);
    }
  });
  const found = scan
    .grids()
    .filter(({ symbol }) => wanted.length === 0 || wanted.includes(symbol))
    .slice(0, SYMBOLS_MAX);
  if (found.length === 0) throw new UsageError(`${file} has no such symbols`);
  return new Map(
    found.map(({ symbol, priceDecimals, qtyDecimals }, i) => [
      symbol,
      marketFor(venue, symbol, i + 1, priceDecimals, qtyDecimals),
    ]),
  );
}

async function eachLine(file: string, take: (line: string) => void): Promise<void> {
  const source = await LineSource.open(file);
  for (;;) {
    const line = source.take();
    if (line !== undefined) take(line);
    else if (!(await source.fill())) return;
  }
}

function marketFor(
  exchange: string,
  symbol: string,
  id: number,
  priceDecimals: number,
  qtyDecimals: number,
): Market {
  const quoteDecimals = Math.min(QUOTE_DECIMALS, priceDecimals + qtyDecimals);
  return {
    id,
    exchange,
    symbol,
    base: { name: symbol, decimals: qtyDecimals },
    quote: { name: 'USD', decimals: quoteDecimals },
    assetClass: 'crypto_perpetual',
    source: 'live',
    tickUnits: 1,
    priceDecimals,
    lotUnits: 1,
    qtyDecimals,
    quoteUnitsPerTickLot: 10 ** (quoteDecimals - priceDecimals - qtyDecimals),
    baseUnitsPerLot: 1,
    minQtyLots: 1,
    maxQtyLots: Number.MAX_SAFE_INTEGER,
    maxPriceTicks: Number.MAX_SAFE_INTEGER,
    makerFeePpm: 0,
    takerFeePpm: 0,
    auctionFeePpm: 0,
    maxNotionalUnits: Number.MAX_SAFE_INTEGER,
    priceBandBps: 0,
    volatilityHaltBps: 0,
    referenceWindowSeconds: 0,
    marketCollarBps: 0,
    margin: null,
    reference: {
      name: marketName({ exchange, symbol } as Market),
      sector: null,
      sharesOutstanding: null,
      earningsPerShare: null,
      startPrice: null,
      annualVolatility: null,
      newsNames: [],
    },
  };
}

function print({ symbols, ...totals }: RawReport & { readonly file: string }): void {
  for (const [name, value] of Object.entries(totals)) console.log(`${name.padEnd(20)}${value}`);
  for (const { symbol, ...figures } of symbols) {
    const told = Object.entries(figures).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    console.log(`${symbol.padEnd(20)}${told.join(', ')}`);
  }
}
