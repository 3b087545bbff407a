import { assertLimits, LIMITS } from './config/limits.ts';
import { isIdentityEvent, type VenueEvent } from './domain/venue-events.ts';
import type { CompactionProxy } from './gateway/compaction-proxy.ts';
import { lockDataDirectory } from './gateway/data-lock.ts';
import { Engine } from './gateway/engine.ts';
import { establish, type Foundations, openAccount } from './gateway/establish.ts';
import { StartFailure } from './gateway/exit-codes.ts';
import { Guard } from './gateway/guard.ts';
import { assertPortIsFree } from './gateway/listen.ts';
import { GatewayLoop } from './gateway/loop.ts';
import { TradingControls } from './gateway/operations/trading-controls.ts';
import { OrderDoor } from './gateway/order-door.ts';
import { RecentOrders } from './gateway/recent-orders.ts';
import { type RecoveredState, recover } from './gateway/recover.ts';
import { recoverClientOrders } from './gateway/recover-client-orders.ts';
import { CLOSE_FAILED, CLOSE_GOING_AWAY } from './gateway/streams/close-codes.ts';
import { Threads } from './gateway/threads.ts';
import type { VenueStatus } from './gateway/venue.ts';
import { venueClock } from './gateway/venue-clock.ts';
import { VenueLog } from './gateway/venue-log.ts';
import { registerVenueMetrics } from './gateway/venue-metrics.ts';
import { Identity } from './identity/identity.ts';
import { readOrder } from './journal/queries.ts';
import { type JournalStore, openStore } from './journal/store.ts';
import type { SystemClock } from './lib/clock.ts';
import { HttpMetrics } from './metrics/http-metrics.ts';
import { Metrics } from './metrics/metrics.ts';
import { SystemLoadSampler } from './metrics/system-load.ts';
import { RingProducer } from './rings/ring.ts';
import { calendarEntries, openCandles, startBarClock } from './server-candles.ts';
import { ServerClockwork } from './server-clockwork.ts';
import { startCompaction } from './server-compaction.ts';
import { ServerDesks } from './server-desks.ts';
import { ServerFront } from './server-front.ts';
import { HistoryMaker } from './server-history.ts';
import { ServerLive } from './server-live.ts';
import { logRecovery } from './server-log.ts';
import { registerServerMetrics } from './server-metrics.ts';
import type { ServerOptions } from './server-options.ts';
import { ServerSessions } from './server-sessions.ts';

const SEATS_OF_STRATEGIES = 1;
/** The venue's own facts stand in the journal as those of market 0. */
const VENUE_STREAM = 0;

/**
 * The composition root: every stage of an order's way, wired in the order in which an order
 * passes them. Starting is `Server.start`, stopping is `stop`, and both read from top to bottom.
 */
export class Server {
  /** `http://HOST:PORT`, once it listens. */
  url = '';
  readonly engine: Engine;
  readonly recovered: RecoveredState;
  readonly threads: Threads;
  readonly epoch: number;
  private readonly options: ServerOptions;
  private readonly unlock: () => void;
  private readonly store: JournalStore;
  private readonly clock: SystemClock;
  private readonly venueLog: VenueLog;
  private readonly clockwork: ServerClockwork;
  private readonly identity: Identity;
  private readonly loop: GatewayLoop;
  private readonly front: ServerFront;
  private readonly startedAtMs: number;
  private readonly guard: Guard;
  private readonly sessions: ServerSessions;
  private readonly desks: ServerDesks;
  private readonly controls = new TradingControls(() => this.desks.operations.accountUserId());
  private readonly live: ServerLive;
  private compaction: CompactionProxy | undefined;
  private history: HistoryMaker | undefined;
  private stopBarClock: () => void = () => undefined;
  private readonly record = (event: VenueEvent): Promise<void> => this.venueLog.record(event);

  static async start(options: ServerOptions): Promise<Server> {
    assertLimits();
    const { settings, markets, log } = options;
    await assertPortIsFree(settings.host, settings.port);
    const unlock = await lockDataDirectory(settings.dataDirectory);
    const early: [thread: string, detail: string][] = [];
    const failed = (...failure: [string, string]): void => {
      if (server === undefined) early.push(failure);
      else server.guard.threadFailed(...failure);
    };
    let server: Server | undefined;
    try {
      // The journal first: it says what there was.
      const threads = new Threads({
        ...settings,
        markets: markets.all,
        calendars: calendarEntries(markets),
        sessions: options.sessions.length + SEATS_OF_STRATEGIES,
        onFailure: failed,
      });
      const { ready } = await threads.startJournal();
      const store = openStore(settings.dataDirectory, { readOnly: true, durability: 'commit' });
      const venueFacts: VenueEvent[] = [];
      const recovered = recover(store, markets, (event) => venueFacts.push(event));
      logRecovery(log, recovered, ready.epoch);
      const images = [...recovered.books].map(([id, book]) => [id, book.image()] as const);
      await threads.startMarkets(new Map(images));
      recovered.views.watchFeatures((marketId) => threads.featureRing(marketId));
      server = new Server(options, threads, store, recovered, venueFacts, unlock);
      for (const failure of early) server.guard.threadFailed(...failure);
      await server.open();
      return server;
    } catch (error) {
      unlock();
      const exitCode = server?.guard.exitCode;
      if (exitCode === undefined) throw error;
      throw new StartFailure(error instanceof Error ? error.message : String(error), exitCode);
    }
  }

  private constructor(
    options: ServerOptions,
    threads: Threads,
    store: JournalStore,
    recovered: RecoveredState,
    venueFacts: readonly VenueEvent[],
    unlock: () => void,
  ) {
    const { settings, markets, log } = options;
    const { orders } = recovered;
    this.options = options;
    this.threads = threads;
    this.store = store;
    this.recovered = recovered;
    this.unlock = unlock;
    this.epoch = threads.journal.ready.epoch;
    this.clock = venueClock(store, log);
    this.startedAtMs = this.clock.nowMs();
    const { clock } = this;
    this.guard = new Guard({
      settings,
      log,
      onFailure: (why) => {
        this.engine.abandonPending();
        this.venueLog.abandon(why);
      },
      leave: (exitCode) => void this.leave(exitCode),
    });

    this.sessions = new ServerSessions(threads, options.sessions, SEATS_OF_STRATEGIES);

    // 7, 8, 9: settle, project, answer, for whatever is durable.
    this.venueLog = new VenueLog(
      new RingProducer(threads.venueRing),
      threads.journalBell,
      clock,
      recovered.summary.seqs.get(VENUE_STREAM) ?? 0,
    );
    this.engine = this.makeEngine();
    this.loop = new GatewayLoop(this.engine, threads.gatewayBell, (error) =>
      this.guard.gatewayFailed(error),
    );

    this.live = new ServerLive({ ...this.beside(), threads });

    // What happens because its time has come.
    this.clockwork = new ServerClockwork({
      ...recovered,
      markets,
      clock,
      engine: this.engine,
      record: this.record,
      healthy: () => this.guard.healthy && this.engine.accepting,
      onError: (error) => log.error({ err: error }, 'an entry of margin trading was not written'),
    });
    for (const order of orders.all()) this.clockwork.alarms.note(order);

    // 1: who may come in.
    this.identity = Identity.open({
      directory: settings.dataDirectory,
      clock,
      record: this.record,
      algorithm: settings.tokenAlgorithm,
    });
    const metrics = new Metrics();
    this.desks = this.makeDesks(metrics);
    for (const event of venueFacts) this.learn(event);
    registerVenueMetrics(metrics, this.engine);
    this.engine.desk.outcomes.registerMetrics(metrics);
    this.clockwork.registerMetrics(metrics, this.engine);
    this.live.registerMetrics(metrics);

    // 10: what clients see.
    this.front = this.makeFront(metrics);
    const { engine, guard } = this;
    const { hub } = this.front;
    registerServerMetrics(metrics, { engine, hub, threads, disk: guard.disk, clock });
  }

  private makeEngine(): Engine {
    const { threads, store, recovered, venueLog, clock } = this;
    const { settings, markets } = this.options;
    const { ledger, accounts, orders, views, deployments, webhooks, news } = recovered;
    // What the orders table does not tell yet.
    const recentOrders = new RecentOrders(() => threads.journal.metrics.tableFlushes);
    return new Engine({
      markets,
      ledger,
      accounts,
      orders,
      views,
      candles: openCandles(views, store, clock),
      deployments,
      webhooks,
      news,
      venueLog,
      ...recoverClientOrders(store, ledger, settings.clientOrderIds),
      eventReaders: threads.gatewayReaders(),
      readClosedOrder: (orderId) => recentOrders.get(orderId) ?? readOrder(store, orderId),
      keepClosedOrder: (order) => recentOrders.keep(order),
      status: () => this.status(),
      tradingRefusal: (userId, marketId) => this.controls.refusal(userId, marketId),
      healthy: () => this.guard.healthy,
      spaceLow: () => this.guard.disk.low,
      openingCollateral: settings.openingCollateral,
    });
  }

  /** What most that stands beside the engine works with. */
  private beside() {
    const { engine, recovered, store, clock, record, options } = this;
    return { ...options, engine, recovered, store, clock, record };
  }

  private makeDesks(metrics: Metrics): ServerDesks {
    const { identity, controls } = this;
    const [seat] = this.sessions.reserved;
    return new ServerDesks({ ...this.beside(), metrics, seat, identity, controls });
  }

  /** Everything that surfaces may use is named here. */
  private makeFront(metrics: Metrics): ServerFront {
    const { engine, recovered, epoch, clock, identity, desks } = this;
    const { settings, log } = this.options;
    return new ServerFront({
      ...desks,
      settings,
      venue: engine,
      views: recovered.views,
      epoch,
      clock,
      identity,
      openAccount: (user) => openAccount(this.foundations(), user.userId),
      metrics,
      http: new HttpMetrics(metrics),
      systemLoad: new SystemLoadSampler(settings.dataDirectory),
      liveVenues: this.live,
      version: this.options.version,
      log,
    });
  }

  /** Opens the doors: first to the venue's own facts, then to sessions, then to clients. */
  private async open(): Promise<void> {
    const { options, threads, recovered, engine, clock } = this;
    const { settings, markets, log } = options;
    const { ledger, summary } = recovered;

    // 2, 3: hold and submit.
    const door = new OrderDoor(
      markets,
      ledger,
      threads.routes,
      engine,
      clock,
      summary.lastOrderId,
      (market, seconds) => markets.opening(market).calendar.dayEnd(seconds),
    );
    engine.open(
      door,
      this.sessions.seats,
      {
        ...this.front.listeners,
        onVenueEvent: (event) => {
          // First: of a key that is revoked nobody knows whose it was.
          this.front.listeners.onVenueEvent(event);
          this.learn(event);
        },
      },
      this.clockwork,
    );
    this.sessions.open(engine);
    this.loop.start();
    await this.guard.disk.start();
    await establish(this.foundations());
    await this.desks.operations.recordStart(this.startedAtMs);
    await this.live.begin();
    this.identity.startHousekeeping((error) =>
      log.error({ err: error }, 'failed logins and uses of API keys were not written down'),
    );

    const { keeper } = this.clockwork.margin;
    await this.desks.clear();
    await this.sessions.start({ ...this.foundations(), recovered, log, keeper });
    await this.desks.start();
    this.clockwork.start();
    this.stopBarClock = startBarClock(recovered.views, this.front.hub, clock);
    this.compaction = startCompaction(settings, markets, log, threads.journal, summary.bytes);
    this.url = await this.front.open();
    const { store, startedAtMs } = this;
    const { views } = recovered;
    const { journal } = threads;
    this.history = HistoryMaker.start({ ...options, views, store, journal, startedAtMs });
  }

  /** Serves new connections with the certificate that is in its file now; open ones go on. */
  reloadCertificate(): void {
    this.front.reloadCertificate();
  }

  /**
   * Stops in good order: refuses what is new, answers what is under way, commits, closes.
   * Everything acknowledged before or during it is durable.
   */
  async stop(why: string): Promise<void> {
    const { log } = this.options;
    log.info({ why }, 'stopping');
    const historyStopped = this.history?.stop();
    this.clockwork.stop();
    this.stopBarClock();
    await this.desks.suspend();
    this.engine.stopAccepting();
    const clientsLeft = this.front.announceShutdown(LIMITS.shutdownGraceMs);
    await this.sessions.stop();
    await this.front.drain();
    await this.desks.close();
    await this.compaction?.stop();
    await historyStopped;
    await this.live.stop();
    await this.identity.stopHousekeeping().catch((error: unknown) => {
      log.error({ err: error }, 'the last uses of API keys were not written down');
    });
    await this.threads.stop();
    // What the workers and the journal still said in stopping.
    this.engine.turn();
    await this.loop.stop();
    await clientsLeft;
    await this.front.closeAll(CLOSE_GOING_AWAY, 'server_shutdown');
    this.front.close();
    this.guard.disk.stop();
    await this.store.close();
    this.unlock();
    log.info({ epoch: this.epoch }, 'stopped');
  }

  /**
   * The end after a thread failed: whoever waits has been answered, so replies are let out, sockets
   * told, and the process ends. Nothing is committed any more, and nothing needs to be.
   */
  private async leave(exitCode: number): Promise<void> {
    this.engine.stopAccepting();
    await this.front.drain();
    await this.front.closeAll(CLOSE_FAILED, 'server_failure');
    this.options.log.fatal({ exitCode }, 'ended after a failure');
    process.exit(exitCode);
  }

  private foundations(): Foundations {
    const { options, recovered, identity } = this;
    const { markets, settings, log, announce } = options;
    const { accounts } = recovered;
    return { accounts, identity, markets, settings, record: this.record, announce, log };
  }

  private learn(event: VenueEvent): void {
    this.clockwork.apply(event);
    if (isIdentityEvent(event)) this.identity.apply(event);
    this.desks.learn(event);
  }

  private status(): VenueStatus {
    const { settings, version } = this.options;
    const { environment, durability, rateLimits } = settings;
    return {
      ...{ version, environment, durability, rateLimits, startedAtMs: this.startedAtMs },
      accepting: this.engine.accepting && this.guard.healthy && !this.guard.disk.low,
      ...this.guard.parts,
      epoch: this.epoch,
      openOrders: this.recovered.orders.openCount,
      webSocketConnections: this.front.hub.connections,
      exchanges: this.live.exchanges(),
    };
  }
}
