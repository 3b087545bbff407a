import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '../../../src/config/limits.ts';
import { parseBody, parseMessageText } from '../../../src/gateway/http/client-json.ts';
import { Refusal } from '../../../src/gateway/http/refusal.ts';
import { JsonFault, parseStrictJson } from '../../../src/lib/strict-json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('what cannot mean two things is read', () => {
  const text = '{"a":{"x":1},"b":[{"x":2},{"x":"a:\\"x\\":"}],"\\u0061a":"}{","c" : null}';
  assert.deepEqual(parseBody(bytes(text)), { value: JSON.parse(text) });
});

test('what is malformed or ambiguous is refused, in a body as in a frame', () => {
  const bad = [
    '',
    '  ',
    '{',
    '{"a":1,}',
    "{'a':1}",
    '{"a":NaN}',
    '{"a":Infinity}',
    '{"a":01}',
    '{"a":1}{"b":2}',
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"x":[{"a":1},{"b":{"c":1,"d":2,"c":3}}]}',
    '{"__proto__":{"admin":true}}',
    '{"a":{"\\u005f_proto__":1}}',
    '{"a":1e999}',
    '{"a":-1e400}',
    '{"a":1e-400}',
    '{"a":12345678901234567890}',
    '{"a":0.1234567890123456789}',
    `${'['.repeat(LIMITS.jsonDepth + 1)}${']'.repeat(LIMITS.jsonDepth + 1)}`,
    '['.repeat(60_000),
    `[${'1,'.repeat(LIMITS.jsonElements)}1]`,
  ];
  for (const text of bad) {
    const result = parseBody(bytes(text));
    assert.ok(result instanceof Refusal, text.slice(0, 80));
    assert.equal(result.kind, 'malformed', text.slice(0, 80));
    assert.equal(result.code, 'INVALID_JSON');
    assert.ok(parseMessageText(text) instanceof JsonFault, text.slice(0, 80));
  }
  assert.ok(parseBody(new Uint8Array([0x22, 0xff, 0xfe, 0x22])) instanceof Refusal);
});

test('what is at the bounds is read', () => {
  const good = [
    '[1e300,-0,0,0.0,0e5,1E2,123456789012345,0.30000000000000004,9007199254740991,1e-300]',
    `${'['.repeat(LIMITS.jsonDepth)}${']'.repeat(LIMITS.jsonDepth)}`,
    `[${'1,'.repeat(LIMITS.jsonElements - 1)}1]`,
    '"12345678901234567890"',
  ];
  for (const text of good) {
    assert.deepEqual(parseBody(bytes(text)), { value: JSON.parse(text) }, text.slice(0, 80));
  }
});

test('every JSON value without __proto__ is read as JSON.parse reads it', () => {
  const limits = { depth: 1000, elements: 1000 };
  const property = fc.property(fc.json(), fc.integer({ min: 0, max: 2 }), (text, indent) => {
    fc.pre(!text.includes('__proto__'));
    const pretty = JSON.stringify(JSON.parse(text), null, indent);
    assert.deepEqual(parseStrictJson(pretty, limits), { value: JSON.parse(text) });
  });
  fc.assert(property, { numRuns: 500, verbose: 1 });
});

test('a number is read exactly or not at all', () => {
  const number = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.nat(24), fc.boolean())
    .map(([units, decimals, minus]) => {
      const digits = String(units).padStart(decimals + 1, '0');
      const whole = digits.slice(0, digits.length - decimals);
      const text = decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`;
      return { text: minus ? `-${text}` : text, units, decimals };
    });
  const property = fc.property(number, ({ text, units, decimals }) => {
    const result = parseStrictJson(text, { depth: 1, elements: 1 });
    if (result instanceof JsonFault) return String(units).replace(/0+$/, '').length > 15;
    // What was read prints as what was written.
    const [mantissa, exponent] = Math.abs(Number(result.value)).toExponential().split('e');
    const digits = mantissa.replace('.', '');
    const scale = 60 + Number(exponent) - (digits.length - 1);
    return BigInt(digits) * 10n ** BigInt(scale) === units * 10n ** BigInt(60 - decimals);
  });
  fc.assert(property, { numRuns: 2000, verbose: 1 });
});

test('a repeated member is found wherever it stands', () => {
  const property = fc.property(fc.string(), fc.jsonValue(), fc.nat(3), (name, value, depth) => {
    const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    let text = `{"before":[1,"x"],${member},"between":{},${member}}`;
    for (let i = 0; i < depth; i += 1) text = `[{"inner":${text}}]`;
    assert.ok(parseMessageText(text) instanceof JsonFault);
  });
  fc.assert(property, { numRuns: 300, verbose: 1 });
});
