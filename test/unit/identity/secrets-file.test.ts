import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSecrets } from '../../../src/identity/secrets-file.ts';

test('the secret is made once and only its owner may read it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'openbell-secrets-'));
  try {
    const path = join(directory, 'data', 'secrets.json');
    const first = openSecrets(join(directory, 'data'));
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(directory, 'data')), ['secrets.json']);
    assert.equal(Buffer.from(first.jwt.secret, 'base64url').length, 32);
    chmodSync(path, 0o644);
    assert.deepEqual(openSecrets(join(directory, 'data')), first);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    writeFileSync(path, '{"jwt":{"kid":"x","secret":"short"}}');
    assert.throws(() => openSecrets(join(directory, 'data')), /no signing secret/);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
