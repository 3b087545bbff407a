import type { Market } from '../../domain/markets.ts';
import { spreadBps, type Touches } from '../../gateway/strategies/quote-record.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import type { MarketView } from '../../projections/market-view.ts';

const TYPE = jsonBytes(',"type":"quote_update","data":{"symbol":');
const BID = jsonBytes(',"bid":');
const ASK = jsonBytes(',"ask":');
const BID_SIZE = jsonBytes(',"bid_size":');
const ASK_SIZE = jsonBytes(',"ask_size":');
const SPREAD = jsonBytes(',"spread_bps":');
const OURS = jsonBytes(',"our_spread_bps":');
const MARKETS = jsonBytes(',"market_spread_bps":');
const IMPROVEMENT = jsonBytes(',"improvement_percent":');
const LAST = jsonBytes(',"last_trade_price":');
const VOLUME = jsonBytes(',"volume_24h_usdc":');
const GENERATED = jsonBytes(',"quote_generated_at":');
const ACTIVE = jsonBytes(',"orders_active":');
const ENDING = jsonBytes('}}');
const NULL = jsonBytes('null');
/** Basis points are told with one decimal. */
const BPS_DECIMALS = 1;
const BPS_TENTHS = 100_000;

/** What the market maker has in the market. */
export interface OwnQuotes {
  readonly touches: Touches;
  /** When an order of its last came, moved or left, ms; 0 before the first. */
  readonly quotedMs: number;
  readonly orders: number;
}

/** What a message of `trading.{symbol}` tells. */
export interface QuoteNews {
  readonly view: MarketView;
  /** As this surface spells it: `SEI/USDC`. */
  readonly symbol: string;
  /** Smallest units of the quote asset. */
  readonly volumeUnits: number;
  /** `undefined` where there is no market maker. */
  readonly own: OwnQuotes | undefined;
  /** Of the market's newest event; now, where nothing has happened yet. */
  readonly seconds: number;
  readonly nanos: number;
}

/** (ask − bid) ÷ mid in tenths of a basis point, rounded; NaN while a side is empty. */
export function spreadTenths(bidTicks: number, askTicks: number): number {
  if (bidTicks === 0 || askTicks === 0) return Number.NaN;
  return Math.round(((askTicks - bidTicks) * 2 * BPS_TENTHS) / (askTicks + bidTicks));
}

/**
 * Writes `quote_update`. Where there is no market-making account, what the message says of our own
 * quotes is `null`, and the market's spread is the whole spread.
 */
export class QuoteUpdateWriter {
  private readonly writer = new JsonWriter(2048);
  /** By market id: `{"channel":…,"timestamp":` and the symbol. */
  private readonly names: (readonly [Uint8Array, Uint8Array])[] = [];

  /** @returns REUSED: valid until the next call. */
  write({ view, symbol, volumeUnits, own, seconds, nanos }: QuoteNews): Uint8Array {
    const { writer } = this;
    const { market, best, ticker } = view;
    const [head, name] = this.namesOf(market.id, symbol);
    writer.begin();
    writer.raw(head);
    writer.isoMillis(seconds, nanos);
    writer.raw(TYPE);
    writer.raw(name);
    this.price(BID, market, best.bidTicks);
    this.price(ASK, market, best.askTicks);
    this.size(BID_SIZE, market, best.bidLots);
    this.size(ASK_SIZE, market, best.askLots);
    const tenths = spreadTenths(best.bidTicks, best.askTicks);
    this.bps(SPREAD, tenths);
    this.spreads(own?.touches, tenths);
    this.price(LAST, market, ticker.lastPriceTicks);
    writer.raw(VOLUME);
    writer.decimalNumber(volumeUnits, market.quote.decimals);
    writer.raw(GENERATED);
    const quotedMs = own?.quotedMs ?? 0;
    if (quotedMs === 0) writer.raw(NULL);
    else writer.isoMillis(Math.floor(quotedMs / 1000), (quotedMs % 1000) * 1_000_000);
    writer.raw(ACTIVE);
    if (own === undefined) writer.raw(NULL);
    else writer.integer(own.orders);
    writer.raw(ENDING);
    return writer.take();
  }

  /** Ours, the others', and by how much ours is narrower. @param whole of the book with both */
  private spreads(touches: Touches | undefined, whole: number): void {
    if (touches === undefined) {
      this.bps(OURS, Number.NaN);
      this.bps(MARKETS, whole);
      this.bps(IMPROVEMENT, Number.NaN);
      return;
    }
    const { ourBid, ourAsk, theirBid, theirAsk } = touches;
    this.bps(OURS, spreadTenths(ourBid, ourAsk));
    this.bps(MARKETS, spreadTenths(theirBid, theirAsk));
    const isKnown = ourBid > 0 && ourAsk > 0 && theirBid > 0 && theirAsk > theirBid;
    const ours = spreadBps(ourBid, ourAsk);
    const theirs = spreadBps(theirBid, theirAsk);
    this.bps(IMPROVEMENT, isKnown ? Math.round(((theirs - ours) / theirs) * 1000) : Number.NaN);
  }

  private price(label: Uint8Array, market: Market, ticks: number): void {
    this.writer.raw(label);
    if (ticks === 0) this.writer.raw(NULL);
    else this.writer.decimalText(ticks * market.tickUnits, market.priceDecimals);
  }

  private size(label: Uint8Array, market: Market, lots: number): void {
    this.writer.raw(label);
    this.writer.decimalText(lots * market.lotUnits, market.qtyDecimals);
  }

  private bps(label: Uint8Array, tenths: number): void {
    this.writer.raw(label);
    if (Number.isNaN(tenths)) this.writer.raw(NULL);
    else this.writer.decimalNumber(tenths, BPS_DECIMALS);
  }

  private namesOf(marketId: number, symbol: string): readonly [Uint8Array, Uint8Array] {
    const channel = JSON.stringify(`trading.${symbol}`);
    this.names[marketId] ??= [
      jsonBytes(`{"channel":${channel},"timestamp":`),
      jsonBytes(JSON.stringify(symbol)),
    ];
    return this.names[marketId];
  }
}
