import type { Market } from '../domain/markets.ts';
import { STALE_DISCONNECTED } from '../domain/outside.ts';
import type { VenueConnector } from '../feeds/connector.ts';
import type { ConnectorNotice } from '../feeds/connector-types.ts';
import type { FeedRecord } from '../feeds/normalised.ts';
import { adapterOf, openVenue, systemTimers } from '../feeds/open-venue.ts';
import type { RestResult } from '../feeds/rest/result.ts';
import type { FeedChannel, Subscription, VenueRest } from '../feeds/venue-adapter.ts';
import type { RingProducer } from '../rings/ring.ts';
import { rowOfCandle } from './candle-rows.ts';
import { LiveMarket } from './live-market.ts';
import type { LiveStart, LiveVenue, RestMethod, VenueState } from './live-messages.ts';
import { MinuteSeam } from './minute-seam.ts';
import { OutsideWriter } from './outside-writer.ts';

/** What of an exchange enters the markets; quotes and candles follow from these. */
const FOLLOWED: readonly FeedChannel[] = [
  'trades',
  'book',
  'mark',
  'open_interest',
  'ticker',
  'liquidations',
];
/** All that is wanted of OKX: it stands in the streams of all exchanges' liquidations. */
const LIQUIDATIONS: readonly FeedChannel[] = ['liquidations'];
const MINUTES_A_PAGE = 1_000;

export interface RunPorts {
  readonly producer: RingProducer;
  /** Records were written and want to be published. */
  readonly written: () => void;
  readonly notice: (level: 'info' | 'warn', fields: object, message: string) => void;
}

interface Followed {
  readonly market: Market;
  readonly live: LiveMarket;
  readonly seam: MinuteSeam;
}

/** One exchange on the feeds thread: its connector, and its markets by the exchange's symbol. */
export class VenueRun {
  readonly exchange: string;
  private readonly ports: RunPorts;
  private readonly venue: VenueConnector;
  private readonly channels: ReadonlySet<FeedChannel>;
  private readonly followed = new Map<string, Followed>();

  constructor({ exchange, endpoints, markets }: LiveVenue, ports: RunPorts) {
    this.exchange = exchange;
    this.ports = ports;
    const { symbolOf, channels } = adapterOf(exchange, endpoints);
    const followed = exchange === 'okx' ? LIQUIDATIONS : FOLLOWED;
    this.channels = new Set(followed.filter((channel) => channels.has(channel)));
    const grids = new Map(
      markets.map(({ market }) => [symbolOf(market.base.name, market.quote.name), market]),
    );
    this.venue = openVenue({
      venue: exchange,
      endpoints,
      grids,
      subscriptions: subscriptionsOf([...grids.keys()], this.channels),
      sink: {
        record: (record, receivedMs) => this.take(record, receivedMs),
        notice: (notice) => this.notice(notice),
      },
      timers: systemTimers,
      random: Math.random,
    });
    for (const start of markets) {
      const { base, quote } = start.market;
      const symbol = symbolOf(base.name, quote.name);
      this.followed.set(symbol, this.follow(symbol, start));
    }
  }

  /** Says of every book that nothing is known of it yet, and begins to follow. */
  start(): void {
    const nowMs = Date.now();
    for (const { live, seam } of this.followed.values()) {
      if (this.channels.has('book')) live.stale(STALE_DISCONNECTED, nowMs);
      if (this.channels.has('trades')) seam.begin();
    }
    this.ports.written();
    this.venue.start();
    if (this.channels.has('open_interest')) void this.askInterest();
  }

  stop(): void {
    this.venue.stop();
    for (const { seam } of this.followed.values()) seam.stop();
  }

  settle(): void {
    const nowMs = Date.now();
    for (const { live } of this.followed.values()) live.settle(nowMs);
  }

  ask(method: RestMethod, args: readonly unknown[]): Promise<RestResult<unknown>> {
    const call = this.venue.rest[method] as (...given: unknown[]) => Promise<RestResult<unknown>>;
    return call.apply(this.venue.rest, [...args]);
  }

  state(): VenueState {
    const { isFresh, sockets, unlisted } = this.venue.health();
    const { gaps, resyncs, offGrid } = this.venue.counters();
    const all = [...this.followed.values()];
    const sum = (name: keyof (typeof sockets)[number]['counters']): number =>
      sockets.reduce((total, { counters }) => total + counters[name], 0);
    const dropped = (name: keyof LiveMarket['drops']): number =>
      all.reduce((total, { live }) => total + live.drops[name], 0);
    const times = sockets.flatMap(({ lastDataMs }) => lastDataMs ?? []);
    const hasBooks = this.channels.has('book');
    return {
      exchange: this.exchange,
      isFresh,
      lastDataMs: times.length === 0 ? null : Math.max(...times),
      staleMarketIds: hasBooks
        ? all.filter(({ live }) => live.isStale).map(({ market }) => market.id)
        : [],
      unlisted,
      counters: {
        frames: sum('frames'),
        malformed: sum('malformed'),
        refused: sum('refused'),
        dials: sum('dials'),
        disconnects: sum('disconnects'),
        idleDisconnects: sum('idleDisconnects'),
        gaps,
        resyncs,
        offGrid,
        unconfirmedMinutes: all.reduce((total, { seam }) => total + seam.unconfirmed, 0),
        drops: {
          trades: dropped('trades'),
          books: dropped('books'),
          liquidations: dropped('liquidations'),
          figures: dropped('figures'),
        },
      },
    };
  }

  /** The first open interest: an exchange that is polled for it would tell it some time later. */
  private async askInterest(): Promise<void> {
    for (const symbol of this.followed.keys()) {
      const reply = await this.venue.rest.openInterest(symbol);
      if (!reply.isOk) return;
      this.take(reply.value, reply.receivedMs);
    }
  }

  private take(record: FeedRecord, receivedMs: number): void {
    const followed = this.followed.get(record.symbol);
    if (followed === undefined) return;
    followed.live.take(record, receivedMs);
    this.ports.written();
  }

  private notice({ level, code, detail }: ConnectorNotice): void {
    if (code === 'disconnected') for (const { live } of this.followed.values()) live.missedTrades();
    this.ports.notice(level, { exchange: this.exchange, code, detail }, 'exchange');
  }

  private follow(symbol: string, start: LiveStart): Followed {
    const { market, minuteSeconds } = start;
    const { producer, written } = this.ports;
    const writer = new OutsideWriter(producer, { ...start, marketId: market.id });
    const seam = new MinuteSeam(
      {
        fetch: (fromSeconds, done) => {
          minutesFrom(this.venue.rest, symbol, market, fromSeconds).then(done, () =>
            done(undefined),
          );
        },
        emit: (row) => {
          writer.at(Math.min(Date.now(), row[0] * 1000));
          writer.bar(row);
          written();
        },
        nowMs: Date.now,
        after: (delayMs, call) => {
          const timer = setTimeout(call, Math.max(0, delayMs));
          return () => clearTimeout(timer);
        },
      },
      minuteSeconds,
    );
    return { market, seam, live: new LiveMarket(market, writer, seam) };
  }
}

function subscriptionsOf(
  symbols: readonly string[],
  channels: ReadonlySet<FeedChannel>,
): Subscription[] {
  return [...channels].flatMap((channel) => symbols.map((symbol) => ({ channel, symbol })));
}

/** Minutes from one on, page by page; `undefined` as soon as the exchange does not answer. */
async function minutesFrom(
  rest: VenueRest,
  symbol: string,
  market: Market,
  fromSeconds: number,
): Promise<Float64Array[] | undefined> {
  const rows: Float64Array[] = [];
  for (let startMs = fromSeconds * 1000; ; ) {
    const query = { symbol, interval: '1m', limit: MINUTES_A_PAGE, startMs } as const;
    const page = await rest.candles(query);
    if (!page.isOk) return undefined;
    for (const candle of page.value) rows.push(...[rowOfCandle(market, candle) ?? []].flat());
    const last = page.value.at(-1);
    if (last === undefined || last.endTimeMs > Date.now() || last.openTimeMs < startMs) return rows;
    startMs = last.endTimeMs;
  }
}
