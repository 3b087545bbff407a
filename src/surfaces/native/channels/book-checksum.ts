import { crc32 } from 'node:zlib';
import type { Market } from '../../../domain/markets.ts';
import { JsonWriter } from '../../../lib/json-writer.ts';
import type { DepthBook, DepthSide } from '../../../projections/depth.ts';
import type { MarketView } from '../../../projections/market-view.ts';

/** Levels of each side that the checksum of a book message covers. */
const CHECKSUM_LEVELS = 10;

/**
 * CRC-32 (IEEE 802.3) of the best ten asks, then the best ten bids, best first, each as the digits
 * of its price and of its quantity: the decimal text of the JSON messages without its dot and
 * without leading zeros, which is `ticks × tick_units` and `lots × lot_units`. An empty book has 0.
 *
 * One instance is shared by the encoders, so that a message in two codecs is summed once.
 */
export class BookChecksum {
  private readonly writer = new JsonWriter(1024);
  private view: MarketView | undefined;
  private seq = -1;
  private value = 0;

  /** The checksum of the view's book as it stands; unsigned. */
  of(view: MarketView): number {
    if (view !== this.view || view.bookPosition.seq !== this.seq) {
      this.value = this.compute(view.depth, view.market);
      this.view = view;
      this.seq = view.bookPosition.seq;
    }
    return this.value;
  }

  private compute(depth: DepthBook, market: Market): number {
    this.writer.begin();
    this.digits(depth.asks, market);
    this.digits(depth.bids, market);
    return crc32(this.writer.take());
  }

  private digits(side: DepthSide, market: Market): void {
    const levels = Math.min(side.length, CHECKSUM_LEVELS);
    for (let i = 0; i < levels; i += 1) {
      this.writer.integer(side.pricesTicks[i] * market.tickUnits);
      this.writer.integer(side.qtysLots[i] * market.lotUnits);
    }
  }
}
