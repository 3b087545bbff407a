import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../../support/repository.ts';

const FOLDERS = ['src/codec/generated', 'schemas/binary/python'];

/** Relative path → content of every file below a folder, Python's own caches aside. */
function filesOf(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.pyc')) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(folder.length)] = readFileSync(path, 'utf8');
  }
  return files;
}

test('the committed FlatBuffers code is what the schema generates now', () => {
  const fresh = mkdtempSync(join(tmpdir(), 'openbell-flatbuffers-'));
  try {
    const script = join(repositoryRoot, 'scripts/generate-flatbuffers');
    execFileSync(process.execPath, [script, '--into', fresh], { stdio: 'inherit' });
    for (const folder of FOLDERS) {
      const generated = filesOf(join(fresh, folder));
      assert.ok(Object.keys(generated).length >= 10);
      assert.deepEqual(filesOf(join(repositoryRoot, folder)), generated);
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
});
