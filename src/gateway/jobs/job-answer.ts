import { OK } from '../../domain/result-codes.ts';
import type { JobKind } from '../../jobs/job-kind.ts';
import type { JobOptions, JobPool } from '../../jobs/job-pool.ts';
import type { Refusal } from '../http/refusal.ts';
import { refusalOfResult } from '../http/result-refusal.ts';
import type { Answer, RequestContext } from '../http/route.ts';

/** What a request wants to have computed beside the gateway. */
export interface JobRequest<Task, Result> {
  readonly kind: JobKind<Task, Result>;
  readonly task: Task;
  readonly transfer?: JobOptions['transfer'];
}

/**
 * Answers a request by a job: `TOO_MANY_JOBS` (429, `Retry-After`) when the queue is full; the job
 * ends with the client's connection.
 * @param toOutcome the reply, of what the job gave
 */
export async function answerByJob<Task, Result>(
  jobs: JobPool,
  context: Pick<RequestContext, 'principal' | 'clientIp' | 'onAbandoned'>,
  { kind, task, transfer }: JobRequest<Task, Result>,
  toOutcome: (result: Result) => object | Answer | Refusal,
): Promise<object | Answer | Refusal> {
  const { principal, clientIp } = context;
  const owner = principal === null ? `address ${clientIp}` : `user ${principal.userId}`;
  const job = jobs.submit(kind, task, { owner, transfer });
  if (job.code !== OK) return refusalOfResult(job.code, {}, job.retryAfterSeconds);
  context.onAbandoned(() => job.cancel());
  const outcome = await job.outcome;
  return outcome.code === OK ? toOutcome(outcome.result) : refusalOfResult(outcome.code, {});
}
