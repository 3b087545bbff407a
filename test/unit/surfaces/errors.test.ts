import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal, type RefusalKind, STATUS_OF_KIND } from '../../../src/gateway/http/refusal.ts';
import { allSurfaces } from '../../../src/surfaces/all.ts';

const CONTEXT = { requestId: 'req_1', atMs: 1_705_312_800_123.4, acceptLanguage: '' };

test('every surface has a status and a body for every kind of refusal', () => {
  for (const surface of allSurfaces()) {
    for (const kind of Object.keys(STATUS_OF_KIND) as RefusalKind[]) {
      const reply = surface.errorReply(new Refusal(kind, 'CODE', 'message'), CONTEXT);
      const what = `${surface.name} ${kind}`;
      assert.ok(reply.status >= 400 && reply.status < 600, what);
      assert.match(JSON.stringify(reply.body), /message/, what);
    }
    assert.ok(surface.defaultLimit in surface.rateLimits, surface.name);
  }
});

test('Octopus: the field, a code and the rest of the details', () => {
  const octopus = allSurfaces().find(({ name }) => name === 'octopus');
  const refusal = new Refusal('invalid', 'INVALID_PARAMETER', 'Invalid symbol format', {
    details: { parameter: 'symbol', value: '?' },
  });
  assert.deepEqual(octopus?.errorReply(refusal, CONTEXT), {
    status: 422,
    body: {
      error: 'ValidationError',
      message: 'Invalid symbol format',
      details: { field: 'symbol', code: 'INVALID_PARAMETER', value: '?' },
      timestamp: '2024-01-15T10:00:00.123Z',
      request_id: 'req_1',
    },
  });
});
