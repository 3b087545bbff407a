import { CandleDesk, NO_BARS } from '../../src/gateway/candle-desk.ts';
import { ConnectionLimit } from '../../src/gateway/streams/connection-limit.ts';
import { StreamHub } from '../../src/gateway/streams/hub.ts';
import type { Venue } from '../../src/gateway/venue.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import { OctopusMarketStream } from '../../src/surfaces/octopus/market-stream.ts';
import { MarketFlow } from './market-flow.ts';
import { shippedMarkets } from './markets.ts';
import { type NaiveTrade, naiveBars, naiveStart } from './naive-candles.ts';
import { FakeHub, type FakeSocket, PLAIN_REQUEST } from './stream-fakes.ts';

const MS_NANOS = 1_000_000;
const SECOND_NANOS = 1_000_000_000;

/** What must be told of a day, worked out from all trades. */
export interface NaiveDay {
  readonly lastTicks: number;
  readonly previousCloseTicks: number | null;
  readonly volumeLots: number;
  /** Prices of the day under way; `undefined` while nothing has traded in it. */
  readonly open: number | undefined;
  readonly high: number | undefined;
  readonly low: number | undefined;
}

/** A clock that stands still until it is moved. */
class ManualClock implements Clock {
  seconds = 1_700_000_000;
  nanos = 0;

  tick(): void {}

  nowMs(): number {
    return this.seconds * 1000 + this.nanos / MS_NANOS;
  }
}

/** `/ws/market-data` over the views of one seeded market, with bars and statistics as they are served. */
export class QuoteScene {
  readonly registry = shippedMarkets();
  /** binance:BTC-USDT */
  readonly market = this.registry.get(6)!;
  readonly clock = new ManualClock();
  readonly views = new MarketViews(this.registry.all);
  /** What the REST endpoints ask. */
  readonly venue: Venue;
  readonly stream: OctopusMarketStream;
  readonly flow: MarketFlow;
  readonly trades: NaiveTrade[] = [];
  private readonly hub: StreamHub;
  private readonly wire = new FakeHub();

  constructor(seed: number, connectionsMax = 5) {
    const { clock, views, registry } = this;
    const desk = new CandleDesk({ views, store: NO_BARS, clock });
    const venue: Pick<Venue, 'markets' | 'statistics' | 'candleSeries' | 'ticker'> = {
      markets: registry,
      statistics: desk.statistics.bind(desk),
      candleSeries: desk.series.bind(desk),
      ticker: ({ id }) => views.get(id)!.ticker,
    };
    this.venue = venue as Venue;
    const connectionLimit = new ConnectionLimit(connectionsMax);
    this.stream = new OctopusMarketStream({ venue, views, clock, connectionLimit });
    this.hub = new StreamHub({ views, clock, endpoints: [this.stream] });
    this.stream.bind(this.wire);
    this.flow = new MarketFlow(this.market.id, seed);
  }

  connect(query = ''): FakeSocket {
    const socket = this.wire.socket();
    socket.session = this.stream.open(socket, { ...PLAIN_REQUEST, query });
    return socket;
  }

  /** Time passes; what waited for the end of its interval is told. */
  pass(ms: number): void {
    const { clock } = this;
    const nanos = clock.nanos + ms * MS_NANOS;
    clock.seconds += Math.floor(nanos / SECOND_NANOS);
    clock.nanos = nanos % SECOND_NANOS;
    this.views.advance(clock.seconds);
    this.hub.publish();
    this.stream.flush();
  }

  /** Records become durable and are published together. */
  drain(records: number): void {
    const { flow, trades, clock } = this;
    for (let i = 0; i < records; i += 1) {
      flow.seconds = Math.max(flow.seconds, clock.seconds);
      flow.step();
      clock.seconds = Math.max(flow.seconds, clock.seconds);
      for (const trade of flow.trades.slice(trades.length)) {
        trades.push({ ...trade, seconds: flow.seconds });
      }
      this.hub.views.apply(flow.views, 0);
    }
    this.hub.publish();
  }

  /** The day now, by UTC, which is this market's calendar. */
  day(): NaiveDay {
    const bars = naiveBars(this.trades, (seconds) => naiveStart('1d', seconds));
    const today = naiveStart('1d', this.clock.seconds);
    const before = bars.filter(({ openSeconds }) => openSeconds < today);
    const own = bars.find(({ openSeconds }) => openSeconds === today);
    return {
      lastTicks: this.trades.at(-1)?.priceTicks ?? 0,
      previousCloseTicks: before.at(-1)?.close ?? null,
      volumeLots: own?.lots ?? 0,
      open: own?.open,
      high: own?.high,
      low: own?.low,
    };
  }
}
