import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import { Refusal } from '../../gateway/http/refusal.ts';

/** The exchanges this surface covers, where they are configured. */
const COVERED = ['binance', 'bybit', 'hyperliquid'];

/** What an exchange can be asked for. */
export interface Capabilities {
  readonly ohlc: boolean;
  readonly funding_rate: boolean;
  readonly open_interest: boolean;
  readonly liquidations: boolean;
  readonly large_trades: boolean;
  readonly oi_hist: boolean;
}

export type Capability = keyof Capabilities;

const WHAT: Readonly<Record<Capability, string>> = {
  ohlc: 'candles',
  funding_rate: 'funding',
  open_interest: 'open interest',
  liquidations: 'liquidations',
  large_trades: 'large trades',
  oi_hist: 'open-interest history',
};

/** Currencies that the symbols of other exchanges are quoted in; each is taken for a dollar. */
const DOLLARS = ['USDT', 'USDC', 'USD'];

/** Those that are configured and not switched off. */
export function coveredExchanges(markets: MarketRegistry): string[] {
  return COVERED.filter((exchange) => isOn(markets, exchange));
}

/** Those whose liquidations are told of all together: OKX tells nothing else. */
export function liquidationExchanges(markets: MarketRegistry): string[] {
  return ['binance', 'okx', 'bybit'].filter((exchange) => isOn(markets, exchange));
}

function isOn(markets: MarketRegistry, exchange: string): boolean {
  return markets.all.some((market) => market.exchange === exchange && market.source !== 'off');
}

/** As documented: histories of the open interest are Binance's, and Hyperliquid tells no liquidations. */
export function capabilitiesOf(exchange: string): Capabilities {
  return {
    ohlc: true,
    funding_rate: true,
    open_interest: true,
    liquidations: exchange !== 'hyperliquid',
    large_trades: true,
    oi_hist: exchange === 'binance',
  };
}

/** The covered markets of an exchange, in the order of their configuration. */
export function marketsOf(markets: MarketRegistry, exchange: string): Market[] {
  return markets.all.filter((market) => market.exchange === exchange);
}

/** The exchange's own symbol of a market: `BTCUSDT`, on Hyperliquid the coin's name `BTC`. */
export function venueSymbol({ exchange, symbol, base }: Market): string {
  return exchange === 'hyperliquid' ? base.name : symbol.replaceAll(/[-/_]/g, '');
}

/**
 * The market that an exchange and a symbol mean: in the exchange's own spelling, or in another's, so
 * that `BTCUSDT` is Hyperliquid's `BTC` and the other way round. A refusal says what is unknown, or
 * that the exchange does not tell what is asked for.
 */
export function findMarket(
  markets: MarketRegistry,
  exchange: string,
  symbol: string,
  capability: Capability,
): Market | Refusal {
  const name = coveredExchanges(markets).find((one) => one === exchange.toLowerCase());
  if (name === undefined) return unknownExchange(exchange);
  if (!capabilitiesOf(name)[capability]) return unsupported(name, capability);
  const found = markets.resolve(name, symbol) ?? byCoin(marketsOf(markets, name), symbol);
  return found ?? unknownSymbol(symbol, name);
}

/** What `findMarket` refuses, for the documents. */
export function notCovered(capability: Capability): Refusal[] {
  const unable = COVERED.find((exchange) => !capabilitiesOf(exchange)[capability]);
  return [
    unknownExchange('kraken'),
    unknownSymbol('DOGEUSDT', 'binance'),
    ...(unable === undefined ? [] : [unsupported(unable, capability)]),
    NOT_SERVING,
  ];
}

/** An exchange that is followed live gives no answer. */
export function exchangeUnavailable(
  exchange: string,
  why: string,
  retryAfterSeconds: number,
): Refusal {
  const message = `${exchange} does not serve: ${why}`;
  return new Refusal('unavailable', 'EXCHANGE_UNAVAILABLE', message, { retryAfterSeconds });
}

/** How that looks, for the documents. */
export const NOT_SERVING = exchangeUnavailable('binance', 'the exchange cannot be reached', 1);

function unknownExchange(exchange: string): Refusal {
  return unknown('exchange', exchange, `Exchange '${exchange}' not found`);
}

function unknownSymbol(symbol: string, exchange: string): Refusal {
  return unknown('symbol', symbol, `Symbol '${symbol}' not found on '${exchange}'`);
}

function unsupported(exchange: string, capability: Capability): Refusal {
  return unknown('exchange', exchange, `${WHAT[capability]} not supported by '${exchange}'`);
}

/** The first market of a coin that a symbol names alone, or with any dollar. */
function byCoin(markets: readonly Market[], symbol: string): Market | undefined {
  const bare = symbol.toUpperCase().replaceAll(/[-/_]/g, '');
  return markets.find(({ base }) => {
    if (!bare.startsWith(base.name)) return false;
    const rest = bare.slice(base.name.length);
    return rest === '' || DOLLARS.includes(rest);
  });
}

function unknown(parameter: string, value: string, message: string): Refusal {
  const details = { parameter, value };
  return new Refusal('not_found', 'NOT_FOUND', message.slice(0, 200), { details });
}
