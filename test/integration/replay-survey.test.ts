import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parseOrderFile } from '../../src/replay/survey/order-file.ts';
import { recordingPath, skipWithout } from '../support/recordings.ts';
import { repositoryRoot } from '../support/repository.ts';
import { SURVEY_CASES } from '../support/survey-cases.ts';
import { runCommand, surveyCommand, surveyReports } from '../support/survey-command.ts';
import { surveyInProcess } from '../support/survey-in-process.ts';
import { buy, orderFileBytes, sell, writeOrderFile } from '../support/survey-messages.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A case's book, or a report's, as `best bid/best ask/orders`. */
const bookText = (bid: number | null, ask: number | null, orders: number): string =>
  `${bid ?? '-'}/${ask ?? '-'}/${orders}`;

describe('the survey’s edge cases', () => {
  for (const { name, messages, reports, book } of SURVEY_CASES) {
    it(name, async (context) => {
      const path = join(temporaryDirectory(context), 'orders.bin');
      writeOrderFile(path, messages);
      const { report, text } = await surveyReports(path);
      assert.equal(text, reports.join('\n'));
      assert.equal(report.sha256, sha256(reports.join('\n')));
      assert.equal(report.messages, messages.length);
      assert.equal(report.reports, reports.length);
      for (const [type, count] of Object.values(report.report_counts).entries()) {
        assert.equal(count, reports.filter((line) => line.startsWith(`${type},`)).length);
      }
      assert.equal(bookText(report.best_bid, report.best_ask, report.resting_orders), book);
      const inProcess = surveyInProcess(parseOrderFile(orderFileBytes(messages), name));
      assert.equal(inProcess.text, text);
    });
  }
});

describe('openbell replay --format survey', () => {
  it('runs by the script, from another directory, gzipped, and prints for people', async (context) => {
    const folder = temporaryDirectory(context);
    const path = join(folder, 'orders.bin.gz');
    writeFileSync(path, gzipSync(orderFileBytes([buy(1, 2, 3), sell(2, 2, 3)])));
    const script = join(repositoryRoot, 'scripts', 'openbell');
    const args = ['replay', '--format', 'survey', '--file', path, '--passes', '2'];
    const { code, stdout } = await runCommand(script, args);
    assert.equal(code, 0);
    assert.match(stdout, /^messages +2: 2 new, 0 cancel, 0 modify$/m);
    const hash = sha256('0,0,0,1,3,2\n0,1,1,2,3,2\n1,1,3,2,1,2');
    assert.match(stdout, new RegExp(`^sha256 +${hash}$`, 'm'));
    assert.match(stdout, /^messages\/s +\d+ matched and published, \d+ until drained too/m);
    const json = await runCommand(script, [...args, '--json']);
    assert.equal(JSON.parse(json.stdout).sha256, hash);
    assert.equal(JSON.parse(json.stdout).passes.length, 2);
  });

  it('tells a duplicate id beside the stream, which has no line for it', async (context) => {
    const path = join(temporaryDirectory(context), 'orders.bin');
    writeOrderFile(path, [buy(1, 2, 3), buy(1, 2, 3)]);
    assert.match((await surveyCommand(path)).stdout, /^duplicates +1 new orders had an id/m);
    assert.equal((await surveyReports(path)).report.duplicate_ids, 1);
  });

  const published = 'e9b2e3926854410b01a035aeb25dd05f1e597c233be8263de9eb49b6713d367e';
  const file = 'survey/normal-seed23.bin.gz';
  it('makes the published hash of the recorded file', { skip: skipWithout(file) }, async () => {
    const { stdout } = await surveyCommand(recordingPath(file), '--json', '--passes', '2');
    const report = JSON.parse(stdout);
    assert.equal(report.sha256, published);
    assert.equal(report.messages, 1_996_097);
    assert.equal(report.report_counts.trade, 62_474);
    assert.ok(report.messages_per_second > 0);
  });
});

describe('files that are not in order', () => {
  const good = orderFileBytes([buy(1, 2, 3), sell(2, 2, 3), sell(3, 2, 3)]);
  const changed = (at: number, byte: number): Buffer => {
    const file = Buffer.from(good);
    file[at] = byte;
    return file;
  };
  const third = 16 + 2 * 40;
  const highPrice = Buffer.from(good);
  highPrice.writeBigInt64LE(2n ** 53n, third + 24);
  const widePrices = Buffer.from(good);
  widePrices.writeBigInt64LE(2n ** 53n - 1n, 16 + 24);
  widePrices.writeBigInt64LE(-1n, third + 24);
  const zipped = gzipSync(good);
  const cases: readonly [string, Buffer, RegExp][] = [
    ['an empty file', Buffer.alloc(0), /has 0 bytes, less than the header of 16/],
    ['half a header', good.subarray(0, 9), /has 9 bytes, less than the header of 16/],
    [
      'another magic',
      changed(0, 0x32),
      /is no order file of the survey: it does not begin with 100_WBEM/,
    ],
    ['another version', changed(8, 2), /has version 2, not 1/],
    [
      'a message cut off',
      good.subarray(0, 100),
      /cut short: its header says 3 messages, it has 2 whole messages and ends at byte 100/,
    ],
    [
      'more than the count',
      changed(12, 2),
      /goes on after the 2 messages its header says: 40 bytes from byte 96 on/,
    ],
    [
      'an unknown type',
      changed(third, 3),
      /message 2 \(from byte 96 on\) has the type 3, which there is not/,
    ],
    ['an unknown side', changed(third + 1, 2), /message 2 .* has the side 2; 0 is buy, 1 is sell/],
    ['an unknown ioc', changed(third + 2, 7), /message 2 .* has the ioc byte 7, not 0 or 1/],
    ['no quantity', changed(third + 4, 0), /message 2 .* has the quantity 0/],
    [
      'a price of 2^53',
      highPrice,
      /message 2 .* has the price 9007199254740992; prices are exact here below 2\^53/,
    ],
    [
      'prices too far apart',
      widePrices,
      /message 2 .* has the price -1: the file's prices span more than 2\^53/,
    ],
    [
      'a gzip cut off',
      zipped.subarray(0, zipped.length - 12),
      /damaged gzip file \(unexpected end of file\): it unpacks to \d/,
    ],
    [
      'a damaged gzip',
      Buffer.concat([zipped.subarray(0, -6), Buffer.from([1, 2, 3, 4, 5, 6])]),
      /damaged gzip file \(incorrect data check\)/,
    ],
  ];
  for (const [name, bytes, message] of cases) {
    it(name, async (context) => {
      const path = join(temporaryDirectory(context), 'orders.bin');
      writeFileSync(path, bytes);
      const { code, stdout, stderr } = await surveyCommand(path, '--json');
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.ok(stderr.startsWith('openbell replay: ') && stderr.trim().split('\n').length === 1);
    });
  }

  it('names options that do not belong together, and what is missing', async (context) => {
    const path = join(temporaryDirectory(context), 'orders.bin');
    writeFileSync(path, good);
    const refused: readonly [string[], RegExp][] = [
      [['--book', 'x'], /--format survey has no --book/],
      [['--speed', '2'], /--format survey has no --speed/],
      [['--hold'], /--format survey has no --hold/],
      [['--passes', '0'], /--passes is "0"; it must be a whole number/],
    ];
    for (const [args, message] of refused) {
      const { code, stderr } = await surveyCommand(path, ...args);
      assert.equal(code, 2);
      assert.match(stderr, message);
    }
    const cli = join(repositoryRoot, 'dist', 'src', 'cli.js');
    const noFile = await runCommand(process.execPath, [cli, 'replay', '--format', 'survey']);
    assert.equal(noFile.code, 2);
    assert.match(noFile.stderr, /--file is missing/);
    const wrong = ['replay', '--format', 'lobster', '--file', path, '--passes', '2'];
    const other = await runCommand(process.execPath, [cli, ...wrong]);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /--format lobster has no --passes/);
    const unwritable = await surveyCommand(path, '--reports', `${path}/none`);
    assert.equal(unwritable.code, 1);
    assert.match(unwritable.stderr, /ENOTDIR: not a directory/);
    const missing = await surveyCommand(`${path}.none`);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /ENOENT: no such file/);
  });
});
