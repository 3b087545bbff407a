import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../../../src/gateway/http/refusal.ts';
import { parseStrictJson } from '../../../../src/gateway/http/strict-json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('what cannot mean two things is read', () => {
  const text = '{"a":{"x":1},"b":[{"x":2},{"x":"a:\\"x\\":"}],"\\u0061a":"}{","c" : null}';
  assert.deepEqual(parseStrictJson(bytes(text)), { value: JSON.parse(text) });
});

test('what is malformed or ambiguous is refused', () => {
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
  ];
  for (const text of bad) {
    const result = parseStrictJson(bytes(text));
    assert.ok(result instanceof Refusal, text);
    assert.equal(result.kind, 'malformed', text);
  }
  assert.ok(parseStrictJson(new Uint8Array([0x22, 0xff, 0xfe, 0x22])) instanceof Refusal);
});

test('every JSON value without __proto__ is read as JSON.parse reads it', () => {
  const property = fc.property(fc.json(), fc.integer({ min: 0, max: 2 }), (text, indent) => {
    fc.pre(!text.includes('__proto__'));
    const pretty = JSON.stringify(JSON.parse(text), null, indent);
    assert.deepEqual(parseStrictJson(bytes(pretty)), { value: JSON.parse(text) });
  });
  fc.assert(property, { numRuns: 500, verbose: 1 });
});

test('a repeated member is found wherever it stands', () => {
  const property = fc.property(fc.string(), fc.jsonValue(), fc.nat(3), (name, value, depth) => {
    const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    let text = `{"before":[1,"x"],${member},"between":{},${member}}`;
    for (let i = 0; i < depth; i += 1) text = `[{"inner":${text}}]`;
    assert.ok(parseStrictJson(bytes(text)) instanceof Refusal);
  });
  fc.assert(property, { numRuns: 300, verbose: 1 });
});
