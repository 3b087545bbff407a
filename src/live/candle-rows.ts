import type { Market } from '../domain/markets.ts';
import * as BAR from '../features/bar-rows.ts';
import { type Decimal, decimalToNumber, unitsAt } from '../feeds/decimal.ts';
import { decimalLots, decimalTicks, OFF_GRID } from '../feeds/grid.ts';
import type { CandleRecord } from '../feeds/normalised.ts';

/**
 * A candle of an exchange as a row of bars; `undefined` where nothing traded, and where a price does
 * not lie on the market's grid. An exchange that does not tell how many trades there were has one; one
 * that does not tell the notional has its volume at the middle of its bounds.
 */
export function rowOfCandle(market: Market, candle: CandleRecord): Float64Array | undefined {
  const prices = [candle.open, candle.high, candle.low, candle.close].map((price) =>
    decimalTicks(price, market),
  );
  const lots = decimalLots(candle.volume, market);
  if (lots <= 0 || prices.includes(OFF_GRID)) return undefined;
  const [open, high, low, close] = prices;
  const row = new Float64Array(BAR.BAR_FIELDS);
  row[BAR.BAR_SECONDS] = Math.floor(candle.openTimeMs / 1000);
  row[BAR.BAR_OPEN] = open;
  row[BAR.BAR_HIGH] = high;
  row[BAR.BAR_LOW] = low;
  row[BAR.BAR_CLOSE] = close;
  row[BAR.BAR_LOTS] = lots;
  const { quoteVolume } = candle;
  row[BAR.BAR_TICK_LOTS] =
    quoteVolume === null ? Math.round((lots * (high + low)) / 2) : tickLots(market, quoteVolume);
  row[BAR.BAR_TRADES] = Math.max(1, candle.trades ?? 1);
  return row;
}

/** A notional in ticks × lots; exact as long as the exchange's own figure is. */
export function tickLots({ quote, quoteUnitsPerTickLot }: Market, notional: Decimal): number {
  const units = unitsAt(notional, quote.decimals);
  const exact = units === undefined ? decimalToNumber(notional) * 10 ** quote.decimals : units;
  return Math.round(exact / quoteUnitsPerTickLot);
}

/** The nearest tick: marks and indices are finer than orders may be. */
export function nearestTicks({ tickUnits, priceDecimals }: Market, price: Decimal): number {
  return Math.round((decimalToNumber(price) * 10 ** priceDecimals) / tickUnits);
}

/** The nearest lot. */
export function nearestLots({ lotUnits, qtyDecimals }: Market, qty: Decimal): number {
  return Math.round((decimalToNumber(qty) * 10 ** qtyDecimals) / lotUnits);
}
