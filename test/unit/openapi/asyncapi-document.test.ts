import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Parser } from '@asyncapi/parser';
import { asyncApiDocument } from '../../../src/openapi/asyncapi-document.ts';
import { readMessages } from '../../../src/openapi/recorded-answers.ts';
import { SURFACES } from '../../../src/surfaces/all.ts';
import { marketChannels } from '../../../src/surfaces/native/channels/market-channels.ts';
import { CHANNEL_MESSAGES, TAKES } from '../../../src/surfaces/native/described.ts';
import { PRIVATE_CHANNELS } from '../../../src/surfaces/native/private/private-channels.ts';
import { FIELDS } from '../../../src/surfaces/native/requests.ts';
import { SocketDocument } from '../../support/socket-document.ts';

const sockets = SURFACES.flatMap(({ name, sockets: paths }) =>
  paths.map((path) => ({ surface: name, path })),
);
const document = asyncApiDocument({ version: '1.2.3', sockets, messages: readMessages() });

test('the document is valid AsyncAPI 3', async () => {
  const { diagnostics } = await new Parser().parse(JSON.stringify(document));
  const problems = diagnostics
    // What it warns of is that there is a newer version of AsyncAPI.
    .filter(({ code }) => code !== 'asyncapi-latest-version')
    .map(({ message, path, severity }) => `${severity} ${path.join('.')}: ${message}`);
  assert.deepEqual(problems, []);
});

for (const { path } of sockets) {
  test(`${path.path} says what it takes and what it sends`, () => {
    assert.ok((path.takes ?? []).length > 0, 'SocketPath.takes');
    assert.ok((path.sends ?? []).length > 0, 'SocketPath.sends');
    for (const messages of [path.takes ?? [], path.sends ?? []]) {
      const names = messages.map(({ name }) => name);
      assert.deepEqual(names, [...new Set(names)]);
    }
  });

  test(`${path.path} takes the requests of its table`, () => {
    const api = new SocketDocument(document);
    for (const request of path.requests) {
      assert.notEqual(api.nameOf(path.name, 'say', request), undefined, JSON.stringify(request));
    }
  });
}

test('examples are messages of the kind that they stand at', () => {
  const api = new SocketDocument(document);
  let checked = 0;
  for (const [channel, { messages }] of Object.entries(document.channels)) {
    for (const [name, { examples = [] }] of Object.entries(messages)) {
      for (const { payload } of examples) {
        assert.ok(
          api.isA(channel, name, payload),
          `${channel} ${name}: ${JSON.stringify(payload)}`,
        );
        checked += 1;
      }
    }
  }
  assert.ok(checked > 90, `${checked} examples`);
});

test('every channel of the native stream says what it sends', () => {
  const markets = marketChannels({ candleSeries: fail, statistics: fail });
  const names = [...markets, ...PRIVATE_CHANNELS].map(({ name }) => name);
  assert.deepEqual(Object.keys(CHANNEL_MESSAGES).sort(), [...names, 'session'].sort());
});

test('every operation of the native stream has the fields that it takes', () => {
  const described = TAKES.map(({ schema }) => {
    const { properties } = schema as unknown as { properties: Record<string, { const?: string }> };
    return [properties.op.const, Object.keys(properties).sort()];
  });
  const known = Object.entries(FIELDS).map(([op, fields]) => [op, [...fields].sort()]);
  assert.deepEqual(Object.fromEntries(described), Object.fromEntries(known));
});

function fail(): never {
  throw new Error('nothing is read');
}
