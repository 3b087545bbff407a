import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RefusalLog } from '../../../../src/gateway/http/refusal-log.ts';

it('logs ten refusals a second with their ids, and how many more there were', () => {
  const lines: [object, string][] = [];
  const log = new RefusalLog({ warn: (fields, message) => lines.push([fields, message]) });
  for (let i = 0; i < 13; i += 1) {
    log.note({ requestId: `req_${i}`, code: 'DISK_SPACE_LOW' }, 5000 + i);
  }
  assert.equal(lines.length, 10);
  assert.deepEqual(lines[9], [
    { requestId: 'req_9', code: 'DISK_SPACE_LOW' },
    'a request could not be served',
  ]);
  log.note({ requestId: 'req_13', code: 'DRAINING' }, 6000);
  assert.deepEqual(lines.slice(10), [
    [{ leftOut: 3 }, 'more requests could not be served'],
    [{ requestId: 'req_13', code: 'DRAINING' }, 'a request could not be served'],
  ]);
});
