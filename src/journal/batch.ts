import { crc32c } from '@node-rs/crc32';
import type { FrameViews } from '../rings/frame.ts';

/**
 * One batch: what one transaction made durable. A header, then the frames exactly as they lay in
 * the rings (without the rings' padding), groups whole, the frames of one ring after another's.
 *
 * ```
 *   0        4         6        8        12       16       24       32       40       48
 *   ┌────────┬─────────┬────────┬────────┬────────┬────────┬────────┬────────┬────────┐
 *   │ magic  │ version │ header │ crc32c │ frame  │ batch  │ frame  │ first  │ last   │
 *   │ "OBJB" │    1    │ bytes  │        │ count  │ number │ bytes  │ time   │ time   │
 *   └────────┴─────────┴────────┴────────┴────────┴────────┴────────┴────────┴────────┘
 *     u32      u16       u16      u32      u32      f64      f64      2×u32    2×u32
 *  48       56       60       64
 *   ┌────────┬────────┬────────┬──────────────
 *   │ epoch  │ groups │   0    │ frames …
 *   └────────┴────────┴────────┴──────────────
 *     f64      u32      u32
 * ```
 *
 * The CRC32C covers everything after itself, header fields and frames. First and last time are the
 * smallest and the greatest venue time among the frames (seconds, nanoseconds). Little-endian.
 */
export const BATCH_HEADER_BYTES = 64;
const BATCH_VERSION = 1;
const BATCH_MAGIC = 0x424a_424f;

const MAGIC = 0;
const VERSION = 4;
const HEADER_BYTES = 6;
const CRC = 8;
const FRAME_COUNT = 12;
const BATCH_NUMBER = 16;
const FRAME_BYTES = 24;
const FIRST_SECONDS = 32;
const FIRST_NANOS = 36;
const LAST_SECONDS = 40;
const LAST_NANOS = 44;
const EPOCH = 48;
const GROUP_COUNT = 56;

/** How `load` begins when the bytes are not those that were written; the frames are loaded then. */
export const CRC_DIFFERS = 'CRC32C differs from the stored one';

/** The CRC covers the bytes from here on. */
const CRC_FROM = 12;

export interface BatchHeader {
  batch: number;
  epoch: number;
  frameCount: number;
  frameBytes: number;
  groupCount: number;
  firstSeconds: number;
  firstNanos: number;
  lastSeconds: number;
  lastNanos: number;
}

/**
 * Memory of one batch, header included, with the three views that records are read through: the
 * views start at the first frame. REUSED for every batch; it only ever grows.
 */
export class BatchBuffer {
  private bytes: Uint8Array<ArrayBuffer>;
  private header: DataView;
  views: FrameViews;

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(BATCH_HEADER_BYTES + capacityBytes);
    this.header = new DataView(this.bytes.buffer, 0, BATCH_HEADER_BYTES);
    this.views = viewsOf(this.bytes.buffer);
  }

  /** Bytes of frames that fit. */
  get capacityBytes(): number {
    return this.bytes.length - BATCH_HEADER_BYTES;
  }

  /** Makes room for this many bytes of frames and keeps the first `keepBytes` of them. */
  grow(capacityBytes: number, keepBytes: number): void {
    let wanted = this.capacityBytes;
    while (wanted < capacityBytes) wanted *= 2;
    const grown = new Uint8Array(BATCH_HEADER_BYTES + wanted);
    grown.set(this.bytes.subarray(0, BATCH_HEADER_BYTES + keepBytes));
    this.bytes = grown;
    this.header = new DataView(grown.buffer, 0, BATCH_HEADER_BYTES);
    this.views = viewsOf(grown.buffer);
  }

  /** Completes the header for the frames that lie there. REUSED: the value to store, a view. */
  seal(fields: BatchHeader): Uint8Array {
    const { header } = this;
    header.setUint32(MAGIC, BATCH_MAGIC, true);
    header.setUint16(VERSION, BATCH_VERSION, true);
    header.setUint16(HEADER_BYTES, BATCH_HEADER_BYTES, true);
    header.setUint32(FRAME_COUNT, fields.frameCount, true);
    header.setFloat64(BATCH_NUMBER, fields.batch, true);
    header.setFloat64(FRAME_BYTES, fields.frameBytes, true);
    header.setUint32(FIRST_SECONDS, fields.firstSeconds, true);
    header.setUint32(FIRST_NANOS, fields.firstNanos, true);
    header.setUint32(LAST_SECONDS, fields.lastSeconds, true);
    header.setUint32(LAST_NANOS, fields.lastNanos, true);
    header.setFloat64(EPOCH, fields.epoch, true);
    header.setUint32(GROUP_COUNT, fields.groupCount, true);
    const value = this.bytes.subarray(0, BATCH_HEADER_BYTES + fields.frameBytes);
    header.setUint32(CRC, crc32c(value.subarray(CRC_FROM)), true);
    return value;
  }

  /**
   * Takes a stored batch in and checks everything that can be checked without its neighbours.
   * @param header REUSED: filled from the stored header
   * @returns what is wrong, or `undefined`
   */
  load(value: Uint8Array, header: BatchHeader): string | undefined {
    if (value.length < BATCH_HEADER_BYTES) return 'shorter than a batch header';
    const capacityBytes = value.length - BATCH_HEADER_BYTES;
    if (capacityBytes > this.capacityBytes) this.grow(capacityBytes, 0);
    this.bytes.set(value);
    const view = this.header;
    if (view.getUint32(MAGIC, true) !== BATCH_MAGIC) return 'no batch starts here (magic)';
    if (view.getUint16(VERSION, true) !== BATCH_VERSION) return 'unknown batch version';
    if (view.getUint16(HEADER_BYTES, true) !== BATCH_HEADER_BYTES) return 'unknown header length';
    header.batch = view.getFloat64(BATCH_NUMBER, true);
    header.epoch = view.getFloat64(EPOCH, true);
    header.frameCount = view.getUint32(FRAME_COUNT, true);
    header.frameBytes = view.getFloat64(FRAME_BYTES, true);
    header.groupCount = view.getUint32(GROUP_COUNT, true);
    header.firstSeconds = view.getUint32(FIRST_SECONDS, true);
    header.firstNanos = view.getUint32(FIRST_NANOS, true);
    header.lastSeconds = view.getUint32(LAST_SECONDS, true);
    header.lastNanos = view.getUint32(LAST_NANOS, true);
    const crc = crc32c(this.bytes.subarray(CRC_FROM, value.length));
    const stored = view.getUint32(CRC, true);
    if (stored !== crc) return `${CRC_DIFFERS} (${hex(crc)}, not ${hex(stored)})`;
    if (header.frameBytes !== capacityBytes) return 'frame bytes differ from the value’s length';
    return undefined;
  }
}

export function emptyBatchHeader(): BatchHeader {
  return {
    batch: 0,
    epoch: 0,
    frameCount: 0,
    frameBytes: 0,
    groupCount: 0,
    firstSeconds: 0,
    firstNanos: 0,
    lastSeconds: 0,
    lastNanos: 0,
  };
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

function viewsOf(buffer: ArrayBuffer): FrameViews {
  return {
    i32: new Int32Array(buffer, BATCH_HEADER_BYTES),
    f64: new Float64Array(buffer, BATCH_HEADER_BYTES),
    u8: new Uint8Array(buffer, BATCH_HEADER_BYTES),
  };
}
