import { NONE as NO_ORDER } from './layout.ts';
import type { MarketState } from './market-state.ts';

const NONE = NO_ORDER;

/** What an auction finds. REUSED by whoever asked. */
export interface AuctionPrice {
  priceTicks: number;
  volumeLots: number;
  /** Purchases less sales at the price. */
  surplusLots: number;
}

/** True when the best bid is at or above the best ask. */
export function isCrossed({ book }: MarketState): boolean {
  const ask = book.asks.bestPrice();
  return ask !== 0 && book.bids.bestPrice() >= ask;
}

/**
 * The price at which a crossed book is uncrossed: of all ticks those where most can trade, of them
 * those where least is left over; that is one interval, and the price in it is the one nearest to
 * `referenceTicks`, or its middle (rounded down) when that is 0.
 *
 * What is bid at or above a price falls, and what is asked at or below it rises, with the price, and
 * only at the prices of orders: so the ticks from one such price to the next are looked at together.
 */
export function findAuctionPrice(
  state: MarketState,
  referenceTicks: number,
  found: AuctionPrice,
): void {
  const { book } = state;
  const { levels, bids, asks } = book;
  const crossed: { priceTicks: number; lots: number }[] = [];
  let bid = bids.bestLevel();
  let bidLots = 0;
  let ask = asks.bestLevel();
  let askLots = 0;
  const lowest = asks.bestPrice();
  const highest = bids.bestPrice();
  while (bid !== NONE && levels.price(bid) >= lowest) {
    const lots = openLots(state, bid);
    bidLots += lots;
    crossed.push({ priceTicks: levels.price(bid), lots });
    bid = bids.nextWorse(bid);
  }
  let low = 0;
  let high = 0;
  found.volumeLots = 0;
  let from = lowest;
  while (from <= highest) {
    while (ask !== NONE && levels.price(ask) <= from) {
      askLots += openLots(state, ask);
      ask = asks.nextWorse(ask);
    }
    const nextBid = crossed[crossed.length - 1];
    const to = Math.min(nextBid.priceTicks, ask === NONE ? highest : levels.price(ask) - 1);
    const volume = Math.min(bidLots, askLots);
    const surplus = bidLots - askLots;
    const left = Math.abs(surplus) - Math.abs(found.surplusLots);
    if (volume > found.volumeLots || (volume === found.volumeLots && left < 0)) {
      found.volumeLots = volume;
      found.surplusLots = surplus;
      low = from;
      high = to;
    } else if (volume === found.volumeLots && left === 0) {
      high = to;
    }
    if (to === nextBid.priceTicks) {
      bidLots -= nextBid.lots;
      crossed.pop();
    }
    from = to + 1;
  }
  const price =
    referenceTicks === 0
      ? low + Math.floor((high - low) / 2)
      : Math.min(high, Math.max(low, referenceTicks));
  found.priceTicks = price;
  found.surplusLots = surplusAt(state, price);
}

/** Purchases at or above the price less sales at or below it. */
function surplusAt(state: MarketState, priceTicks: number): number {
  const { levels, bids, asks } = state.book;
  let lots = 0;
  for (let bid = bids.bestLevel(); bid !== NONE && levels.price(bid) >= priceTicks; ) {
    lots += openLots(state, bid);
    bid = bids.nextWorse(bid);
  }
  for (let ask = asks.bestLevel(); ask !== NONE && levels.price(ask) <= priceTicks; ) {
    lots -= openLots(state, ask);
    ask = asks.nextWorse(ask);
  }
  return lots;
}

/** What is open at a price, hidden quantity included. */
function openLots(state: MarketState, level: number): number {
  const { orders, levels } = state.book;
  if (state.restingExtras === 0) return levels.qty(level);
  let lots = 0;
  for (let slot = levels.first(level); slot !== NONE; slot = orders.next(slot)) {
    lots += state.openLots(slot);
  }
  return lots;
}
