import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DUPLICATE_ORDER_ID, OK, RESULT_NAMES } from '../../../../src/domain/result-codes.ts';
import { STATUS_OF_KIND } from '../../../../src/gateway/http/refusal.ts';
import { refusalOfResult } from '../../../../src/gateway/http/result-refusal.ts';

/** Codes that no endpoint can meet: success, amendments, and a break of our own numbering. */
const NEVER = new Set([OK, DUPLICATE_ORDER_ID]);

test('every result code a client can meet has a refusal under its own name', () => {
  for (const [code, name] of RESULT_NAMES) {
    if (NEVER.has(code)) {
      assert.throws(() => refusalOfResult(code, {}), new RegExp(name));
      continue;
    }
    const refusal = refusalOfResult(code, { price: 1.5 });
    assert.equal(refusal.code, name);
    assert.ok(STATUS_OF_KIND[refusal.kind] >= 400, name);
    assert.equal(refusal.kind === 'unavailable', refusal.retryAfterSeconds !== undefined, name);
  }
});
