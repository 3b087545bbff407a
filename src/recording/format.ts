import { crc32c } from '@node-rs/crc32';

/**
 * A recording of what a subscriber of `/ws/stream` saw, in a file that is only ever appended to.
 *
 * ```
 * file  = magic "OBREC\0" · version u16 · frame …
 *
 *          0         4         8                  16     17        24
 * frame = │ length  │ crc32c  │ time ns          │ kind │ 0 …     │ payload, `length` bytes
 *          u32       u32       i64                u8     7 bytes
 * ```
 *
 * Integers are little-endian. The CRC-32C covers the frame from `time` to the end of the payload.
 * Times are nanoseconds since the Unix epoch at which the recorder had the message; they never go
 * back. The whole file may be compressed with gzip or zstd, which its first bytes tell.
 *
 * A later version of the format has a higher number; a reader refuses what it does not know. Frames
 * of an unknown kind are skipped.
 */
export const RECORDING_MAGIC = Buffer.from('OBREC\0\x01\0', 'latin1');
export const RECORDING_VERSION = 1;
export const FRAME_HEADER_BYTES = 24;
/** Longer frames are taken for damage: no message of the stream is half as long. */
export const FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** JSON, `RecordingHeader`: the first frame. */
export const KIND_HEADER = 1;
/** A text frame that the server sent. */
export const KIND_TEXT = 2;
/** A binary frame that the server sent. */
export const KIND_BINARY = 3;
/** JSON, `RecordedSession`: a connection was made and every subscription acknowledged. */
export const KIND_SESSION = 4;
/** JSON, `RecordedGap`: the connection was lost and may have missed something. */
export const KIND_GAP = 5;
/** JSON, `RecordingEnd`: the recorder ended in good order. */
export const KIND_END = 6;

export interface RecordingHeader {
  readonly format: 'openbell.recording';
  readonly version: number;
  /** Without credentials. */
  readonly url: string;
  /** Of the recorded messages: `json` or `flatbuffers`. */
  readonly message_format: string;
  readonly subscriptions: readonly RecordedSubscription[];
  readonly recorder: string;
  /** ISO 8601. */
  readonly created_at: string;
}

/** A subscription as it was asked for. */
export interface RecordedSubscription {
  readonly channel: string;
  readonly market?: string;
  readonly interval?: string;
}

export interface RecordedSession {
  readonly protocol: string;
  readonly epoch: number;
  readonly simulated: boolean;
  /** Markets as the acknowledgements describe them, each once. */
  readonly markets: readonly Readonly<Record<string, unknown>>[];
  /** True when the server sent everything since the gap before. */
  readonly recovered: boolean;
}

export interface RecordedGap {
  readonly code: number;
  readonly reason: string;
}

export interface RecordingEnd {
  readonly messages: number;
  readonly bytes: number;
  readonly gaps: number;
}

/** One frame of a recording. */
export interface RecordedFrame {
  readonly kind: number;
  readonly timeNs: bigint;
  readonly payload: Buffer;
}

/** The head of a frame, checksum included. */
export function frameHead(kind: number, timeNs: bigint, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(FRAME_HEADER_BYTES);
  head.writeUInt32LE(payload.length, 0);
  head.writeBigInt64LE(timeNs, 8);
  head.writeUInt8(kind, 16);
  head.writeUInt32LE(crc32c(payload, crc32c(head.subarray(8))), 4);
  return head;
}

/** True when a frame is as it was written. */
export function isWhole(head: Buffer, payload: Buffer): boolean {
  return crc32c(payload, crc32c(head.subarray(8))) === head.readUInt32LE(4);
}
