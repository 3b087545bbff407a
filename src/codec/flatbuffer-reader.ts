/** What claims to be a FlatBuffer points outside of itself, or is none. */
export class MalformedBuffer extends Error {}

const WORD = 4_294_967_296;
/** Root offset and identifier. */
const HEADER_BYTES = 8;
const MIN_VTABLE_BYTES = 4;

/**
 * Reads a FlatBuffer that nobody vouches for. The generated readers trust every offset; here each
 * one is checked before it is followed, so that any bytes are either read as what they say or
 * throw `MalformedBuffer`. Nothing is allocated but the strings asked for, whose length is bounded
 * by the caller, and no loop is longer than the caller allows.
 *
 * A table is known by its position, a field by the position of its value, 0 where it is absent.
 */
export class FlatBufferReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  /** @param bytes read in place: they must not change while the reader is in use */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The root table. @param identifier four ASCII characters */
  root(identifier: string): number {
    const { bytes, view } = this;
    if (bytes.length < HEADER_BYTES) throw new MalformedBuffer('it is too short');
    for (let i = 0; i < 4; i += 1) {
      if (bytes[4 + i] === identifier.charCodeAt(i)) continue;
      throw new MalformedBuffer(`its identifier is not ${identifier}`);
    }
    return this.checkedTable(view.getUint32(0, true));
  }

  /**
   * The position of a field's value, 0 where the table has none.
   * @param bytes that the value takes inside the table: 4 of what is kept elsewhere
   */
  field(table: number, id: number, bytes: number): number {
    const { view } = this;
    const vtable = table - view.getInt32(table, true);
    const slot = 4 + 2 * id;
    if (slot + 2 > view.getUint16(vtable, true)) return 0;
    const offset = view.getUint16(vtable + slot, true);
    if (offset === 0) return 0;
    if (offset < 4 || offset + bytes > view.getUint16(vtable + 2, true)) {
      throw new MalformedBuffer('a field lies outside of its table');
    }
    return table + offset;
  }

  /** How many fields the table's writer knew of: ids from here on are absent. */
  fieldCount(table: number): number {
    const { view } = this;
    const vtable = table - view.getInt32(table, true);
    return (view.getUint16(vtable, true) - MIN_VTABLE_BYTES) >>> 1;
  }

  u8(at: number): number {
    return this.bytes[at];
  }

  u16(at: number): number {
    return this.view.getUint16(at, true);
  }

  /** A 64-bit integer; `NaN` where a JavaScript number does not hold it exactly. */
  integer(at: number): number {
    const value = this.view.getInt32(at + 4, true) * WORD + this.view.getUint32(at, true);
    return Number.isSafeInteger(value) ? value : Number.NaN;
  }

  /** A time in nanoseconds since the Unix epoch, which no double holds; negative ones are clamped. */
  time(at: number): bigint {
    const nanos = this.view.getBigInt64(at, true);
    return nanos < 0n ? 0n : nanos;
  }

  /** The table that a field refers to. */
  table(at: number): number {
    return this.checkedTable(this.target(at));
  }

  /** Text, of which only the first `bytesMax` bytes are read. */
  text(at: number, bytesMax: number): string {
    const start = this.target(at);
    const length = this.lengthAt(start, 1);
    const { buffer, byteOffset } = this.bytes;
    const shown = Math.min(length, bytesMax);
    return Buffer.from(buffer, byteOffset + start + 4, shown).toString('utf8');
  }

  /** How many tables a vector has. */
  tables(at: number): number {
    return this.lengthAt(this.target(at), 4);
  }

  /** One of the tables of a vector; `index` is below its length. */
  tableOf(at: number, index: number): number {
    return this.table(this.target(at) + 4 + 4 * index);
  }

  /** Where an offset kept at a place leads: forward, and inside the buffer. */
  private target(at: number): number {
    const target = at + this.view.getUint32(at, true);
    if (target + 4 > this.bytes.length) throw new MalformedBuffer('an offset leads outside of it');
    return target;
  }

  private lengthAt(start: number, elementBytes: number): number {
    const length = this.view.getUint32(start, true);
    if (start + 4 + length * elementBytes > this.bytes.length) {
      throw new MalformedBuffer('a vector is longer than it');
    }
    return length;
  }

  /** Checks a table's head, so that `field` may trust it. */
  private checkedTable(table: number): number {
    const { view } = this;
    const { length } = this.bytes;
    if (table + 4 > length) throw new MalformedBuffer('a table lies outside of it');
    const vtable = table - view.getInt32(table, true);
    if (vtable < 0 || vtable + MIN_VTABLE_BYTES > length) {
      throw new MalformedBuffer('a vtable lies outside of it');
    }
    const vtableBytes = view.getUint16(vtable, true);
    const tableBytes = view.getUint16(vtable + 2, true);
    if (vtableBytes < MIN_VTABLE_BYTES || vtable + vtableBytes > length) {
      throw new MalformedBuffer('a vtable lies outside of it');
    }
    if (tableBytes < 4 || table + tableBytes > length) {
      throw new MalformedBuffer('a table lies outside of it');
    }
    return table;
  }
}
