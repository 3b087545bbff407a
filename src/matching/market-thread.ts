import type { Market } from '../domain/markets.ts';
import { AssertionError } from '../lib/assert.ts';
import type { ThreadFailpoint } from '../lib/thread-failpoint.ts';
import { Doorbell } from '../rings/doorbell.ts';
import { type FrameViews, frameMarketId } from '../rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../rings/ring.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import { decodeImage, encodeImage } from './book-image.ts';
import { machineConfig } from './machine-config.ts';
import { RUN_BYTES } from './plain-run.ts';
import { SymbolMachine } from './symbol-machine.ts';

/** What a market worker is given. */
export interface MarketWiring {
  readonly markets: readonly Market[];
  /** By the markets' places: the book to start from, `null` for an empty one. */
  readonly images: readonly (Float64Array | null)[];
  /** By the markets' places: where their features go. */
  readonly featureRings: readonly SharedArrayBuffer[];
  readonly commandRing: SharedArrayBuffer;
  readonly eventRing: SharedArrayBuffer;
  readonly eventRingReaders: number;
  /** The worker's own. */
  readonly bell: SharedArrayBuffer;
  readonly journalBell: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  /** Turns to look for work before sleeping. */
  readonly spins: number;
}

/** Asks for a market's book as it is between two commands. */
export interface ImageRequest {
  readonly type: 'image';
  readonly id: number;
  readonly marketId: number;
}

export type MarketMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'stopped' }
  | { readonly type: 'image'; readonly id: number; readonly image: Float64Array };

/** Follows what a market does. */
export interface GroupWatch {
  /**
   * Before commands that lie in a row are carried out.
   * @param at byte offset of the first; @param end behind the last; @param most of them that count
   * @returns how many of them, at least 1, may be carried out before it is told again
   */
  before(commands: FrameViews, at: number, end: number, most: number): number;
  /** After what they have brought about was written. */
  after(): void;
}

/** Commands matched before their events are published together. */
const BATCH_COMMANDS = 256;
/** A sleeping worker looks around this often even if nobody rings. */
const IDLE_MS = 100;
/** How long to wait for readers to make room in a full event ring before looking again. */
const FULL_MS = 1;

/**
 * A market worker's loop: takes commands, matches, publishes the events of a batch together, wakes
 * the journal. Several markets may share one worker; each has a machine of its own.
 */
export class MarketThread {
  private readonly machines: (SymbolMachine | undefined)[] = [];
  /** By market id, as the machines are. */
  private readonly watches: GroupWatch[] = [];
  private readonly commands: RingReader;
  private readonly events: RingProducer;
  private readonly control: ThreadControl;
  private readonly bell: Doorbell;
  private readonly journalBell: Doorbell;
  private readonly spins: number;
  private readonly post: (message: MarketMessage) => void;
  private readonly receive: () => ImageRequest | undefined;
  private readonly failpoint: ThreadFailpoint;
  private worstGroupBytes = 0;

  /**
   * @param receive takes the next message posted to the thread, `undefined` when there is none
   * @param watch makes what follows a market
   * @param failpoint reached with every batch that has been matched and not yet published
   */
  constructor(
    wiring: MarketWiring,
    post: (message: MarketMessage) => void,
    receive: () => ImageRequest | undefined,
    watch: (machine: SymbolMachine, events: RingProducer, place: number) => GroupWatch,
    failpoint: ThreadFailpoint,
  ) {
    this.post = post;
    this.receive = receive;
    this.failpoint = failpoint;
    this.commands = new RingReader(new Ring(wiring.commandRing, 1), 0);
    this.events = new RingProducer(new Ring(wiring.eventRing, wiring.eventRingReaders));
    this.control = new ThreadControl(wiring.control);
    this.bell = new Doorbell(wiring.bell);
    this.journalBell = new Doorbell(wiring.journalBell);
    this.spins = wiring.spins;
    wiring.markets.forEach((market, i) => {
      const machine = new SymbolMachine(machineConfig(market), this.events);
      const image = wiring.images[i];
      if (image !== null) machine.restore(decodeImage(image));
      this.machines[market.id] = machine;
      this.watches[market.id] = watch(machine, this.events, i);
      this.worstGroupBytes = Math.max(this.worstGroupBytes, machine.worstGroupBytes);
    });
  }

  /** Works until it is told to stop; then finishes what the command ring holds. */
  run(): void {
    // What a market had not finished when it was stopped comes before all commands.
    for (const machine of this.machines) if (machine !== undefined) this.goOn(machine, undefined);
    if (this.events.publish()) this.journalBell.ring();
    this.post({ type: 'ready' });
    const hasWork = (): boolean =>
      this.commands.hasNext() || this.control.hasMail() || this.control.stopRequested();
    for (;;) {
      const stopping = this.control.stopRequested();
      const worked = this.matchBatch();
      if (this.control.takeMail()) this.answerMail();
      if (worked) continue;
      if (stopping) break;
      this.control.countLoop();
      this.bell.wait(hasWork, IDLE_MS, this.spins);
    }
    this.post({ type: 'stopped' });
  }

  /** Matches up to a batch of commands and publishes their events; false when there were none. */
  private matchBatch(): boolean {
    const { commands } = this;
    let matched = 0;
    while (matched < BATCH_COMMANDS) {
      const at = commands.peek();
      if (at === RING_EMPTY) break;
      const marketId = frameMarketId(commands.ring.i32[(at + 4) >>> 2]);
      const machine = this.machines[marketId];
      if (machine === undefined) throw new AssertionError(`market ${marketId} is not kept here`);
      const watch = this.watches[marketId];
      const most = watch.before(commands.ring, at, commands.rowEnd(), BATCH_COMMANDS - matched);
      const ran = this.matchRun(machine, watch, at, most);
      matched += ran;
      if (ran > 0) continue;
      while (machine.isDue(commands.ring, at)) {
        this.makeRoom();
        machine.expire(commands.ring, at);
        watch.after();
      }
      this.makeRoom();
      machine.apply(commands.ring, commands.next());
      watch.after();
      this.goOn(machine, watch);
      matched += 1;
    }
    if (matched === 0) return false;
    this.failpoint.reach();
    commands.release();
    if (this.events.publish()) this.journalBell.ring();
    return true;
  }

  /** Matches commands that lie in a row, where there is ample room for their events. */
  private matchRun(machine: SymbolMachine, watch: GroupWatch, at: number, most: number): number {
    const { commands } = this;
    if (!this.events.canClaim(this.worstGroupBytes + RUN_BYTES)) return 0;
    const ran = machine.applyRun(commands.ring, at, commands.rowEnd(), most);
    commands.skipTo(machine.ranTo);
    watch.after();
    this.goOn(machine, watch);
    return ran;
  }

  /** Carries on with the work a market has before its next command. */
  private goOn(machine: SymbolMachine, watch: GroupWatch | undefined): void {
    while (machine.hasWork()) {
      this.makeRoom();
      machine.continueWork();
      watch?.after();
    }
  }

  /** Makes sure that the next group fits the event ring, whatever it is. */
  private makeRoom(): void {
    if (!this.events.canClaim(this.worstGroupBytes)) this.waitForRoom();
  }

  /** The event ring is full: readers are behind. Commands wait in their ring meanwhile. */
  private waitForRoom(): void {
    if (this.events.publish()) this.journalBell.ring();
    const hasRoom = (): boolean => this.events.canClaim(this.worstGroupBytes);
    while (!hasRoom()) {
      this.journalBell.ring();
      this.bell.wait(hasRoom, FULL_MS);
    }
  }

  private answerMail(): void {
    for (let request = this.receive(); request !== undefined; request = this.receive()) {
      const machine = this.machines[request.marketId];
      if (machine === undefined) throw new AssertionError(`market ${request.marketId} is not here`);
      this.post({ type: 'image', id: request.id, image: encodeImage(machine.image()) });
    }
  }
}
