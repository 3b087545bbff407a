/**
 * Wall time with nanosecond fields and without allocation. Venue time travels as two unsigned
 * 32-bit integers (seconds and nanoseconds since the Unix epoch), because nanoseconds since the
 * epoch do not fit the 53 bits of a JavaScript integer.
 */
export interface Clock {
  /** Seconds since the Unix epoch at the last `tick()`. */
  readonly seconds: number;
  /** Nanoseconds within that second, 0 to 999 999 999. */
  readonly nanos: number;
  /** Reads the time into `seconds` and `nanos`; never goes back. */
  tick(): void;
  /** Milliseconds since the Unix epoch, read now; never goes back either. */
  nowMs(): number;
}

/** Where a clock reads the machine's time. */
export interface TimeSource {
  /** Milliseconds since the Unix epoch; may be set forward and back at any moment. */
  wallMs(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
}

export interface SystemClockOptions {
  readonly source?: TimeSource;
  /** The clock starts no earlier than this, whatever the wall says. */
  readonly notBefore?: { readonly seconds: number; readonly nanos: number };
  /** Called when the wall was found set by a second or more: positive is forward. */
  readonly onJump?: (jumpMs: number) => void;
}

const MACHINE: TimeSource = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** How often the wall is looked at. */
const CHECK_MS = 1000;
/** The wall is told in whole milliseconds, and is corrected in small steps all the time. */
const TOLERANCE_MS = 5;
/** A step that people should hear of. */
const JUMP_MS = 1000;

/**
 * Venue time: follows the wall clock and never goes back, not even when the wall does.
 *
 * Between two looks at the wall it runs by the monotonic clock. When the wall is found ahead (set
 * forward, or the machine slept), venue time goes there at once. When the wall is found behind (set
 * back), venue time runs at half speed until the wall has caught up, so that later events still
 * have later times.
 */
export class SystemClock implements Clock {
  seconds = 0;
  nanos = 0;
  /** Steps of the wall by a second or more, since the start. */
  readonly jumps = { forward: 0, back: 0 };
  private readonly source: TimeSource;
  private readonly onJump: (jumpMs: number) => void;
  /** Venue time at the last look, the monotonic time then, and how far the wall was behind. */
  private anchorMs: number;
  private anchorMonotonicMs: number;
  private aheadAtAnchorMs: number;

  constructor(options: SystemClockOptions = {}) {
    const { source = MACHINE, notBefore, onJump = () => undefined } = options;
    this.source = source;
    this.onJump = onJump;
    const wallMs = source.wallMs();
    const floorMs =
      notBefore === undefined ? 0 : notBefore.seconds * 1000 + notBefore.nanos / 1_000_000;
    this.anchorMs = Math.max(wallMs, floorMs);
    this.anchorMonotonicMs = source.monotonicMs();
    this.aheadAtAnchorMs = this.anchorMs - wallMs;
    this.tick();
  }

  tick(): void {
    // Milliseconds since the epoch leave a quarter of a microsecond in a double.
    const micros = this.readMs() * 1000;
    const seconds = Math.floor(micros / 1_000_000);
    const nanos = Math.floor((micros - seconds * 1_000_000) * 1000);
    if (seconds < this.seconds || (seconds === this.seconds && nanos < this.nanos)) return;
    this.seconds = seconds;
    this.nanos = nanos;
  }

  nowMs(): number {
    return this.readMs();
  }

  private readMs(): number {
    const monotonicMs = this.source.monotonicMs();
    const passedMs = monotonicMs - this.anchorMonotonicMs;
    const aheadMs = Math.max(0, this.aheadAtAnchorMs - passedMs / 2);
    const nowMs = this.anchorMs + passedMs - (this.aheadAtAnchorMs - aheadMs);
    return passedMs < CHECK_MS ? nowMs : this.follow(monotonicMs, nowMs, aheadMs);
  }

  /** How far venue time is ahead of a wall that was set back, in milliseconds; 0 as a rule. */
  get wallLagMs(): number {
    const passedMs = this.source.monotonicMs() - this.anchorMonotonicMs;
    return Math.max(0, this.aheadAtAnchorMs - passedMs / 2);
  }

  /** Looks at the wall. @returns venue time now */
  private follow(monotonicMs: number, nowMs: number, expectedAheadMs: number): number {
    const aheadMs = nowMs - this.source.wallMs();
    const jumpMs = expectedAheadMs - aheadMs;
    this.anchorMonotonicMs = monotonicMs;
    if (Math.abs(jumpMs) <= TOLERANCE_MS) {
      this.anchorMs = nowMs;
      this.aheadAtAnchorMs = expectedAheadMs;
      return nowMs;
    }
    this.anchorMs = Math.max(nowMs, nowMs - aheadMs);
    this.aheadAtAnchorMs = Math.max(0, aheadMs);
    if (Math.abs(jumpMs) >= JUMP_MS) {
      if (jumpMs > 0) this.jumps.forward += 1;
      else this.jumps.back += 1;
      this.onJump(jumpMs);
    }
    return this.anchorMs;
  }
}

/** `2024-04-15T14:30:00.123456Z`: ISO 8601 with microseconds, from venue time. */
export function isoMicros(seconds: number, nanos: number): string {
  // Times come in order, and printing a date costs more than the rest of many a message.
  if (seconds !== printedSeconds) {
    printedSeconds = seconds;
    printedHead = new Date(seconds * 1000).toISOString().slice(0, 20);
  }
  const micros = Math.floor(nanos / 1000);
  return `${printedHead}${String(micros).padStart(6, '0')}Z`;
}

let printedSeconds = -1;
/** `2024-04-15T14:30:00.` of `printedSeconds`. */
let printedHead = '';

/** `2024-04-15T14:30:00.123Z`: ISO 8601 with milliseconds, from venue time. */
export function isoMillis(seconds: number, nanos: number): string {
  return new Date(seconds * 1000 + Math.floor(nanos / 1_000_000)).toISOString();
}
