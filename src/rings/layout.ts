/**
 * Where things lie in a ring's SharedArrayBuffer.
 *
 * ```
 *  byte 0        128       256             128·(1+readers)
 *  ┌─────────┬─────────┬─── … ───┬─────────┬──────────────────────────────┐
 *  │producer │reader 0 │         │reader n │ data: capacityBytes, 2^k      │
 *  └─────────┴─────────┴─── … ───┴─────────┴──────────────────────────────┘
 * ```
 *
 * Each cursor has 128 bytes of its own (two cache lines: the prefetcher of current x86 fetches
 * pairs), so that a producer and its readers do not slow each other by writing to one line.
 *
 * A position counts 8-byte words since the ring was made, modulo 2^32, in one Int32. Positions are
 * compared only by their difference (`(a - b) | 0`), which stays right across the wrap because the
 * capacity is a power of two below 2^31 words.
 */
export const WORD_BYTES = 8;
export const CURSOR_STRIDE_BYTES = 128;

/** Int32 index of the producer's published position. */
export const PUBLISHED_INDEX = 0;

/** Int32 index of a reader's released position. */
export function readerIndex(reader: number): number {
  return ((1 + reader) * CURSOR_STRIDE_BYTES) / 4;
}

export function dataOffsetBytes(readers: number): number {
  return (1 + readers) * CURSOR_STRIDE_BYTES;
}

export const MIN_CAPACITY_BYTES = 1024;
export const MAX_CAPACITY_BYTES = 1 << 30;
