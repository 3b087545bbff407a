import { crc32 } from 'node:zlib';
import type { Market } from '../../../domain/markets.ts';
import { JsonWriter } from '../../../lib/json-writer.ts';
import type { DepthSide } from '../../../projections/depth.ts';
import type { MarketView } from '../../../projections/market-view.ts';

/** Levels of each side that the checksum of a book message covers. */
const CHECKSUM_LEVELS = 10;

/**
 * CRC-32 (IEEE 802.3) of the best ten asks, then the best ten bids, best first, each as the digits
 * of its price and of its quantity: the decimal text of the JSON messages without its dot and
 * without leading zeros, which is `ticks × tick_units` and `lots × lot_units`. An empty book has 0.
 *
 * One instance is shared by the encoders, so that a message in two codecs is summed once. Of a market
 * it remembers the digits, because most changes leave most of the best levels as they were.
 */
export class BookChecksum {
  private readonly byMarket: MarketDigits[] = [];

  /** The checksum of the view's book as it stands; unsigned. */
  of(view: MarketView): number {
    const { id } = view.market;
    let digits = this.byMarket[id];
    if (digits?.view !== view) {
      digits = new MarketDigits(view);
      this.byMarket[id] = digits;
    }
    return digits.checksum();
  }
}

/** What the best levels of a market were when they were last summed. */
class MarketDigits {
  readonly view: MarketView;
  private seq = -1;
  private readonly asks = new SideDigits();
  private readonly bids = new SideDigits();
  private readonly text = new JsonWriter(1024);
  private value = 0;

  constructor(view: MarketView) {
    this.view = view;
  }

  checksum(): number {
    const { depth, market, bookPosition } = this.view;
    if (bookPosition.seq === this.seq) return this.value;
    this.seq = bookPosition.seq;
    const asksMoved = this.asks.take(depth.asks, market);
    const bidsMoved = this.bids.take(depth.bids, market);
    if (!asksMoved && !bidsMoved) return this.value;
    // One call for both sides: most of what it costs is the call.
    this.text.begin();
    this.text.block(this.asks.text());
    this.text.block(this.bids.text());
    this.value = crc32(this.text.take());
    return this.value;
  }
}

/** The digits of one side's best levels. */
class SideDigits {
  private readonly writer = new JsonWriter(512);
  private length = 0;
  private readonly pricesTicks = new Float64Array(CHECKSUM_LEVELS);
  private readonly qtysLots = new Float64Array(CHECKSUM_LEVELS);
  /** Where each level's digits begin. */
  private readonly starts = new Uint32Array(CHECKSUM_LEVELS);

  /** Takes the side's best levels; false when they are what they were. */
  take(side: DepthSide, market: Market): boolean {
    const levels = Math.min(side.length, CHECKSUM_LEVELS);
    let same = 0;
    const most = Math.min(levels, this.length);
    while (
      same < most &&
      side.pricesTicks[same] === this.pricesTicks[same] &&
      side.qtysLots[same] === this.qtysLots[same]
    ) {
      same += 1;
    }
    if (same === levels && same === this.length) return false;
    if (same < this.length) this.writer.cut(this.starts[same]);
    for (let i = same; i < levels; i += 1) {
      this.starts[i] = this.writer.size;
      this.pricesTicks[i] = side.pricesTicks[i];
      this.qtysLots[i] = side.qtysLots[i];
      this.writer.integer(side.pricesTicks[i] * market.tickUnits);
      this.writer.integer(side.qtysLots[i] * market.lotUnits);
    }
    this.length = levels;
    return true;
  }

  /** REUSED: valid until the next `take`. */
  text(): Uint8Array {
    return this.writer.take();
  }
}
