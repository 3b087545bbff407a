import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ALWAYS, type CalendarEntry, ExchangeCalendar } from '../../../src/config/calendars.ts';
import { buildRegistry, type MarketsFile } from '../../../src/config/markets.ts';
import { PHASE_CLOSED, PHASE_CONTINUOUS, PHASE_PRE_OPEN } from '../../../src/domain/orders.ts';
import { repositoryRoot } from '../../support/repository.ts';

const FILE = JSON.parse(
  readFileSync(join(repositoryRoot, 'config/markets.json'), 'utf8'),
) as MarketsFile;

function named(name: string): ExchangeCalendar {
  return new ExchangeCalendar(name, (FILE.calendars as Record<string, CalendarEntry>)[name]);
}

const at = (text: string): number => Date.parse(text) / 1000;

test('us_equities: pre-open, opening, close on a winter and on a summer day', () => {
  const calendar = named('us_equities');
  for (const [day, offset] of [
    ['2026-01-20', '-05:00'],
    ['2026-07-15', '-04:00'],
  ]) {
    assert.equal(calendar.phaseAt(at(`${day}T09:24:59${offset}`)), PHASE_CLOSED);
    assert.equal(calendar.phaseAt(at(`${day}T09:25:00${offset}`)), PHASE_PRE_OPEN);
    assert.equal(calendar.phaseAt(at(`${day}T09:29:59${offset}`)), PHASE_PRE_OPEN);
    assert.equal(calendar.phaseAt(at(`${day}T09:30:00${offset}`)), PHASE_CONTINUOUS);
    assert.equal(calendar.phaseAt(at(`${day}T15:59:59${offset}`)), PHASE_CONTINUOUS);
    assert.equal(calendar.phaseAt(at(`${day}T16:00:00${offset}`)), PHASE_CLOSED);
  }
});

test('us_equities: from a Thursday evening over a holiday and a weekend to the next opening', () => {
  const calendar = named('us_equities');
  // Good Friday 2026 is the third of April.
  const evening = at('2026-04-02T18:00:00-04:00');
  assert.deepEqual(calendar.nextChange(evening), {
    seconds: at('2026-04-06T09:25:00-04:00'),
    phase: PHASE_PRE_OPEN,
  });
  assert.equal(calendar.dayEnd(evening), at('2026-04-06T16:00:00-04:00'));
});

test('us_equities: the day after Thanksgiving closes early', () => {
  const calendar = named('us_equities');
  const noon = at('2026-11-27T12:00:00-05:00');
  assert.deepEqual(calendar.nextChange(noon), {
    seconds: at('2026-11-27T13:00:00-05:00'),
    phase: PHASE_CLOSED,
  });
});

test('the changes of a year follow each other, and each is the phase that begins there', () => {
  for (const name of Object.keys(FILE.calendars ?? {})) {
    const calendar = named(name);
    let seconds = at('2026-01-01T00:00:00Z');
    const order = [PHASE_PRE_OPEN, PHASE_CONTINUOUS, PHASE_CLOSED];
    let expected = 0;
    for (let changes = 0; seconds < at('2027-01-01T00:00:00Z'); changes += 1) {
      const change = calendar.nextChange(seconds);
      assert.ok(change !== null && change.seconds > seconds, `${name}: change ${changes}`);
      if (changes > 0) assert.equal(change.phase, order[expected], `${name}: change ${changes}`);
      expected = (order.indexOf(change.phase) + 1) % 3;
      assert.equal(calendar.phaseAt(change.seconds), change.phase);
      assert.notEqual(calendar.phaseAt(change.seconds - 1), change.phase);
      assert.ok(calendar.dayEnd(seconds) > seconds);
      seconds = change.seconds;
    }
  }
});

test('cme_globex: the trading day of Monday begins on Sunday evening', () => {
  const calendar = named('cme_globex');
  assert.equal(calendar.phaseAt(at('2026-07-12T16:30:00-05:00')), PHASE_CLOSED);
  assert.equal(calendar.phaseAt(at('2026-07-12T16:50:00-05:00')), PHASE_PRE_OPEN);
  assert.equal(calendar.phaseAt(at('2026-07-12T17:00:00-05:00')), PHASE_CONTINUOUS);
  assert.equal(calendar.dayEnd(at('2026-07-12T18:00:00-05:00')), at('2026-07-13T16:00:00-05:00'));
  assert.equal(calendar.phaseAt(at('2026-07-13T16:10:00-05:00')), PHASE_CLOSED);
  assert.equal(calendar.phaseAt(at('2026-07-17T17:10:00-05:00')), PHASE_CLOSED);
});

test('always: open at any time, the day ends at midnight UTC', () => {
  assert.equal(ALWAYS.phaseAt(at('2026-07-12T03:00:00Z')), PHASE_CONTINUOUS);
  assert.equal(ALWAYS.nextChange(0), null);
  assert.equal(ALWAYS.dayEnd(at('2026-07-12T03:00:00Z')), at('2026-07-13T00:00:00Z'));
  assert.equal(ALWAYS.dayEnd(at('2026-07-13T00:00:00Z')), at('2026-07-14T00:00:00Z'));
});

test('a calendar that cannot be is refused with its place', () => {
  const good: CalendarEntry = {
    timeZone: 'America/New_York',
    weekdays: [1],
    preOpen: '09:25',
    open: '09:30',
    close: '16:00',
  };
  const refused = (change: Partial<CalendarEntry>, why: RegExp): void => {
    assert.throws(() => new ExchangeCalendar('c', { ...good, ...change }), why);
  };
  refused({ timeZone: 'America/Gotham' }, /calendar c: there is no time zone America\/Gotham/);
  refused({ weekdays: [0] }, /weekdays/);
  refused({ weekdays: [] }, /weekdays/);
  refused({ open: '9:30' }, /"9:30" is no time/);
  refused({ close: '24:00' }, /"24:00" is no time/);
  refused({ close: '09:00' }, /must follow each other/);
  refused({ holidays: ['2026-02-30'] }, /"2026-02-30" is no date/);
  refused({ earlyCloses: { '2026-11-27': '09:00' } }, /closes before it opens/);
});

test('an exchange with a calendar that is not described is refused', () => {
  const file = structuredClone(FILE);
  file.exchanges.NASDAQ.calendar = 'lunar';
  assert.throws(() => buildRegistry(file), /exchange NASDAQ: there is no calendar lunar/);
});
