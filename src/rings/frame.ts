/**
 * The frame every record in a ring (and in the journal) starts with.
 *
 * ```
 *   0               4       5       6               8
 *   ┌───────────────┬───────┬───────┬───────────────┬─────────────
 *   │ lengthBytes   │ type  │ flags │ marketId      │ body …
 *   └───────────────┴───────┴───────┴───────────────┴─────────────
 *     i32             u8      u8      u16
 * ```
 *
 * `lengthBytes` is the whole frame, header included, a multiple of 8. A frame is contiguous: where
 * it would cross the end of the data area, a padding frame (type 0) fills the rest and the frame
 * starts again at 0. All integers are little-endian.
 */
export const FRAME_HEADER_BYTES = 8;
export const FRAME_TYPE_PADDING = 0;

/** The last frame of the group that one command caused; readers may rely on groups being whole. */
export const FRAME_FLAG_END = 1;

/** Packs the second word of the header. */
export function frameWord(type: number, flags: number, marketId: number): number {
  return type | (flags << 8) | (marketId << 16);
}

export function frameType(word: number): number {
  return word & 0xff;
}

export function frameFlags(word: number): number {
  return (word >>> 8) & 0xff;
}

export function frameMarketId(word: number): number {
  return word >>> 16;
}

/** Rounds a length up to whole words. */
export function alignBytes(lengthBytes: number): number {
  return (lengthBytes + 7) & ~7;
}

/** Bytes that hold frames, seen as the three views records are read through: a ring's data area, or a
 * journal batch copied to an aligned buffer. */
export interface FrameViews {
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  readonly u8: Uint8Array;
}
