import { build, type Histogram } from 'hdr-histogram-js';
import { KIND_BINARY, KIND_TEXT, type RecordedFrame } from './format.ts';
import { binaryMessage, headOfBinary, headOfJson } from './message-head.ts';
import type { RecordedMessage } from './recorded-topic.ts';

/** Where the player's time comes from. */
export interface PlayerClock {
  /** Nanoseconds since some moment; never goes back. */
  nowNs(): bigint;
  /** Resolves at that moment, or a little later. */
  until(ns: bigint): Promise<void>;
}

/** Whom a recording is played to. */
export interface Stage {
  relay(message: RecordedMessage): void;
  /** A new connection, to a server of this epoch. */
  welcomed(epoch: number): void;
  /** Resolves when the clients have read enough to go on. */
  readOn(): Promise<void>;
}

/** Messages between two looks at how far the clients are. */
const MESSAGES_PER_LOOK = 64;

/**
 * Plays the frames of a recording with the time between them that they were received with, divided by
 * the speed. A message goes out as close behind its moment as the clock allows; how far behind is
 * measured. At `max` there are no moments: the slowest reader sets the pace.
 */
export class Player {
  messages = 0;
  /** How late messages went out, in microseconds; of a playback at `max` there is none. */
  readonly lagMicros: Histogram = build({ highestTrackableValue: 3_600_000_000 });
  private readonly speed: number;
  private readonly clock: PlayerClock;
  private readonly stage: Stage;
  private stopped = false;

  /** @param speed times the recorded speed; `Infinity` for as fast as it goes */
  constructor(speed: number, clock: PlayerClock, stage: Stage) {
    this.speed = speed;
    this.clock = clock;
    this.stage = stage;
  }

  stop(): void {
    this.stopped = true;
  }

  /** Plays from the first frame to the last. */
  async play(frames: AsyncIterable<RecordedFrame>): Promise<void> {
    const startNs = this.clock.nowNs();
    let firstNs: bigint | undefined;
    for await (const frame of frames) {
      if (this.stopped) return;
      firstNs ??= frame.timeNs;
      if (this.speed !== Number.POSITIVE_INFINITY) {
        await this.await(startNs + this.scaled(frame.timeNs - firstNs));
      } else if (this.messages % MESSAGES_PER_LOOK === 0) await this.stage.readOn();
      this.show(frame);
    }
  }

  private async await(dueNs: bigint): Promise<void> {
    if (this.clock.nowNs() < dueNs) await this.clock.until(dueNs);
    const lateNs = this.clock.nowNs() - dueNs;
    this.lagMicros.recordValue(Number(lateNs > 0n ? lateNs / 1000n : 0n));
  }

  private show(frame: RecordedFrame): void {
    if (frame.kind === KIND_TEXT) this.text(frame.payload);
    else if (frame.kind === KIND_BINARY) this.binary(frame.payload);
  }

  private text(bytes: Buffer): void {
    const json = JSON.parse(bytes.toString()) as Record<string, unknown>;
    const head = headOfJson(json);
    if (head !== undefined) this.relay({ head, bytes, json });
    else if (json.type === 'welcome') this.stage.welcomed(Number(json.epoch));
  }

  private binary(bytes: Buffer): void {
    const message = binaryMessage(bytes);
    const head = headOfBinary(message);
    if (head !== undefined) this.relay({ head, bytes, binary: message });
  }

  private relay(message: RecordedMessage): void {
    this.messages += 1;
    this.stage.relay(message);
  }

  /** Speeds have up to three decimals. */
  private scaled(ns: bigint): bigint {
    return (ns * 1000n) / BigInt(Math.round(this.speed * 1000));
  }
}

/** Below this the timer of the event loop is too coarse, and its turns are used instead. */
const TURNS_NS = 2_000_000n;

/** The machine's time. */
export const MACHINE_CLOCK: PlayerClock = {
  nowNs: () => process.hrtime.bigint(),
  until: async (ns) => {
    for (;;) {
      const leftNs = ns - process.hrtime.bigint();
      if (leftNs <= 0n) return;
      if (leftNs > TURNS_NS) {
        const ms = Number((leftNs - TURNS_NS) / 1_000_000n) + 1;
        await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 1_000_000)));
      } else await new Promise(setImmediate);
    }
  },
};
