import type { Logger } from 'pino';
import type { FollowedExchange } from './config/exchange-settings.ts';
import type { MarketRegistry } from './config/markets.ts';
import type { Settings } from './config/settings.ts';
import { MINUTE_SECONDS } from './domain/candles.ts';
import type { Market } from './domain/markets.ts';
import { PHASE_CONTINUOUS } from './domain/orders.ts';
import type { VenueEvent } from './domain/venue-events.ts';
import type { Engine } from './gateway/engine.ts';
import type { LiveVenues } from './gateway/live-venues.ts';
import type { RecoveredState } from './gateway/recover.ts';
import type { Threads } from './gateway/threads.ts';
import type { ExchangeStatus } from './gateway/venue.ts';
import type { JournalStore } from './journal/store.ts';
import type { SystemClock } from './lib/clock.ts';
import { FeedsProxy } from './live/feeds-proxy.ts';
import type { FeedsWiring, VenueState } from './live/live-messages.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { MarketView } from './projections/market-view.ts';
import { ringUsedBytes } from './rings/ring.ts';
import { LiveHistory } from './server-live-history.ts';
import { registerLiveMetrics } from './server-live-metrics.ts';

export interface LiveParts {
  readonly settings: Settings;
  readonly markets: MarketRegistry;
  readonly threads: Threads;
  readonly recovered: RecoveredState;
  readonly engine: Engine;
  readonly store: JournalStore;
  readonly clock: SystemClock;
  readonly log: Logger;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
}

const DAY_SECONDS = 86_400;
/** A simulated market whose newest event is older is not fresh. */
const FRESH_SECONDS = 60;
/** A feeds thread that failed is started again after a while, each time a longer one. */
const RESTART_MS = 1_000;
const RESTART_MS_MAX = 60_000;
/** How often it is looked whether all that the former thread wrote has been taken in. */
const LOOK_MS = 20;

/** The markets of this server that other exchanges tell of, from the start to the end. */
export class ServerLive implements LiveVenues {
  /** Failures of the feeds thread since the start. */
  crashes = 0;
  private readonly parts: LiveParts;
  private readonly live: readonly Market[];
  private proxy: FeedsProxy | undefined;
  private history: LiveHistory | undefined;
  private restart: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(parts: LiveParts) {
    this.parts = parts;
    this.live = parts.markets.all.filter(({ source }) => source === 'live');
  }

  state(exchange: string): VenueState | undefined {
    return this.proxy?.state(exchange);
  }

  rest(exchange: string): ReturnType<LiveVenues['rest']> {
    return this.proxy?.rest(exchange);
  }

  registerMetrics(metrics: Metrics): void {
    registerLiveMetrics(metrics, this);
  }

  /** Of every exchange that is followed, once its thread has told. */
  followed(): VenueState[] {
    const names = new Set(this.live.map(({ exchange }) => exchange));
    return [...names].flatMap((exchange) => this.state(exchange) ?? []);
  }

  /** Where every exchange's facts come from, and whether they are fresh. */
  exchanges(): ExchangeStatus[] {
    const { markets, recovered, clock } = this.parts;
    const nowSeconds = clock.nowMs() / 1000;
    return markets.exchanges.map((exchange) => {
      const own = markets.all.filter((market) => market.exchange === exchange);
      const [{ source }] = own;
      if (source === 'live') return this.liveStatus(exchange, own);
      const isFresh = own.some(({ id }) => {
        const seconds = recovered.views.get(id)?.ticker.updatedSeconds ?? 0;
        return nowSeconds - seconds <= FRESH_SECONDS;
      });
      return { exchange, source, isFresh, lastDataMs: null, staleMarkets: [] };
    });
  }

  /**
   * Takes the markets over whose source is another than it was, and begins to follow the exchanges.
   * Orders that are open in a market that is live now are cancelled first. Nothing is traded yet.
   */
  async begin(): Promise<void> {
    const { markets, recovered, record, log } = this.parts;
    await this.handOver();
    for (const market of markets.all) {
      const isLive = market.source === 'live';
      if (recovered.views.get(market.id)?.outside.isLive === isLive) continue;
      await record({ kind: 'MarketSourceSet', marketId: market.id, isLive });
      log.info({ exchange: market.exchange, symbol: market.symbol, isLive }, 'market source set');
    }
    if (this.live.length === 0) return;
    await this.follow();
    this.history = new LiveHistory({ ...this.parts, markets: this.live, venues: this });
  }

  /** Before the journal ends. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    await this.history?.stop();
    await this.proxy?.stop();
  }

  private liveStatus(exchange: string, own: readonly Market[]): ExchangeStatus {
    const state = this.state(exchange);
    const stale = new Set(state?.staleMarketIds ?? own.map(({ id }) => id));
    return {
      exchange,
      source: 'live',
      isFresh: state?.isFresh ?? false,
      lastDataMs: state?.lastDataMs ?? null,
      staleMarkets: own.filter(({ id }) => stale.has(id)).map(({ symbol }) => symbol),
    };
  }

  /** Former orders leave the books of live markets, by a worker that is there for this alone. */
  private async handOver(): Promise<void> {
    const { recovered, threads, engine, log } = this.parts;
    const images = new Map(
      this.live.flatMap(({ id }) => {
        const image = recovered.books.get(id)?.image();
        const isLeft = image !== undefined && image.orders.length > 0;
        const phase = recovered.views.get(id)?.ticker.phase ?? PHASE_CONTINUOUS;
        return image !== undefined && (isLeft || phase !== PHASE_CONTINUOUS)
          ? [[id, image] as const]
          : [];
      }),
    );
    if (images.size === 0) return;
    const giveBack = await threads.lendWorker(images);
    for (const market of this.live.filter(({ id }) => images.has(id))) {
      const orders = images.get(market.id)?.orders.length ?? 0;
      log.info({ exchange: market.exchange, symbol: market.symbol, orders }, 'orders cancelled');
      await new Promise<void>((done) => engine.desk.cancelPortfolio(market, 0, done));
      await new Promise<void>((done) =>
        engine.desk.setPhase(market, PHASE_CONTINUOUS, () => done()),
      );
    }
    await giveBack();
  }

  private async follow(): Promise<void> {
    const { log } = this.parts;
    await this.drained();
    this.proxy = new FeedsProxy(this.wiring(), {
      notice: (level, fields, message) => log[level](fields, message),
      failed: (error) => this.failed(error),
    });
    await this.proxy.ready;
  }

  private failed(error: Error): void {
    this.crashes += 1;
    this.proxy = undefined;
    const waitMs = Math.min(RESTART_MS_MAX, RESTART_MS * 2 ** Math.min(10, this.crashes - 1));
    this.parts.log.error({ err: error, waitMs }, 'the feeds thread failed');
    if (this.stopping) return;
    this.restart = setTimeout(() => {
      this.follow().catch((again: unknown) => {
        this.parts.log.error({ err: again }, 'the feeds thread does not start');
      });
    }, waitMs);
  }

  /** What a former thread wrote is durable and applied: the next one goes on from there. */
  private async drained(): Promise<void> {
    const { feedsRing } = this.parts.threads;
    while (feedsRing !== undefined && ringUsedBytes(feedsRing) > 0 && !this.stopping) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  private wiring(): FeedsWiring {
    const { threads, settings, recovered } = this.parts;
    const { feedsRing } = threads;
    if (feedsRing === undefined) throw new Error('live markets have a ring');
    const exchanges = [...new Set(this.live.map(({ exchange }) => exchange))];
    return {
      venues: exchanges.map((exchange) => ({
        exchange: exchange as FollowedExchange,
        endpoints: settings.exchangeEndpoints[exchange as FollowedExchange],
        markets: this.live
          .filter((market) => market.exchange === exchange)
          .map((market) => this.startOf(market, recovered.views.get(market.id))),
      })),
      ring: feedsRing.buffer,
      ringReaders: feedsRing.readers,
      journalBell: threads.journalBell.buffer,
    };
  }

  private startOf(market: Market, view: MarketView | undefined) {
    const nowSeconds = Math.floor(this.parts.clock.nowMs() / 1000);
    const known = view?.candles.sealedBefore(0) ?? 0;
    const today = nowSeconds - (nowSeconds % DAY_SECONDS);
    return {
      market,
      seq: view?.ticker.seq ?? 0,
      tradeId: view?.ticker.tradesTotal ?? 0,
      minuteSeconds: known > 0 ? known - (known % MINUTE_SECONDS) : today,
    };
  }
}
