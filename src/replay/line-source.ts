import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const CHUNK_BYTES = 1 << 18;
const GZIP_MAGIC = 0x8b1f;

/**
 * The lines of a text file, plain or gzip (told by its first bytes, not its name), read chunk by
 * chunk: memory does not grow with the file. ASCII; empty lines are left out.
 *
 * `take()` is synchronous, so that a row costs no promise; when it has no line, `fill()` gets more.
 */
export class LineSource {
  private readonly stream: Readable;
  private readonly chunks: AsyncIterator<Buffer>;
  private text = '';
  private position = 0;
  private ended = false;

  private constructor(stream: Readable) {
    this.stream = stream;
    this.chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Rejects with the system's error where the file cannot be read. */
  static async open(path: string): Promise<LineSource> {
    const head = Buffer.alloc(2);
    const file = await open(path, 'r');
    try {
      await file.read(head, 0, 2, 0);
    } finally {
      await file.close();
    }
    const raw = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    if (head.readUInt16LE(0) !== GZIP_MAGIC) return new LineSource(raw);
    const plain = createGunzip({ chunkSize: CHUNK_BYTES });
    // An error of either stream reaches the reader through `plain`.
    pipeline(raw, plain, () => {});
    return new LineSource(plain);
  }

  /** The next line without its end, or `undefined` when none is at hand. */
  take(): string | undefined {
    for (;;) {
      const end = this.text.indexOf('\n', this.position);
      if (end < 0) return undefined;
      const start = this.position;
      this.position = end + 1;
      const last = end > start && this.text.charCodeAt(end - 1) === 13 ? end - 1 : end;
      if (last > start) return this.text.slice(start, last);
    }
  }

  /** Reads on. False at the end of the file. */
  async fill(): Promise<boolean> {
    if (this.ended) return false;
    const rest = this.text.slice(this.position);
    const { done, value } = await this.chunks.next();
    this.position = 0;
    if (done === true) {
      this.ended = true;
      this.text = rest === '' ? '' : `${rest}\n`;
      return rest !== '';
    }
    this.text = rest + value.toString('latin1');
    return true;
  }

  /** The next line, waiting for it where needed; `undefined` at the end of the file. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const line = this.take();
      if (line !== undefined) return line;
      if (!(await this.fill())) return undefined;
    }
  }

  close(): void {
    this.stream.destroy();
  }
}
