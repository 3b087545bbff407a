import { NONE as NO_LEVEL } from './layout.ts';

const NONE = NO_LEVEL;

/** Four levels of 32-bit words: 8 × 32 × 32 × 32 ticks. */
export const BITMAP_TICKS = 1 << 18;

/** Where the words begin that summarise 32 words each, then 32 of those, then all. */
export const BITMAP_MIDDLE = BITMAP_TICKS >>> 5;
export const BITMAP_UPPER = BITMAP_MIDDLE + (BITMAP_TICKS >>> 10);
export const BITMAP_ROOT = BITMAP_UPPER + (BITMAP_TICKS >>> 15);

/** Words from one set to the next where several lie in one array: a power of two. */
export const BITMAP_WORDS = 2 ** Math.ceil(Math.log2(BITMAP_ROOT + 1));

const MIDDLE = BITMAP_MIDDLE;
const UPPER = BITMAP_UPPER;
const ROOT = BITMAP_ROOT;

/** A set of ticks that finds its highest member, and the next one below a tick, in a few steps. */
export class TickBitmap {
  private readonly words: Int32Array;
  private readonly base: number;

  /** @param words where the set lies, from word `base` on; all zero */
  constructor(words = new Int32Array(BITMAP_WORDS), base = 0) {
    this.words = words;
    this.base = base;
  }

  add(tick: number): void {
    const { words, base } = this;
    const before = words[base + (tick >>> 5)];
    words[base + (tick >>> 5)] = before | (1 << (tick & 31));
    // A word that was not empty is known above already.
    if (before !== 0) return;
    words[base + MIDDLE + (tick >>> 10)] |= 1 << ((tick >>> 5) & 31);
    words[base + UPPER + (tick >>> 15)] |= 1 << ((tick >>> 10) & 31);
    words[base + ROOT] |= 1 << (tick >>> 15);
  }

  remove(tick: number): void {
    const { words, base } = this;
    const left = words[base + (tick >>> 5)] & ~(1 << (tick & 31));
    words[base + (tick >>> 5)] = left;
    if (left !== 0) return;
    const leftMiddle = words[base + MIDDLE + (tick >>> 10)] & ~(1 << ((tick >>> 5) & 31));
    words[base + MIDDLE + (tick >>> 10)] = leftMiddle;
    if (leftMiddle !== 0) return;
    const leftUpper = words[base + UPPER + (tick >>> 15)] & ~(1 << ((tick >>> 10) & 31));
    words[base + UPPER + (tick >>> 15)] = leftUpper;
    if (leftUpper === 0) words[base + ROOT] &= ~(1 << (tick >>> 15));
  }

  /** The highest tick in the set, or `NONE`. */
  highest(): number {
    const root = this.words[this.base + ROOT];
    return root === 0 ? NONE : this.highestInUpper(31 - Math.clz32(root));
  }

  /** The highest tick in the set below this one, or `NONE`. */
  below(tick: number): number {
    const { words, base } = this;
    const low = tick >>> 5;
    const lowBits = words[base + low] & ((1 << (tick & 31)) - 1);
    if (lowBits !== 0) return (low << 5) + 31 - Math.clz32(lowBits);
    const middle = tick >>> 10;
    const middleBits = words[base + MIDDLE + middle] & ((1 << (low & 31)) - 1);
    if (middleBits !== 0) return this.highestInLow((middle << 5) + 31 - Math.clz32(middleBits));
    const upper = tick >>> 15;
    const upperBits = words[base + UPPER + upper] & ((1 << (middle & 31)) - 1);
    if (upperBits !== 0) return this.highestInMiddle((upper << 5) + 31 - Math.clz32(upperBits));
    const rootBits = words[base + ROOT] & ((1 << upper) - 1);
    return rootBits === 0 ? NONE : this.highestInUpper(31 - Math.clz32(rootBits));
  }

  private highestInUpper(upper: number): number {
    const bits = this.words[this.base + UPPER + upper];
    return this.highestInMiddle((upper << 5) + 31 - Math.clz32(bits));
  }

  private highestInMiddle(middle: number): number {
    const bits = this.words[this.base + MIDDLE + middle];
    return this.highestInLow((middle << 5) + 31 - Math.clz32(bits));
  }

  private highestInLow(low: number): number {
    return (low << 5) + 31 - Math.clz32(this.words[this.base + low]);
  }
}
