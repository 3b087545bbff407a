import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoginFailures } from '../../../../src/gateway/streams/login-failures.ts';
import { MessageRate } from '../../../../src/gateway/streams/message-rate.ts';

const START_MS = 1_700_000_000_000;

test('two seconds’ worth at once, then the steady rate', () => {
  const rate = new MessageRate(20, START_MS);
  for (let i = 0; i < 40; i += 1) assert.equal(rate.take(START_MS), 0, `${i}`);
  assert.equal(rate.take(START_MS), 1);
  let served = 0;
  for (let ms = 1000; ms < 11_000; ms += 50) if (rate.take(START_MS + ms) === 0) served += 1;
  assert.ok(served >= 195 && served <= 220, `${served} served in ten seconds`);
});

test('who goes on regardless is to be closed', () => {
  const rate = new MessageRate(20, START_MS);
  let sent = 0;
  while (rate.take(START_MS + sent) !== Number.POSITIVE_INFINITY) sent += 1;
  assert.ok(sent > 400 && sent < 600, `after ${sent}`);
});

test('a client that waits as told is served', () => {
  const rate = new MessageRate(5, START_MS);
  let nowMs = START_MS;
  for (let i = 0; i < 15; i += 1) rate.take(nowMs);
  const waitSeconds = rate.take(nowMs);
  assert.ok(waitSeconds >= 1 && waitSeconds < 3);
  nowMs += waitSeconds * 1000 + 200;
  assert.equal(rate.take(nowMs), 0);
});

test('failed logins count per client, in bounded memory', () => {
  const failures = new LoginFailures(2);
  failures.failed('a', START_MS);
  failures.failed('a', START_MS + 10_000);
  assert.equal(failures.waitSeconds('a', START_MS + 10_000), 50);
  assert.equal(failures.waitSeconds('b', START_MS + 10_000), 0);
  for (let i = 0; i < 100; i += 1) failures.failed('a', START_MS + 20_000);
  assert.equal(failures.waitSeconds('a', START_MS + 59_000), 1, 'refused attempts add nothing');
  assert.equal(failures.waitSeconds('a', START_MS + 70_000), 0);
  const off = new LoginFailures(Number.POSITIVE_INFINITY);
  for (let i = 0; i < 100; i += 1) off.failed('a', START_MS);
  assert.equal(off.waitSeconds('a', START_MS), 0);
});
