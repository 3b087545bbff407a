import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { LineSource } from '../../../src/replay/line-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'openbell-lines-'));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function all(path: string): Promise<string[]> {
  const lines = await LineSource.open(path);
  const found: string[] = [];
  for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
    found.push(line);
  }
  return found;
}

test('lines: all of them, across chunks, plain and gzip whatever the name', async () => {
  const expected = Array.from({ length: 60_000 }, (_, i) => `${i},${'x'.repeat(i % 17)}`);
  const text = `${expected.join('\n')}\n`;
  assert.deepEqual(await all(write('plain.csv', text)), expected);
  assert.deepEqual(await all(write('packed.csv', gzipSync(text))), expected);
});

test('lines: line ends of either kind, empty lines, no end at the end', async () => {
  assert.deepEqual(await all(write('ends.csv', 'a\r\nb\n\n\r\nc\nd')), ['a', 'b', 'c', 'd']);
  assert.deepEqual(await all(write('empty.csv', '')), []);
});

test('lines: a file that is not there, or breaks off, is an error', async () => {
  await assert.rejects(LineSource.open(join(folder, 'nowhere.csv')), /ENOENT/);
  const packed = gzipSync('line\n'.repeat(100_000));
  await assert.rejects(
    all(write('broken.gz', packed.subarray(0, packed.length / 2))),
    /unexpected end/,
  );
});
