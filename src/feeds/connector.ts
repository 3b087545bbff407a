import {
  type ConnectorCounters,
  type ConnectorHealth,
  type ConnectorNotice,
  type ConnectorOptions,
  FEED_LIMITS,
  type FeedLimits,
} from './connector-types.ts';
import { dialWebSocket } from './dial.ts';
import { Feed } from './feed.ts';
import { gridMismatch } from './instrument-grid.ts';
import type { FeedRecord, StaleReason } from './normalised.ts';
import { repeat } from './repeat.ts';
import { Resyncer, type ResyncOutcome } from './resyncer.ts';
import {
  FEED_CHANNELS,
  type FeedChannel,
  type FrameVerdict,
  type Subscription,
  type VenueAdapter,
  type VenueDecoder,
  type VenueRest,
} from './venue-adapter.ts';
import { CHANNEL_OF, Wanted } from './wanted.ts';

/** How often silent symbols are looked for. */
const LOOK_MS_MAX = 1_000;

/**
 * One exchange, followed for ever: its sockets, its books, what it tells over REST only, and which of
 * our symbols it has. Exchanges share nothing, so one that is down costs the others nothing.
 */
export class VenueConnector {
  readonly rest: VenueRest;
  private readonly options: ConnectorOptions;
  private readonly adapter: VenueAdapter;
  private readonly limits: FeedLimits;
  private readonly wanted: Wanted;
  private readonly decoder: VenueDecoder;
  private readonly resyncer: Resyncer;
  private readonly feeds: readonly Feed[];
  private readonly records = Object.fromEntries(
    FEED_CHANNELS.map((channel) => [channel, 0]),
  ) as Record<FeedChannel, number>;
  private readonly totals = { gaps: 0, offGrid: 0 };
  private readonly stale: Set<string>;
  private readonly unlisted = new Set<string>();
  /** Symbols of which something was said that would be said with every message. */
  private readonly said = new Set<string>();
  private isStopped = false;
  private isPolling = false;
  /** By symbol: our clock, when its book was told last, or its silence began. */
  private readonly bookMs = new Map<string, number>();
  private cancels: (() => void)[] = [];
  private cancelRetry = (): void => undefined;
  /** Our clock, when the frame arrived that is being read. */
  private frameMs = 0;

  constructor(options: ConnectorOptions, adapter: VenueAdapter, rest: VenueRest) {
    this.options = options;
    this.adapter = adapter;
    this.rest = rest;
    this.limits = { ...FEED_LIMITS, ...options.limits };
    this.wanted = new Wanted(options.subscriptions);
    this.stale = new Set(this.wanted.symbolsOf('book'));
    this.decoder = adapter.decoder(options.grids, {
      record: (record) => this.record(record),
      resync: (symbol, reason) => this.resync(symbol, reason),
      refused: (symbol, detail) => this.refused(symbol, detail),
      undescribed: (symbol) => this.undescribed(symbol),
      offGrid: (symbol, text) => this.offGrid(symbol, text),
    });
    const { timers, random } = options;
    const fetch = (symbol: string) => this.fetchBook(symbol);
    this.resyncer = new Resyncer({ timers, random, limits: this.limits, fetch });
    this.feeds = adapter
      .sockets(options.subscriptions)
      .map(({ name, url }) => this.feed(name, url));
  }

  start(): void {
    const { timers } = this.options;
    const isListed = this.readListing();
    if (this.adapter.needsInstruments) void isListed.then(() => this.startFeeds());
    else this.startFeeds();
    this.cancels = [
      repeat(timers, this.limits.listingMs, () => void this.readListing()),
      repeat(timers, Math.min(LOOK_MS_MAX, this.limits.symbolIdleMs / 4), () =>
        this.lookForSilence(),
      ),
    ];
    if (this.adapter.polled.has('open_interest')) {
      this.cancels.push(repeat(timers, this.limits.pollMs, () => void this.pollInterest()));
    }
  }

  stop(): void {
    for (const cancel of this.cancels.splice(0)) cancel();
    this.isStopped = true;
    this.cancelRetry();
    this.resyncer.stop();
    for (const feed of this.feeds) feed.stop();
  }

  health(): ConnectorHealth {
    const sockets = this.feeds.map((feed) => feed.health());
    const oldestMs = this.options.timers.nowMs() - this.limits.idleMs;
    const isFresh = sockets.every(
      ({ state, lastDataMs }) => state === 'open' && (lastDataMs ?? 0) >= oldestMs,
    );
    return {
      venue: this.options.venue,
      isFresh,
      sockets,
      staleBooks: [...this.stale],
      unlisted: [...this.unlisted],
    };
  }

  counters(): ConnectorCounters {
    const { resyncs, failures } = this.resyncer.counters;
    return {
      ...this.totals,
      resyncs,
      resyncFailures: failures,
      records: { ...this.records },
      rest: { ...this.rest.client.counters },
    };
  }

  private startFeeds(): void {
    if (this.isStopped) return;
    for (const feed of this.feeds) feed.start();
  }

  private feed(name: string, url: string): Feed {
    const { timers, random, sink, dial = dialWebSocket } = this.options;
    return new Feed({
      name,
      url,
      dial,
      timers,
      random,
      limits: this.limits,
      heartbeat: this.adapter.heartbeat,
      events: {
        opened: () => this.opened(name),
        frame: (text, receivedMs): FrameVerdict => {
          this.frameMs = receivedMs;
          sink.frame?.(name, text, receivedMs);
          return this.decoder.frame(text);
        },
        lost: (reason) => {
          this.notice('warn', 'disconnected', reason, name);
          this.decoder.disconnected(name);
        },
      },
    });
  }

  private opened(name: string): void {
    this.notice('info', 'connected', name, name);
    const nowMs = this.options.timers.nowMs();
    for (const symbol of this.wanted.symbolsOf('book')) this.bookMs.set(symbol, nowMs);
    this.subscribe(
      this.options.subscriptions.filter(({ symbol }) => !this.unlisted.has(symbol)),
      name,
    );
  }

  private subscribe(subscriptions: readonly Subscription[], socketName?: string): void {
    for (const { name, subscribe } of this.adapter.sockets(subscriptions)) {
      if (socketName !== undefined && name !== socketName) continue;
      this.feeds.find((feed) => feed.name === name)?.send(subscribe);
    }
  }

  private record(record: FeedRecord): void {
    if (record.kind === 'book') {
      this.bookMs.set(record.symbol, this.frameMs);
      if (record.isReset && this.stale.delete(record.symbol)) this.resyncer.done(record.symbol);
    } else if (record.kind === 'stale') this.stale.add(record.symbol);
    if (!this.wanted.has(record)) return;
    this.records[CHANNEL_OF[record.kind]] += 1;
    this.options.sink.record(record, this.frameMs);
  }

  private resync(symbol: string, reason: StaleReason): void {
    if (reason === 'gap' || reason === 'crossed') this.totals.gaps += 1;
    if (this.unlisted.has(symbol)) return;
    // A first book is no accident.
    if (reason !== 'disconnected') this.notice('warn', 'resync', `${symbol}: ${reason}`);
    this.resyncer.again(symbol);
  }

  private async fetchBook(symbol: string): Promise<ResyncOutcome> {
    if (!this.adapter.needsSnapshots) {
      this.resubscribe(symbol);
      return 'asked';
    }
    const reply = await this.rest.bookSnapshot(symbol);
    if (reply.isOk) {
      this.frameMs = this.options.timers.nowMs();
      this.decoder.snapshot(symbol, reply.value);
      return 'asked';
    }
    if (reply.code === 'REFUSED') {
      this.unlist(symbol, reply.detail);
      return 'hopeless';
    }
    this.notice('warn', 'resync', `${symbol}: ${reply.detail}`);
    return reply.retryAfterMs ?? 0;
  }

  private resubscribe(symbol: string): void {
    const { socketName, messages } = this.adapter.resubscribe(symbol);
    this.feeds.find((feed) => feed.name === socketName)?.send(messages);
  }

  private refused(symbol: string | undefined, detail: string): void {
    this.notice('warn', 'refused', detail);
    if (symbol !== undefined && this.options.grids.has(symbol)) this.unlist(symbol, detail);
  }

  /** A contract that is newer than our list of them: the next one of it will be understood. */
  private undescribed(symbol: string): void {
    if (this.said.has(symbol)) return;
    this.said.add(symbol);
    this.options.timers.after(this.limits.backoffMaxMs, () => this.said.delete(symbol));
    this.notice('warn', 'undescribed', symbol);
    void this.readListing();
  }

  private offGrid(symbol: string, text: string): void {
    this.totals.offGrid += 1;
    // Old orders on a former tick are told again and again; once is enough to know.
    if (this.said.has(symbol)) return;
    this.said.add(symbol);
    this.notice('warn', 'off_grid', `${symbol}: ${text}`);
  }

  private unlist(symbol: string, detail: string): void {
    if (this.unlisted.has(symbol)) return;
    this.unlisted.add(symbol);
    this.notice('warn', 'unlisted', `${symbol}: ${detail}`);
    this.resyncer.done(symbol);
    this.decoder.abandon(symbol, 'unlisted');
  }

  /** Which of our symbols the exchange has: what went is given up, what came back is followed. */
  private async readListing(): Promise<void> {
    const { timers } = this.options;
    const reply = await this.rest.instruments();
    if (this.isStopped) return;
    if (!reply.isOk) {
      this.notice('warn', 'poll_failed', `instruments: ${reply.detail}`);
      this.cancelRetry();
      this.cancelRetry = timers.after(this.limits.backoffMaxMs, () => void this.readListing());
      return;
    }
    this.decoder.instruments(reply.value);
    const listed = new Map(reply.value.map((each) => [each.symbol, each]));
    for (const [symbol, grid] of this.options.grids) {
      const instrument = listed.get(symbol);
      const mismatch = instrument && gridMismatch(grid, instrument);
      if (mismatch !== undefined) this.notice('warn', 'grid_mismatch', `${symbol}: ${mismatch}`);
      if (!instrument?.isTrading) this.unlist(symbol, 'it does not trade');
      else if (this.unlisted.delete(symbol)) {
        this.notice('info', 'listed', symbol);
        this.subscribe(this.options.subscriptions.filter((each) => each.symbol === symbol));
      }
    }
  }

  /** A symbol whose book is silent while others speak has lost its subscription, or its market. */
  private lookForSilence(): void {
    const nowMs = this.options.timers.nowMs();
    for (const [symbol, toldMs] of this.bookMs) {
      if (nowMs - toldMs < this.limits.symbolIdleMs || this.unlisted.has(symbol)) continue;
      this.bookMs.set(symbol, nowMs);
      if (!this.feeds.some((feed) => feed.health().state === 'open')) continue;
      this.notice('warn', 'resync', `${symbol}: silent for ${this.limits.symbolIdleMs} ms`);
      this.decoder.abandon(symbol, 'silent');
      if (this.adapter.needsSnapshots) this.resubscribe(symbol);
      this.resyncer.want(symbol);
    }
  }

  private async pollInterest(): Promise<void> {
    // The round before may wait for the exchange's limit.
    if (this.isPolling) return;
    this.isPolling = true;
    await this.pollEach();
    this.isPolling = false;
  }

  private async pollEach(): Promise<void> {
    for (const symbol of this.wanted.symbolsOf('open_interest')) {
      if (this.unlisted.has(symbol)) continue;
      const reply = await this.rest.openInterest(symbol);
      if (!reply.isOk) {
        this.notice('warn', 'poll_failed', `open interest of ${symbol}: ${reply.detail}`);
        return;
      }
      this.frameMs = this.options.timers.nowMs();
      this.record(reply.value);
    }
  }

  private notice(
    level: ConnectorNotice['level'],
    code: string,
    detail: string,
    socketName?: string,
  ): void {
    const { venue, sink } = this.options;
    sink.notice?.({ level, code, venue, detail, socketName });
  }
}
