import type { VenueEndpoints } from '../connector-types.ts';
import type {
  DecoderEvents,
  FeedChannel,
  Grids,
  SocketPlan,
  Subscription,
  VenueAdapter,
} from '../venue-adapter.ts';
import { BinanceDecoder } from './decoder.ts';
import { BINANCE_INTERVALS } from './names.ts';

/** Streams in one `SUBSCRIBE`: a client may send 10 messages a second, and 1 024 streams in all. */
const STREAMS_PER_MESSAGE = 100;

type Path = 'public' | 'market';
/** Comes every second, whatever the market does: liquidations and candles may be rare. */
const TRACER = 'btcusdt@markPrice@1s';

/** Binance USD-M futures. Its sockets are split: books and single fills on one, the rest on the other. */
export function binanceAdapter({ socket }: VenueEndpoints): VenueAdapter {
  return {
    venue: 'binance',
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
    sockets: (subscriptions) => plansOf(socket, subscriptions),
    // A book is fetched anew over REST while its diffs keep coming; if they do not, this asks for them.
    resubscribe: (symbol) => ({
      socketName: 'public',
      messages: messagesOf([`${symbol.toLowerCase()}@depth@100ms`]),
    }),
    needsSnapshots: true,
    needsInstruments: false,
    polled: new Set<FeedChannel>(['open_interest']),
    heartbeat: undefined,
    decoder: (grids: Grids, events: DecoderEvents) => new BinanceDecoder(grids, events),
  };
}

function plansOf(url: string, subscriptions: readonly Subscription[]): SocketPlan[] {
  const streams: Record<Path, string[]> = { public: [], market: [] };
  for (const subscription of subscriptions) {
    const stream = streamOf(subscription);
    if (stream !== undefined) streams[stream.path].push(stream.name);
  }
  const { market } = streams;
  if (market.length > 0 && !market.some((name) => name.includes('@markPrice'))) market.push(TRACER);
  return (['public', 'market'] as const)
    .filter((path) => streams[path].length > 0)
    .map((path) => ({
      name: path,
      url: `${url}/${path}/stream`,
      subscribe: messagesOf([...new Set(streams[path])]),
    }));
}

/** `undefined`: not told over a socket. */
function streamOf({
  channel,
  symbol,
  interval,
}: Subscription): { path: Path; name: string } | undefined {
  const lower = symbol.toLowerCase();
  switch (channel) {
    case 'trades':
      return { path: 'public', name: `${lower}@trade` };
    case 'book':
      return { path: 'public', name: `${lower}@depth@100ms` };
    case 'quotes':
      return { path: 'public', name: `${lower}@bookTicker` };
    case 'candles': {
      const name = interval === undefined ? undefined : BINANCE_INTERVALS.nameOf(interval);
      return name === undefined ? undefined : { path: 'market', name: `${lower}@kline_${name}` };
    }
    case 'liquidations':
      return { path: 'market', name: symbol === '*' ? '!forceOrder@arr' : `${lower}@forceOrder` };
    case 'mark':
      return { path: 'market', name: `${lower}@markPrice@1s` };
    case 'ticker':
      return { path: 'market', name: `${lower}@ticker` };
    case 'open_interest':
      return undefined;
  }
}

function messagesOf(streams: readonly string[]): string[] {
  const messages: string[] = [];
  for (let i = 0; i < streams.length; i += STREAMS_PER_MESSAGE) {
    const params = streams.slice(i, i + STREAMS_PER_MESSAGE);
    messages.push(JSON.stringify({ method: 'SUBSCRIBE', params, id: messages.length + 1 }));
  }
  return messages;
}
