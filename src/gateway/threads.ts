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
  readonly venueRing = Ring.create(LIMITS.venueRingBytes, 2);
  readonly eventRingReaders: number;
  /** By market id: where its commands go. */
  readonly routes = new Map<number, MarketRoute>();
  /** By market id: its newest features. */
  private readonly featureRings = new Map<number, FeatureRing>();
  private readonly options: ThreadsOptions;
  private readonly seats: readonly Seat[];
  private journalProxy: JournalProxy | undefined;
  private readonly workers = new Map<Seat, MarketProxy>();

  constructor(options: ThreadsOptions) {
    this.options = options;
    this.sessionBells = Array.from({ length: options.sessions }, () => new Doorbell());
    this.eventRingReaders = READER_SESSION + options.sessions;
    const count = Math.min(options.marketThreads, options.markets.length);
    this.seats = Array.from({ length: count }, (_, i) => ({
      name: `markets-${i + 1}`,
      markets: options.markets.filter((_market, at) => at % count === i),
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
      eventRings: this.eventRings.map(({ buffer }) => ({ buffer, readers: eventRingReaders })),
      venueRing: { buffer: this.venueRing.buffer, readers: 2 },
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
          featureRings: seat.markets.map((market) => this.featureRing(market.id).buffer),
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
    return [...this.eventRings, this.venueRing].map(
      (ring) => new RingReader(ring, READER_GATEWAY, READER_JOURNAL),
    );
  }

  /**
   * A session's cursors, for the gateway to move along with its own while no thread of the session
   * reads: whoever attaches then begins where the gateway's state stands.
   */
  sessionReaders(session: number): RingReader[] {
    const reader = READER_SESSION + session;
    return this.eventRings.map((ring) => new RingReader(ring, reader, READER_GATEWAY));
  }

  /** Where a market's newest features are. */
  featureRing(marketId: number): FeatureRing {
    const ring = this.featureRings.get(marketId);
    assert(ring !== undefined, `market ${marketId} has a feature ring`);
    return ring;
  }

  /** How full every ring is, for metrics. */
  ringUse(): { ring: string; usedBytes: number; capacityBytes: number }[] {
    return this.seats.flatMap(({ name, commands, events }) => [
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
