import type { Market } from '../../domain/markets.ts';
import type { Clock } from '../../lib/clock.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import type { DepthSide } from '../../projections/depth.ts';
import type { MarketView } from '../../projections/market-view.ts';

const PRICE = jsonBytes(',"price":');
const TIMESTAMP = jsonBytes(',"timestamp":');
const VOLUME = jsonBytes(',"volume":');
const SEQUENCE = jsonBytes(',"sequence":');
const BIDS = jsonBytes(',"bids":[');
const ASKS = jsonBytes('],"asks":[');
const LISTS_END = jsonBytes(']');
const OPEN = 91; // [
const CLOSE = 93; // ]
const END = 125; // }

/** `{"channel":…,"symbol":…,"exchange":…` of each market, made once. */
class Heads {
  private readonly byMarket: Uint8Array[] = [];
  private readonly channel: string;

  constructor(channel: string) {
    this.channel = channel;
  }

  of({ id, symbol, exchange }: Market): Uint8Array {
    const { channel } = this;
    this.byMarket[id] ??= jsonBytes(JSON.stringify({ channel, symbol, exchange }).slice(0, -1));
    return this.byMarket[id];
  }
}

/** Writes the messages of `/ws/market`: decimal strings with all decimals, milliseconds. */
export class StreamMessageWriter {
  private readonly writer = new JsonWriter();
  private readonly prices = new Heads('market');
  private readonly books = new Heads('orderbook');
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * The newest trade's price and time.
   * @param volumeLots traded since the message before
   * @returns REUSED: valid until the next call.
   */
  price({ market, ticker, tradesPosition }: MarketView, volumeLots: number): Uint8Array {
    const { writer } = this;
    writer.begin();
    writer.raw(this.prices.of(market));
    writer.raw(PRICE);
    writer.decimalText(ticker.lastPriceTicks * market.tickUnits, market.priceDecimals);
    writer.raw(TIMESTAMP);
    writer.isoMillis(tradesPosition.seconds, tradesPosition.nanos);
    writer.raw(VOLUME);
    writer.decimalText(volumeLots * market.lotUnits, market.qtyDecimals);
    writer.raw(SEQUENCE);
    writer.integer(tradesPosition.seq);
    writer.char(END);
    return writer.take();
  }

  /** The best `depth` levels of both sides, `[price, size]` each. @returns REUSED, as above. */
  book({ market, depth: book, bookPosition }: MarketView, depth: number): Uint8Array {
    const { writer, clock } = this;
    writer.begin();
    writer.raw(this.books.of(market));
    writer.raw(BIDS);
    this.levels(market, book.bids, depth);
    writer.raw(ASKS);
    this.levels(market, book.asks, depth);
    writer.raw(LISTS_END);
    writer.raw(TIMESTAMP);
    // Of a market where nothing has happened yet, the state is that of this moment.
    const { seconds, nanos } = bookPosition.seconds === 0 ? clock : bookPosition;
    writer.isoMillis(seconds, nanos);
    writer.raw(SEQUENCE);
    writer.integer(bookPosition.seq);
    writer.char(END);
    return writer.take();
  }

  private levels(market: Market, side: DepthSide, depth: number): void {
    const { writer } = this;
    const { tickUnits, priceDecimals, lotUnits, qtyDecimals } = market;
    const count = Math.min(depth, side.length);
    for (let i = 0; i < count; i += 1) {
      if (i > 0) writer.comma();
      writer.char(OPEN);
      writer.decimalText(side.pricesTicks[i] * tickUnits, priceDecimals);
      writer.comma();
      writer.decimalText(side.qtysLots[i] * lotUnits, qtyDecimals);
      writer.char(CLOSE);
    }
  }
}
