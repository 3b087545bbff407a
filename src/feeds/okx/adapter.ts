import type { VenueEndpoints } from '../connector-types.ts';
import type { FeedChannel, Subscription, VenueAdapter } from '../venue-adapter.ts';
import { OkxDecoder } from './decoder.ts';

/** OKX closes a socket that has been silent for 30 seconds, and takes `ping` as a sign of life. */
const PING_MS = 20_000;
const ARGS_PER_MESSAGE = 50;
/** Liquidations may be rare; this ticks whatever the market does. */
const TRACER = JSON.stringify({ channel: 'tickers', instId: 'BTC-USDT-SWAP' });

/** OKX v5: liquidations of all swaps, and books and trades where a market follows them. */
export function okxAdapter({ socket }: VenueEndpoints): VenueAdapter {
  return {
    venue: 'okx',
    channels: new Set<FeedChannel>(['liquidations', 'trades', 'book']),
    symbolOf: (base, quote) => `${base}-${quote}-SWAP`,
    sockets: (subscriptions) => {
      const args = new Set(subscriptions.flatMap(argsOf));
      if (args.size === 0) return [];
      args.add(TRACER);
      return [{ name: 'public', url: `${socket}/ws/v5/public`, subscribe: commands([...args]) }];
    },
    resubscribe: (instId) => {
      const args = [{ channel: 'books', instId }];
      return {
        socketName: 'public',
        messages: [
          JSON.stringify({ op: 'unsubscribe', args }),
          JSON.stringify({ op: 'subscribe', args }),
        ],
      };
    },
    needsSnapshots: false,
    needsInstruments: true,
    polled: new Set(),
    heartbeat: { everyMs: PING_MS, message: 'ping' },
    decoder: (grids, events) => new OkxDecoder(grids, events),
  };
}

function argsOf({ channel, symbol: instId }: Subscription): string[] {
  switch (channel) {
    case 'liquidations':
      // The channel is of all swaps; who follows one symbol gets its records only.
      return [JSON.stringify({ channel: 'liquidation-orders', instType: 'SWAP' })];
    case 'trades':
      return [JSON.stringify({ channel: 'trades', instId })];
    case 'book':
      return [JSON.stringify({ channel: 'books', instId })];
    default:
      return [];
  }
}

function commands(args: readonly string[]): string[] {
  const messages: string[] = [];
  for (let i = 0; i < args.length; i += ARGS_PER_MESSAGE) {
    const some = args.slice(i, i + ARGS_PER_MESSAGE).map((arg) => JSON.parse(arg));
    messages.push(JSON.stringify({ op: 'subscribe', args: some }));
  }
  return messages;
}
