import type { ExportedTrade } from './conformance-stage.ts';

/** What a portfolio's fills in one market add up to, in lots and smallest units of the quote asset. */
export interface RecomputedPosition {
  lots: bigint;
  /** Of the open quantity, signed like it. */
  costUnits: bigint;
  realisedUnits: bigint;
  feeUnits: bigint;
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/**
 * Goes over all trades again, by average cost. A reduction takes its share of the cost out, rounded
 * towards zero to the smallest unit; what rounding leaves stays with the open quantity.
 * @param unitsPerTickLot smallest units of the quote asset in one tick × lot
 */
export function positionOf(
  trades: readonly ExportedTrade[],
  portfolioId: number,
  unitsPerTickLot: number,
): RecomputedPosition {
  const position = { lots: 0n, costUnits: 0n, realisedUnits: 0n, feeUnits: 0n };
  for (const trade of trades) {
    const takerBuys = trade.taker_side === 'buy' ? 1n : -1n;
    const sides: [number, bigint, number][] = [
      [trade.maker_portfolio_id, -takerBuys, trade.maker_fee_units],
      [trade.taker_portfolio_id, takerBuys, trade.taker_fee_units],
    ];
    for (const [portfolio, sign, feeUnits] of sides) {
      if (portfolio !== portfolioId) continue;
      const lotUnits = BigInt(trade.price_ticks) * BigInt(unitsPerTickLot);
      fill(position, sign * BigInt(trade.quantity_lots), lotUnits);
      position.feeUnits += BigInt(feeUnits);
    }
  }
  return position;
}

function fill(position: RecomputedPosition, lots: bigint, lotUnits: bigint): void {
  const held = position.lots;
  const closing = held !== 0n && held > 0n !== lots > 0n ? least(abs(held), abs(lots)) : 0n;
  if (closing > 0n) {
    const direction = held > 0n ? 1n : -1n;
    const costOut = (position.costUnits * closing) / abs(held);
    position.realisedUnits += direction * closing * lotUnits - costOut;
    position.costUnits -= costOut;
  }
  const opening = (abs(lots) - closing) * (lots > 0n ? 1n : -1n);
  position.costUnits += opening * lotUnits;
  position.lots += lots;
}

export interface RecomputedBar {
  readonly timestamp: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

/**
 * The bars from the first trade to a time, empty ones included, as the Entasis surface writes them.
 * @param decimals of prices and of quantities
 */
export function barsOf(
  trades: readonly ExportedTrade[],
  length: number,
  toSeconds: number,
  decimals: { price: number; quantity: number },
): RecomputedBar[] {
  const startOf = (trade: ExportedTrade): number => {
    const seconds = Math.floor(Date.parse(trade.time) / 1000);
    return seconds - (seconds % length);
  };
  const bars: RecomputedBar[] = [];
  if (trades.length === 0) return bars;
  let close = 0;
  for (let start = startOf(trades[0]); start <= toSeconds; start += length) {
    const own = trades.filter((trade) => startOf(trade) === start);
    const ticks = own.map((trade) => trade.price_ticks);
    const open = ticks[0] ?? close;
    close = ticks.at(-1) ?? close;
    const lots = own.reduce((sum, trade) => sum + trade.quantity_lots, 0);
    const price = (value: number): string => (value / 10 ** decimals.price).toFixed(decimals.price);
    bars.push({
      timestamp: `${new Date(start * 1000).toISOString().slice(0, 19)}Z`,
      open: price(open),
      high: price(Math.max(open, ...ticks)),
      low: price(Math.min(open, ...ticks)),
      close: price(close),
      volume: (lots / 10 ** decimals.quantity).toFixed(decimals.quantity),
    });
  }
  return bars;
}
