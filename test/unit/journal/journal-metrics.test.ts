import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMIT_TIME_BUCKETS, JournalMetrics } from '../../../src/journal/journal-metrics.ts';

describe('JournalMetrics', () => {
  it('shows what the journal counted, through the shared memory', () => {
    const writer = new JournalMetrics();
    const reader = new JournalMetrics(writer.buffer);
    writer.count(3, 300, 0);
    writer.count(5, 500, 1023);
    writer.count(7, 700, 1024);
    const { commitTimeBuckets, ...totals } = reader.read();
    assert.deepEqual(totals, {
      batches: 3,
      frames: 15,
      bytes: 1500,
      lastCommitMicros: 1024,
      maxCommitMicros: 1024,
      sumCommitMicros: 2047,
    });
    assert.equal(commitTimeBuckets.length, COMMIT_TIME_BUCKETS);
    const filled = [...commitTimeBuckets.entries()].filter(([, count]) => count > 0);
    assert.deepEqual(filled, [
      [0, 1],
      [9, 1],
      [10, 1],
    ]);
  });
});
