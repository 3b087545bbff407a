import type { VenueState } from './live/live-messages.ts';
import type { Metrics } from './metrics/metrics.ts';

interface Followed {
  readonly crashes: number;
  followed(): readonly VenueState[];
}

/** Of every exchange that is followed: how it is, and what became of what it told. */
export function registerLiveMetrics(metrics: Metrics, live: Followed): void {
  const each = (read: (state: VenueState) => number) => () =>
    live.followed().map((state) => ({ labels: { exchange: state.exchange }, value: read(state) }));
  metrics.gauge(
    'openbell_exchange_fresh',
    '1 while every socket to the exchange brings data',
    each(({ isFresh }) => (isFresh ? 1 : 0)),
  );
  metrics.gauge(
    'openbell_exchange_stale_books',
    'Markets of the exchange whose book cannot be trusted now',
    each(({ staleMarketIds }) => staleMarketIds.length),
  );
  const counters: readonly [string, string, (state: VenueState) => number][] = [
    ['frames', 'Frames received', ({ counters: { frames } }) => frames],
    ['malformed', 'Frames that could not be read', ({ counters: { malformed } }) => malformed],
    ['dials', 'Attempts to open a socket', ({ counters: { dials } }) => dials],
    ['disconnects', 'Sockets lost', ({ counters: { disconnects } }) => disconnects],
    ['gaps', 'Books that lost their sequence', ({ counters: { gaps } }) => gaps],
    ['resyncs', 'Books fetched anew', ({ counters: { resyncs } }) => resyncs],
    [
      'unconfirmed_bars',
      'Minutes whose bars the exchange did not confirm after trades were missed',
      ({ counters: { unconfirmedMinutes } }) => unconfirmedMinutes,
    ],
  ];
  for (const [name, help, read] of counters) {
    metrics.counter(`openbell_exchange_${name}_total`, help, each(read));
  }
  metrics.counter(
    'openbell_exchange_drops_total',
    'Facts of an exchange that found no room in the ring, by kind',
    () =>
      live
        .followed()
        .flatMap(({ exchange, counters: { drops } }) =>
          Object.entries(drops).map(([kind, value]) => ({ labels: { exchange, kind }, value })),
        ),
  );
  metrics.counter('openbell_feeds_thread_failures_total', 'Times the feeds thread failed', () => [
    { value: live.crashes },
  ]);
}
