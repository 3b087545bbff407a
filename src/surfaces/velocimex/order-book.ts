import type { Market } from '../../domain/markets.ts';
import type { Venue } from '../../gateway/venue.ts';
import { decimalText } from '../../lib/decimal-text.ts';
import type { DepthSide } from '../../projections/depth.ts';
import { symbolToWire, timeToWire } from './translate.ts';

interface Encoded {
  readonly seq: number;
  readonly text: string;
}

/** Depths of one market kept encoded; a client that asks for others pays for encoding. */
const DEPTHS_KEPT = 4;

/**
 * Order books as JSON text. A book that has not changed since it was last asked for is not encoded
 * again: readers that poll faster than the market moves share one text.
 */
export class OrderBookEncoder {
  private readonly kept = new Map<Market, Map<number, Encoded>>();

  /** @param depth levels on each side, best first. */
  encode(venue: Venue, market: Market, depth: number): string {
    const book = venue.depth(market);
    let byDepth = this.kept.get(market);
    if (byDepth === undefined) {
      byDepth = new Map();
      this.kept.set(market, byDepth);
    }
    const known = byDepth.get(depth);
    if (known !== undefined && known.seq === book.seq) return known.text;

    const { updatedSeconds, updatedNanos } = venue.ticker(market);
    const head = JSON.stringify({
      exchange: market.exchange,
      symbol: symbolToWire(market),
      timestamp: timeToWire(updatedSeconds, updatedNanos),
      sequence: book.seq,
    }).slice(0, -1);
    const bids = levels(market, book.bids, depth);
    const asks = levels(market, book.asks, depth);
    const text = `{"status":"ok","data":${head},"bids":[${bids}],"asks":[${asks}]}}`;
    if (known === undefined && byDepth.size >= DEPTHS_KEPT) byDepth.clear();
    byDepth.set(depth, { seq: book.seq, text });
    return text;
  }
}

/** Written by hand: building and printing an object per level costs more than all the rest. */
function levels(market: Market, side: DepthSide, depth: number): string {
  const { tickUnits, priceDecimals, lotUnits, qtyDecimals } = market;
  const count = Math.min(depth, side.length);
  let text = '';
  for (let i = 0; i < count; i += 1) {
    const price = decimalText(side.pricesTicks[i] * tickUnits, priceDecimals);
    const quantity = decimalText(side.qtysLots[i] * lotUnits, qtyDecimals);
    const comma = i === 0 ? '' : ',';
    text += `${comma}{"price":${price},"quantity":${quantity},"orders":${side.orders[i]}}`;
  }
  return text;
}
