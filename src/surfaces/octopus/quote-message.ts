import type { MarketStatistics } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import type { MarketView } from '../../projections/market-view.ts';

const PRICE = jsonBytes(',"price":');
const CHANGE = jsonBytes(',"change":');
const VOLUME = jsonBytes(',"volume":');
const TIMESTAMP = jsonBytes(',"timestamp":');
const SEQUENCE = jsonBytes(',"sequence":');
const NULL = jsonBytes('null');
const END = 125; // }

/** What a quote tells: a market that has traded, and its day by the calendar. */
export interface QuoteNews {
  readonly view: MarketView;
  readonly statistics: MarketStatistics;
}

/** Price less the previous close in ticks; `null` where there is no such close. */
export function dayChangeTicks(statistics: MarketStatistics): number | null {
  const { lastTicks, previousCloseTicks } = statistics;
  return previousCloseTicks === null ? null : lastTicks - previousCloseTicks;
}

/** Writes the quotes of `/ws/market-data`: exact numbers, milliseconds. */
export class QuoteMessageWriter {
  private readonly writer = new JsonWriter(1024);
  /** `{"type":"quote","symbol":…,"exchange":…` by market id. */
  private readonly heads: Uint8Array[] = [];

  /** @returns REUSED: valid until the next call. */
  write({ view, statistics }: QuoteNews): Uint8Array {
    const { writer } = this;
    const { market, ticker, tradesPosition } = view;
    const { tickUnits, priceDecimals } = market;
    const changeTicks = dayChangeTicks(statistics);
    writer.begin();
    writer.raw(this.headOf(market));
    writer.raw(PRICE);
    writer.decimalNumber(statistics.lastTicks * tickUnits, priceDecimals);
    writer.raw(CHANGE);
    if (changeTicks === null) writer.raw(NULL);
    else writer.decimalNumber(changeTicks * tickUnits, priceDecimals);
    writer.raw(VOLUME);
    writer.decimalNumber(statistics.dayVolumeLots * market.lotUnits, market.qtyDecimals);
    writer.raw(TIMESTAMP);
    writer.isoMillis(ticker.updatedSeconds, ticker.updatedNanos);
    writer.raw(SEQUENCE);
    writer.integer(tradesPosition.seq);
    writer.char(END);
    return writer.take();
  }

  private headOf({ id, symbol, exchange }: Market): Uint8Array {
    const head = { type: 'quote', symbol, exchange };
    this.heads[id] ??= jsonBytes(JSON.stringify(head).slice(0, -1));
    return this.heads[id];
  }
}
