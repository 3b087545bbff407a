import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openTemporaryDirectory } from './temp-directory.ts';

const MIB = 1 << 20;

/** A file system of its own with little space, which a test fills and empties. */
export class SmallDisk {
  readonly path: string;
  private readonly ballast: string;

  private constructor(path: string) {
    this.path = path;
    this.ballast = join(path, 'ballast');
  }

  /** Mounts a tmpfs; skips the test, saying why, where that is not allowed. */
  static mount(context: TestContext, sizeMib: number): SmallDisk | undefined {
    const { path, remove } = openTemporaryDirectory();
    const args = ['-t', 'tmpfs', '-o', `size=${sizeMib}m,mode=700`, 'openbell-test', path];
    const { status } = spawnSync('mount', args);
    if (status !== 0) {
      remove();
      context.skip('a tmpfs cannot be mounted here (it takes Linux and root)');
      return undefined;
    }
    context.after(() => {
      spawnSync('umount', ['-l', path]);
      remove();
    });
    return new SmallDisk(path);
  }

  get freeMib(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return (bavail * bsize) / MIB;
  }

  /** Fills the disk until only so much is left. */
  fillTo(leftMib: number): void {
    const file = openSync(this.ballast, 'a');
    const block = new Uint8Array(4096);
    try {
      while (this.freeMib > leftMib) writeSync(file, block);
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(this.ballast, { force: true });
  }
}
