import { priceNumber } from '../../codec/decimals.ts';
import type { Market } from '../../domain/markets.ts';
import { PHASE_CONTINUOUS } from '../../domain/orders.ts';
import type { MarketView, MarketViews } from '../../projections/market-view.ts';

/** Time constants of the basis (book against index), and of the index of a market without peers. */
const BASIS_MS = 10_000;
const ALONE_MS = 60_000;
const PPB = 1_000_000_000;

/** What is followed of one market. Prices are in ticks of that market, with a fraction. */
interface Followed {
  readonly market: Market;
  readonly view: MarketView;
  /** Markets of the same base asset, and one of their ticks in ticks of this market. */
  readonly peers: { readonly view: MarketView; readonly ratio: number }[];
  /** Slow average of the own middle: the index where there are no peers. */
  slowTicks: number;
  /** Average of middle less index. */
  basisTicks: number;
  /** Whether `basisTicks` says anything yet. */
  hasBasis: boolean;
  /** There has been a mark since the process started. */
  isMarked: boolean;
}

/**
 * Mark and index prices of all markets with margin. The index is the median of the middles of the
 * other markets of the same asset, of a market alone its own middle, slowly averaged. The mark is the
 * median of index, index plus averaged basis, and the own middle, rounded to a tick. No trade enters
 * it, however far off; quotes move it as long as they stand, through an average. Reads no clock.
 */
export class MarkPrices {
  private readonly followed: readonly Followed[];

  constructor(markets: readonly Market[], views: MarketViews) {
    const all = markets.map((market) => ({ market, view: views.get(market.id) }));
    const seen = all.filter((one): one is { market: Market; view: MarketView } => !!one.view);
    this.followed = seen
      // An exchange's own mark is told with its other facts.
      .filter(({ market }) => market.margin !== null && market.source !== 'live')
      .map(({ market, view }) => ({
        market,
        view,
        peers: seen
          .filter(({ market: peer }) => isPeer(peer, market))
          .map((peer) => ({
            view: peer.view,
            ratio: priceNumber(peer.market, 1) / priceNumber(market, 1),
          })),
        slowTicks: 0,
        basisTicks: 0,
        hasBasis: false,
        isMarked: false,
      }));
  }

  /** Works out all prices anew, so many milliseconds after the last time. */
  step(elapsedMs: number): void {
    for (const one of this.followed) this.follow(one, Math.max(0, elapsedMs));
  }

  private follow(one: Followed, elapsedMs: number): void {
    const { derivatives, ticker } = one.view;
    const middle = middleTicks(one.view);
    const index = this.index(one, middle, elapsedMs);
    let mark = index;
    derivatives.premiumPpb = undefined;
    if (index !== 0 && middle !== 0) {
      const weight = one.hasBasis ? 1 - Math.exp(-elapsedMs / BASIS_MS) : 1;
      one.basisTicks += weight * (middle - index - one.basisTicks);
      one.hasBasis = true;
      mark = median3(index, index + one.basisTicks, middle);
      derivatives.premiumPpb = Math.round(((middle - index) / index) * PPB);
    } else if (index !== 0 && one.hasBasis) mark = index + one.basisTicks;
    // Nobody quotes: the mark stays, and after a start the newest trade is newer than the last sample.
    const { lastPriceTicks } = ticker;
    const fallback = one.isMarked ? derivatives.markTicks : lastPriceTicks || derivatives.markTicks;
    one.isMarked ||= mark !== 0;
    derivatives.markTicks = mark === 0 ? fallback : Math.max(1, Math.round(mark));
    derivatives.indexTicks = index === 0 ? derivatives.markTicks : Math.max(1, Math.round(index));
  }

  private index(one: Followed, middle: number, elapsedMs: number): number {
    const prices: number[] = [];
    for (const { view, ratio } of one.peers) {
      const peer = view.ticker.phase === PHASE_CONTINUOUS ? middleTicks(view) : 0;
      if (peer !== 0) prices.push(peer * ratio);
    }
    if (prices.length > 0) return median(prices);
    if (middle !== 0) {
      const weight = one.slowTicks === 0 ? 1 : 1 - Math.exp(-elapsedMs / ALONE_MS);
      one.slowTicks += weight * (middle - one.slowTicks);
    }
    return one.slowTicks;
  }
}

/** Another market of the same asset; prices of real exchanges say nothing about simulated ones. */
function isPeer(peer: Market, market: Market): boolean {
  return peer !== market && peer.base.name === market.base.name && peer.source === market.source;
}

/**
 * What margin is reckoned with: the mark, and until a market's first one is worked out the middle of
 * its quotes, else its newest trade's price; 0 when it was never quoted and never traded.
 */
export function standingMarkTicks(view: MarketView): number {
  return view.derivatives.markTicks || Math.round(middleTicks(view)) || view.ticker.lastPriceTicks;
}

/** Middle of the best quotes; 0 while a side is empty. */
function middleTicks({ depth }: MarketView): number {
  const bid = depth.bestBidTicks();
  const ask = depth.bestAskTicks();
  return bid === 0 || ask === 0 ? 0 : (bid + ask) / 2;
}

function median3(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >>> 1;
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}
