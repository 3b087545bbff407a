import type { StreamHub } from './gateway/streams/hub.ts';
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
