import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { validate } from '@readme/openapi-parser';
import type { AlertDesk } from '../../../src/gateway/alerts/alert-desk.ts';
import type { MakerDesk } from '../../../src/gateway/maker/maker-desk.ts';
import type { StrategyDesk } from '../../../src/gateway/strategies/strategy-desk.ts';
import type { Webhooks } from '../../../src/gateway/webhooks/webhooks.ts';
import type { SystemFigures } from '../../../src/metrics/system-figures.ts';
import { openApiDocument, operationId } from '../../../src/openapi/openapi-document.ts';
import { readAnswers } from '../../../src/openapi/recorded-answers.ts';
import { schemaNames } from '../../../src/openapi/schema-names.ts';
import { allRoutes, allSurfaces } from '../../../src/surfaces/all.ts';
import { ApiDocument } from '../../support/api-document.ts';
import { repositoryRoot } from '../../support/repository.ts';
import { startTestServer } from '../../support/test-server.ts';

const table = await startTestServer();
table.close();
/** Of all that a server has; nothing here is called. */
const routes = allRoutes({
  ...table.parts,
  strategies: {} as StrategyDesk,
  alerts: {} as AlertDesk,
  maker: {} as MakerDesk,
  figures: {} as SystemFigures,
  webhooks: {} as Webhooks,
});
const surfaces = allSurfaces();
const answers = readAnswers();
const document = openApiDocument({ version: '1.2.3', routes, surfaces, answers });

test('the document is valid OpenAPI 3.1', async () => {
  // The validator resolves references in place.
  const result = await validate(structuredClone(document) as never);
  assert.deepEqual(result, { valid: true, warnings: [], specification: 'OpenAPI' });
  assert.match((document as { openapi: string }).openapi, /^3\.1\./);
});

for (const route of routes) {
  const name = `${route.method} ${route.path}`;
  test(`${name} says what it is for and what it answers`, () => {
    assert.match(route.summary, /^[A-Z].{8,110}$/, 'a summary is one line');
    assert.ok(route.response !== undefined, 'a route has a schema of its response');
  });
}

test('every route of the table is in the document, and nothing else', () => {
  const { operations } = new ApiDocument(document);
  const described = operations.map((one) => `${one.method} ${one.path}`).sort();
  const served = routes.map((one) => `${one.method} ${one.path.replace('+}', '}')}`).sort();
  assert.deepEqual(described, served);
  const ids = routes.map(operationId);
  assert.deepEqual(ids, [...new Set(ids)]);
});

test('parameters of paths and queries say what they are', () => {
  for (const { method, path, described } of new ApiDocument(document).operations) {
    for (const { name, in: where, schema } of described.parameters) {
      assert.ok(schema.type ?? schema.$ref ?? schema.anyOf, `${method} ${path}: ${where} ${name}`);
    }
  }
});

test('requests in the examples are requests that are served', () => {
  const api = new ApiDocument(document);
  for (const { method, path, described } of api.operations) {
    for (const { name, schema, example } of described.parameters) {
      const problems = example === undefined ? '' : api.problems(schema, example);
      assert.equal(problems, '', `${method} ${path}: ${name}`);
    }
    const body = described.requestBody?.content['application/json'];
    if (body === undefined || described.requestBody.required === false) continue;
    assert.ok(body.example, `${method} ${path} has an example of its body`);
    assert.equal(api.problems(body.schema, body.example), '', `${method} ${path}`);
  }
});

test('errors in the examples have the form of their surface', () => {
  const api = new ApiDocument(document);
  let checked = 0;
  for (const { method, path, described } of api.operations) {
    for (const part of Object.values<object>(described.responses)) {
      const { schema, examples = {} } = Object.values<Record<string, never>>(
        api.resolve(part).content,
      )[0];
      for (const [code, { value }] of Object.entries<{ value: unknown }>(examples)) {
        assert.equal(api.problems(schema, value), '', `${method} ${path}: ${code}`);
        checked += 1;
      }
    }
  }
  assert.ok(checked > 400, `${checked} examples`);
});

test('recorded answers are answers of these endpoints, in their form', () => {
  const api = new ApiDocument(document);
  const known = new Map(api.operations.map((one) => [one.described.operationId, one]));
  for (const [id, answer] of Object.entries(answers)) {
    const { described, method, path } = known.get(id) ?? assert.fail(`${id} is gone`);
    const success = Object.keys(described.responses)[0];
    const [media] = Object.values<{ schema: object }>(
      api.resolve(described.responses[success]).content,
    );
    assert.equal(api.problems(media.schema, answer), '', `${method} ${path}`);
  }
});

test('every file of schemas has its names', async () => {
  const files = readdirSync(join(repositoryRoot, 'schemas')).filter((one) => one.endsWith('.ts'));
  const names = schemaNames();
  for (const file of files) {
    const module = await import(`../../../schemas/${file.replace('.ts', '.js')}`);
    for (const [name, schema] of Object.entries<{ type?: string }>(module)) {
      if (schema?.type !== 'object') continue;
      assert.ok(names.has(JSON.stringify(schema)), `${file} ${name}: add it to schema-names.ts`);
    }
  }
});
