import { ChannelPosition } from '../../../projections/channel-position.ts';
import type { MarketView } from '../../../projections/market-view.ts';

/**
 * Where a channel stands that counts its own messages from 1, because they do not come with events of
 * the market alone: time closes bars and moves windows.
 */
export class CountedPositions {
  private readonly variants: number;
  private readonly byMarket: ChannelPosition[][] = [];

  constructor(variants = 1) {
    this.variants = variants;
  }

  of(view: MarketView, variant = 0): ChannelPosition {
    const { id } = view.market;
    this.byMarket[id] ??= Array.from({ length: this.variants }, () => new ChannelPosition());
    return this.byMarket[id][variant];
  }

  /** There is a message to come, as of an event. */
  advance(view: MarketView, variant: number, event: ChannelPosition): void {
    const position = this.of(view, variant);
    position.set(position.seq + 1, event.seconds, event.nanos);
    position.ingestSeconds = event.ingestSeconds;
    position.ingestNanos = event.ingestNanos;
  }

  /** What changed was published. */
  clear(view: MarketView): void {
    for (const position of this.byMarket[view.market.id] ?? []) {
      position.publishedSeq = position.seq;
    }
  }
}
