import type { CalendarEntry } from './config/calendars.ts';
import type { MarketRegistry } from './config/markets.ts';
import { CandleDesk } from './gateway/candle-desk.ts';
import type { StreamHub } from './gateway/streams/hub.ts';
import { StoredBars } from './journal/bar-queries.ts';
import type { JournalStore } from './journal/store.ts';
import type { Clock } from './lib/clock.ts';
import type { MarketViews } from './projections/market-view.ts';

/** How often it is looked whether a minute has ended. */
const LOOK_MS = 250;
/** Trades of a minute may become durable a little after it has ended. */
const GRACE_SECONDS = 1;

/**
 * Lets time close bars in markets where nothing happens. A bar is told of as closed a second after its
 * end; a trade that takes even longer to become durable is still counted, and told of anew.
 */
export function startBarClock(views: MarketViews, hub: StreamHub, clock: Clock): () => void {
  const timer = setInterval(() => {
    views.advance(Math.floor(clock.nowMs() / 1000) - GRACE_SECONDS);
    hub.publish();
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/** What the journal thread makes the markets' calendars of. */
export function calendarEntries(markets: MarketRegistry): Map<number, CalendarEntry | null> {
  return new Map(markets.all.map((one) => [one.id, markets.opening(one).calendar.entry]));
}

/**
 * Puts the bars of the journal, which the journal thread has brought up to its newest batch, into
 * recovered views, and opens the desk that answers from both.
 */
export function openCandles(views: MarketViews, store: JournalStore, clock: Clock): CandleDesk {
  const bars = new StoredBars(store);
  store.root.resetReadTxn();
  for (const { market, candles, ticker } of views.all) {
    const rows = bars.openRows(market.id);
    if (rows !== undefined) candles.restore(rows, ticker.updatedSeconds);
    const generated = bars.newestGenerated(market.id);
    if (generated !== undefined) candles.joinHistory(generated, bars.generatedEnd(market.id) ?? 0);
  }
  return new CandleDesk({ views, store: bars, clock });
}
