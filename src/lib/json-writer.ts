const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const BILLION = 1_000_000_000;
/** Longest number, date or separator that is written after one check of the room left. */
const ROOM_BYTES = 64;
/** Messages up to this length find their view among those made before. */
const VIEWS = 2048;
/** Seconds whose text is kept; a power of two. */
const ISO_HEADS = 16;
const DAY_SECONDS = 86_400;
/** Where they stand in `2024-04-15T14:30:00.` */
const ISO_HOURS = 11;
const ISO_MINUTES = 14;
const ISO_SECONDS = 17;
/** By number of decimals. */
const POWERS = Float64Array.from({ length: 23 }, (_, decimals) => Number(`1e${decimals}`));
/** The two digits of every number below 100. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => {
  const number = i >> 1;
  return ZERO + (i % 2 === 0 ? Math.floor(number / 10) : number % 10);
});

/**
 * Writes JSON as bytes into memory that it keeps, for messages made many thousand times a second:
 * nothing is allocated but a view per length of message. Fixed parts are handed over as bytes
 * (`jsonBytes`), numbers are written digit by digit and exactly.
 */
export class JsonWriter {
  private bytes: Uint8Array;
  private at = 0;
  /** By length: a view of the first so many bytes. */
  private views: (Uint8Array | undefined)[] = [];
  /** `2024-04-15T14:30:00.` of the seconds last written, by their low bits: a replay's venue time and
   * the send time lie far apart, and both are in every message. */
  private readonly isoHeads = Array.from({ length: ISO_HEADS }, () => new Uint8Array(20));
  private readonly headSeconds = new Float64Array(ISO_HEADS).fill(-1);
  private readonly headDays = new Float64Array(ISO_HEADS).fill(-1);

  constructor(initialBytes = 64 * 1024) {
    this.bytes = new Uint8Array(initialBytes);
  }

  begin(): void {
    this.at = 0;
  }

  /** Bytes written since `begin`. */
  get size(): number {
    return this.at;
  }

  /** REUSED: what was written since `begin`, valid until the next `begin`. */
  take(): Uint8Array {
    const { at } = this;
    if (at >= VIEWS) return this.bytes.subarray(0, at);
    let view = this.views[at];
    if (view === undefined) {
      view = this.bytes.subarray(0, at);
      this.views[at] = view;
    }
    return view;
  }

  /** Takes back everything behind the first `size` bytes. */
  cut(size: number): void {
    this.at = size;
  }

  /** Text that is already JSON. */
  raw(text: Uint8Array): void {
    this.reserve(text.length);
    const { bytes, at } = this;
    // For the short texts meant here a loop costs less than the call of `set`.
    for (let i = 0; i < text.length; i += 1) bytes[at + i] = text[i];
    this.at = at + text.length;
  }

  /** Longer text that is already JSON. */
  block(text: Uint8Array): void {
    this.reserve(text.length);
    this.bytes.set(text, this.at);
    this.at += text.length;
  }

  comma(): void {
    this.char(COMMA);
  }

  /** One ASCII character of JSON syntax. */
  char(code: number): void {
    if (this.at === this.bytes.length) this.reserve(1);
    this.bytes[this.at] = code;
    this.at += 1;
  }

  /** A safe integer as a JSON number. */
  integer(value: number): void {
    this.reserve(ROOM_BYTES);
    this.digits(this.sign(value), 1);
  }

  /** Any number in the shortest form that denotes it, `null` for NaN. Makes a text of it first. */
  double(value: number): void {
    this.reserve(ROOM_BYTES);
    const text = Number.isNaN(value) ? 'null' : String(value);
    for (let i = 0; i < text.length; i += 1) this.bytes[this.at + i] = text.charCodeAt(i);
    this.at += text.length;
  }

  /** An integer number of 10^-decimals units as a JSON string with all its decimals: `"97250.0"`. */
  decimalText(units: number, decimals: number): void {
    this.reserve(ROOM_BYTES);
    this.bytes[this.at] = QUOTE;
    this.at += 1;
    this.decimal(units, decimals);
    this.bytes[this.at] = QUOTE;
    this.at += 1;
  }

  /** The same as a JSON number that denotes the value exactly, without trailing zeros: `97250.5`. */
  decimalNumber(units: number, decimals: number): void {
    this.reserve(ROOM_BYTES);
    this.decimal(units, decimals);
    if (decimals === 0) return;
    const { bytes } = this;
    while (bytes[this.at - 1] === ZERO) this.at -= 1;
    if (bytes[this.at - 1] === DOT) this.at -= 1;
  }

  /** Venue time as a JSON string, ISO 8601 with microseconds. */
  isoMicros(seconds: number, nanos: number): void {
    this.isoHead(seconds);
    this.digits((nanos / 1000) | 0, 6);
    this.isoEnd();
  }

  /** The same with milliseconds. */
  isoMillis(seconds: number, nanos: number): void {
    this.isoHead(seconds);
    this.digits((nanos / 1_000_000) | 0, 3);
    this.isoEnd();
  }

  /** The same in whole seconds. */
  isoSeconds(seconds: number): void {
    this.isoHead(seconds);
    // The point before the fraction.
    this.at -= 1;
    this.isoEnd();
  }

  private isoHead(seconds: number): void {
    this.reserve(ROOM_BYTES);
    const slot = seconds & (ISO_HEADS - 1);
    if (seconds !== this.headSeconds[slot]) this.setSecond(slot, seconds);
    const { bytes } = this;
    const isoHead = this.isoHeads[slot];
    bytes[this.at] = QUOTE;
    for (let i = 0; i < isoHead.length; i += 1) bytes[this.at + 1 + i] = isoHead[i];
    this.at += 1 + isoHead.length;
  }

  private isoEnd(): void {
    const { bytes } = this;
    bytes[this.at] = 90; // Z
    bytes[this.at + 1] = QUOTE;
    this.at += 2;
  }

  private sign(value: number): number {
    if (value >= 0) return value;
    this.bytes[this.at] = MINUS;
    this.at += 1;
    return -value;
  }

  private decimal(units: number, decimals: number): void {
    const value = this.sign(units);
    if (decimals === 0) {
      this.digits(value, 1);
      return;
    }
    const one = POWERS[decimals];
    // Exact below 2^53: a quotient that is no integer is further from the next one than it is rounded.
    const whole = Math.floor(value / one);
    this.digits(whole, 1);
    this.bytes[this.at] = DOT;
    this.at += 1;
    this.digits(value - whole * one, decimals);
  }

  /** The digits of a non-negative integer, at least `width` of them. */
  private digits(value: number, width: number): void {
    if (value < BILLION) {
      this.smallDigits(value, width);
      return;
    }
    const high = Math.floor(value / BILLION);
    this.smallDigits(high, width - 9);
    this.smallDigits(value - high * BILLION, 9);
  }

  /** The digits of an integer below 2^31. */
  private smallDigits(value: number, width: number): void {
    const { bytes, at } = this;
    let rest = value | 0;
    const count = Math.max(digitCount(rest), width);
    let i = at + count;
    while (i - at >= 2) {
      const quotient = (rest / 100) | 0;
      const pair = (rest - quotient * 100) << 1;
      i -= 2;
      bytes[i] = PAIRS[pair];
      bytes[i + 1] = PAIRS[pair + 1];
      rest = quotient;
    }
    if (i > at) bytes[at] = ZERO + rest;
    this.at = at + count;
  }

  private setSecond(slot: number, seconds: number): void {
    const head = this.isoHeads[slot];
    const day = Math.floor(seconds / DAY_SECONDS);
    if (day !== this.headDays[slot]) {
      const text = new Date(day * DAY_SECONDS * 1000).toISOString();
      for (let i = 0; i < head.length; i += 1) head[i] = text.charCodeAt(i);
      this.headDays[slot] = day;
    }
    // Making a date of every second would cost more than the rest of a message.
    const ofDay = seconds - day * DAY_SECONDS;
    const minutes = (ofDay / 60) | 0;
    setPair(head, ISO_HOURS, (minutes / 60) | 0);
    setPair(head, ISO_MINUTES, minutes % 60);
    setPair(head, ISO_SECONDS, ofDay % 60);
    this.headSeconds[slot] = seconds;
  }

  private reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
    this.views = [];
  }
}

/** Digits of an integer below 2^31. */
function digitCount(value: number): number {
  if (value < 1000) {
    if (value < 10) return 1;
    return value < 100 ? 2 : 3;
  }
  if (value < 1_000_000) {
    if (value < 10_000) return 4;
    return value < 100_000 ? 5 : 6;
  }
  if (value < 10_000_000) return 7;
  if (value < 100_000_000) return 8;
  return value < BILLION ? 9 : 10;
}

/** Two digits. */
function setPair(text: Uint8Array, at: number, number: number): void {
  text[at] = PAIRS[number << 1];
  text[at + 1] = PAIRS[(number << 1) + 1];
}

/** A fixed piece of JSON as the bytes that `JsonWriter.raw` takes. */
export function jsonBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
