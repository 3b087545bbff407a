import type { CatalogResponse, ExchangesResponse } from '../../../schemas/takashi.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import { capabilitiesOf, coveredExchanges, marketsOf, venueSymbol } from './exchanges.ts';
import { SOCKETS, type TakashiSocket } from './sockets.ts';

/** What each exchange can be asked for, and whether its data are those of the real one. */
export function exchangesReply(markets: MarketRegistry): ExchangesResponse {
  return {
    exchanges: coveredExchanges(markets).map((name) => ({
      name,
      source: marketsOf(markets, name).every(({ source }) => source === 'live')
        ? 'live'
        : 'simulated',
      capabilities: capabilitiesOf(name),
    })),
  };
}

/** Every WebSocket path with its parameters and the schema of its messages. */
export function catalogReply(markets: MarketRegistry): CatalogResponse {
  return { endpoints: Object.values(SOCKETS).map((socket) => entry(markets, socket)) };
}

function entry(
  markets: MarketRegistry,
  { name, path, summary, query, message, defaults }: TakashiSocket,
): CatalogResponse['endpoints'][number] {
  const { properties } = query as { properties?: Record<string, object> };
  const queryParameters: Record<string, object> = {};
  for (const [parameter, schema] of Object.entries(properties ?? {})) {
    const byDefault = parameter in defaults ? { default: defaults[parameter] } : {};
    queryParameters[parameter] = { ...schema, ...byDefault };
  }
  return {
    name,
    path,
    description: summary,
    path_parameters: path.includes('{exchange}') ? pathParameters(markets, name) : {},
    query_parameters: queryParameters,
    message,
  };
}

function pathParameters(markets: MarketRegistry, name: string): Record<string, string[]> {
  const isLiquidations = name === SOCKETS.liquidations.name;
  const exchange = coveredExchanges(markets).filter(
    (one) => !isLiquidations || capabilitiesOf(one).liquidations,
  );
  const symbols = exchange.flatMap((one) => marketsOf(markets, one).map(venueSymbol));
  return { exchange, symbol: [...new Set(symbols)] };
}
