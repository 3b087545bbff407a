import type { MarketSource } from '../domain/markets.ts';
import { SettingError } from './setting-error.ts';

/** Exchanges that Openbell can follow. */
export const FOLLOWED_EXCHANGES = ['binance', 'bybit', 'hyperliquid', 'okx'] as const;
export type FollowedExchange = (typeof FOLLOWED_EXCHANGES)[number];

/** Where one exchange is reached, without a slash at the end. */
export interface ExchangeEndpoints {
  readonly rest: string;
  /** What stands before the path of a socket. */
  readonly socket: string;
}

export interface ExchangeSettings {
  /** Exchanges in lower case whose markets have another source than the markets file says. */
  readonly exchangeSources: ReadonlyMap<string, MarketSource>;
  readonly exchangeEndpoints: Readonly<Record<FollowedExchange, ExchangeEndpoints>>;
}

const SOURCES: readonly MarketSource[] = ['live', 'simulated', 'off'];
const REAL: Readonly<Record<FollowedExchange, ExchangeEndpoints>> = {
  binance: { rest: 'https://fapi.binance.com', socket: 'wss://fstream.binance.com' },
  bybit: { rest: 'https://api.bybit.com', socket: 'wss://stream.bybit.com' },
  hyperliquid: { rest: 'https://api.hyperliquid.xyz', socket: 'wss://api.hyperliquid.xyz' },
  okx: { rest: 'https://www.okx.com', socket: 'wss://ws.okx.com:8443' },
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `SettingError` that names the variable, what it holds and what it may hold. */
export function readExchangeSettings(env: Environment): ExchangeSettings {
  const address = (name: string, protocols: readonly string[], fallback: string): string =>
    addressOf(name, env[name] || fallback, protocols);
  const endpointsOf = (exchange: FollowedExchange): ExchangeEndpoints => {
    const prefix = `OPENBELL_${exchange.toUpperCase()}`;
    return {
      rest: address(`${prefix}_REST_URL`, ['http:', 'https:'], REAL[exchange].rest),
      socket: address(`${prefix}_SOCKET_URL`, ['ws:', 'wss:'], REAL[exchange].socket),
    };
  };
  return {
    exchangeSources: sourcesOf(env.OPENBELL_EXCHANGES ?? ''),
    exchangeEndpoints: {
      binance: endpointsOf('binance'),
      bybit: endpointsOf('bybit'),
      hyperliquid: endpointsOf('hyperliquid'),
      okx: endpointsOf('okx'),
    },
  };
}

function sourcesOf(text: string): ReadonlyMap<string, MarketSource> {
  const sources = new Map<string, MarketSource>();
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const [, exchange, source] = /^\s*([\w-]+)\s*:\s*(\w+)\s*$/.exec(part) ?? [];
    const found = SOURCES.find((one) => one === source);
    if (exchange === undefined || found === undefined) {
      const like = 'it must be like binance:live,bybit:simulated,sei:off';
      throw new SettingError(`OPENBELL_EXCHANGES has "${part}"; ${like}`);
    }
    const name = exchange.toLowerCase();
    if (sources.has(name)) {
      throw new SettingError(`OPENBELL_EXCHANGES names the exchange "${exchange}" twice`);
    }
    if (found === 'live' && !FOLLOWED_EXCHANGES.some((one) => one === name)) {
      const known = FOLLOWED_EXCHANGES.join(', ');
      throw new SettingError(`OPENBELL_EXCHANGES has "${part}"; live can be ${known}`);
    }
    if (name === 'okx' && found === 'simulated') {
      throw new SettingError(`OPENBELL_EXCHANGES has "${part}"; okx can be live or off`);
    }
    sources.set(name, found);
  }
  return sources;
}

function addressOf(name: string, text: string, protocols: readonly string[]): string {
  const url = URL.parse(text);
  if (url === null || !protocols.includes(url.protocol)) {
    const wanted = protocols.map((protocol) => `${protocol}//`).join(' or ');
    throw new SettingError(
      `${name} is "${text}"; it must be an address that begins with ${wanted}`,
    );
  }
  return text.replace(/\/+$/, '');
}
