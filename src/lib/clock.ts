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
  /** Reads the time into `seconds` and `nanos`; never goes back within one process. */
  tick(): void;
  /** Milliseconds since the Unix epoch, read now. */
  nowMs(): number;
}

export class SystemClock implements Clock {
  seconds = 0;
  nanos = 0;

  constructor() {
    this.tick();
  }

  tick(): void {
    // performance.now() is monotonic and has sub-microsecond resolution; timeOrigin anchors it to
    // the wall. Both are below 2^53 microseconds, so the microsecond is exact.
    const micros = (performance.timeOrigin + performance.now()) * 1000;
    const seconds = Math.floor(micros / 1_000_000);
    const nanos = Math.floor((micros - seconds * 1_000_000) * 1000);
    if (seconds < this.seconds || (seconds === this.seconds && nanos < this.nanos)) return;
    this.seconds = seconds;
    this.nanos = nanos;
  }

  nowMs(): number {
    return performance.timeOrigin + performance.now();
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
