/** Where a message lies in the arena, and which sequences it spans. */
interface Entry {
  readonly seq: number;
  readonly prevSeq: number;
  readonly at: number;
  readonly length: number;
}

/**
 * The newest messages of one topic as they were sent, for a client that comes back: bytes in an
 * arena that grows up to a bound and is then written round, the oldest messages giving way.
 */
export class TopicHistory {
  private arena: Uint8Array;
  private readonly bytesMax: number;
  /** Oldest first from `first` on; what lies before it is let go from time to time. */
  private entries: Entry[] = [];
  private first = 0;
  private writeAt = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
    this.arena = new Uint8Array(Math.min(bytesMax, 16 * 1024));
  }

  get length(): number {
    return this.entries.length - this.first;
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
    this.entries.push({ seq, prevSeq, at: this.writeAt, length });
    this.writeAt += length;
    if (this.first > 1024 && this.first > this.entries.length / 2) {
      this.entries = this.entries.slice(this.first);
      this.first = 0;
    }
  }

  clear(): void {
    this.entries = [];
    this.first = 0;
    this.writeAt = 0;
  }

  /**
   * The messages that a client at `seq` has not had, oldest first; `undefined` when it cannot be
   * told, because they are no longer here or `seq` is the end of none.
   */
  since(seq: number): Uint8Array[] | undefined {
    let at = this.entries.length;
    while (at > this.first && this.entries[at - 1].prevSeq >= seq) at -= 1;
    if (at === this.entries.length || this.entries[at].prevSeq !== seq) return undefined;
    return this.entries
      .slice(at)
      .map((entry) => this.arena.subarray(entry.at, entry.at + entry.length));
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
    const oldest = this.entries[this.first];
    return oldest !== undefined && oldest.at < to && oldest.at + oldest.length > from;
  }

  private evict(from: number, to: number): void {
    while (this.overlaps(from, to)) this.first += 1;
  }

  private grow(): void {
    const arena = new Uint8Array(Math.min(this.bytesMax, this.arena.length * 2));
    let at = 0;
    this.entries = this.entries.slice(this.first).map((entry) => {
      arena.set(this.arena.subarray(entry.at, entry.at + entry.length), at);
      at += entry.length;
      return { ...entry, at: at - entry.length };
    });
    this.first = 0;
    this.writeAt = at;
    this.arena = arena;
  }
}
