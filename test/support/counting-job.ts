import { defineJob } from '../../src/jobs/define-job.ts';

/** What a test wants a job to do. */
export interface CountingTask {
  /** Counts to so many milliseconds, looking at the control in each; infinite: until cancelled. */
  readonly milliseconds: number;
  readonly values?: Float64Array;
  readonly failing?: boolean;
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** A job for tests: counts, and doubles the values it was given. */
export default defineJob<CountingTask, Float64Array>((task, control) => {
  const { milliseconds, values = new Float64Array(0), failing } = task;
  for (let i = 0; i < milliseconds; i += 1) {
    control.throwIfCancelled();
    if (Number.isFinite(milliseconds)) control.progress = i / milliseconds;
    Atomics.wait(pause, 0, 0, 1);
  }
  if (failing === true) throw new Error('as the test wanted');
  control.progress = 1;
  return values.map((value) => 2 * value);
});
