import { JobPool } from '../../src/jobs/job-pool.ts';

/** A pool as the server has it; it starts no thread before its first job. */
export function openTestJobs(): JobPool {
  const onError = (error: unknown) => console.error(error);
  return new JobPool({ threads: 2, queueMax: 32, perOwnerMax: 8, onError });
}
