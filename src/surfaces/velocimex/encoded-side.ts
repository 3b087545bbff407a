import type { Market } from '../../domain/markets.ts';
import { type JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import type { DepthSide } from '../../projections/depth.ts';

const PRICE = jsonBytes('{"price":');
const QUANTITY = jsonBytes(',"quantity":');
const ORDERS = jsonBytes(',"orders":');
const END = 125; // }

/**
 * The levels of one side as a text has them, and where in it each stands: what the next text takes
 * over instead of writing it again. Between two texts of a book most levels stay as they are.
 */
export class EncodedSide {
  private readonly pricesTicks: Float64Array;
  private readonly qtysLots: Float64Array;
  private readonly orders: Int32Array;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private length = 0;
  /** +1 for asks (rising prices), -1 for bids (falling). */
  private readonly direction: number;

  constructor(depth: number, direction: number) {
    this.direction = direction;
    this.pricesTicks = new Float64Array(depth);
    this.qtysLots = new Float64Array(depth);
    this.orders = new Int32Array(depth);
    this.starts = new Int32Array(depth);
    this.ends = new Int32Array(depth);
  }

  /**
   * Appends the best levels, separated by commas.
   * @param former the same side in the text before this one
   * @param text that text
   */
  write(
    market: Market,
    side: DepthSide,
    into: JsonWriter,
    former: EncodedSide,
    text: Uint8Array,
  ): void {
    const { pricesTicks, qtysLots, orders, starts, ends, direction } = this;
    const count = Math.min(pricesTicks.length, side.length);
    let next = 0;
    let i = 0;
    while (i < count) {
      if (i > 0) into.comma();
      const priceTicks = side.pricesTicks[i];
      while (next < former.length && (former.pricesTicks[next] - priceTicks) * direction < 0) {
        next += 1;
      }
      const first = i;
      const firstFormer = next;
      while (i < count && next < former.length && former.has(next, side, i)) {
        i += 1;
        next += 1;
      }
      const shift = into.size - (i > first ? former.starts[firstFormer] : 0);
      for (let k = first; k < i; k += 1) {
        const from = firstFormer + k - first;
        pricesTicks[k] = former.pricesTicks[from];
        qtysLots[k] = former.qtysLots[from];
        orders[k] = former.orders[from];
        starts[k] = former.starts[from] + shift;
        ends[k] = former.ends[from] + shift;
      }
      if (i > first) {
        into.block(text.subarray(former.starts[firstFormer], former.ends[next - 1]));
        continue;
      }
      pricesTicks[i] = priceTicks;
      qtysLots[i] = side.qtysLots[i];
      orders[i] = side.orders[i];
      starts[i] = into.size;
      writeLevel(market, side, i, into);
      ends[i] = into.size;
      i += 1;
    }
    this.length = count;
  }

  /** True when the level at a place is the one that a side has at another. */
  private has(at: number, side: DepthSide, index: number): boolean {
    return (
      this.pricesTicks[at] === side.pricesTicks[index] &&
      this.qtysLots[at] === side.qtysLots[index] &&
      this.orders[at] === side.orders[index]
    );
  }
}

function writeLevel(market: Market, side: DepthSide, index: number, into: JsonWriter): void {
  into.raw(PRICE);
  into.decimalNumber(side.pricesTicks[index] * market.tickUnits, market.priceDecimals);
  into.raw(QUANTITY);
  into.decimalNumber(side.qtysLots[index] * market.lotUnits, market.qtyDecimals);
  into.raw(ORDERS);
  into.integer(side.orders[index]);
  into.char(END);
}
