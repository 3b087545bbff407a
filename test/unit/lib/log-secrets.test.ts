import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import pino from 'pino';
import { hideSecrets, secretsHidden } from '../../../src/lib/log-secrets.ts';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';

test('whatever a log line was given, no credential is in it', () => {
  let written = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      written += String(chunk);
      done();
    },
  });
  const log = pino({ ...secretsHidden() }, sink);
  log.info({ headers: { authorization: `Bearer ${TOKEN}`, 'x-api-secret': 'S3cret-a' } }, 'head');
  log.warn({ body: { username: 'ann', password: 'S3cret-b "quoted" \\' } }, 'body');
  log.error({ err: new Error(`no route /ws?token=S3cret-c&x=1 for Bearer S3cret.d`) }, 'failed');
  log.info(`a token ${TOKEN} in the text`);
  log.info({ refresh_token: 'S3cret-e', access_token: 'S3cret-f' }, 'tokens');
  assert.doesNotMatch(written, /S3cret|eyJ|quoted/);
  const lines = written.trim().split('\n');
  assert.equal(lines.length, 5);
  for (const line of lines) assert.doesNotThrow(() => JSON.parse(line), line);
  assert.match(written, /"username":"ann"/, 'the rest stays');
  assert.match(written, /x=1/);
});

test('a line without secrets is left as it is', () => {
  const line =
    '{"level":30,"surface":"velocimex","route":"/v1/trading/orders","msg":"request failed"}\n';
  assert.equal(hideSecrets(line), line);
});
