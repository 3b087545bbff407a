import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { repositoryRoot } from './repository.ts';
import { temporaryDirectory } from './temp-directory.ts';

/** Makes a server's system calls fail at a test's command; see `fault-shim.c`. */
export class FaultShim {
  /** For the environment of the server. */
  readonly env: Readonly<Record<string, string>>;
  private readonly directory: string;

  private constructor(directory: string, library: string) {
    this.directory = directory;
    this.env = { LD_PRELOAD: library, FAULT_SHIM: directory };
  }

  /** Compiles the library; skips the test, saying why, where that cannot be done. */
  static open(context: TestContext): FaultShim | undefined {
    if (process.platform !== 'linux') {
      context.skip('faults are injected by a preloaded library, on Linux only');
      return undefined;
    }
    const directory = temporaryDirectory(context);
    const library = join(directory, 'shim.so');
    const source = join(repositoryRoot, 'test/support/fault-shim.c');
    const args = ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'];
    const { error, status, stderr } = spawnSync('cc', args, { encoding: 'utf8' });
    if (error !== undefined) {
      context.skip('there is no C compiler (cc) to build the library that injects faults');
      return undefined;
    }
    if (status !== 0) throw new Error(`the library that injects faults does not build: ${stderr}`);
    return new FaultShim(directory, library);
  }

  /** From now on the calls fail, or wait. */
  arm(what: 'sync' | 'write' | 'hold'): void {
    writeFileSync(join(this.directory, what), '');
  }

  disarm(what: 'sync' | 'write' | 'hold'): void {
    rmSync(join(this.directory, what), { force: true });
  }

  /** Sets the wall clock so many seconds forward or back from the machine's. */
  setClock(seconds: number): void {
    writeFileSync(join(this.directory, 'clock'), String(seconds));
  }

  /** True while a sync waits for `hold` to be disarmed. */
  get isHeld(): boolean {
    return existsSync(join(this.directory, 'held'));
  }

  /** The calls that were made to fail, in order. */
  failedCalls(): string[] {
    const path = join(this.directory, 'failed');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }
}
