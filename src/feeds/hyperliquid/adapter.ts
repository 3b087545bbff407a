import type { VenueEndpoints } from '../connector-types.ts';
import type { FeedChannel, Subscription, VenueAdapter } from '../venue-adapter.ts';
import { HyperliquidDecoder } from './decoder.ts';
import { HYPERLIQUID_INTERVALS } from './names.ts';

/** The server closes a socket on which it has sent nothing for a minute. */
const PING_MS = 30_000;

/** Hyperliquid perpetuals. It tells no liquidations of others. */
export function hyperliquidAdapter({ socket }: VenueEndpoints): VenueAdapter {
  return {
    venue: 'hyperliquid',
    channels: new Set<FeedChannel>([
      'trades',
      'book',
      'quotes',
      'candles',
      'mark',
      'open_interest',
      'ticker',
    ]),
    // Everything is against USDC; a market is its coin.
    symbolOf: (base) => base,
    sockets: (subscriptions) => {
      const asked = new Set(subscriptions.flatMap(requestsOf));
      if (asked.size === 0) return [];
      const subscribe = [...asked].map((request) => command('subscribe', request));
      return [{ name: 'all', url: `${socket}/ws`, subscribe }];
    },
    resubscribe: (coin) => {
      const request = JSON.stringify({ type: 'l2Book', coin });
      return {
        socketName: 'all',
        messages: [command('unsubscribe', request), command('subscribe', request)],
      };
    },
    needsSnapshots: false,
    needsInstruments: false,
    polled: new Set(),
    heartbeat: { everyMs: PING_MS, message: JSON.stringify({ method: 'ping' }) },
    decoder: (grids, events) => new HyperliquidDecoder(grids, events),
  };
}

function command(method: 'subscribe' | 'unsubscribe', request: string): string {
  return JSON.stringify({ method, subscription: JSON.parse(request) });
}

/** As text, so that a set finds what is asked for twice. */
function requestsOf({ channel, symbol: coin, interval }: Subscription): string[] {
  switch (channel) {
    case 'trades':
      return [JSON.stringify({ type: 'trades', coin })];
    case 'book':
      return [JSON.stringify({ type: 'l2Book', coin })];
    case 'quotes':
      return [JSON.stringify({ type: 'bbo', coin })];
    case 'candles': {
      const name = interval === undefined ? undefined : HYPERLIQUID_INTERVALS.nameOf(interval);
      return name === undefined ? [] : [JSON.stringify({ type: 'candle', coin, interval: name })];
    }
    case 'mark':
    case 'open_interest':
    case 'ticker':
      return [JSON.stringify({ type: 'activeAssetCtx', coin })];
    case 'liquidations':
      return [];
  }
}
