import type { FeedRecord } from './normalised.ts';
import type { FeedChannel, Subscription } from './venue-adapter.ts';

export const CHANNEL_OF: Readonly<Record<FeedRecord['kind'], FeedChannel>> = {
  trade: 'trades',
  book: 'book',
  stale: 'book',
  quote: 'quotes',
  candle: 'candles',
  liquidation: 'liquidations',
  mark: 'mark',
  open_interest: 'open_interest',
  ticker: 'ticker',
};

/** Exchanges tell more in one channel than was asked for: this knows what was. */
export class Wanted {
  private readonly symbols = new Map<FeedChannel, Set<string>>();
  private readonly candles = new Set<string>();

  constructor(subscriptions: readonly Subscription[]) {
    for (const { channel, symbol, interval } of subscriptions) {
      const symbols = this.symbols.get(channel) ?? new Set();
      this.symbols.set(channel, symbols.add(symbol));
      if (interval !== undefined) this.candles.add(`${symbol} ${interval}`);
    }
  }

  has(record: FeedRecord): boolean {
    const symbols = this.symbols.get(CHANNEL_OF[record.kind]);
    if (symbols === undefined) return false;
    if (record.kind === 'candle') return this.candles.has(`${record.symbol} ${record.interval}`);
    return symbols.has(record.symbol) || symbols.has('*');
  }

  symbolsOf(channel: FeedChannel): ReadonlySet<string> {
    return this.symbols.get(channel) ?? new Set();
  }
}
