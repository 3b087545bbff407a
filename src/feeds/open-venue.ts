import { binanceAdapter } from './binance/adapter.ts';
import { BinanceRest } from './binance/rest.ts';
import { bybitAdapter } from './bybit/adapter.ts';
import { BybitRest } from './bybit/rest.ts';
import { VenueConnector } from './connector.ts';
import type { ConnectorOptions, FeedTimers, VenueEndpoints } from './connector-types.ts';
import { hyperliquidAdapter } from './hyperliquid/adapter.ts';
import { HyperliquidRest } from './hyperliquid/rest.ts';
import type { VenueName } from './normalised.ts';
import { okxAdapter } from './okx/adapter.ts';
import { OkxRest } from './okx/rest.ts';
import type { RestOptions, VenueAdapter, VenueRest } from './venue-adapter.ts';

/** Everything there is of one exchange. Adding one: docs/adding-an-exchange.md. */
interface Venue {
  readonly endpoints: VenueEndpoints;
  readonly adapter: (endpoints: VenueEndpoints) => VenueAdapter;
  readonly rest: (options: RestOptions) => VenueRest;
}

const VENUES: Readonly<Record<VenueName, Venue>> = {
  binance: {
    endpoints: { rest: 'https://fapi.binance.com', socket: 'wss://fstream.binance.com' },
    adapter: binanceAdapter,
    rest: (options) => new BinanceRest(options),
  },
  bybit: {
    endpoints: { rest: 'https://api.bybit.com', socket: 'wss://stream.bybit.com' },
    adapter: bybitAdapter,
    rest: (options) => new BybitRest(options),
  },
  hyperliquid: {
    endpoints: { rest: 'https://api.hyperliquid.xyz', socket: 'wss://api.hyperliquid.xyz' },
    adapter: hyperliquidAdapter,
    rest: (options) => new HyperliquidRest(options),
  },
  okx: {
    endpoints: { rest: 'https://www.okx.com', socket: 'wss://ws.okx.com:8443' },
    adapter: okxAdapter,
    rest: (options) => new OkxRest(options),
  },
};

/** Where an exchange is, unless a setting says otherwise. */
export function defaultEndpoints(venue: VenueName): VenueEndpoints {
  return VENUES[venue].endpoints;
}

/** An exchange's format and subscriptions, without connections: recordings are read by it as well. */
export function adapterOf(venue: VenueName, endpoints = defaultEndpoints(venue)): VenueAdapter {
  return VENUES[venue].adapter(endpoints);
}

/** What an exchange answers over HTTP. */
export function openRest(venue: VenueName, options: RestOptions): VenueRest {
  return VENUES[venue].rest(options);
}

/** A connector that stands still until it is started. */
export function openVenue(options: ConnectorOptions): VenueConnector {
  const { venue, endpoints, timers, random, restLimits, fetch } = options;
  const rest = openRest(venue, { url: endpoints.rest, timers, random, limits: restLimits, fetch });
  return new VenueConnector(options, adapterOf(venue, endpoints), rest);
}

/** Time and waiting of this machine. Timers do not keep the process alive. */
export const systemTimers: FeedTimers = {
  nowMs: () => Date.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, Math.min(delayMs, 2 ** 31 - 1));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
