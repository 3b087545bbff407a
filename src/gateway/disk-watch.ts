import { statfs } from 'node:fs/promises';
import type { PartStatus } from './failures.ts';

const CHECK_MS = 500;
/** Space must come back by this share (a tenth) beyond the limit, or the venue would open and close in turns. */
const RETURN_SHARE = 10;
const MIB = 1 << 20;

export interface DiskWatchOptions {
  readonly directory: string;
  /** Below so many bytes the disk is low; 0 never. */
  readonly minFreeBytes: number;
  /** Called when the disk becomes low, and when it no longer is. */
  readonly onChange: (low: boolean, freeBytes: number) => void;
  /** Bytes an unprivileged process may still write to the directory's file system. */
  readonly readFreeBytes?: (directory: string) => Promise<number>;
}

/**
 * Watches the space where the data directory lies, so that the venue stops taking orders while the
 * journal can still write the cancels, rather than when a write has failed.
 */
export class DiskWatch {
  /** At the last look; `NaN` before the first, or where the system cannot say. */
  freeBytes = Number.NaN;
  low = false;
  private readonly options: DiskWatchOptions;
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(options: DiskWatchOptions) {
    this.options = options;
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), CHECK_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** One look at the disk; a disk that cannot be read leaves everything as it was. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const { directory, readFreeBytes = freeBytesOf } = this.options;
    try {
      this.judge(await readFreeBytes(directory));
    } catch {
      this.freeBytes = Number.NaN;
    } finally {
      this.looking = false;
    }
  }

  get status(): PartStatus {
    if (!this.low) return { healthy: true, detail: 'ok' };
    const { minFreeBytes } = this.options;
    return {
      healthy: false,
      detail: `${mebibytes(this.freeBytes)} MiB free, ${mebibytes(minFreeBytes)} MiB wanted`,
    };
  }

  private judge(freeBytes: number): void {
    const { minFreeBytes, onChange } = this.options;
    this.freeBytes = freeBytes;
    const low = freeBytes < (this.low ? minFreeBytes + minFreeBytes / RETURN_SHARE : minFreeBytes);
    if (low === this.low) return;
    this.low = low;
    onChange(low, freeBytes);
  }
}

async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / MIB);
}
