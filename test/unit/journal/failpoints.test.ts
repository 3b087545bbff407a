import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  FAIL_BEFORE_SYNC,
  FAIL_BEFORE_WRITE,
  Failpoints,
} from '../../../src/journal/failpoints.ts';

describe('Failpoints', () => {
  it('does nothing unless armed', () => {
    const failpoints = new Failpoints('');
    failpoints.reach(FAIL_BEFORE_WRITE);
    assert.equal(failpoints.isNext(FAIL_BEFORE_WRITE), false);
  });

  it('counts the times its own place is reached', () => {
    const failpoints = new Failpoints(`${FAIL_BEFORE_SYNC}:3`);
    failpoints.reach(FAIL_BEFORE_SYNC);
    failpoints.reach(FAIL_BEFORE_WRITE);
    assert.equal(failpoints.isNext(FAIL_BEFORE_SYNC), false);
    failpoints.reach(FAIL_BEFORE_SYNC);
    assert.equal(failpoints.isNext(FAIL_BEFORE_SYNC), true);
    assert.equal(failpoints.isNext(FAIL_BEFORE_WRITE), false);
  });

  it('refuses names and counts that would never come', () => {
    assert.throws(() => new Failpoints('journal.nowhere'), /unknown failpoint/);
    assert.throws(() => new Failpoints(`${FAIL_BEFORE_WRITE}:0`), /starts from 1/);
    assert.throws(() => new Failpoints(`${FAIL_BEFORE_WRITE}:x`), /starts from 1/);
  });
});
