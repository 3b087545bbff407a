import * as R from '../codec/records.ts';
import type { FrameViews } from '../rings/frame.ts';
import type { RingProducer } from '../rings/ring.ts';
import { FeatureEngine } from './feature-engine.ts';
import type { FeatureRing } from './feature-ring.ts';
import type { BookSource } from './top-of-book.ts';

// Constants of this module cost nothing; an imported binding is loaded and checked on every use.
const I_SECONDS = R.RECORD_SECONDS / 4;
const I_NANOS = R.RECORD_NANOS / 4;

/** What is watched: its events' newest sequence, and its book. */
interface Watched {
  readonly seq: number;
  watchedBook(): BookSource;
}

/** Has a market's features follow what its machine writes. */
export class MarketWatch {
  private readonly machine: Watched;
  private readonly events: RingProducer;
  private readonly engine: FeatureEngine;
  private from = 0;

  constructor(machine: Watched, events: RingProducer, ring: FeatureRing) {
    this.machine = machine;
    this.events = events;
    this.engine = new FeatureEngine(machine.watchedBook(), ring);
  }

  /**
   * Writes the rows that are due before the first of some commands of one market.
   * @param at byte offset of the first; @param end behind the last; @param most of them that count
   * @returns how many come before the next row, at least 1
   */
  before(commands: FrameViews, at: number, end: number, most: number): number {
    const { i32 } = commands;
    const { engine } = this;
    const seconds = i32[(at >>> 2) + I_SECONDS];
    const nanos = i32[(at >>> 2) + I_NANOS];
    if (engine.isDue(seconds, nanos)) engine.advance(seconds, nanos, this.machine.seq);
    this.from = this.events.offset;
    const { nextSeconds, nextNanos } = engine;
    let count = 1;
    let next = at + i32[at >>> 2];
    while (count < most && next < end) {
      const later = i32[(next >>> 2) + I_SECONDS];
      if (later > nextSeconds) break;
      if (later === nextSeconds && i32[(next >>> 2) + I_NANOS] >= nextNanos) break;
      next += i32[next >>> 2];
      count += 1;
    }
    return count;
  }

  /** Takes in what was written since `before`, or since the last time. */
  after(): void {
    const { events, from } = this;
    this.from = events.offset;
    this.engine.totals.observe(events.ring, from, this.from);
  }
}
