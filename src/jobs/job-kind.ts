/**
 * What a job is: a file in `workers/jobs` whose default export is made by `defineJob`, and the types
 * of what goes in and what comes out.
 */
export interface JobKind<Task, Result> {
  /** As metrics and logs name it. */
  readonly name: string;
  /** The built file, `new URL('../../workers/jobs/NAME.js', import.meta.url)`. */
  readonly file: URL;
  /** Takes minutes rather than milliseconds: such jobs leave one thread to the others. */
  readonly isLong?: boolean;
  /** Never set: it carries the types. */
  readonly types?: { readonly task: Task; readonly result: Result };
}

/** Places in the words that a job and the pool share. */
const CANCELLED = 0;
const PROGRESS_PPM = 1;
const WORDS = 2;
const MILLION = 1_000_000;

/** Thrown inside a job that nobody wants any more. */
export class JobCancelled extends Error {
  constructor() {
    super('the job was cancelled');
  }
}

/**
 * What a job and the pool tell each other while it runs, by two words of shared memory: a thread at
 * work does not read messages, and cutting a thread off can take the process down with it.
 */
export class JobControl {
  readonly memory: SharedArrayBuffer;
  private readonly words: Int32Array;

  constructor(memory = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.words = new Int32Array(memory);
  }

  get cancelled(): boolean {
    return Atomics.load(this.words, CANCELLED) === 1;
  }

  cancel(): void {
    Atomics.store(this.words, CANCELLED, 1);
  }

  /** For jobs: to be called at least every 50 ms or so. */
  throwIfCancelled(): void {
    if (this.cancelled) throw new JobCancelled();
  }

  /** Share of the work that is done, 0 to 1. */
  get progress(): number {
    return Atomics.load(this.words, PROGRESS_PPM) / MILLION;
  }

  set progress(share: number) {
    Atomics.store(this.words, PROGRESS_PPM, Math.round(share * MILLION));
  }
}

/** What is posted to the thread. */
export interface JobEnvelope {
  readonly task: unknown;
  readonly memory: SharedArrayBuffer;
}
