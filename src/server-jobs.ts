import type { Logger } from 'pino';
import { LIMITS } from './config/limits.ts';
import type { Settings } from './config/settings.ts';
import { registerJobMetrics } from './jobs/job-metrics.ts';
import { JobPool } from './jobs/job-pool.ts';
import type { Metrics } from './metrics/metrics.ts';

/** The threads for what takes too long for the gateway. They start with their first job. */
export function openJobs({ jobThreads }: Settings, metrics: Metrics, log: Logger): JobPool {
  const jobs = new JobPool({
    threads: jobThreads,
    queueMax: LIMITS.jobsQueued,
    perOwnerMax: LIMITS.jobsPerUser,
    onError: (error) => log.error({ err: error }, 'a thread for jobs failed'),
  });
  registerJobMetrics(metrics, jobs.counts);
  return jobs;
}
