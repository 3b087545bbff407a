import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import {
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  isWhole,
  KIND_HEADER,
  RECORDING_MAGIC,
  RECORDING_VERSION,
  type RecordedFrame,
  type RecordingHeader,
} from './format.ts';

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const { createZstdDecompress } = zlib as unknown as { createZstdDecompress?: () => Transform };

/** The file is no recording, or one of a version that is not known here. */
export class NoRecording extends Error {}

/**
 * Reads a recording from its beginning, in bounded memory: never more than a frame and a piece of the
 * file. A torn or damaged end is where reading stops; `damage` then says what is wrong.
 */
export class RecordingReader {
  readonly path: string;
  /** What the file ends with in place of a frame; `undefined` when it ends with a whole one. */
  damage: string | undefined;
  /** Bytes of whole frames read so far, before compression. */
  bytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Every frame, oldest first. Throws `NoRecording`. */
  async *frames(): AsyncGenerator<RecordedFrame> {
    this.damage = undefined;
    this.bytes = 0;
    let rest: Buffer = Buffer.alloc(0);
    let opened = false;
    for await (const chunk of this.pieces()) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (!opened) {
        if (rest.length < RECORDING_MAGIC.length) continue;
        checkMagic(rest);
        opened = true;
        rest = rest.subarray(RECORDING_MAGIC.length);
        this.bytes = RECORDING_MAGIC.length;
      }
      while (rest.length >= FRAME_HEADER_BYTES) {
        const end = FRAME_HEADER_BYTES + rest.readUInt32LE(0);
        if (end > FRAME_BYTES_MAX) {
          this.damage = `a frame of ${end} bytes at byte ${this.bytes}`;
          return;
        }
        if (rest.length < end) break;
        const head = rest.subarray(0, FRAME_HEADER_BYTES);
        const payload = rest.subarray(FRAME_HEADER_BYTES, end);
        if (!isWhole(head, payload)) {
          this.damage = `a wrong checksum at byte ${this.bytes}`;
          return;
        }
        yield { kind: head.readUInt8(16), timeNs: head.readBigInt64LE(8), payload };
        rest = rest.subarray(end);
        this.bytes += end;
      }
    }
    if (!opened) throw new NoRecording(`${this.path} is no recording`);
    if (rest.length > 0) this.damage ??= `half a frame of ${rest.length} bytes`;
  }

  /** Pieces of the decompressed file; ends early where compression breaks off. */
  private async *pieces(): AsyncGenerator<Buffer> {
    const source = createReadStream(this.path, { highWaterMark: 256 * 1024 });
    const decompressor = decompressorOf(await firstBytes(this.path));
    if (decompressor === undefined) {
      yield* source as AsyncIterable<Buffer>;
      return;
    }
    source.on('error', (error) => decompressor.destroy(error));
    try {
      yield* source.pipe(decompressor) as AsyncIterable<Buffer>;
    } catch (error) {
      this.damage = `compression that breaks off (${(error as Error).message})`;
    } finally {
      source.destroy();
    }
  }
}

/** The first frame of a recording. Throws `NoRecording`. */
export function parseHeader({ kind, payload }: RecordedFrame): RecordingHeader {
  if (kind !== KIND_HEADER) throw new NoRecording('the recording does not begin with its header');
  return JSON.parse(payload.toString()) as RecordingHeader;
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function decompressorOf(first: Buffer): Transform | undefined {
  if (first.subarray(0, 2).equals(GZIP)) return zlib.createGunzip();
  if (!first.equals(ZSTD)) return undefined;
  if (createZstdDecompress !== undefined) return createZstdDecompress();
  throw new Error(`the recording is compressed with zstd, which Node ${process.version} lacks`);
}

function checkMagic(bytes: Buffer): void {
  if (!bytes.subarray(0, 6).equals(RECORDING_MAGIC.subarray(0, 6))) {
    throw new NoRecording('the file is no recording');
  }
  const version = bytes.readUInt16LE(6);
  if (version === RECORDING_VERSION) return;
  throw new NoRecording(`the recording has version ${version}; this program reads version 1`);
}
