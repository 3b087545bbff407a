import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MboEvents, MboParser, splitNanos } from '../../../src/replay/databento-mbo.ts';
import { MBO_HEADER, mboRow } from '../../support/recorded-steps.ts';

test('mbo: columns are found by name', () => {
  const parser = new MboParser('flags,order_id,size,price,side,action,instrument_id,ts_event,more');
  const record = parser.parse('130,18446744073709551615,3,4800.25,A,A,17,1703458800085275419,x', 4);
  assert.deepEqual(record, {
    row: 4,
    time: '1703458800085275419',
    instrumentId: '17',
    action: 'A',
    side: 1,
    price: 4_800_250_000_000,
    size: 3,
    orderId: '18446744073709551615',
    flags: 130,
  });
});

test('mbo: a price that is not there is 0, a side that is not there null', () => {
  const parser = new MboParser(MBO_HEADER);
  const record = parser.parse('0,1703458800085275419,1,17,R,N,9223372036854775807,0,0,0,8,0,0', 1);
  assert.equal(record.price, 0);
  assert.equal(record.side, null);
});

test('mbo: what is no record is refused with its text, a missing column by name', () => {
  const parser = new MboParser(MBO_HEADER);
  const good = mboRow('A B 100 5 1', '1703458800085275419');
  for (const bad of [good.slice(2), `${good},1`, good.replace(',5,0,', ',-5,0,'), '']) {
    assert.throws(() => parser.parse(bad, 1), /no MBO/);
  }
  assert.throws(() => new MboParser('ts_event,action'), /no column instrument_id/);
});

test('mbo: times are split exactly', () => {
  assert.deepEqual(splitNanos('1703458800085275419'), {
    seconds: 1_703_458_800,
    nanos: 85_275_419,
  });
});

test('mbo: an event ends with the last flag, with a snapshot record, or with its time', () => {
  const parser = new MboParser(MBO_HEADER);
  const events = new MboEvents();
  const rows = [
    ['A B 1 1 a 40', '1000000000000000000'],
    ['A B 1 1 b 40', '1000000000000000000'],
    ['T B 1 1 c 0', '1000000000000000001'],
    ['F A 1 1 d 0', '1000000000000000001'],
    ['C A 1 1 d 130', '1000000000000000001'],
    ['A A 1 1 e 0', '1000000000000000002'],
    ['A A 1 1 f 128', '1000000000000000003'],
    ['A A 1 1 g 0', '1000000000000000004'],
  ];
  const seen = rows.flatMap(([short, time], i) => events.add(parser.parse(mboRow(short, time), i)));
  seen.push(events.take());
  assert.deepEqual(
    seen.map((event) => event.map((record) => record.orderId).join('')),
    ['a', 'b', 'cdd', 'e', 'f', 'g'],
  );
});
