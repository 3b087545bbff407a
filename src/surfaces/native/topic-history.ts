/** Fields of an entry: which sequences a message spans, and where it lies in the arena. */
const SEQ = 0;
const PREV_SEQ = 1;
const AT = 2;
const LENGTH = 3;
const FIELDS = 4;

/**
 * The newest messages of one topic as they were sent, for a client that comes back: bytes in an
 * arena that grows up to a bound and is then written round, the oldest messages giving way.
 */
export class TopicHistory {
  private arena: Uint8Array;
  private readonly bytesMax: number;
  /** Rows of numbers, so that a message costs no object; oldest first, from `first` to `end`. */
  private entries = new Float64Array(64 * FIELDS);
  private first = 0;
  private end = 0;
  private writeAt = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
    this.arena = new Uint8Array(Math.min(bytesMax, 16 * 1024));
  }

  get length(): number {
    return this.end - this.first;
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.arena.length;
  }

  /** Keeps a copy of a message that continues the one before. */
  push(seq: number, prevSeq: number, message: Uint8Array): void {
    const { length } = message;
    if (length > this.bytesMax) return this.clear();
    while (!this.makeRoom(length)) this.grow();
    this.arena.set(message, this.writeAt);
    this.append(seq, prevSeq, length);
    this.writeAt += length;
  }

  clear(): void {
    this.first = 0;
    this.end = 0;
    this.writeAt = 0;
  }

  /**
   * The messages that a client at `seq` has not had, oldest first; `undefined` when it cannot be
   * told, because they are no longer here or `seq` is the end of none.
   */
  since(seq: number): Uint8Array[] | undefined {
    const { entries, first, end } = this;
    let at = end;
    while (at > first && entries[(at - 1) * FIELDS + PREV_SEQ] >= seq) at -= 1;
    if (at === end || entries[at * FIELDS + PREV_SEQ] !== seq) return undefined;
    const messages: Uint8Array[] = [];
    for (; at < end; at += 1) messages.push(this.messageAt(at));
    return messages;
  }

  private messageAt(index: number): Uint8Array {
    const row = index * FIELDS;
    const at = this.entries[row + AT];
    return this.arena.subarray(at, at + this.entries[row + LENGTH]);
  }

  private append(seq: number, prevSeq: number, length: number): void {
    if (this.end * FIELDS === this.entries.length) this.makeRows();
    const row = this.end * FIELDS;
    this.entries[row + SEQ] = seq;
    this.entries[row + PREV_SEQ] = prevSeq;
    this.entries[row + AT] = this.writeAt;
    this.entries[row + LENGTH] = length;
    this.end += 1;
  }

  /** Moves the rows that count to the front, into more memory when they are more than half of it. */
  private makeRows(): void {
    const { entries, first, end } = this;
    const rows = end - first;
    const isCrowded = rows * FIELDS * 2 > entries.length;
    const next = isCrowded ? new Float64Array(entries.length * 2) : entries;
    next.set(entries.subarray(first * FIELDS, end * FIELDS));
    this.entries = next;
    this.first = 0;
    this.end = rows;
  }

  /**
   * Finds `length` bytes in a row after the newest message, letting go the oldest messages that lie
   * there; false when the arena should rather grow.
   */
  private makeRoom(length: number): boolean {
    let { writeAt } = this;
    if (writeAt + length > this.arena.length) {
      if (this.arena.length < this.bytesMax) return false;
      this.evict(writeAt, this.arena.length);
      writeAt = 0;
    }
    this.evict(writeAt, writeAt + length);
    this.writeAt = writeAt;
    return true;
  }

  private overlaps(from: number, to: number): boolean {
    if (this.first === this.end) return false;
    const row = this.first * FIELDS;
    const at = this.entries[row + AT];
    return at < to && at + this.entries[row + LENGTH] > from;
  }

  private evict(from: number, to: number): void {
    while (this.overlaps(from, to)) this.first += 1;
  }

  private grow(): void {
    const arena = new Uint8Array(Math.min(this.bytesMax, this.arena.length * 2));
    let writeAt = 0;
    for (let i = this.first; i < this.end; i += 1) {
      const message = this.messageAt(i);
      arena.set(message, writeAt);
      this.entries[i * FIELDS + AT] = writeAt;
      writeAt += message.length;
    }
    this.writeAt = writeAt;
    this.arena = arena;
  }
}
