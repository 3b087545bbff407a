import { type Market, marketName } from '../../domain/markets.ts';
import type { Clock } from '../../lib/clock.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import type { ChangedPrices, DepthSide } from '../../projections/depth.ts';
import type { ChannelPosition, MarketView } from '../../projections/market-view.ts';
import type { BookChecksum } from './book-checksum.ts';
import type { StreamEncoder } from './encoder.ts';

const OPEN = 91; // [
const CLOSE = 93; // ]
const END = 125; // }
const PREV_SEQ = jsonBytes(',"prev_seq":');
const VENUE_TIME = jsonBytes(',"venue_time":');
const SENT_TIME = jsonBytes(',"sent_time":');
const NULL = jsonBytes('null');
const CRC32 = jsonBytes(',"crc32":');
const BIDS = jsonBytes(',"bids":[');
const ASKS = jsonBytes('],"asks":[');
const BID_LEVELS = jsonBytes('],"bid_levels":');
const ASK_LEVELS = jsonBytes(',"ask_levels":');
const LEVELS_END = jsonBytes(']}');
const TRADES = jsonBytes(',"trades":[');
const TRADE_ID = jsonBytes('{"trade_id":');
const TRADE_PRICE = jsonBytes(',"price":');
const TRADE_QTY = jsonBytes(',"qty":');
const TRADE_SIDES = ['buy', 'sell'].map((side) => jsonBytes(`,"side":"${side}"`));
const TRADE_SIDE_UNKNOWN = jsonBytes(',"side":null');
const TRADE_PRINTED = [jsonBytes(',"printed":false}'), jsonBytes(',"printed":true}')];
const BID_PRICE = jsonBytes(',"bid_price":');
const BID_QTY = jsonBytes(',"bid_qty":');
const ASK_PRICE = jsonBytes(',"ask_price":');
const ASK_QTY = jsonBytes(',"ask_qty":');

const HEAD_SNAPSHOT = 0;
const HEAD_DELTA = 1;
const HEAD_TRADES = 2;
const HEAD_BBO = 3;
/** Channel and type of the four kinds of message, by `HEAD_…`. */
const HEADS = [
  ['book', 'snapshot'],
  ['book', 'delta'],
  ['trades', 'trades'],
  ['bbo', 'bbo'],
] as const;

/**
 * The JSON form: prices and quantities are decimal strings with all the decimals of their market,
 * times ISO 8601 with microseconds, a level is `[price, quantity, orders]`.
 */
export class JsonEncoder implements StreamEncoder {
  private readonly writer = new JsonWriter();
  private readonly epoch: number;
  private readonly clock: Clock;
  private readonly checksum: BookChecksum;
  /** By market id: the fixed beginnings of its messages, by `HEAD_…`. */
  private readonly heads: Uint8Array[][] = [];

  /** `clock` gives the send time: what it said at its last tick. */
  constructor(epoch: number, clock: Clock, checksum: BookChecksum) {
    this.epoch = epoch;
    this.clock = clock;
    this.checksum = checksum;
  }

  snapshot(view: MarketView, levels: number): Uint8Array {
    const { writer } = this;
    const { bids, asks } = view.depth;
    this.beginBook(HEAD_SNAPSHOT, view);
    this.bestLevels(view.market, bids, levels);
    writer.raw(ASKS);
    this.bestLevels(view.market, asks, levels);
    writer.raw(BID_LEVELS);
    writer.integer(bids.length);
    writer.raw(ASK_LEVELS);
    writer.integer(asks.length);
    writer.char(END);
    return writer.take();
  }

  bookDelta(view: MarketView): Uint8Array {
    const { writer } = this;
    const { bids, asks, changed } = view.depth;
    this.beginBook(HEAD_DELTA, view);
    this.changedLevels(view.market, bids, changed.bids);
    writer.raw(ASKS);
    this.changedLevels(view.market, asks, changed.asks);
    writer.raw(LEVELS_END);
    return writer.take();
  }

  trades(view: MarketView): Uint8Array {
    const { writer } = this;
    const { trades, market } = view;
    this.begin(HEAD_TRADES, market, view.tradesPosition);
    writer.raw(TRADES);
    for (let i = 0; i < trades.length; i += 1) {
      if (i > 0) writer.comma();
      writer.raw(TRADE_ID);
      writer.integer(trades.ids[i]);
      writer.raw(TRADE_PRICE);
      writer.decimalText(trades.pricesTicks[i] * market.tickUnits, market.priceDecimals);
      writer.raw(TRADE_QTY);
      writer.decimalText(trades.qtysLots[i] * market.lotUnits, market.qtyDecimals);
      writer.raw(TRADE_SIDES[trades.sides[i]] ?? TRADE_SIDE_UNKNOWN);
      writer.raw(VENUE_TIME);
      writer.isoMicros(trades.seconds[i], trades.nanos[i]);
      writer.raw(TRADE_PRINTED[trades.printed[i]]);
    }
    writer.raw(LEVELS_END);
    return writer.take();
  }

  bbo(view: MarketView): Uint8Array {
    const { writer } = this;
    const { best, market } = view;
    this.begin(HEAD_BBO, market, view.bboPosition);
    writer.raw(BID_PRICE);
    this.priceOrNull(market, best.bidTicks, best.bidLots);
    writer.raw(BID_QTY);
    this.qtyOrNull(market, best.bidLots);
    writer.raw(ASK_PRICE);
    this.priceOrNull(market, best.askTicks, best.askLots);
    writer.raw(ASK_QTY);
    this.qtyOrNull(market, best.askLots);
    writer.char(END);
    return writer.take();
  }

  private beginBook(head: number, view: MarketView): void {
    this.begin(head, view.market, view.bookPosition);
    this.writer.raw(CRC32);
    this.writer.integer(this.checksum.of(view));
    this.writer.raw(BIDS);
  }

  private begin(head: number, market: Market, position: ChannelPosition): void {
    const { writer, clock } = this;
    this.heads[market.id] ??= this.headsOf(market);
    writer.begin();
    writer.raw(this.heads[market.id][head]);
    writer.integer(position.seq);
    writer.raw(PREV_SEQ);
    writer.integer(position.publishedSeq);
    writer.raw(VENUE_TIME);
    if (position.seconds === 0) writer.raw(NULL);
    else writer.isoMicros(position.seconds, position.nanos);
    writer.raw(SENT_TIME);
    writer.isoMicros(clock.seconds, clock.nanos);
  }

  private headsOf(market: Market): Uint8Array[] {
    const name = JSON.stringify(marketName(market));
    return HEADS.map(([channel, type]) =>
      jsonBytes(
        `{"channel":"${channel}","type":"${type}","market":${name},"epoch":${this.epoch},"seq":`,
      ),
    );
  }

  private bestLevels(market: Market, side: DepthSide, levels: number): void {
    const count = Math.min(side.length, levels);
    for (let i = 0; i < count; i += 1) {
      if (i > 0) this.writer.comma();
      this.level(market, side.pricesTicks[i], side.qtysLots[i], side.orders[i]);
    }
  }

  private changedLevels(market: Market, side: DepthSide, changed: ChangedPrices): void {
    for (let i = 0; i < changed.length; i += 1) {
      if (i > 0) this.writer.comma();
      const priceTicks = changed.pricesTicks[i];
      const at = side.indexOf(priceTicks);
      if (at < 0) this.level(market, priceTicks, 0, 0);
      else this.level(market, priceTicks, side.qtysLots[at], side.orders[at]);
    }
  }

  private level(market: Market, priceTicks: number, qtyLots: number, orders: number): void {
    const { writer } = this;
    writer.char(OPEN);
    writer.decimalText(priceTicks * market.tickUnits, market.priceDecimals);
    writer.comma();
    writer.decimalText(qtyLots * market.lotUnits, market.qtyDecimals);
    writer.comma();
    writer.integer(orders);
    writer.char(CLOSE);
  }

  private priceOrNull(market: Market, priceTicks: number, qtyLots: number): void {
    if (qtyLots === 0) this.writer.raw(NULL);
    else this.writer.decimalText(priceTicks * market.tickUnits, market.priceDecimals);
  }

  private qtyOrNull(market: Market, qtyLots: number): void {
    if (qtyLots === 0) this.writer.raw(NULL);
    else this.writer.decimalText(qtyLots * market.lotUnits, market.qtyDecimals);
  }
}
