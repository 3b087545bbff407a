import assert from 'node:assert/strict';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FRAME_HEADER_BYTES, RECORDING_MAGIC } from '../../../src/recording/format.ts';
import { RecordingReader } from '../../../src/recording/reader.ts';
import { type Compression, RecordingWriter } from '../../../src/recording/writer.ts';
import { temporaryDirectory } from '../../support/temp-directory.ts';

const PAYLOADS = ['', 'one', 'two two', 'x'.repeat(300_000), 'ä€', 'end'];

async function write(path: string, compression: Compression): Promise<void> {
  const writer = await RecordingWriter.create(path, compression);
  for (const [at, text] of PAYLOADS.entries()) {
    writer.write(at + 1, BigInt(at) * 10n ** 15n + 1_800_000_000_123_456_789n, Buffer.from(text));
  }
  await writer.close();
}

async function read(path: string) {
  const reader = new RecordingReader(path);
  const frames: [kind: number, timeNs: bigint, text: string][] = [];
  for await (const { kind, timeNs, payload } of reader.frames()) {
    frames.push([kind, timeNs, payload.toString()]);
  }
  return { frames, damage: reader.damage, bytes: reader.bytes };
}

const WRITTEN = PAYLOADS.map((text, at) => [
  at + 1,
  BigInt(at) * 10n ** 15n + 1_800_000_000_123_456_789n,
  text,
]);

for (const compression of ['none', 'gzip'] as const) {
  test(`what is written is read, times to the nanosecond (${compression})`, async (t) => {
    const path = join(temporaryDirectory(t), 'a.obr');
    await write(path, compression);
    const { frames, damage } = await read(path);
    assert.deepEqual(frames, WRITTEN);
    assert.equal(damage, undefined);
  });
}

test('a torn tail ends the reading at the last whole frame, and is reported', async (t) => {
  const path = join(temporaryDirectory(t), 'a.obr');
  await write(path, 'none');
  const whole = readFileSync(path);
  const ends = [RECORDING_MAGIC.length];
  for (const text of PAYLOADS) {
    ends.push(ends.at(-1)! + FRAME_HEADER_BYTES + Buffer.byteLength(text));
  }
  assert.equal(ends.at(-1), whole.length);
  for (const [frames, end] of ends.entries()) {
    for (const more of [0, 1, 23, 25]) {
      const cut = end + more;
      if (cut > whole.length || (more > 0 && cut >= (ends[frames + 1] ?? 0))) continue;
      writeFileSync(path, whole.subarray(0, cut));
      const { frames: found, damage, bytes } = await read(path);
      assert.deepEqual(found, WRITTEN.slice(0, frames), `cut at ${cut}`);
      assert.equal(damage, more === 0 ? undefined : `half a frame of ${more} bytes`);
      assert.equal(bytes, end);
    }
  }
});

test('compression that breaks off loses no frame before it, and is reported', async (t) => {
  const path = join(temporaryDirectory(t), 'a.obr.gz');
  await write(path, 'gzip');
  truncateSync(path, readFileSync(path).length - 12);
  const { frames, damage } = await read(path);
  assert.deepEqual(frames, WRITTEN.slice(0, frames.length));
  assert.match(damage ?? '', /^compression that breaks off/);
});

test('every changed byte of a frame is found', async (t) => {
  const path = join(temporaryDirectory(t), 'a.obr');
  await write(path, 'none');
  const whole = readFileSync(path);
  const second = RECORDING_MAGIC.length + FRAME_HEADER_BYTES;
  for (let at = second; at < second + FRAME_HEADER_BYTES + 3; at += 1) {
    const changed = Buffer.from(whole);
    changed[at] ^= 0x41;
    writeFileSync(path, changed);
    const { frames, damage } = await read(path);
    assert.deepEqual(frames, WRITTEN.slice(0, 1), `byte ${at}`);
    assert.ok(damage !== undefined, `byte ${at}`);
  }
});

test('other files, other versions and files that are there are refused', async (t) => {
  const path = join(temporaryDirectory(t), 'a.obr');
  writeFileSync(path, 'something else entirely');
  await assert.rejects(read(path), /no recording/);
  writeFileSync(path, Buffer.from('OBREC\0\x09\0rest', 'latin1'));
  await assert.rejects(read(path), /has version 9/);
  writeFileSync(path, '');
  await assert.rejects(read(path), /no recording/);
  await assert.rejects(RecordingWriter.create(path, 'none'), { code: 'EEXIST' });
});
