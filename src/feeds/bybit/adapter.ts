import type { VenueEndpoints } from '../connector-types.ts';
import type { FeedChannel, Subscription, VenueAdapter } from '../venue-adapter.ts';
import { BYBIT_DEPTH, BybitDecoder } from './decoder.ts';
import { BYBIT_INTERVALS } from './names.ts';

/** Bybit closes a socket that has not pinged for a while, and asks for one every 20 seconds. */
const PING_MS = 20_000;
/** Ticks several times a second, whatever the market does. */
const TRACER = 'tickers.BTCUSDT';

/** Bybit v5, linear contracts: everything on one socket. */
export function bybitAdapter({ socket }: VenueEndpoints): VenueAdapter {
  return {
    venue: 'bybit',
    channels: new Set<FeedChannel>([
      'trades',
      'book',
      'quotes',
      'candles',
      'liquidations',
      'mark',
      'open_interest',
      'ticker',
    ]),
    symbolOf: (base, quote) => `${base}${quote}`,
    sockets: (subscriptions) => {
      const topics = [...new Set(subscriptions.flatMap(topicsOf))];
      if (topics.length === 0) return [];
      if (!topics.some((topic) => topic.startsWith('tickers.'))) topics.push(TRACER);
      return [{ name: 'linear', url: `${socket}/v5/public/linear`, subscribe: commands(topics) }];
    },
    resubscribe: (symbol) => {
      const args = [`orderbook.${BYBIT_DEPTH}.${symbol}`];
      return {
        socketName: 'linear',
        messages: [
          JSON.stringify({ op: 'unsubscribe', args }),
          JSON.stringify({ op: 'subscribe', args }),
        ],
      };
    },
    needsSnapshots: false,
    needsInstruments: false,
    polled: new Set(),
    heartbeat: { everyMs: PING_MS, message: JSON.stringify({ op: 'ping' }) },
    decoder: (grids, events) => new BybitDecoder(grids, events),
  };
}

function topicsOf({ channel, symbol, interval }: Subscription): string[] {
  switch (channel) {
    case 'trades':
      return [`publicTrade.${symbol}`];
    case 'book':
      return [`orderbook.${BYBIT_DEPTH}.${symbol}`];
    case 'quotes':
      return [`orderbook.1.${symbol}`];
    case 'candles': {
      const name = interval === undefined ? undefined : BYBIT_INTERVALS.nameOf(interval);
      return name === undefined ? [] : [`kline.${name}.${symbol}`];
    }
    case 'liquidations':
      // There is no topic for all symbols.
      return symbol === '*' ? [] : [`allLiquidation.${symbol}`];
    case 'mark':
    case 'open_interest':
    case 'ticker':
      return [`tickers.${symbol}`];
  }
}

/** One message for each symbol: a message with one bad topic is refused as a whole. */
function commands(topics: readonly string[]): string[] {
  const bySymbol = new Map<string, string[]>();
  for (const topic of topics) {
    const symbol = topic.slice(topic.lastIndexOf('.') + 1);
    const args = bySymbol.get(symbol);
    if (args === undefined) bySymbol.set(symbol, [topic]);
    else args.push(topic);
  }
  return [...bySymbol.values()].map((args) => JSON.stringify({ op: 'subscribe', args }));
}
