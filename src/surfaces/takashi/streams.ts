import type { MarketRegistry } from '../../config/markets.ts';
import type { ConnectionLimit } from '../../gateway/streams/connection-limit.ts';
import type { StreamEndpoint } from '../../gateway/streams/endpoint.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MarketViews } from '../../projections/market-view.ts';
import { OhlcFeed } from './ohlc-feed.ts';
import { SOCKETS, type TakashiSocket } from './sockets.ts';
import { SpikeFeed, type SpikeHistories } from './spike-feed.ts';
import { type Feed, TakashiStream } from './stream.ts';
import { largeTradeFeeds, liquidationFeeds } from './trade-feeds.ts';

export interface TakashiStreamsParts {
  readonly markets: MarketRegistry;
  readonly views: MarketViews;
  readonly clock: Clock;
  readonly venue: SpikeHistories;
  /** Over all paths of this surface together. */
  readonly connectionLimit: ConnectionLimit;
}

/** Every WebSocket path of this surface. */
export function takashiStreams(parts: TakashiStreamsParts): StreamEndpoint[] {
  const { markets, views, clock, venue, connectionLimit } = parts;
  const stream = (path: TakashiSocket, feed: Feed) =>
    new TakashiStream({ path, feed, clock, connectionLimit });
  const largeTrades = largeTradeFeeds(markets);
  const liquidations = liquidationFeeds(markets);
  return [
    stream(SOCKETS.ohlc, new OhlcFeed(markets, views, clock)),
    stream(SOCKETS.largeTrades, largeTrades.market),
    stream(SOCKETS.allLargeTrades, largeTrades.all),
    stream(SOCKETS.liquidations, liquidations.market),
    stream(SOCKETS.allLiquidations, liquidations.all),
    stream(SOCKETS.oiVol, new SpikeFeed(venue)),
  ];
}
