import { CommandWriter } from '../codec/commands.ts';
import type { CalendarEntry } from '../config/calendars.ts';
import { LIMITS } from '../config/limits.ts';
import type { Market } from '../domain/markets.ts';
import { FeatureRing } from '../features/feature-ring.ts';
import { JournalProxy } from '../journal/journal-proxy.ts';
import type { Durability } from '../journal/store.ts';
import { assert } from '../lib/assert.ts';
import { type BookImage, encodeImage } from '../matching/book-image.ts';
import { MarketProxy } from '../matching/market-proxy.ts';
import { Doorbell } from '../rings/doorbell.ts';
import { Ring, RingProducer, RingReader, ringUsedBytes } from '../rings/ring.ts';
import { READER_GATEWAY, READER_JOURNAL, READER_SESSION } from '../rings/roles.ts';
import type { MarketRoute } from './command-gate.ts';

export interface ThreadsOptions {
  readonly markets: readonly Market[];
  readonly dataDirectory: string;
  readonly durability: Durability;
  readonly marketThreads: number;
  readonly marketSpins: number;
  /** In-process sessions that will read the event rings too. */
  readonly sessions: number;
  /** Of every market by its id, for its bars; without it none are built. */
  readonly calendars?: ReadonlyMap<number, CalendarEntry | null>;
  /** Called when the journal or a market worker can no longer do its work. */
  readonly onFailure: (thread: string, detail: string) => void;
}

/** Journal and gateway read what is no market worker's; in-process sessions do not. */
const FACT_READERS = 2;

/** A market worker's rings and bell, and the markets it keeps. */
interface Seat {
  readonly name: string;
  readonly markets: readonly Market[];
  readonly commands: RingProducer;
  readonly events: Ring;
  readonly bell: Doorbell;
}

/**
 * The rings, and the threads between them. The journal starts first, because what it holds says
 * how the market workers start.
 */
export class Threads {
  readonly gatewayBell = new Doorbell();
  /** One for each in-process session. */
  readonly sessionBells: readonly Doorbell[];
  readonly journalBell = new Doorbell();
  readonly venueRing = Ring.create(LIMITS.venueRingBytes, FACT_READERS);
  readonly eventRingReaders: number;
  /** Facts of live markets: the feeds thread → journal and gateway; `undefined` without any. */
  readonly feedsRing: Ring | undefined;
  /** By market id: where its commands go. */
  readonly routes = new Map<number, MarketRoute>();
  /** By market id: its newest features. */
  private readonly featureRings = new Map<number, FeatureRing>();
  private readonly options: ThreadsOptions;
  private readonly seats: readonly Seat[];
  private readonly liveMarkets: readonly Market[];
  private journalProxy: JournalProxy | undefined;
  private readonly workers = new Map<Seat, MarketProxy>();

  constructor(options: ThreadsOptions) {
    this.options = options;
    this.sessionBells = Array.from({ length: options.sessions }, () => new Doorbell());
    this.eventRingReaders = READER_SESSION + options.sessions;
    this.liveMarkets = options.markets.filter(({ source }) => source === 'live');
    const isLive = this.liveMarkets.length > 0;
    this.feedsRing = isLive ? Ring.create(LIMITS.eventRingBytes, FACT_READERS) : undefined;
    const matched = options.markets.filter(({ source }) => source !== 'live');
    const count = Math.min(options.marketThreads, matched.length);
    this.seats = Array.from({ length: count }, (_, i) => ({
      name: `markets-${i + 1}`,
      markets: matched.filter((_market, at) => at % count === i),
      commands: new RingProducer(Ring.create(LIMITS.commandRingBytes, 1)),
      events: Ring.create(LIMITS.eventRingBytes, this.eventRingReaders),
      bell: new Doorbell(),
    }));
    for (const { markets, commands, bell } of this.seats) {
      const route = { producer: commands, writer: new CommandWriter(commands), bell };
      for (const market of markets) {
        this.routes.set(market.id, route);
        this.featureRings.set(market.id, FeatureRing.create());
      }
    }
  }

  get journal(): JournalProxy {
    if (this.journalProxy === undefined) throw new Error('the journal has not started');
    return this.journalProxy;
  }

  get eventRings(): readonly Ring[] {
    return this.seats.map(({ events }) => events);
  }

  async startJournal(): Promise<JournalProxy> {
    const { options, eventRingReaders } = this;
    this.journalProxy = await JournalProxy.start({
      directory: options.dataDirectory,
      durability: options.durability,
      eventRings: [
        ...this.eventRings.map(({ buffer }) => ({ buffer, readers: eventRingReaders })),
        ...[this.feedsRing ?? []].flat().map(({ buffer }) => ({ buffer, readers: FACT_READERS })),
      ],
      venueRing: { buffer: this.venueRing.buffer, readers: FACT_READERS },
      bell: this.journalBell,
      gatewayBell: this.gatewayBell,
      sessionBells: this.sessionBells,
      quoteUnitsPerTickLot: new Map(
        options.markets.map((market) => [market.id, market.quoteUnitsPerTickLot]),
      ),
      calendars: options.calendars,
      onFailure: (detail) => options.onFailure('journal', detail),
    });
    return this.journalProxy;
  }

  /** Starts a worker for every seat; markets without an image start empty. */
  async startMarkets(images: ReadonlyMap<number, BookImage>): Promise<void> {
    const { options } = this;
    await Promise.all(
      this.seats.map(async (seat) => {
        const worker = MarketProxy.start({
          name: seat.name,
          markets: seat.markets,
          images: seat.markets.map((market) => {
            const image = images.get(market.id);
            return image === undefined ? null : encodeImage(image);
          }),
          featureRings: seat.markets.map(({ id }) => this.ownFeatures(id).buffer),
          commandRing: seat.commands.ring.buffer,
          eventRing: seat.events.buffer,
          eventRingReaders: this.eventRingReaders,
          bell: seat.bell,
          journalBell: this.journalBell,
          spins: options.marketSpins,
          onFailure: (detail) => options.onFailure(seat.name, detail),
        });
        this.workers.set(seat, worker);
        await worker.ready;
      }),
    );
  }

  /** Readers of everything durable: each worker's events, and the venue's own facts. */
  gatewayReaders(): RingReader[] {
    return [...this.eventRings, this.feedsRing ?? [], this.venueRing]
      .flat()
      .map((ring) => new RingReader(ring, READER_GATEWAY, READER_JOURNAL));
  }

  /**
   * A session's cursors, for the gateway to move along with its own while no thread of the session
   * reads: whoever attaches then begins where the gateway's state stands.
   */
  sessionReaders(session: number): RingReader[] {
    const reader = READER_SESSION + session;
    return this.eventRings.map((ring) => new RingReader(ring, reader, READER_GATEWAY));
  }

  /** Where a market's newest features are; `undefined` of a live market: it has no worker. */
  featureRing(marketId: number): FeatureRing | undefined {
    return this.featureRings.get(marketId);
  }

  /**
   * Gives live markets a worker for a while, which writes where the feeds thread will, so that orders
   * of former times can leave their books. @returns what ends it, before the feeds thread begins
   */
  async lendWorker(images: ReadonlyMap<number, BookImage>): Promise<() => Promise<void>> {
    const { feedsRing, options } = this;
    assert(feedsRing !== undefined, 'there are live markets');
    const markets = this.liveMarkets.filter(({ id }) => images.has(id));
    const commands = new RingProducer(Ring.create(LIMITS.commandRingBytes, 1));
    const bell = new Doorbell();
    const worker = MarketProxy.start({
      name: 'markets-handed-over',
      markets,
      images: markets.map(({ id }) => encodeImage(images.get(id)!)),
      featureRings: markets.map(() => FeatureRing.create().buffer),
      commandRing: commands.ring.buffer,
      eventRing: feedsRing.buffer,
      eventRingReaders: FACT_READERS,
      bell,
      journalBell: this.journalBell,
      spins: 0,
      onFailure: (detail) => options.onFailure('markets-handed-over', detail),
    });
    await worker.ready;
    const route = { producer: commands, writer: new CommandWriter(commands), bell };
    for (const { id } of markets) this.routes.set(id, route);
    return async () => {
      for (const { id } of markets) this.routes.delete(id);
      await worker.stop();
    };
  }

  private ownFeatures(marketId: number): FeatureRing {
    const ring = this.featureRings.get(marketId);
    assert(ring !== undefined, `market ${marketId} has a feature ring`);
    return ring;
  }

  /** How full every ring is, for metrics. */
  ringUse(): { ring: string; usedBytes: number; capacityBytes: number }[] {
    const feeds = [this.feedsRing ?? []].flat().map((ring) => ({
      ring: 'feeds/events',
      usedBytes: ringUsedBytes(ring),
      capacityBytes: ring.capacityBytes,
    }));
    const markets = this.seats.flatMap(({ name, commands, events }) => [
      {
        ring: `${name}/commands`,
        usedBytes: ringUsedBytes(commands.ring),
        capacityBytes: commands.ring.capacityBytes,
      },
      {
        ring: `${name}/events`,
        usedBytes: ringUsedBytes(events),
        capacityBytes: events.capacityBytes,
      },
    ]);
    return [...markets, ...feeds];
  }

  /** A market's book as its worker has it now, durable or not. */
  image(marketId: number): Promise<BookImage> {
    for (const [seat, worker] of this.workers) {
      if (seat.markets.some((market) => market.id === marketId)) return worker.image(marketId);
    }
    throw new Error(`market ${marketId} has no worker`);
  }

  /** Workers finish their commands, then the journal commits what they said. */
  async stop(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.stop()));
    await this.journalProxy?.stop();
  }
}
