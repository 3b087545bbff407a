import { readFileSync } from 'node:fs';
import type { Asset, AssetClass, Market, MarketSource } from '../domain/markets.ts';
import { parseScaled } from '../lib/fixed-point.ts';
import { ALWAYS, type CalendarEntry, ExchangeCalendar, type TradingCalendar } from './calendars.ts';
import { type MarginEntry, marginTerms } from './margin-terms.ts';
import { SettingError } from './setting-error.ts';

interface MarketEntry extends MarginEntry {
  id: number;
  exchange: string;
  symbol: string;
  aliases?: string[];
  base: string;
  quote: string;
  tick: string;
  lot: string;
  maxQty: string;
  /** Largest position of a margin portfolio; default `maxQty`. */
  maxPosition?: string;
  source?: MarketSource;
  name: string;
  newsNames?: readonly string[];
  sector: string | null;
  sharesOutstanding: number | null;
  /** Default: unknown. */
  earningsPerShare?: string | null;
  startPrice: string | null;
  annualVolatility: number | null;
}

interface ExchangeEntry extends MarginEntry {
  assetClass: AssetClass;
  /** A name of `calendars`; default: always open. */
  calendar?: string;
  /** How long a market rests after a volatility halt, and how long it then calls for an auction. */
  haltSeconds?: number;
  reopeningCallSeconds?: number;
  makerFeePpm: number;
  takerFeePpm: number;
  /** Default: the maker fee, no rebate. */
  auctionFeePpm?: number;
  /** Default 0: no bounds. */
  priceBandBps?: number;
  volatilityHaltBps?: number;
  referenceWindowSeconds?: number;
}

const REFERENCE_WINDOW_SECONDS = 300;

export interface MarketsFile {
  assets: Record<string, { decimals: number }>;
  calendars?: Record<string, CalendarEntry>;
  exchanges: Record<string, ExchangeEntry>;
  markets: MarketEntry[];
}

/** By exchange in lower case: the source its markets have instead of the file's. */
export type SourceOverrides = ReadonlyMap<string, MarketSource>;

/** Reads `config/markets.json` or a file of the same form. Throws with the place of a mistake. */
export function loadMarkets(path: string, overrides?: SourceOverrides): MarketRegistry {
  return buildRegistry(JSON.parse(readFileSync(path, 'utf8')) as MarketsFile, overrides);
}

/** Markets that the file itself has switched off are left out, unless someone switches them on. */
export function buildRegistry(
  file: MarketsFile,
  overrides: SourceOverrides = new Map(),
): MarketRegistry {
  checkOverrides(file, overrides);
  const entries = file.markets
    .filter(({ source, exchange }) => source !== 'off' || isOn(overrides, exchange))
    .map((entry) => ({
      ...entry,
      source: overrides.get(entry.exchange.toLowerCase()) ?? entry.source,
    }));
  const markets = entries.map((entry) => buildMarket(file, entry));
  const aliases = new Map<Market, readonly string[]>();
  entries.forEach((entry, i) => {
    aliases.set(markets[i], entry.aliases ?? []);
  });
  const calendars = new Map<string, TradingCalendar>([[ALWAYS.name, ALWAYS]]);
  for (const [name, entry] of Object.entries(file.calendars ?? {})) {
    calendars.set(name, new ExchangeCalendar(name, entry));
  }
  const openings = new Map<Market, Opening>();
  entries.forEach(({ exchange }, i) => {
    openings.set(markets[i], opening(exchange, file.exchanges[exchange], calendars));
  });
  return new MarketRegistry(markets, aliases, openings);
}

function isOn(overrides: SourceOverrides, exchange: string): boolean {
  return (overrides.get(exchange.toLowerCase()) ?? 'off') !== 'off';
}

function checkOverrides(file: MarketsFile, overrides: SourceOverrides): void {
  const known = new Set(Object.keys(file.exchanges).map((name) => name.toLowerCase()));
  for (const exchange of overrides.keys()) {
    if (known.has(exchange)) continue;
    const names = [...known].join(', ');
    throw new SettingError(`OPENBELL_EXCHANGES names "${exchange}"; there are ${names}`);
  }
}

/** When a market trades, and how it comes back from a volatility halt. */
export interface Opening {
  readonly calendar: TradingCalendar;
  readonly haltSeconds: number;
  readonly reopeningCallSeconds: number;
}

const ALWAYS_OPEN: Opening = { calendar: ALWAYS, haltSeconds: 300, reopeningCallSeconds: 60 };

function opening(
  exchange: string,
  { calendar = ALWAYS.name, haltSeconds, reopeningCallSeconds }: ExchangeEntry,
  calendars: ReadonlyMap<string, TradingCalendar>,
): Opening {
  const found = calendars.get(calendar);
  if (found === undefined)
    throw new Error(`exchange ${exchange}: there is no calendar ${calendar}`);
  return {
    calendar: found,
    haltSeconds: haltSeconds ?? ALWAYS_OPEN.haltSeconds,
    reopeningCallSeconds: reopeningCallSeconds ?? ALWAYS_OPEN.reopeningCallSeconds,
  };
}

function buildMarket(file: MarketsFile, entry: MarketEntry): Market {
  const where = `market ${entry.exchange}:${entry.symbol}`;
  const exchange = file.exchanges[entry.exchange];
  if (exchange === undefined) throw new Error(`${where}: exchange is not described`);
  const base = asset(file, entry.base, where);
  const quote = asset(file, entry.quote, where);
  const priceDecimals = decimalsOf(entry.tick);
  const qtyDecimals = decimalsOf(entry.lot);
  const tickUnits = scaled(entry.tick, priceDecimals, `${where}: tick`);
  const lotUnits = scaled(entry.lot, qtyDecimals, `${where}: lot`);
  const shift = quote.decimals - priceDecimals - qtyDecimals;
  const quoteUnitsPerTickLot =
    shift >= 0 ? tickUnits * lotUnits * 10 ** shift : (tickUnits * lotUnits) / 10 ** -shift;
  const baseUnitsPerLot = lotUnits * 10 ** (base.decimals - qtyDecimals);
  if (!Number.isSafeInteger(quoteUnitsPerTickLot)) {
    throw new Error(`${where}: tick × lot is no whole number of the quote asset's smallest unit`);
  }
  if (!Number.isSafeInteger(baseUnitsPerLot)) {
    throw new Error(`${where}: lot is no whole number of the base asset's smallest unit`);
  }
  const maxQtyLots = scaled(entry.maxQty, qtyDecimals, `${where}: maxQty`) / lotUnits;
  if (!Number.isSafeInteger(maxQtyLots)) throw new Error(`${where}: maxQty is off the lot`);
  const maxPosition = entry.maxPosition ?? entry.maxQty;
  const limitLots = Math.floor(
    scaled(maxPosition, qtyDecimals, `${where}: maxPosition`) / lotUnits,
  );
  return {
    id: entry.id,
    exchange: entry.exchange,
    symbol: entry.symbol,
    base,
    quote,
    assetClass: exchange.assetClass,
    source: entry.source ?? 'simulated',
    tickUnits,
    priceDecimals,
    lotUnits,
    qtyDecimals,
    quoteUnitsPerTickLot,
    baseUnitsPerLot,
    minQtyLots: 1,
    maxQtyLots,
    // A price at which one whole lot is worth more than the ledger can hold is no price.
    maxPriceTicks: Math.min(2 ** 40, Math.floor(2 ** 50 / quoteUnitsPerTickLot)),
    makerFeePpm: exchange.makerFeePpm,
    takerFeePpm: exchange.takerFeePpm,
    auctionFeePpm: exchange.auctionFeePpm ?? Math.max(0, exchange.makerFeePpm),
    maxNotionalUnits: 2 ** 50,
    priceBandBps: bps(exchange.priceBandBps ?? 0, `${where}: priceBandBps`),
    volatilityHaltBps: bps(exchange.volatilityHaltBps ?? 0, `${where}: volatilityHaltBps`),
    referenceWindowSeconds: exchange.referenceWindowSeconds ?? REFERENCE_WINDOW_SECONDS,
    marketCollarBps: 500,
    margin: marginTerms({ ...exchange, ...entry }, exchange.assetClass, limitLots, where),
    reference: {
      name: entry.name,
      newsNames: entry.newsNames ?? [],
      sector: entry.sector,
      sharesOutstanding: entry.sharesOutstanding,
      earningsPerShare: earnings(entry.earningsPerShare ?? null, where),
      startPrice: entry.startPrice,
      annualVolatility: entry.annualVolatility,
    },
  };
}

function bps(value: number, what: string): number {
  if (Number.isInteger(value) && value >= 0 && value < 10_000) return value;
  throw new Error(`${what} is ${value}; it must be a whole number, 0 to 9999`);
}

/** A company may have lost money: then the text begins with a minus. */
function earnings(text: string | null, where: string): string | null {
  if (text === null || /^-?\d{1,9}(\.\d{1,6})?$/.test(text)) return text;
  throw new Error(`${where}: earningsPerShare is ${text}; it must be a decimal number as text`);
}

function asset(file: MarketsFile, name: string, where: string): Asset {
  const found = file.assets[name];
  if (found === undefined) throw new Error(`${where}: asset ${name} is not described`);
  return { name, decimals: found.decimals };
}

function decimalsOf(text: string): number {
  const dot = text.indexOf('.');
  return dot < 0 ? 0 : text.length - dot - 1;
}

function scaled(text: string, decimals: number, what: string): number {
  const value = parseScaled(text, decimals);
  if (value === undefined || value <= 0) throw new Error(`${what} is not a positive decimal`);
  return value;
}

/** All markets, and the one place that turns any spelling of one into the market. */
export class MarketRegistry {
  readonly all: readonly Market[];
  readonly exchanges: readonly string[];
  private readonly byId = new Map<number, Market>();
  private readonly bySpelling = new Map<string, Market>();
  private readonly primaries = new Map<string, Market>();

  private readonly openings: ReadonlyMap<Market, Opening>;

  /** @param openings markets that are not in it are always open */
  constructor(
    markets: readonly Market[],
    aliases: ReadonlyMap<Market, readonly string[]>,
    openings: ReadonlyMap<Market, Opening> = new Map(),
  ) {
    this.all = markets;
    this.openings = openings;
    this.exchanges = [...new Set(markets.map((market) => market.exchange))];
    for (const market of markets) {
      if (!(market.id > 0 && market.id < 65_536) || this.byId.has(market.id)) {
        throw new Error(`market id ${market.id} is out of range or used twice`);
      }
      this.byId.set(market.id, market);
      for (const symbol of [market.symbol, ...(aliases.get(market) ?? [])]) {
        const key = spelling(market.exchange, symbol);
        if (this.bySpelling.has(key)) throw new Error(`two markets are spelt ${key}`);
        this.bySpelling.set(key, market);
        const bare = bareSpelling(symbol);
        if (!this.primaries.has(bare)) this.primaries.set(bare, market);
      }
    }
  }

  /** When the market trades. */
  opening(market: Market): Opening {
    return this.openings.get(market) ?? ALWAYS_OPEN;
  }

  /** True where money is play money: someone trades here, and no exchange is meant. */
  get hasPlayMoney(): boolean {
    return this.all.some(({ source }) => source === 'simulated' || source === 'replay');
  }

  get(id: number): Market | undefined {
    return this.byId.get(id);
  }

  /** Finds `BTC-USDT`, `BTC/USDT`, `BTCUSDT`, `btc_usdt` or an alias on an exchange of any case. */
  resolve(exchange: string, symbol: string): Market | undefined {
    return this.bySpelling.get(spelling(exchange, symbol));
  }

  /** The first of the configured markets with that symbol, where no exchange is named. */
  primary(symbol: string): Market | undefined {
    return this.primaries.get(bareSpelling(symbol));
  }

  /** The configured name of an exchange given in any case. */
  exchangeName(exchange: string): string | undefined {
    const wanted = exchange.toLowerCase();
    return this.exchanges.find((name) => name.toLowerCase() === wanted);
  }
}

function spelling(exchange: string, symbol: string): string {
  return `${exchange.toLowerCase()}:${bareSpelling(symbol)}`;
}

function bareSpelling(symbol: string): string {
  return symbol.toUpperCase().replaceAll(/[-/_]/g, '');
}
