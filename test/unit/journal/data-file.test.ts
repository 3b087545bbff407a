import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { open } from 'lmdb';
import { checkDataFile } from '../../../src/journal/data-file.ts';
import { openStore } from '../../../src/journal/store.ts';
import { temporaryDirectory } from '../../support/temp-directory.ts';

const PAGE = 4096;

/** An LMDB file that has seen enough to have free pages, some of them at its end. */
async function dataFile(t: TestContext): Promise<string> {
  const path = temporaryDirectory(t);
  const root = open({ path, noSubdir: false, encoding: 'binary', overlappingSync: false });
  const database = root.openDB({ name: 'a', encoding: 'binary' });
  for (let i = 0; i < 400; i += 1) database.putSync(i, new Uint8Array((i * 37) % 9000));
  root.transactionSync(() => {
    for (let i = 0; i < 390; i += 1) database.removeSync(i);
  });
  await root.close();
  return join(path, 'data.mdb');
}

describe('checkDataFile', () => {
  it('takes a whole file, and a longer one', async (t) => {
    const path = await dataFile(t);
    checkDataFile(path, false);
    appendFileSync(path, new Uint8Array(3 * PAGE + 17).fill(7));
    checkDataFile(path, false);
  });

  it('takes an empty file to write to, and only then', (t) => {
    const path = join(temporaryDirectory(t), 'data.mdb');
    writeFileSync(path, '');
    checkDataFile(path, true);
    assert.throws(() => checkDataFile(path, false), /it has 0 bytes, less than one page/);
  });

  it('refuses a file of a few bytes, of garbage, or of one page', async (t) => {
    const path = await dataFile(t);
    const whole = readFileSync(path);
    const cases: [Buffer, RegExp][] = [
      [Buffer.from('LMDB'), /it has 4 bytes, less than one page/],
      [Buffer.alloc(5 * PAGE, 'garbage '), /its first page is no LMDB meta page/],
      [whole.subarray(0, PAGE), /it has 4096 bytes, less than its 2 meta pages/],
    ];
    for (const [bytes, problem] of cases) {
      writeFileSync(path, bytes);
      assert.throws(() => checkDataFile(path, true), {
        name: 'JournalOpenError',
        message: problem,
      });
    }
  });

  it('refuses a meta page that says what cannot be', async (t) => {
    const path = await dataFile(t);
    const whole = readFileSync(path);
    const newest = whole.readBigUInt64LE(152) > whole.readBigUInt64LE(PAGE + 152) ? 0 : PAGE;
    const damaged = (change: (bytes: Buffer) => void): void => {
      const bytes = Buffer.from(whole);
      change(bytes);
      writeFileSync(path, bytes);
    };
    damaged((bytes) => bytes.writeUInt32LE(1, PAGE + 28));
    assert.throws(() => checkDataFile(path, false), /second page is of LMDB data version 1/);
    damaged((bytes) => bytes.writeUInt32LE(5000, 48));
    assert.throws(() => checkDataFile(path, false), /first page is of 5000 bytes/);
    damaged((bytes) => bytes.writeBigUInt64LE(2n ** 40n, newest + 136));
    assert.throws(() => checkDataFile(path, false), /points to page 1099511627776/);
    damaged((bytes) => bytes.writeBigUInt64LE(0n, newest + 144));
    assert.throws(() => checkDataFile(path, false), /page 0 cannot be the last one/);
  });

  it('refuses a file that was cut short, wherever it is used', async (t) => {
    const directory = temporaryDirectory(t);
    const store = openStore(directory, { readOnly: false, durability: 'commit' });
    for (let i = 1; i < 50; i += 1) store.batches.putSync(i, new Uint8Array(10_000));
    await store.close();
    const path = join(directory, 'journal', 'data.mdb');
    const { size } = statSync(path);
    for (const bytes of [size - 20_000, 3 * PAGE, 2 * PAGE]) {
      truncateSync(path, bytes);
      for (const readOnly of [true, false]) {
        assert.throws(() => openStore(directory, { readOnly, durability: 'commit' }), {
          name: 'JournalOpenError',
          message: new RegExp(`it has ${bytes} bytes, and its meta page says ${size}`),
        });
      }
    }
  });

  it('takes a file that lacks only free pages', async (t) => {
    const path = await dataFile(t);
    const options = { path: join(path, '..'), noSubdir: false, encoding: 'binary' } as const;
    const root = open({ ...options, overlappingSync: false });
    const database = root.openDB({ name: 'a', encoding: 'binary' });
    const { size } = statSync(path);
    database.putSync(1000, new Uint8Array(4_000_000));
    assert.ok(statSync(path).size > size + 3_000_000, 'it lies at the end');
    database.removeSync(1000);
    await root.close();
    // LMDB never reads what it has freed; a transaction may even leave such pages unwritten.
    truncateSync(path, size + 2_000_000);
    checkDataFile(path, false);
    const again = open({ ...options, readOnly: true });
    const rows = again.openDB({ name: 'a', encoding: 'binary' });
    assert.equal(rows.get(395)?.length, (395 * 37) % 9000);
    await again.close();
  });
});
