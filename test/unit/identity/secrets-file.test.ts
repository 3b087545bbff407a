import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { KeyRing } from '../../../src/identity/key-ring.ts';
import { SecretsFile } from '../../../src/identity/secrets-file.ts';
import { temporaryDirectory } from '../../support/temp-directory.ts';

test('the secrets are made once and only their owner may read them', (context) => {
  const directory = join(temporaryDirectory(context), 'data');
  const path = join(directory, 'secrets.json');
  const first = new SecretsFile(directory, 'HS256').secrets;
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory), ['secrets.json']);
  for (const secret of [first.keys[0].material, first.refresh, first.sealing]) {
    assert.equal(Buffer.from(secret, 'base64url').length, 32);
  }
  chmodSync(path, 0o644);
  assert.deepEqual(new SecretsFile(directory, 'HS256').secrets, first);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a file that cannot be used is left alone, and the start ends', (context) => {
  const directory = temporaryDirectory(context);
  const path = join(directory, 'secrets.json');
  const unusable = [
    '',
    '{',
    'null',
    '{"jwt":{"kid":"x","secret":"short"}}',
    '{"keys":[],"refresh":"","sealing":""}',
  ];
  for (const text of unusable) {
    writeFileSync(path, text);
    assert.throws(() => new SecretsFile(directory, 'HS256'), /no signing secret/);
    assert.equal(readFileSync(path, 'utf8'), text);
  }
});

test('a file of the first form keeps its key', (context) => {
  const directory = temporaryDirectory(context);
  mkdirSync(directory, { recursive: true });
  const secret = Buffer.alloc(32, 7).toString('base64url');
  const path = join(directory, 'secrets.json');
  writeFileSync(path, JSON.stringify({ jwt: { kid: 'old', secret } }));
  const { keys } = new SecretsFile(directory, 'HS256').secrets;
  assert.deepEqual(keys, [
    { kid: 'old', algorithm: 'HS256', material: secret, retiredSeconds: null },
  ]);
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).keys[0].kid, 'old');
});

test('a retired key checks as long as its last token is good, then it is dropped', (context) => {
  const file = new SecretsFile(temporaryDirectory(context), 'HS256');
  const ring = new KeyRing(file, 'HS256', 1000);
  const first = ring.signer;
  const second = ring.rotate('RS256', 2000);
  assert.equal(ring.signer, second);
  assert.equal(ring.find(first.kid, 2000 + 3600)?.kid, first.kid);
  assert.equal(ring.find(first.kid, 2000 + 3601), undefined);
  assert.equal(ring.find('nobody', 2000), undefined);
  ring.rotate('ES256', 9000);
  assert.deepEqual(
    file.secrets.keys.map(({ algorithm, retiredSeconds }) => [algorithm, retiredSeconds]),
    [
      ['RS256', 9000],
      ['ES256', null],
    ],
  );
});

test('the public keys are public: nothing that signs is among them', (context) => {
  const file = new SecretsFile(temporaryDirectory(context), 'HS256');
  const ring = new KeyRing(file, 'HS256', 1000);
  assert.deepEqual(ring.publicKeys(1000), { keys: [] });
  ring.rotate('RS256', 1000);
  ring.rotate('ES256', 1000);
  const { keys } = ring.publicKeys(1000);
  assert.deepEqual(
    keys.map(({ kty, alg, use }) => [kty, alg, use]),
    [
      ['RSA', 'RS256', 'sig'],
      ['EC', 'ES256', 'sig'],
    ],
  );
  for (const key of keys) assert.ok(!('d' in key || 'k' in key || 'p' in key));
});

test('another algorithm in the settings retires the key at the next start', (context) => {
  const directory = temporaryDirectory(context);
  const before = new KeyRing(new SecretsFile(directory, 'HS256'), 'HS256', 1000).signer;
  const ring = new KeyRing(new SecretsFile(directory, 'ES256'), 'ES256', 2000);
  assert.equal(ring.signer.algorithm, 'ES256');
  assert.equal(ring.find(before.kid, 2000)?.algorithm, 'HS256');
  const again = new KeyRing(new SecretsFile(directory, 'ES256'), 'ES256', 3000);
  assert.equal(again.signer.kid, ring.signer.kid);
});
