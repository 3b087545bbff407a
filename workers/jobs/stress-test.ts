import { defineJob } from '../../src/jobs/define-job.ts';
import { type StressAnswer, type StressTask, stressTest } from '../../src/risk/stress.ts';

/** The job: what scenarios would do to a portfolio. */
export default defineJob<StressTask, StressAnswer>((task, control) =>
  stressTest(task, () => control.throwIfCancelled()),
);
