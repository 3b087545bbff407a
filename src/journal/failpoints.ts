import { isThreadFailpoint } from '../lib/thread-failpoint.ts';

/**
 * Places where a test may let the process die, so that what is left on the disk can be looked at.
 * Armed by `OPENBELL_FAILPOINT=<name>` or `<name>:<n>` for the n-th time the place is reached.
 */
export const FAIL_BEFORE_WRITE = 'journal.before_write';
/** The pages are written, the sync that makes them durable is not done. */
export const FAIL_BEFORE_SYNC = 'journal.after_write_before_sync';
/** The transaction is durable, but nobody has been told. */
export const FAIL_BEFORE_RELEASE = 'journal.after_sync_before_release';

/** Some parts of a snapshot are durable, its closing record is not. */
export const FAIL_DURING_SNAPSHOT = 'journal.during_snapshot';
/** A step of the removal of old batches, rows or snapshots is durable, others may be to come. */
export const FAIL_DURING_COMPACTION = 'journal.during_compaction';
/** Some generated bars are durable, not all of their market's. */
export const FAIL_DURING_HISTORY = 'journal.during_history';

/** Every place, for tests that go through all of them. */
export const FAILPOINTS: readonly string[] = [
  FAIL_BEFORE_WRITE,
  FAIL_BEFORE_SYNC,
  FAIL_BEFORE_RELEASE,
  FAIL_DURING_SNAPSHOT,
  FAIL_DURING_COMPACTION,
  FAIL_DURING_HISTORY,
];

export class Failpoints {
  private readonly name: string;
  private remaining: number;

  /** @param spec as in the environment variable; `''` arms nothing */
  constructor(spec: string) {
    const [name, count = '1'] = spec.split(':');
    const isKnown = name === '' || FAILPOINTS.includes(name) || isThreadFailpoint(spec);
    if (!isKnown) throw new Error(`unknown failpoint ${name}`);
    this.name = name;
    this.remaining = Number(count);
    if (!(this.remaining >= 1)) throw new Error(`failpoint ${spec}: the count starts from 1`);
  }

  /** True when the next `reach` of this place is the one to die at. */
  isNext(name: string): boolean {
    return this.name === name && this.remaining === 1;
  }

  /** Does nothing, or never returns. */
  reach(name: string): void {
    if (this.name !== name) return;
    this.remaining -= 1;
    if (this.remaining > 0) return;
    process.kill(process.pid, 'SIGKILL');
    // The signal may take a moment; not one more instruction of the caller shall run.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}
