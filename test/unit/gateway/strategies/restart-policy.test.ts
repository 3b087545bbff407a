import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RestartPolicy } from '../../../../src/gateway/strategies/restart-policy.ts';

test('pauses double within the window, and too many failures end it', () => {
  const policy = new RestartPolicy({
    firstPauseMs: 100,
    longestPauseMs: 350,
    failuresMax: 5,
    windowMs: 10_000,
  });
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((ms) => policy.failed(ms)),
    [100, 200, 350, 350, undefined],
  );
  assert.equal(policy.failed(5), 100, 'who starts it again begins anew');
});

test('what lies before the window is forgotten', () => {
  const policy = new RestartPolicy({
    firstPauseMs: 100,
    longestPauseMs: 1000,
    failuresMax: 3,
    windowMs: 1000,
  });
  assert.equal(policy.failed(0), 100);
  assert.equal(policy.failed(900), 200);
  assert.equal(policy.failed(1100), 200);
  assert.equal(policy.failed(9000), 100);
});
