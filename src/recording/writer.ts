import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { frameHead, RECORDING_MAGIC } from './format.ts';

export const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

type Compressor = zlib.Gzip;
/** Not in every Node that this runs on. */
const { createZstdCompress } = zlib as unknown as { createZstdCompress?: () => Compressor };

/** Writes a recording. What was written reaches the file in order; memory is bounded by who asks. */
export class RecordingWriter {
  /** Bytes of frames so far, before compression. */
  bytes = RECORDING_MAGIC.length;
  private readonly file: WriteStream;
  private readonly compressor: Compressor | undefined;
  private readonly done: Promise<void>;
  private failure: Error | undefined;

  private constructor(file: WriteStream, compressor: Compressor | undefined) {
    this.file = file;
    this.compressor = compressor;
    compressor?.pipe(file);
    this.done = finished(file);
    this.done.catch((error: Error) => {
      this.failure = error;
    });
  }

  /** Creates the file; throws where it is there already, or this Node lacks the compression. */
  static async create(path: string, compression: Compression): Promise<RecordingWriter> {
    const compressor = compressorOf(compression);
    const file = createWriteStream(path, { flags: 'wx' });
    await once(file, 'open');
    const writer = new RecordingWriter(file, compressor);
    writer.sink.write(RECORDING_MAGIC);
    return writer;
  }

  /** @returns false when so much waits that the caller should stop until `drained` */
  write(kind: number, timeNs: bigint, payload: Uint8Array): boolean {
    if (this.failure !== undefined) throw this.failure;
    const head = frameHead(kind, timeNs, payload);
    this.bytes += head.length + payload.length;
    this.sink.write(head);
    return this.sink.write(payload);
  }

  writeJson(kind: number, timeNs: bigint, value: object): boolean {
    return this.write(kind, timeNs, Buffer.from(JSON.stringify(value)));
  }

  /** Calls back once when what waits has been written. */
  drained(then: () => void): void {
    this.sink.once('drain', then);
  }

  /** Has the compressor give out what it has, so that a crash loses little. */
  flush(): void {
    this.compressor?.flush(zlib.constants.Z_SYNC_FLUSH);
  }

  /** Ends the file; resolves when everything is in it. */
  async close(): Promise<void> {
    this.sink.end();
    await this.done;
  }

  private get sink(): Compressor | WriteStream {
    return this.compressor ?? this.file;
  }
}

function compressorOf(compression: Compression): Compressor | undefined {
  if (compression === 'none') return undefined;
  if (compression === 'gzip') return zlib.createGzip({ level: 6 });
  if (createZstdCompress !== undefined) return createZstdCompress();
  throw new Error(`Node ${process.version} has no zstd: use gzip`);
}
