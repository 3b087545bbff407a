import type { Market } from '../../domain/markets.ts';
import type { Clock } from '../../lib/clock.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import type { MarketView } from '../../projections/market-view.ts';
import type { TradeBatch } from '../../projections/trade-batch.ts';
import { symbolToWire } from './translate.ts';

const END = 125; // }
const TIMESTAMP = jsonBytes('{"timestamp":');
const VOLUME = jsonBytes(',"volume":');
const BID = jsonBytes(',"bid":');
const ASK = jsonBytes(',"ask":');
const NULL = jsonBytes('null');
const TRADES = jsonBytes(',"trades":[');
const TRADES_END = jsonBytes(']}');
const TRADE_PRICE = jsonBytes('{"price":');
const TRADE_QUANTITY = jsonBytes(',"quantity":');
const TRADE_SIDES = ['buy', 'sell'].map((side) => jsonBytes(`,"side":"${side}","trade_id":"`));
const TRADE_SIDE_UNKNOWN = jsonBytes(',"side":null,"trade_id":"');
const TRADE_TIME = jsonBytes('","timestamp":');

/**
 * Writes the data format "Market Data": numbers print exactly, `price` is the last trade's or null,
 * `volume` what was traded in the trades of this very message, which `trades` lists when there are any.
 */
export class MarketMessageWriter {
  private readonly writer = new JsonWriter();
  /** By market id: `,"exchange":…,"symbol":…,"price":`. */
  private readonly names: Uint8Array[] = [];
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * The state of a settled view with the trades of a batch.
   * @returns REUSED: valid until the next call.
   */
  write(view: MarketView, trades: TradeBatch): Uint8Array {
    const { writer } = this;
    const { market, best, ticker } = view;
    this.names[market.id] ??= jsonBytes(
      `,"exchange":${JSON.stringify(market.exchange)},"symbol":${JSON.stringify(
        symbolToWire(market),
      )},"price":`,
    );
    let volumeLots = 0;
    for (let i = 0; i < trades.length; i += 1) volumeLots += trades.qtysLots[i];
    writer.begin();
    writer.raw(TIMESTAMP);
    // Of a market where nothing has happened yet, the state is that of this moment.
    const { clock } = this;
    if (ticker.updatedSeconds === 0) writer.isoMicros(clock.seconds, clock.nanos);
    else writer.isoMicros(ticker.updatedSeconds, ticker.updatedNanos);
    writer.raw(this.names[market.id]);
    this.priceOrNull(market, ticker.lastPriceTicks);
    writer.raw(VOLUME);
    writer.decimalNumber(volumeLots * market.lotUnits, market.qtyDecimals);
    writer.raw(BID);
    this.priceOrNull(market, best.bidTicks);
    writer.raw(ASK);
    this.priceOrNull(market, best.askTicks);
    if (trades.length === 0) writer.char(END);
    else this.trades(market, trades);
    return writer.take();
  }

  private trades(market: Market, trades: TradeBatch): void {
    const { writer } = this;
    writer.raw(TRADES);
    for (let i = 0; i < trades.length; i += 1) {
      if (i > 0) writer.comma();
      writer.raw(TRADE_PRICE);
      writer.decimalNumber(trades.pricesTicks[i] * market.tickUnits, market.priceDecimals);
      writer.raw(TRADE_QUANTITY);
      writer.decimalNumber(trades.qtysLots[i] * market.lotUnits, market.qtyDecimals);
      writer.raw(TRADE_SIDES[trades.sides[i]] ?? TRADE_SIDE_UNKNOWN);
      writer.integer(trades.ids[i]);
      writer.raw(TRADE_TIME);
      writer.isoMicros(trades.seconds[i], trades.nanos[i]);
      writer.char(END);
    }
    writer.raw(TRADES_END);
  }

  private priceOrNull(market: Market, priceTicks: number): void {
    if (priceTicks === 0) this.writer.raw(NULL);
    else this.writer.decimalNumber(priceTicks * market.tickUnits, market.priceDecimals);
  }
}
