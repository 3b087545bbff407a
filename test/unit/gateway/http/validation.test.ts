import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { parseQueryString } from '../../../../src/gateway/http/query-string.ts';
import { Refusal } from '../../../../src/gateway/http/refusal.ts';
import { compileQueryReader, compileValidator } from '../../../../src/gateway/http/validation.ts';

const Query = Type.Object(
  {
    depth: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    from: Type.Optional(Type.Number()),
    all: Type.Optional(Type.Boolean()),
    name: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

function query(raw: string): unknown {
  const parsed = parseQueryString(raw);
  if (parsed instanceof Refusal) return parsed.details;
  const result = compileQueryReader(Query)(parsed);
  return 'refusal' in result ? result.refusal.details : { ...(result.value as object) };
}

test('declared numbers and booleans of a query get their type, text stays text', () => {
  assert.deepEqual(query(''), {});
  assert.deepEqual(query('depth=5&from=1.5&all=true&name=7'), {
    depth: 5,
    from: 1.5,
    all: true,
    name: '7',
  });
  assert.deepEqual(query('name=a%20b+c&'), { name: 'a b c' });
});

test('what a query gets wrong is named with the text that was sent', () => {
  const cases: [string, string, string][] = [
    ['depth=0', 'depth', '0'],
    ['depth=1001', 'depth', '1001'],
    ['depth=5.0', 'depth', '5.0'],
    ['depth=1e2', 'depth', '1e2'],
    ['depth=', 'depth', ''],
    ['depth', 'depth', ''],
    ['depth=%205', 'depth', ' 5'],
    ['from=NaN', 'from', 'NaN'],
    ['from=Infinity', 'from', 'Infinity'],
    ['all=1', 'all', '1'],
    ['limit=5', 'limit', '5'],
    ['depth=5&depth=6', 'depth', '6'],
    ['__proto__=1', '__proto__', '1'],
    ['depth=%zz', 'query', 'depth=%zz'],
  ];
  for (const [raw, parameter, value] of cases) {
    assert.deepEqual(query(raw), { parameter, value }, raw);
  }
});

test('a route without a query schema takes no parameter', () => {
  const result = compileQueryReader(undefined)({ x: '1' });
  assert.ok('refusal' in result);
  assert.equal(result.refusal.details.parameter, 'x');
});

const Body = Type.Object(
  {
    side: Type.Enum(['buy', 'sell'], { type: 'string' }),
    price: Type.Number(),
    nested: Type.Optional(Type.Object({ list: Type.Array(Type.Integer()) })),
    password: Type.Optional(Type.String({ minLength: 8, writeOnly: true })),
  },
  { additionalProperties: false },
);

test('a body is taken as it is, and its first mistake is named', () => {
  const check = compileValidator(Body);
  assert.equal(check({ side: 'buy', price: 1 }), undefined);
  const cases: [unknown, string, string][] = [
    [{ side: 'buy' }, 'price', 'null'],
    [{ side: 'buy', price: '1' }, 'price', '1'],
    [{ side: 'buy', price: 'NaN' }, 'price', 'NaN'],
    [{ side: 'buy', price: null }, 'price', 'null'],
    [{ side: 'buy', price: Number.POSITIVE_INFINITY }, 'price', 'Infinity'],
    [{ side: 'hold', price: 1 }, 'side', 'hold'],
    [{ side: 'buy', price: 1, extra: { a: 1 } }, 'extra', '{"a":1}'],
    [{ side: 'buy', price: 1, nested: { list: [1, 'x'] } }, 'nested.list.1', 'x'],
    [{ side: 'buy', price: 1, password: 'short' }, 'password', '[hidden]'],
    [[], 'body', '[]'],
    ['x', 'body', 'x'],
    [null, 'body', 'null'],
  ];
  for (const [value, parameter, shown] of cases) {
    const refusal = check(value);
    assert.ok(refusal !== undefined, JSON.stringify(value));
    assert.equal(refusal.kind, 'invalid');
    assert.equal(refusal.details.parameter, parameter, JSON.stringify(value));
    assert.equal(refusal.details.value, shown, JSON.stringify(value));
  }
});

test('a long value is shown short', () => {
  const refusal = compileValidator(Body)({ side: 'x'.repeat(5000), price: 1 });
  assert.ok(String(refusal?.details.value).length < 130);
});
