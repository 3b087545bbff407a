import * as R from '../codec/records.ts';
import { LIMITS } from '../config/limits.ts';
import { isIdentityEvent, type MarketListed, type VenueEvent } from '../domain/venue-events.ts';
import { lockDataDirectory } from '../gateway/data-lock.ts';
import { GatewayLoop } from '../gateway/loop.ts';
import { VenueLog } from '../gateway/venue-log.ts';
import type { IdentityEvent } from '../identity/events.ts';
import { readFacts } from '../journal/facts.ts';
import { JournalProxy } from '../journal/journal-proxy.ts';
import { journalExists, openStore } from '../journal/store.ts';
import { type Clock, SystemClock } from '../lib/clock.ts';
import { Doorbell } from '../rings/doorbell.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../rings/ring.ts';
import { READER_GATEWAY, READER_JOURNAL } from '../rings/roles.ts';

/**
 * The journal of a data directory that no server uses: its facts are read, and further ones are
 * written by the journal thread itself, as a server would have them written. The directory is
 * locked until `close`.
 */
export class OfflineJournal {
  /** What the journal knew of users and credentials, in its order. */
  readonly identityEvents: readonly IdentityEvent[];
  readonly clock: Clock = new SystemClock();
  private readonly proxy: JournalProxy;
  private readonly venueLog: VenueLog;
  private readonly loop: GatewayLoop;
  private readonly unlock: () => void;

  /**
   * Throws `DataDirectoryInUseError` while a server runs on the directory.
   * @param create makes a journal where there is none; else that is an error
   */
  static async open(directory: string, create = false): Promise<OfflineJournal> {
    if (!create && !journalExists(directory)) {
      throw new Error(`there is no journal in ${directory}: name the data directory`);
    }
    const unlock = await lockDataDirectory(directory);
    try {
      const facts = await factsIn(directory);
      const clock = new SystemClock();
      const ring = Ring.create(LIMITS.venueRingBytes, 2);
      const bells = { journal: new Doorbell(), gateway: new Doorbell() };
      let venueLog: VenueLog | undefined;
      const proxy = await JournalProxy.start({
        directory,
        durability: 'commit',
        eventRings: [],
        venueRing: { buffer: ring.buffer, readers: 2 },
        bell: bells.journal,
        gatewayBell: bells.gateway,
        quoteUnitsPerTickLot: new Map(
          facts
            .filter((fact): fact is MarketListed => fact.kind === 'MarketListed')
            .map(({ marketId, quoteUnitsPerTickLot }) => [marketId, quoteUnitsPerTickLot]),
        ),
        onFailure: (detail) => venueLog?.abandon(detail),
      });
      const lastSeq = proxy.ready.lastSeqs.get(0) ?? 0;
      venueLog = new VenueLog(new RingProducer(ring), bells.journal, clock, lastSeq);
      return new OfflineJournal(facts, proxy, venueLog, ring, bells.gateway, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  private constructor(
    facts: readonly VenueEvent[],
    proxy: JournalProxy,
    venueLog: VenueLog,
    ring: Ring,
    bell: Doorbell,
    unlock: () => void,
  ) {
    this.identityEvents = facts.filter(isIdentityEvent);
    this.proxy = proxy;
    this.venueLog = venueLog;
    this.unlock = unlock;
    const durable = new RingReader(ring, READER_GATEWAY, READER_JOURNAL);
    const turning = {
      hasWork: () => durable.hasNext(),
      turn: () => tellDurable(durable, venueLog),
    };
    this.loop = new GatewayLoop(turning, bell, (error) => venueLog.abandon(String(error)));
    this.loop.start();
  }

  /** Resolves when the event is durable. */
  record(event: IdentityEvent): Promise<void> {
    return this.venueLog.record(event);
  }

  async close(): Promise<void> {
    await this.proxy.stop();
    await this.loop.stop();
    this.unlock();
  }
}

async function factsIn(directory: string): Promise<VenueEvent[]> {
  if (!journalExists(directory)) return [];
  const store = openStore(directory, { readOnly: true, durability: 'commit' });
  try {
    const all = readFacts(store, 1, Number.MAX_SAFE_INTEGER);
    return [...all].map(({ json }) => JSON.parse(json) as VenueEvent);
  } finally {
    await store.close();
  }
}

function tellDurable(reader: RingReader, venueLog: VenueLog): boolean {
  let worked = false;
  for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
    venueLog.becameDurable(reader.ring.f64[(at + R.RECORD_SEQ) >>> 3]);
    worked = true;
  }
  if (worked) reader.release();
  return worked;
}
