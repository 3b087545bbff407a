const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const BILLION = 1_000_000_000;
/** Longest number, date or separator that is written after one check of the room left. */
const ROOM_BYTES = 64;
/** Seconds whose text is kept; a power of two. */
const ISO_HEADS = 16;

/**
 * Writes JSON as bytes into memory that it keeps, for messages made many thousand times a second:
 * nothing is allocated but one view per message. Fixed parts are handed over as bytes
 * (`jsonBytes`), numbers are written digit by digit and exactly.
 */
export class JsonWriter {
  private bytes: Uint8Array;
  private at = 0;
  /** `2024-04-15T14:30:00.` of the seconds last written, by their low bits: a replay's venue time and
   * the send time lie far apart, and both are in every message. */
  private readonly isoHeads = Array.from({ length: ISO_HEADS }, () => new Uint8Array(20));
  private readonly headSeconds = new Float64Array(ISO_HEADS).fill(-1);

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
    return this.bytes.subarray(0, this.at);
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
    this.digits(this.sign(units), decimals + 1);
    if (decimals === 0) return;
    const { bytes } = this;
    const point = this.at - decimals;
    for (let i = this.at; i > point; i -= 1) bytes[i] = bytes[i - 1];
    bytes[point] = DOT;
    this.at += 1;
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
    let count = 1;
    for (let power = 10; power <= value; power *= 10) count += 1;
    if (count < width) count = width;
    const { bytes, at } = this;
    let rest = value | 0;
    for (let i = at + count - 1; i >= at; i -= 1) {
      const quotient = (rest / 10) | 0;
      bytes[i] = ZERO + rest - quotient * 10;
      rest = quotient;
    }
    this.at = at + count;
  }

  private setSecond(slot: number, seconds: number): void {
    const text = new Date(seconds * 1000).toISOString();
    const head = this.isoHeads[slot];
    for (let i = 0; i < head.length; i += 1) head[i] = text.charCodeAt(i);
    this.headSeconds[slot] = seconds;
  }

  private reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }
}

/** A fixed piece of JSON as the bytes that `JsonWriter.raw` takes. */
export function jsonBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
