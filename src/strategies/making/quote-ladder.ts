import { SIDE_BUY, SIDE_SELL } from '../../domain/orders.ts';
import type { MarketSeen, OwnOrder, StrategyContext } from '../strategy.ts';

/** One quote that shall stand. */
export interface WantedQuote {
  readonly side: number;
  readonly level: number;
  readonly priceTicks: number;
  readonly lots: number;
}

/** An order that has traded below this share of what is wanted is filled up, and loses its place. */
const REFILL_SHARE = 0.5;
/** Sizes in lots follow the price a little: only an order above this share is made smaller. */
const EXCESS_SHARE = 1.05;

/** Keeps the orders of one market as they are wanted, with as few commands and lost places as it can. */
export class QuoteLadder {
  private readonly context: StrategyContext;
  private readonly seen: MarketSeen;

  constructor(context: StrategyContext, seen: MarketSeen) {
    this.context = context;
    this.seen = seen;
  }

  /**
   * @param wanted what shall stand; everything else is cancelled
   * @param toleranceTicks how far an order may be from its price and still stay, at the end of no queue
   * @param isExact sizes are made right too, whatever places that costs
   */
  keep(wanted: readonly WantedQuote[], toleranceTicks: number, isExact: boolean): void {
    const { context, seen } = this;
    const standing = new Map<string, OwnOrder>();
    for (const order of context.orders(seen.market.id)) {
      const isQuote = wanted.some((quote) => tagOf(quote) === order.tag);
      if (!isQuote || standing.has(order.tag)) {
        if (order.tag !== 'take') context.cancel(order);
      } else standing.set(order.tag, order);
    }
    for (const quote of this.inOrder(wanted, standing)) {
      const order = standing.get(tagOf(quote));
      if (order === undefined) this.place(quote);
      else this.adjust(order, quote, toleranceTicks, isExact);
    }
  }

  /** Cancels everything that stands. */
  pull(): void {
    for (const order of this.context.orders(this.seen.market.id)) this.context.cancel(order);
  }

  /**
   * When prices rise the asks go first, when they fall the bids, so that the maker's own quotes are never
   * in each other's way.
   */
  private inOrder(
    wanted: readonly WantedQuote[],
    standing: ReadonlyMap<string, OwnOrder>,
  ): readonly WantedQuote[] {
    let moved = 0;
    for (const quote of wanted) {
      const order = standing.get(tagOf(quote));
      if (order !== undefined) moved += quote.priceTicks - order.priceTicks;
    }
    const first = moved > 0 ? SIDE_SELL : SIDE_BUY;
    return wanted.toSorted(
      (a, b) => Number(b.side === first) - Number(a.side === first) || a.level - b.level,
    );
  }

  private place({ side, level, priceTicks, lots }: WantedQuote): void {
    const marketId = this.seen.market.id;
    const tag = tagOf({ side, level });
    this.context.place({ marketId, side, priceTicks, qtyLots: lots, postOnly: true, tag });
  }

  private adjust(
    order: OwnOrder,
    quote: WantedQuote,
    toleranceTicks: number,
    isExact: boolean,
  ): void {
    const { context } = this;
    const isPlaced = Math.abs(order.priceTicks - quote.priceTicks) <= toleranceTicks;
    if (!isPlaced) {
      context.amend(order, quote.priceTicks, quote.lots);
      return;
    }
    // Less at the same price keeps the place in the queue; more would lose it, so it waits.
    const most = isExact ? quote.lots : quote.lots * EXCESS_SHARE;
    const least = isExact ? quote.lots : quote.lots * REFILL_SHARE;
    if (order.remainingLots > most) context.amend(order, order.priceTicks, quote.lots);
    else if (order.remainingLots < least) {
      context.amend(order, quote.priceTicks, quote.lots);
    }
  }
}

function tagOf({ side, level }: Pick<WantedQuote, 'side' | 'level'>): string {
  return `${side === SIDE_BUY ? 'bid' : 'ask'}${level}`;
}
