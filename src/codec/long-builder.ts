import type { Builder } from 'flatbuffers';

const WORD = 4_294_967_296;

/**
 * Adds 64-bit integers to a FlatBuffer from safe integers, without the BigInts that the library
 * asks for. The bytes are the same.
 */
export class LongBuilder {
  private readonly builder: Builder;

  constructor(builder: Builder) {
    this.builder = builder;
  }

  /** The field `id` of the table being built. */
  add(id: number, value: number): void {
    this.builder.prep(8, 0);
    this.write(value);
    this.builder.slot(id);
  }

  /** The same for a time, in nanoseconds since the Unix epoch. */
  addTime(id: number, seconds: number, nanos: number): void {
    this.builder.prep(8, 0);
    this.writeTime(seconds, nanos);
    this.builder.slot(id);
  }

  /** A safe integer inside a struct, whose alignment the caller has prepared. */
  write(value: number): void {
    // The builder writes towards lower addresses, so the high word goes first.
    if (value >= 0 && value < WORD) {
      this.builder.writeInt32(0);
      this.builder.writeInt32(value);
      return;
    }
    const high = Math.floor(value / WORD);
    this.builder.writeInt32(high);
    this.builder.writeInt32(value - high * WORD);
  }

  /** Nanoseconds since the Unix epoch; they exceed 2^53, so the product is taken in two parts. */
  writeTime(seconds: number, nanos: number): void {
    const secondsHigh = seconds >>> 16;
    const low48 = (seconds & 0xffff) * 1_000_000_000 + nanos;
    const high48 = secondsHigh * 1_000_000_000;
    const low = (high48 % 65_536) * 65_536 + low48;
    const carry = Math.floor(low / WORD);
    this.builder.writeInt32(Math.floor(high48 / 65_536) + carry);
    this.builder.writeInt32(low - carry * WORD);
  }
}
