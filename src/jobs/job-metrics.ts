import { Histogram } from '../metrics/histogram.ts';
import type { Metrics } from '../metrics/metrics.ts';

export type JobEnd = 'done' | 'failed' | 'cancelled' | 'refused';
const ENDS: readonly JobEnd[] = ['done', 'failed', 'cancelled', 'refused'];

const SECONDS_BOUNDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300];

/** What is counted of the jobs of one kind. */
export class JobCounts {
  queued = 0;
  running = 0;
  readonly ends: Record<JobEnd, number> = { done: 0, failed: 0, cancelled: 0, refused: 0 };
  /** From the start in a thread to the end, without the wait in the queue. */
  readonly seconds = new Histogram(SECONDS_BOUNDS);
  readonly waitSeconds = new Histogram(SECONDS_BOUNDS);
}

/** Makes the counts of all kinds readable. */
export function registerJobMetrics(metrics: Metrics, counts: ReadonlyMap<string, JobCounts>): void {
  const each = (read: (one: JobCounts) => number) => () =>
    [...counts].map(([job, one]) => ({ labels: { job }, value: read(one) }));
  metrics.gauge(
    'openbell_jobs_queued',
    'Jobs that wait for a thread',
    each((one) => one.queued),
  );
  metrics.gauge(
    'openbell_jobs_running',
    'Jobs that have a thread',
    each((one) => one.running),
  );
  metrics.counter('openbell_jobs_total', 'Jobs that ended, by how', () =>
    [...counts].flatMap(([job, { ends }]) =>
      ENDS.map((end) => ({ labels: { job, end }, value: ends[end] })),
    ),
  );
  const histogram = (read: (one: JobCounts) => Histogram) => () =>
    [...counts].map(([job, one]) => ({ labels: { job }, ...plain(read(one)) }));
  metrics.histogramSource(
    'openbell_job_seconds',
    'Time of a job in its thread',
    histogram((one) => one.seconds),
  );
  metrics.histogramSource(
    'openbell_job_wait_seconds',
    'Time of a job in the queue',
    histogram((one) => one.waitSeconds),
  );
}

function plain({ bounds, counts, sum }: Histogram) {
  return { bounds, counts, sum };
}
