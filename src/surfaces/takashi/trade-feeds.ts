import type { MarketRegistry } from '../../config/markets.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { StreamCounters } from '../../gateway/streams/counters.ts';
import type { Publisher } from '../../gateway/streams/endpoint.ts';
import type { MarketView } from '../../projections/market-view.ts';
import { coveredExchanges, findMarket, liquidationExchanges } from './exchanges.ts';
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
  const late = new LateTrades(trades);
  const collect = (view: MarketView, isHeard: boolean) => {
    const { market, groupEnded } = view;
    // Of a command that is cut in two the beginning is kept, though nobody may hear of it yet.
    if (!isHeard && groupEnded && !trades.isWaiting(market)) return [];
    return trades.collect(view);
  };
  return tradeFeeds(markets, 'large_trade', collect, (view, tell) => late.watch(view, tell));
}

/** How long a fill of another exchange waits for the next one of its aggressor. */
const HOLD_MS = 100;

/** Tells what waits for more fills when none have come for a moment. */
class LateTrades {
  private readonly trades: AggressorTrades;
  /** By market id. */
  private readonly timers: (NodeJS.Timeout | undefined)[] = [];

  constructor(trades: AggressorTrades) {
    this.trades = trades;
  }

  watch({ market, outside }: MarketView, tell: (event: TradeEvent) => void): void {
    if (!outside.isLive) return;
    clearTimeout(this.timers[market.id]);
    if (!this.trades.isWaiting(market)) return;
    const timer = setTimeout(() => {
      const event = this.trades.takeWaiting(market);
      if (event !== undefined) tell(event);
    }, HOLD_MS);
    this.timers[market.id] = timer.unref();
  }
}

/** Fills of orders that close positions by force, of the exchanges that tell them. */
export function liquidationFeeds(markets: MarketRegistry): TradeFeeds {
  return tradeFeeds(markets, 'liquidation', (view, isHeard) =>
    isHeard ? liquidationEvents(view) : [],
  );
}

/**
 * @param collect answers the events of a publication; they may be left out where nobody hears them
 * @param after is called then, and may tell of more later
 */
function tradeFeeds(
  markets: MarketRegistry,
  kind: TradeKind,
  collect: (view: MarketView, isHeard: boolean) => readonly TradeEvent[],
  after: (view: MarketView, tell: (event: TradeEvent) => void) => void = () => undefined,
): TradeFeeds {
  const capability = kind === 'liquidation' ? 'liquidations' : 'large_trades';
  const prefix = `takashi/${capability}`;
  const marketCounters = new StreamCounters();
  const allCounters = new StreamCounters();
  const ofMarket = new TradeTopics(`${prefix}/market`, kind, marketCounters);
  const ofAll = new TradeTopics(`${prefix}/all`, kind, allCounters);
  const covered =
    kind === 'liquidation' ? liquidationExchanges(markets) : coveredExchanges(markets);
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
      const tell = (event: TradeEvent): void => {
        ofMarket.tell(id, event);
        ofAll.tell(ALL_MARKETS, event);
      };
      for (const event of collect(view, !ofMarket.isEmpty || !ofAll.isEmpty)) tell(event);
      after(view, tell);
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
