import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  describeRecording,
  nameParts,
  type RecordingFormat,
} from '../../../src/replay/recording.ts';
import { MBO_HEADER, mboRow } from '../../support/recorded-steps.ts';

const folder = mkdtempSync(join(tmpdir(), 'openbell-recording-'));
after(() => rmSync(folder, { recursive: true }));

function describe(format: RecordingFormat, name: string, lines: readonly string[]) {
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return describeRecording({ format, file, bookFile: null, symbol: null, from: null });
}

test('recording: symbol and date come from the name where they can be recognised', () => {
  const cases: [string, string | null, string | null][] = [
    ['AAPL_2012-06-21_34200000_57600000_message_10.csv', 'AAPL', '2012-06-21'],
    ['lobster-aapl-20120621-0930-1030-msg-l50.csv.gz', 'AAPL', '2012-06-21'],
    ['cme-esh4-20231225-mbo.csv.gz', 'ESH4', '2023-12-25'],
    ['20231225-flow.csv', null, '2023-12-25'],
    ['message.csv', null, null],
    ['aapl-20121345-x.csv', 'AAPL', null],
    ['aapl-123456789.csv', null, null],
  ];
  for (const [name, symbol, date] of cases)
    assert.deepEqual(nameParts(name), { symbol, date }, name);
});

test('recording: the tick is what divides all prices, halts not counted', async () => {
  const { market, priceUnitsPerTick, rows, date } = await describe('lobster', 'm-20120621.csv', [
    '1,1,1,10,1000000,1',
    '2,5,0,10,1000050,1',
    '3,7,0,0,-1,-1',
    '4,1,2,10,1000200,-1',
  ]);
  assert.equal(priceUnitsPerTick, 50);
  assert.equal(rows, 4);
  assert.equal(date, '2012-06-21');
  assert.equal(market.symbol, 'M');
  assert.deepEqual([market.tickUnits, market.priceDecimals], [5, 3]);
  assert.equal(market.quoteUnitsPerTickLot, 5000);
});

test('recording: a book file beside it counts for the tick, and tells its depth', async () => {
  const file = join(folder, 'plain.csv');
  const bookFile = join(folder, 'book.csv');
  writeFileSync(file, '1,1,1,10,1000000,1\n');
  writeFileSync(bookFile, '1000100,5,1000000,10,1000300,5,-9999999999,0\n');
  const options = { format: 'lobster', file, bookFile, symbol: 'XYZ', from: null } as const;
  const recording = await describeRecording(options, 3);
  assert.equal(recording.priceUnitsPerTick, 100);
  assert.equal(recording.bookDepth, 2);
  assert.equal(recording.bookRows, 1);
  assert.equal(recording.market.symbol, 'XYZ');
  assert.equal(recording.market.id, 3);
  await assert.rejects(
    describeRecording({ ...options, format: 'databento-mbo' }),
    /only LOBSTER has book files/,
  );
});

test('recording: a tick below the smallest unit of USD is an error that says so', async () => {
  const row = (price: string): string => `0,1703458800085275419,1,17,A,B,${price},1,0,1,128,0,0`;
  await assert.rejects(
    describe('databento-mbo', 'fx.csv', [MBO_HEADER, row('1084500'), row('1084300')]),
    /needs a tick of 0\.0000001 USD/,
  );
  const { market } = await describe('databento-mbo', 'fx.csv', [MBO_HEADER, row('1084000')]);
  assert.equal(market.quoteUnitsPerTickLot, 1084);
});

test('recording: nothing to replay is an error', async () => {
  await assert.rejects(describe('lobster', 'none.csv', []), /has no rows/);
  await assert.rejects(describe('lobster', 'halt.csv', ['3,7,0,0,-1,-1']), /has no prices/);
});

test('recording: a snapshot or a crossed book starts with the first continuous trade', async () => {
  const from = async (...shorts: string[]): Promise<string> => {
    const rows = shorts.map((short, i) => mboRow(short, String(10n ** 18n + BigInt(i))));
    return (await describe('databento-mbo', 'x.csv', [MBO_HEADER, ...rows])).from;
  };
  assert.equal(await from('A B 100 1 1', 'A A 101 1 2'), 'start');
  assert.equal(await from('A B 100 1 1 40', 'A A 101 1 2'), 'pre-open');
  assert.equal(await from('A B 102 1 1', 'A A 101 1 2'), 'pre-open');
});
