import { NONE as NO_LEVEL } from './layout.ts';

const NONE = NO_LEVEL;

/** Three levels of 32-bit words: 32 × 32 × 32 ticks. */
export const BITMAP_TICKS = 1 << 15;

/** Where the words that summarise 32 words each begin, and the one that summarises those. */
const MIDDLE = BITMAP_TICKS >>> 5;
const ROOT = MIDDLE + (MIDDLE >>> 5);

/** A set of ticks that finds its highest member, and the next one below a tick, in a few steps. */
export class TickBitmap {
  private readonly words = new Int32Array(ROOT + 1);

  add(tick: number): void {
    const { words } = this;
    words[tick >>> 5] |= 1 << (tick & 31);
    words[MIDDLE + (tick >>> 10)] |= 1 << ((tick >>> 5) & 31);
    words[ROOT] |= 1 << (tick >>> 10);
  }

  remove(tick: number): void {
    const { words } = this;
    const left = words[tick >>> 5] & ~(1 << (tick & 31));
    words[tick >>> 5] = left;
    if (left !== 0) return;
    const leftAbove = words[MIDDLE + (tick >>> 10)] & ~(1 << ((tick >>> 5) & 31));
    words[MIDDLE + (tick >>> 10)] = leftAbove;
    if (leftAbove === 0) words[ROOT] &= ~(1 << (tick >>> 10));
  }

  /** The highest tick in the set, or `NONE`. */
  highest(): number {
    const { words } = this;
    return words[ROOT] === 0 ? NONE : this.highestFrom(31 - Math.clz32(words[ROOT]));
  }

  /** The highest tick in the set below this one, or `NONE`. */
  below(tick: number): number {
    const { words } = this;
    const low = tick >>> 5;
    const lowBits = words[low] & ((1 << (tick & 31)) - 1);
    if (lowBits !== 0) return (low << 5) + 31 - Math.clz32(lowBits);
    const middle = tick >>> 10;
    const middleBits = words[MIDDLE + middle] & ((1 << (low & 31)) - 1);
    if (middleBits !== 0) return this.highestIn((middle << 5) + 31 - Math.clz32(middleBits));
    const rootBits = words[ROOT] & ((1 << middle) - 1);
    return rootBits === 0 ? NONE : this.highestFrom(31 - Math.clz32(rootBits));
  }

  private highestFrom(middle: number): number {
    return this.highestIn((middle << 5) + 31 - Math.clz32(this.words[MIDDLE + middle]));
  }

  private highestIn(low: number): number {
    return (low << 5) + 31 - Math.clz32(this.words[low]);
  }
}
