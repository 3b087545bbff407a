import type { Market } from '../../domain/markets.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import type { Venue } from '../../gateway/venue.ts';
import { seiMarkets } from './series.ts';

const AVAILABLE = ['trading.*', 'positions', 'predictions.*', 'system.health', 'orders.*'];
const PER_MARKET = /^(trading|predictions|orders)\.(.+)$/;

/** A channel that can be followed. */
export type LiveChannel =
  | { readonly kind: 'trading'; readonly name: string; readonly market: Market }
  | { readonly kind: 'orders'; readonly name: string; readonly market: Market }
  | { readonly kind: 'positions'; readonly name: string }
  | { readonly kind: 'health'; readonly name: string };

/** Health may be seen by everybody, all else by who has proved who they are. */
export function isPublicChannel(name: string): boolean {
  return name === 'system.health';
}

/** Reads names of channels. */
export class LiveChannels {
  private readonly venue: Pick<Venue, 'markets'>;
  private readonly hasMaker: boolean;
  private readonly symbols = new Map<Market, string>();

  /** @param hasMaker false where there is no market-making account to tell of */
  constructor(venue: Pick<Venue, 'markets'>, hasMaker: boolean) {
    this.venue = venue;
    this.hasMaker = hasMaker;
    for (const { market, symbol } of seiMarkets(venue)) this.symbols.set(market, symbol);
  }

  get markets(): ReadonlyMap<Market, string> {
    return this.symbols;
  }

  /** The channel of a name, or why there is none. */
  find(name: string): LiveChannel | Refusal {
    if (name === 'system.health') return { kind: 'health', name };
    if (name === 'positions') {
      return this.hasMaker ? { kind: 'positions', name } : noMarketMaker(name);
    }
    const [, kind, symbol] = PER_MARKET.exec(name) ?? [];
    if (kind === undefined) return unknownChannel(name);
    const market = this.venue.markets.resolve('sei', symbol);
    if (market === undefined) return this.unknownSymbol(symbol);
    if (kind === 'predictions') return noModel(name);
    if (kind === 'orders' && !this.hasMaker) return noMarketMaker(name);
    // As it is told, whatever spelling the client used: `trading.SEI/USDC`.
    const told = `${kind}.${this.symbols.get(market)}`;
    const channelKind = kind === 'orders' ? 'orders' : 'trading';
    return { kind: channelKind, name: told, market };
  }

  private unknownSymbol(symbol: string): Refusal {
    const message = `Trading pair '${symbol}' is not supported`;
    return new Refusal('invalid', 'INVALID_SYMBOL', message, {
      details: { supported_symbols: [...this.symbols.values()], provided_symbol: symbol },
    });
  }
}

function unknownChannel(name: string): Refusal {
  return new Refusal('invalid', 'INVALID_CHANNEL', `Channel '${name}' does not exist`, {
    details: { available_channels: AVAILABLE },
  });
}

function noMarketMaker(channel: string): Refusal {
  const message = 'There is no market-making account to tell of';
  return new Refusal('unavailable', 'MARKET_MAKER_UNAVAILABLE', message, { details: { channel } });
}

function noModel(channel: string): Refusal {
  const message = 'No model is loaded';
  return new Refusal('unavailable', 'MODEL_UNAVAILABLE', message, { details: { channel } });
}
