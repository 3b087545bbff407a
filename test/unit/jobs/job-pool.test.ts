import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DRAINING, JOB_CANCELLED, OK, TOO_MANY_JOBS } from '../../../src/domain/result-codes.ts';
import type { JobKind } from '../../../src/jobs/job-kind.ts';
import { registerJobMetrics } from '../../../src/jobs/job-metrics.ts';
import { type Job, JobPool, type JobRefused } from '../../../src/jobs/job-pool.ts';
import { Metrics } from '../../../src/metrics/metrics.ts';
import type { CountingTask } from '../../support/counting-job.ts';

const file = new URL('../../support/counting-job.js', import.meta.url);
const QUICK: JobKind<CountingTask, Float64Array> = { name: 'quick', file };
const LONG: JobKind<CountingTask, Float64Array> = { name: 'long', file, isLong: true };
const ENDLESS = { milliseconds: Number.POSITIVE_INFINITY };
const CLOSE_MS = 5000;
const owner = 'somebody';

function taken<T>(job: Job<T> | JobRefused): Job<T> {
  assert.ok(job.code === OK, `taken, not refused with ${job.code}`);
  return job;
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('a pool of jobs', () => {
  let pool: JobPool;
  beforeEach(() => {
    const onError = (error: unknown) => assert.fail(String(error));
    pool = new JobPool({ threads: 2, queueMax: 3, perOwnerMax: 100, onError });
  });
  afterEach(() => pool.close(CLOSE_MS));

  it('gives the result, takes over memory, and tells how far a job is', async () => {
    const values = Float64Array.of(1, 2, 3);
    const { buffer } = values;
    const job = taken(
      pool.submit(QUICK, { milliseconds: 20, values }, { owner, transfer: [buffer] }),
    );
    assert.equal(job.state, 'running');
    await until(() => job.progress > 0);
    const outcome = await job.outcome;
    assert.equal(values.length, 0, 'handed over, not copied');
    assert.equal(outcome.code, OK);
    assert.deepEqual(outcome.code === OK && [...outcome.result], [2, 4, 6]);
    assert.equal(job.progress, 1);
    assert.equal(job.state, 'ended');
  });

  it('refuses what the queue cannot hold, and says when to come back', async () => {
    const jobs = Array.from({ length: 5 }, () => taken(pool.submit(QUICK, ENDLESS, { owner })));
    assert.deepEqual([pool.busy, pool.queued], [2, 3]);
    const refused = pool.submit(QUICK, ENDLESS, { owner });
    assert.equal(refused.code, TOO_MANY_JOBS);
    assert.ok(refused.code === TOO_MANY_JOBS && refused.retryAfterSeconds >= 1);
    for (const job of jobs) job.cancel();
    for (const job of jobs) assert.deepEqual(await job.outcome, { code: JOB_CANCELLED });
    assert.equal(pool.queued, 0);
    await until(() => pool.busy === 0);
    const after = await taken(pool.submit(QUICK, { milliseconds: 0 }, { owner })).outcome;
    assert.equal(after.code, OK, 'the threads came back');
  });

  it('runs waiting jobs in the order in which they came, without the cancelled ones', async () => {
    const first = [1, 2].map(() => taken(pool.submit(QUICK, { milliseconds: 30 }, { owner })));
    const done: number[] = [];
    const waiting = [0, 1, 2].map((i) => {
      const job = taken(pool.submit(QUICK, { milliseconds: 5 }, { owner }));
      void job.outcome.then(({ code }) => code === OK && done.push(i));
      return job;
    });
    assert.deepEqual(
      waiting.map(({ state }) => state),
      ['queued', 'queued', 'queued'],
    );
    waiting[1].cancel();
    await Promise.all([...first, ...waiting].map(({ outcome }) => outcome));
    assert.deepEqual(done, [0, 2]);
  });

  it('leaves one thread to quick jobs while long ones run', async () => {
    const long = [1, 2].map(() => taken(pool.submit(LONG, ENDLESS, { owner })));
    assert.deepEqual(
      long.map(({ state }) => state),
      ['running', 'queued'],
    );
    const quick = taken(pool.submit(QUICK, { milliseconds: 1 }, { owner }));
    assert.equal((await quick.outcome).code, OK, 'it went past the long one that waits');
    for (const job of long) job.cancel();
  });

  it('gives one owner no more than a share', async () => {
    const onError = () => undefined;
    const shared = new JobPool({ threads: 1, queueMax: 10, perOwnerMax: 2, onError });
    const mine = [1, 2].map(() => taken(shared.submit(QUICK, ENDLESS, { owner: 'me' })));
    assert.equal(shared.submit(QUICK, ENDLESS, { owner: 'me' }).code, TOO_MANY_JOBS);
    assert.equal(shared.submit(QUICK, ENDLESS, { owner: 'you' }).code, OK);
    mine[1].cancel();
    assert.equal(shared.submit(QUICK, ENDLESS, { owner: 'me' }).code, OK);
    assert.equal(shared.submit(QUICK, ENDLESS, { owner: '' }).code, OK);
    await shared.close(CLOSE_MS);
  });

  it('tells of a job that failed, and goes on', async () => {
    const failing = taken(pool.submit(QUICK, { milliseconds: 0, failing: true }, { owner }));
    await assert.rejects(failing.outcome, /as the test wanted/);
    const next = await taken(pool.submit(QUICK, { milliseconds: 0 }, { owner })).outcome;
    assert.equal(next.code, OK);
  });

  it('ends every job when it closes, and takes no more', async () => {
    const jobs = Array.from({ length: 5 }, () => taken(pool.submit(QUICK, ENDLESS, { owner })));
    await until(() => pool.busy === 2);
    const closed = pool.close(CLOSE_MS);
    assert.equal(pool.submit(QUICK, ENDLESS, { owner }).code, DRAINING);
    for (const job of jobs) assert.deepEqual(await job.outcome, { code: JOB_CANCELLED });
    await closed;
    assert.equal(pool.busy, 0, 'running jobs noticed');
  });

  it('counts jobs by kind and end', async () => {
    const metrics = new Metrics(false);
    pool.introduce(LONG);
    registerJobMetrics(metrics, pool.counts);
    const cancelled = taken(pool.submit(QUICK, ENDLESS, { owner }));
    await taken(pool.submit(QUICK, { milliseconds: 1 }, { owner })).outcome;
    cancelled.cancel();
    await until(() => pool.busy === 0);
    const text = await metrics.text();
    for (const line of [
      'openbell_jobs_total{job="quick",end="done"} 1',
      'openbell_jobs_total{job="quick",end="cancelled"} 1',
      'openbell_jobs_total{job="quick",end="refused"} 0',
      'openbell_jobs_running{job="quick"} 0',
      'openbell_jobs_queued{job="long"} 0',
      'openbell_job_seconds_count{job="quick"} 2',
    ]) {
      assert.ok(text.includes(line), `${line} in\n${text}`);
    }
  });
});
