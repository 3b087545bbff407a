import { TOP_LEVELS } from './feature-schema.ts';
import type { TopSide } from './top-of-book.ts';

/** Sums over the best 1, 3, 5 and 10 levels. REUSED. */
class SideSums {
  lots1 = 0;
  lots3 = 0;
  lots5 = 0;
  lots10 = 0;
  /** Price × lots over 5 levels. */
  tickLots5 = 0;
  orders1 = 0;
  orders10 = 0;

  take(side: TopSide): void {
    let lots = 0;
    let orders = 0;
    let tickLots = 0;
    for (let i = 0; i < TOP_LEVELS; i += 1) {
      if (i < side.length) {
        lots += side.qtysLots[i];
        orders += side.orders[i];
        tickLots += side.pricesTicks[i] * side.qtysLots[i];
      }
      if (i === 0) {
        this.lots1 = lots;
        this.orders1 = orders;
      } else if (i === 2) this.lots3 = lots;
      else if (i === 4) {
        this.lots5 = lots;
        this.tickLots5 = tickLots;
      }
    }
    this.lots10 = lots;
    this.orders10 = orders;
  }
}

const bid = new SideSums();
const ask = new SideSums();

/** Features 0 to 22: the shape of the book. Unknown when a side is empty, or while the book is crossed. */
export function writeBookFeatures(row: Float64Array, bids: TopSide, asks: TopSide): void {
  if (bids.length === 0 || asks.length === 0 || bids.pricesTicks[0] >= asks.pricesTicks[0]) {
    row.fill(Number.NaN, 0, 23);
    return;
  }
  bid.take(bids);
  ask.take(asks);
  const b = bids.pricesTicks[0];
  const a = asks.pricesTicks[0];
  const mid = (b + a) / 2;
  const bps = 1e4 / mid;
  row[0] = (a - b) * bps;
  row[1] = ((b * ask.lots1 + a * bid.lots1) / (bid.lots1 + ask.lots1) - mid) * bps;
  const b5 = bid.tickLots5 / bid.lots5;
  const a5 = ask.tickLots5 / ask.lots5;
  row[2] = ((b5 * ask.lots5 + a5 * bid.lots5) / (bid.lots5 + ask.lots5) - mid) * bps;
  row[3] = imbalance(bid.lots1, ask.lots1);
  row[4] = imbalance(bid.lots3, ask.lots3);
  row[5] = imbalance(bid.lots5, ask.lots5);
  row[6] = imbalance(bid.lots10, ask.lots10);
  row[7] = imbalance(bid.orders1, ask.orders1);
  row[8] = imbalance(bid.orders10, ask.orders10);
  row[9] = Math.log1p(bid.lots1);
  row[10] = Math.log1p(ask.lots1);
  row[11] = Math.log1p(bid.lots5);
  row[12] = Math.log1p(ask.lots5);
  row[13] = Math.log1p(bid.lots10);
  row[14] = Math.log1p(ask.lots10);
  const bidSlope = bid.lots10 / ((mid - bids.pricesTicks[bids.length - 1]) * bps);
  const askSlope = ask.lots10 / ((asks.pricesTicks[asks.length - 1] - mid) * bps);
  row[15] = Math.log1p(bidSlope);
  row[16] = Math.log1p(askSlope);
  row[17] = Math.log1p((bidSlope + askSlope) / 2);
  row[18] = imbalance(bidSlope, askSlope);
  row[19] = bids.length < 2 ? 0 : (b - bids.pricesTicks[1]) * bps;
  row[20] = asks.length < 2 ? 0 : (asks.pricesTicks[1] - a) * bps;
  row[21] = Math.log1p(bid.lots1 / bid.orders1);
  row[22] = Math.log1p(ask.lots1 / ask.orders1);
}

/** (x - y) / (x + y), 0 when there is neither. */
export function imbalance(x: number, y: number): number {
  return x + y === 0 ? 0 : (x - y) / (x + y);
}
