import type { MarketRegistry } from '../../config/markets.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { StreamCounters } from '../../gateway/streams/counters.ts';
import type { Publisher } from '../../gateway/streams/endpoint.ts';
import type { MarketView } from '../../projections/market-view.ts';
import { capabilitiesOf, coveredExchanges, findMarket } from './exchanges.ts';
import type { Feed, Listener } from './stream.ts';
import { AggressorTrades, liquidationEvents, type TradeEvent } from './trade-event.ts';
import type { TradeKind } from './trade-messages.ts';
import { TradeTopics } from './trade-topics.ts';

const ALL_MARKETS = 0;

/** The two paths of one kind of event: a market's, and all markets' together. */
export interface TradeFeeds {
  readonly market: Feed;
  readonly all: Feed;
}

/** What one aggressor took at once, from the value on that a client names. */
export function largeTradeFeeds(markets: MarketRegistry): TradeFeeds {
  const trades = new AggressorTrades();
  return tradeFeeds(markets, 'large_trade', (view, isHeard) => {
    const { market, groupEnded } = view;
    // Of a command that is cut in two the beginning is kept, though nobody may hear of it yet.
    if (!isHeard && groupEnded && !trades.isWaiting(market)) return [];
    return trades.collect(view);
  });
}

/** Fills of orders that close positions by force, of the exchanges that tell them. */
export function liquidationFeeds(markets: MarketRegistry): TradeFeeds {
  return tradeFeeds(markets, 'liquidation', (view, isHeard) =>
    isHeard ? liquidationEvents(view) : [],
  );
}

/** @param collect answers the events of a publication; they may be left out where nobody hears them */
function tradeFeeds(
  markets: MarketRegistry,
  kind: TradeKind,
  collect: (view: MarketView, isHeard: boolean) => readonly TradeEvent[],
): TradeFeeds {
  const capability = kind === 'liquidation' ? 'liquidations' : 'large_trades';
  const prefix = `takashi/${capability}`;
  const marketCounters = new StreamCounters();
  const allCounters = new StreamCounters();
  const ofMarket = new TradeTopics(`${prefix}/market`, kind, marketCounters);
  const ofAll = new TradeTopics(`${prefix}/all`, kind, allCounters);
  const covered = coveredExchanges(markets).filter((name) => capabilitiesOf(name)[capability]);
  const market: Feed = {
    counters: marketCounters,
    bind: (publisher: Publisher) => ofMarket.bind(publisher),
    join: (listener) => {
      const { exchange, symbol } = listener.params;
      const found = findMarket(markets, exchange, symbol, capability);
      if (found instanceof Refusal) return found;
      return ofMarket.join(listener, found.id, minimumOf(listener));
    },
    // For both paths: an event is found once.
    publish: (view) => {
      const { id, exchange } = view.market;
      if (!covered.includes(exchange)) return;
      for (const event of collect(view, !ofMarket.isEmpty || !ofAll.isEmpty)) {
        ofMarket.tell(id, event);
        ofAll.tell(ALL_MARKETS, event);
      }
    },
  };
  const all: Feed = {
    counters: allCounters,
    bind: (publisher: Publisher) => ofAll.bind(publisher),
    join: (listener) => ofAll.join(listener, ALL_MARKETS, minimumOf(listener)),
  };
  return { market, all };
}

/** Least value that a client wants to hear of, inclusive; everything where its path has no such. */
function minimumOf({ query }: Listener): number {
  return (query.min_value_usd as number | undefined) ?? 0;
}
