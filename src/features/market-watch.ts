import * as R from '../codec/records.ts';
import type { FrameViews } from '../rings/frame.ts';
import type { RingProducer } from '../rings/ring.ts';
import { FeatureEngine } from './feature-engine.ts';
import type { FeatureRing } from './feature-ring.ts';
import type { FlowTotals } from './flow-totals.ts';
import type { BookSource } from './top-of-book.ts';

/** What is watched: its events' newest sequence, and its book. */
interface Watched {
  readonly seq: number;
  watchedBook(): BookSource;
}

/** Has a market's features follow what its machine writes, group by group. */
export class MarketWatch {
  private readonly machine: Watched;
  private readonly events: RingProducer;
  private readonly views: FrameViews;
  private readonly engine: FeatureEngine;
  private readonly totals: FlowTotals;
  private from = 0;

  constructor(machine: Watched, events: RingProducer, ring: FeatureRing) {
    this.machine = machine;
    this.events = events;
    this.views = events.ring;
    this.engine = new FeatureEngine(machine.watchedBook(), ring);
    this.totals = this.engine.totals;
  }

  /** Before a command is carried out. */
  before(command: FrameViews, at: number): void {
    const seconds = command.i32[(at + R.RECORD_SECONDS) >>> 2];
    const nanos = command.i32[(at + R.RECORD_NANOS) >>> 2];
    if (this.engine.isDue(seconds, nanos)) this.engine.advance(seconds, nanos, this.machine.seq);
    this.from = this.events.offset;
  }

  /** After every group that it brought about. */
  after(): void {
    const { events, from } = this;
    this.from = events.offset;
    this.totals.observe(this.views, from, this.from);
  }
}
