import * as R from '../codec/records.ts';
import { LIMITS } from '../config/limits.ts';
import type { MarketListed, VenueEvent } from '../domain/venue-events.ts';
import { readVenueEvent } from '../gateway/venue-log.ts';
import { BookFollower } from '../matching/book-follower.ts';
import type { BookImage } from '../matching/book-image.ts';
import { machineConfig, UNBOUNDED_TERMS } from '../matching/machine-config.ts';
import { imageHash } from '../matching/state-hash.ts';
import { SymbolMachine } from '../matching/symbol-machine.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../rings/ring.ts';

function venueEvent(views: FrameViews, at: number): VenueEvent | undefined {
  if (frameType(views.i32[(at + 4) >>> 2]) !== R.VENUE_EVENT) return undefined;
  return readVenueEvent(views, at);
}

/** A market matched again: the machine, what it says, and the book that the journal tells of. */
interface Bench {
  readonly listing: MarketListed;
  machine: SymbolMachine;
  readonly told: BookFollower;
  /** Frames the machine wrote for the command being checked, not yet compared. */
  readonly written: RingReader;
  readonly producer: RingProducer;
  /** Facts from outside came since: the machine knows nothing of them. */
  isBehind: boolean;
}

/**
 * Matches the journal's commands again and compares every frame byte for byte, then the books: the
 * one that matching leads to and the one that the journal's events alone lead to.
 */
export class JournalRematch {
  commands = 0;
  /** Facts from other exchanges: there is nothing to match again. */
  outside = 0;
  private readonly benches = new Map<number, Bench>();

  /** Where it begins: the markets as listed then, and their books. */
  begin(listings: readonly MarketListed[], books: readonly BookImage[]): void {
    const images = new Map(books.map((image) => [image.marketId, image]));
    for (const listing of listings) this.list(listing, images.get(listing.marketId));
  }

  /** Takes the journal's next frame; returns what differs. */
  frame(views: FrameViews, at: number): string | undefined {
    const event = venueEvent(views, at);
    if (event !== undefined) {
      if (event.kind === 'MarketListed') this.list(event);
      return undefined;
    }
    const marketId = frameMarketId(views.i32[(at + 4) >>> 2]);
    const bench = this.benches.get(marketId);
    if (bench === undefined) return `market ${marketId} has events but was never listed`;
    const type = frameType(views.i32[(at + 4) >>> 2]);
    if (R.isOutside(type)) {
      bench.told.apply(views, at);
      bench.isBehind = true;
      this.outside += 1;
      return undefined;
    }
    this.catchUp(bench);
    bench.told.apply(views, at);
    if (type < R.FIRST_EVENT_TYPE) {
      this.commands += 1;
      bench.machine.apply(views, at);
      bench.producer.publish();
    }
    return compareNext(bench, views, at);
  }

  /** After whole groups: the books by matching against the books by events. */
  compareBooks(): string | undefined {
    for (const bench of this.benches.values()) {
      this.catchUp(bench);
      const { listing, machine, told } = bench;
      const matched = machine.stateHash();
      const followed = imageHash(told.image());
      if (matched === followed) continue;
      return `${listing.exchange}:${listing.symbol}: state ${matched} by matching, ${followed} by events`;
    }
    return undefined;
  }

  /** The hash of a market's book by matching; `undefined` for a market that is not listed. */
  stateHash(marketId: number): string | undefined {
    const bench = this.benches.get(marketId);
    if (bench !== undefined) this.catchUp(bench);
    return bench?.machine.stateHash();
  }

  states(): { market: string; seq: number; state_hash: string }[] {
    return [...this.benches.values()].map(({ listing, machine }) => ({
      market: `${listing.exchange}:${listing.symbol}`,
      seq: machine.seq,
      state_hash: machine.stateHash(),
    }));
  }

  /** Facts from outside change no book of ours, but they count and number what happens. */
  private catchUp(bench: Bench): void {
    if (!bench.isBehind) return;
    const terms = { ...UNBOUNDED_TERMS, ...bench.listing, id: bench.listing.marketId };
    bench.machine = new SymbolMachine(machineConfig(terms), bench.producer);
    bench.machine.restore(bench.told.image());
    bench.isBehind = false;
  }

  /** A market listed anew goes on from its state, under the new fees. */
  private list(listing: MarketListed, image?: BookImage): void {
    const before = this.benches.get(listing.marketId);
    const producer = before?.producer ?? new RingProducer(Ring.create(LIMITS.eventRingBytes, 1));
    // A listing from before there were auctions and bounds says nothing of them.
    const terms = { ...UNBOUNDED_TERMS, ...listing, id: listing.marketId };
    const machine = new SymbolMachine(machineConfig(terms), producer);
    const start = before?.machine.image() ?? image;
    if (start !== undefined) machine.restore(start);
    this.benches.set(listing.marketId, {
      listing,
      machine,
      told: before?.told ?? new BookFollower(listing.marketId, image),
      written: before?.written ?? new RingReader(producer.ring, 0),
      producer,
      isBehind: before?.isBehind ?? false,
    });
  }
}

/** The machine's next frame against the journal's. */
function compareNext(bench: Bench, views: FrameViews, at: number): string | undefined {
  const { written, listing } = bench;
  const where = `${listing.exchange}:${listing.symbol} seq ${views.f64[(at + R.RECORD_SEQ) >>> 3]}`;
  const mine = written.next();
  if (mine === RING_EMPTY) return `${where}: matching again gives nothing more here`;
  const { ring } = written;
  const lengthBytes = views.i32[at >>> 2];
  let equal = ring.i32[mine >>> 2] === lengthBytes;
  for (let i = 0; equal && i < lengthBytes; i += 4) {
    equal = ring.i32[(mine + i) >>> 2] === views.i32[(at + i) >>> 2];
  }
  written.release();
  return equal ? undefined : `${where}: matching again gives another record`;
}
