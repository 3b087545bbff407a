import { Piscina } from 'piscina';
import { DRAINING, JOB_CANCELLED, OK, TOO_MANY_JOBS } from '../domain/result-codes.ts';
import { assert } from '../lib/assert.ts';
import { JobControl, type JobEnvelope, type JobKind } from './job-kind.ts';
import { JobCounts, type JobEnd } from './job-metrics.ts';

export interface JobPoolOptions {
  /** Jobs that run at once. */
  readonly threads: number;
  /** Jobs that may wait for a thread. */
  readonly queueMax: number;
  /** Of them, and of those that run, one owner may have so many. */
  readonly perOwnerMax: number;
  /** A thread broke outside of any job. */
  readonly onError: (error: unknown) => void;
}

export interface JobOptions {
  /** Who asks: nobody may fill the queue alone. `''`: the venue itself, which is not counted. */
  readonly owner: string;
  /** Memory in the task that is handed over rather than copied, when the job gets its thread. */
  readonly transfer?: readonly ArrayBuffer[];
}

/** `result` is there when `code` is `OK`; otherwise `JOB_CANCELLED`. */
export type JobOutcome<Result> =
  | { readonly code: typeof OK; readonly result: Result }
  | { readonly code: typeof JOB_CANCELLED };

/** A job was not taken: `TOO_MANY_JOBS`, or `DRAINING` while the pool closes. */
export interface JobRefused {
  readonly code: typeof TOO_MANY_JOBS | typeof DRAINING;
  /** When to come back: what waits, by what such jobs took so far; whole seconds, at least 1. */
  readonly retryAfterSeconds: number;
}

export type JobState = 'queued' | 'running' | 'ended';

/** A job that was taken. */
export interface Job<Result> {
  readonly code: typeof OK;
  readonly state: JobState;
  /** Share of the work that is done, 0 to 1, as far as jobs of its kind tell. */
  readonly progress: number;
  /** Rejects when the job threw what it did not mean to. */
  readonly outcome: Promise<JobOutcome<Result>>;
  /**
   * Nobody wants the result any more: the outcome is `JOB_CANCELLED` at once. A waiting job leaves
   * the queue; a running one gives its thread back when it next looks.
   */
  cancel(): void;
}

/** Threads that nobody needs go after so long. */
const IDLE_MS = 60_000;
/** What a job is taken to need before any of its kind has ended. */
const FIRST_GUESS_SECONDS = 0.5;

/**
 * Runs what takes too long for the gateway in at most a few threads beside it. The queue is bounded,
 * first come first served; whoever does not fit in is refused and told when to come back. A thread is
 * never cut off while a job runs in it: jobs end themselves when they are cancelled.
 */
export class JobPool {
  /** By the name of the kind. */
  readonly counts = new Map<string, JobCounts>();
  private readonly options: JobPoolOptions;
  private readonly threads: Piscina;
  private readonly queue: PooledJob[] = [];
  private readonly running = new Set<PooledJob>();
  private readonly byOwner = new Map<string, number>();
  private closing = false;
  private whenIdle: () => void = () => undefined;

  constructor(options: JobPoolOptions) {
    assert(options.threads >= 1, 'jobs need a thread');
    this.options = options;
    this.threads = new Piscina({
      minThreads: 0,
      maxThreads: options.threads,
      idleTimeout: IDLE_MS,
      recordTiming: false,
    });
    this.threads.on('error', options.onError);
  }

  /** Names a kind, so that metrics show it before its first job. */
  introduce(kind: JobKind<unknown, unknown>): void {
    this.countsOf(kind.name);
  }

  /** Takes a job, or says why not. Nothing of it has run when this returns. */
  submit<Task, Result>(
    kind: JobKind<Task, Result>,
    task: Task,
    options: JobOptions,
  ): Job<Result> | JobRefused {
    const counts = this.countsOf(kind.name);
    const code = this.refusal(kind.isLong === true, options.owner);
    if (code !== OK) {
      counts.ends.refused += 1;
      return { code, retryAfterSeconds: this.retryAfterSeconds(counts) };
    }
    const job = new PooledJob(kind, task, options, counts, (ended) => this.leave(ended));
    counts.queued += 1;
    const { owner } = options;
    if (owner !== '') this.byOwner.set(owner, (this.byOwner.get(owner) ?? 0) + 1);
    this.queue.push(job);
    this.startNext();
    return job as Job<unknown> as Job<Result>;
  }

  get queued(): number {
    return this.queue.length;
  }

  /** Jobs that have a thread, those included that were cancelled and have not noticed yet. */
  get busy(): number {
    return this.running.size;
  }

  /**
   * Takes no more jobs, cancels all there are, and resolves when the threads have gone. One that
   * does not come back within the time is left alone: the end of the process ends it.
   */
  async close(timeoutMs: number): Promise<void> {
    this.closing = true;
    for (const job of [...this.queue, ...this.running]) job.cancel();
    const idle = new Promise<boolean>((resolve) => {
      this.whenIdle = () => resolve(true);
      setTimeout(() => resolve(false), timeoutMs).unref();
      if (this.running.size === 0) resolve(true);
    });
    if (await idle) await this.threads.destroy();
  }

  private refusal(isLong: boolean, owner: string): typeof OK | JobRefused['code'] {
    if (this.closing) return DRAINING;
    const { queueMax, perOwnerMax } = this.options;
    if (owner !== '' && (this.byOwner.get(owner) ?? 0) >= perOwnerMax) return TOO_MANY_JOBS;
    const mustWait = this.queue.length > 0 || !this.hasThreadFor(isLong);
    return mustWait && this.queue.length >= queueMax ? TOO_MANY_JOBS : OK;
  }

  private hasThreadFor(isLong: boolean): boolean {
    const { threads } = this.options;
    if (this.running.size >= threads) return false;
    if (!isLong) return true;
    let long = 0;
    for (const job of this.running) if (job.isLong) long += 1;
    return long < Math.max(1, threads - 1);
  }

  private startNext(): void {
    for (;;) {
      const next = this.queue.findIndex((job) => this.hasThreadFor(job.isLong));
      if (next < 0) return;
      const [job] = this.queue.splice(next, 1);
      this.running.add(job);
      job.run(this.threads).finally(() => {
        this.running.delete(job);
        this.startNext();
        if (this.running.size === 0) this.whenIdle();
      });
    }
  }

  /** A job has its outcome: its owner may bring another one. */
  private leave(job: PooledJob): void {
    const place = this.queue.indexOf(job);
    if (place >= 0) this.queue.splice(place, 1);
    const { owner } = job;
    if (owner === '') return;
    const left = (this.byOwner.get(owner) ?? 1) - 1;
    if (left === 0) this.byOwner.delete(owner);
    else this.byOwner.set(owner, left);
  }

  private retryAfterSeconds({ seconds }: JobCounts): number {
    const each = seconds.count === 0 ? FIRST_GUESS_SECONDS : seconds.sum / seconds.count;
    const before = this.queue.length + this.running.size;
    return Math.max(1, Math.ceil((each * before) / this.options.threads));
  }

  private countsOf(name: string): JobCounts {
    let counts = this.counts.get(name);
    if (counts === undefined) {
      counts = new JobCounts();
      this.counts.set(name, counts);
    }
    return counts;
  }
}

/** One job, from the queue to its outcome. */
class PooledJob implements Job<unknown> {
  readonly code = OK;
  readonly outcome: Promise<JobOutcome<unknown>>;
  readonly owner: string;
  readonly isLong: boolean;
  state: JobState = 'queued';
  private readonly control = new JobControl();
  private readonly submittedMs = performance.now();
  private readonly kind: JobKind<unknown, unknown>;
  /** Let go when it was handed over or is not needed any more. */
  private task: unknown;
  private readonly transfer: readonly ArrayBuffer[];
  private readonly counts: JobCounts;
  private readonly onEnd: (job: PooledJob) => void;
  private resolve!: (outcome: JobOutcome<unknown>) => void;
  private reject!: (error: unknown) => void;

  constructor(
    kind: JobKind<unknown, unknown>,
    task: unknown,
    options: JobOptions,
    counts: JobCounts,
    onEnd: (job: PooledJob) => void,
  ) {
    this.kind = kind;
    this.isLong = kind.isLong === true;
    this.task = task;
    this.transfer = options.transfer ?? [];
    this.owner = options.owner;
    this.counts = counts;
    this.onEnd = onEnd;
    this.outcome = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get progress(): number {
    return this.control.progress;
  }

  cancel(): void {
    if (this.state === 'ended') return;
    this.control.cancel();
    if (this.state === 'queued') this.counts.queued -= 1;
    this.end('cancelled', () => this.resolve({ code: JOB_CANCELLED }));
  }

  /** Runs it in a thread; resolves when the thread is free again, whatever became of the job. */
  async run(threads: Piscina): Promise<void> {
    const { counts, kind } = this;
    const startMs = performance.now();
    this.state = 'running';
    counts.queued -= 1;
    counts.running += 1;
    counts.waitSeconds.observe((startMs - this.submittedMs) / 1000);
    const envelope: JobEnvelope = { task: this.task, memory: this.control.memory };
    this.task = undefined;
    const filename = kind.file.href;
    try {
      const transferList = [...this.transfer];
      const result = await threads.run(envelope, { filename, transferList });
      this.end('done', () => this.resolve({ code: OK, result }));
    } catch (error) {
      this.end('failed', () => this.reject(error));
    }
    counts.running -= 1;
    counts.seconds.observe((performance.now() - startMs) / 1000);
  }

  /** Only the first end counts: what a cancelled job still says is not heard. */
  private end(how: JobEnd, tell: () => void): void {
    if (this.stateNow() === 'ended') return;
    this.state = 'ended';
    this.task = undefined;
    this.counts.ends[how] += 1;
    this.onEnd(this);
    tell();
  }

  private stateNow(): JobState {
    return this.state;
  }
}
