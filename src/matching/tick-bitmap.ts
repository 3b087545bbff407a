import { NONE as NO_LEVEL } from './layout.ts';

const NONE = NO_LEVEL;

/** Four levels of 32-bit words: 8 × 32 × 32 × 32 ticks. */
export const BITMAP_TICKS = 1 << 18;

/** Where the words begin that summarise 32 words each, then 32 of those, then all. */
const MIDDLE = BITMAP_TICKS >>> 5;
const UPPER = MIDDLE + (BITMAP_TICKS >>> 10);
const ROOT = UPPER + (BITMAP_TICKS >>> 15);

/** A set of ticks that finds its highest member, and the next one below a tick, in a few steps. */
export class TickBitmap {
  private readonly words = new Int32Array(ROOT + 1);

  add(tick: number): void {
    const { words } = this;
    const before = words[tick >>> 5];
    words[tick >>> 5] = before | (1 << (tick & 31));
    // A word that was not empty is known above already.
    if (before !== 0) return;
    words[MIDDLE + (tick >>> 10)] |= 1 << ((tick >>> 5) & 31);
    words[UPPER + (tick >>> 15)] |= 1 << ((tick >>> 10) & 31);
    words[ROOT] |= 1 << (tick >>> 15);
  }

  remove(tick: number): void {
    const { words } = this;
    const left = words[tick >>> 5] & ~(1 << (tick & 31));
    words[tick >>> 5] = left;
    if (left !== 0) return;
    const leftMiddle = words[MIDDLE + (tick >>> 10)] & ~(1 << ((tick >>> 5) & 31));
    words[MIDDLE + (tick >>> 10)] = leftMiddle;
    if (leftMiddle !== 0) return;
    const leftUpper = words[UPPER + (tick >>> 15)] & ~(1 << ((tick >>> 10) & 31));
    words[UPPER + (tick >>> 15)] = leftUpper;
    if (leftUpper === 0) words[ROOT] &= ~(1 << (tick >>> 15));
  }

  /** The highest tick in the set, or `NONE`. */
  highest(): number {
    const root = this.words[ROOT];
    return root === 0 ? NONE : this.highestInUpper(31 - Math.clz32(root));
  }

  /** The highest tick in the set below this one, or `NONE`. */
  below(tick: number): number {
    const { words } = this;
    const low = tick >>> 5;
    const lowBits = words[low] & ((1 << (tick & 31)) - 1);
    if (lowBits !== 0) return (low << 5) + 31 - Math.clz32(lowBits);
    const middle = tick >>> 10;
    const middleBits = words[MIDDLE + middle] & ((1 << (low & 31)) - 1);
    if (middleBits !== 0) return this.highestInLow((middle << 5) + 31 - Math.clz32(middleBits));
    const upper = tick >>> 15;
    const upperBits = words[UPPER + upper] & ((1 << (middle & 31)) - 1);
    if (upperBits !== 0) return this.highestInMiddle((upper << 5) + 31 - Math.clz32(upperBits));
    const rootBits = words[ROOT] & ((1 << upper) - 1);
    return rootBits === 0 ? NONE : this.highestInUpper(31 - Math.clz32(rootBits));
  }

  private highestInUpper(upper: number): number {
    return this.highestInMiddle((upper << 5) + 31 - Math.clz32(this.words[UPPER + upper]));
  }

  private highestInMiddle(middle: number): number {
    return this.highestInLow((middle << 5) + 31 - Math.clz32(this.words[MIDDLE + middle]));
  }

  private highestInLow(low: number): number {
    return (low << 5) + 31 - Math.clz32(this.words[low]);
  }
}
