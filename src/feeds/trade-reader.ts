import { AggressorNumbers } from './aggressors.ts';
import { lotsOf, OFF_GRID, ticksOf } from './grid.ts';
import type { FeedSide } from './normalised.ts';
import type { DecoderEvents, Grids } from './venue-adapter.ts';

/** A fill in the exchange's words. */
export interface RawTrade {
  readonly symbol: string;
  readonly side: FeedSide;
  readonly price: string;
  readonly qty: string;
  readonly tradeId: string;
  readonly venueTimeMs: number;
  /** See `AggressorNumbers`. */
  readonly mark: string;
  /** 1, but for what the exchange has added up. */
  readonly fills: number;
}

/** Puts fills on the grids of our markets; those of other symbols are nobody's. */
export class TradeReader {
  private readonly grids: Grids;
  private readonly events: DecoderEvents;
  private readonly aggressors = new Map<string, AggressorNumbers>();

  constructor(grids: Grids, events: DecoderEvents) {
    this.grids = grids;
    this.events = events;
    for (const symbol of grids.keys()) this.aggressors.set(symbol, new AggressorNumbers());
  }

  read({ symbol, side, price, qty, tradeId, venueTimeMs, mark, fills }: RawTrade): void {
    const grid = this.grids.get(symbol);
    const numbers = this.aggressors.get(symbol);
    if (grid === undefined || numbers === undefined) return;
    const priceTicks = ticksOf(price, grid);
    const qtyLots = lotsOf(qty, grid);
    if (priceTicks === OFF_GRID || qtyLots === OFF_GRID) {
      this.events.offGrid(symbol, `${price} × ${qty}`);
      return;
    }
    const aggressor = numbers.next(side, venueTimeMs, mark);
    this.events.record({
      kind: 'trade',
      symbol,
      side,
      priceTicks,
      qtyLots,
      fills,
      tradeId,
      venueTimeMs,
      aggressor,
    });
  }
}
