import type { Market } from '../domain/markets.ts';
import { formatScaled } from '../lib/fixed-point.ts';
import type { DepthBook, DepthSide } from '../projections/depth.ts';
import { recordedId } from './action-sink.ts';
import type { AuctionEnd, ExpectedAuction } from './actions.ts';
import type { AuctionOutcome } from './report.ts';

/** What our book did in an auction. */
interface OurAuction {
  readonly expected: ExpectedAuction;
  priceTicks: number;
  volumeLots: number;
  /** Lots traded by the recording's order id. */
  readonly got: Map<string, number>;
}

/** Holds our auctions against the recorded ones: price, volume, every order's fill, the book after. */
export class AuctionComparison {
  private readonly book: DepthBook;
  private readonly market: Market;
  private readonly outcomes: AuctionOutcome[] = [];
  private current: OurAuction | null = null;

  constructor(book: DepthBook, market: Market) {
    this.book = book;
    this.market = market;
  }

  /** The command that opens the market was taken in; what the book does now is compared with this. */
  begin(expected: ExpectedAuction): void {
    this.current = { expected, priceTicks: 0, volumeLots: 0, got: new Map() };
  }

  trade(priceTicks: number, qtyLots: number, names: readonly (string | undefined)[]): void {
    const { current } = this;
    if (current === null) return;
    current.priceTicks = priceTicks;
    current.volumeLots += qtyLots;
    for (const name of names) {
      const id = recordedId(name ?? '');
      current.got.set(id, (current.got.get(id) ?? 0) + qtyLots);
    }
  }

  /** The recorded auction is over; this is the book after it. */
  end({ row, bids, asks }: AuctionEnd): void {
    const { current } = this;
    if (current === null) return;
    this.current = null;
    const { expected, got } = current;
    const differing = [
      ...differences(this.book.bids, bids, 'bid'),
      ...differences(this.book.asks, asks, 'ask'),
    ];
    this.outcomes.push({
      row,
      price: this.price(current.priceTicks),
      recorded_price: this.price(expected.priceTicks),
      volume_lots: current.volumeLots,
      recorded_volume_lots: expected.volumeLots,
      orders: expected.fills.length,
      orders_matched: expected.fills.filter(({ id, qtyLots }) => got.get(id) === qtyLots).length,
      orders_unexpected: [...got.keys()].filter((id) => expected.fills.every((f) => f.id !== id))
        .length,
      levels_after:
        Math.max(bids.length / 2, this.book.bids.length) +
        Math.max(asks.length / 2, this.book.asks.length),
      levels_different: differing.length,
      example: differing[0] ?? null,
    });
  }

  results(): readonly AuctionOutcome[] {
    return this.outcomes;
  }

  private price(ticks: number): string | null {
    return ticks === 0
      ? null
      : formatScaled(ticks * this.market.tickUnits, this.market.priceDecimals);
  }
}

/** True when our book did in the auction what the recorded one did, to the last order. */
export function isAuctionFaithful(outcome: AuctionOutcome): boolean {
  return (
    outcome.price === outcome.recorded_price &&
    outcome.volume_lots === outcome.recorded_volume_lots &&
    outcome.orders_matched === outcome.orders &&
    outcome.orders_unexpected === 0 &&
    outcome.levels_different === 0
  );
}

/** One line for every level in which a side is not as recorded. */
function differences(ours: DepthSide, levels: readonly number[], name: string): string[] {
  const found: string[] = [];
  for (let i = 0; i < Math.max(ours.length, levels.length / 2); i += 1) {
    const priceTicks = i < ours.length ? ours.pricesTicks[i] : 0;
    const qtyLots = i < ours.length ? ours.qtysLots[i] : 0;
    const [wantedTicks = 0, wantedLots = 0] = levels.slice(i * 2, i * 2 + 2);
    if (priceTicks === wantedTicks && qtyLots === wantedLots) continue;
    found.push(
      `${name} level ${i + 1} is ${qtyLots} at ${priceTicks}, recorded ${wantedLots} at ${wantedTicks} (lots, ticks)`,
    );
  }
  return found;
}
