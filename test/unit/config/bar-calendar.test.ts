import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ExchangeCalendar } from '../../../src/config/calendars.ts';
import type { MarketsFile } from '../../../src/config/markets.ts';
import { PHASE_CONTINUOUS } from '../../../src/domain/orders.ts';
import { repositoryRoot } from '../../support/repository.ts';

const { calendars = {} } = JSON.parse(
  readFileSync(join(repositoryRoot, 'config/markets.json'), 'utf8'),
) as MarketsFile;
const usEquities = new ExchangeCalendar('us_equities', calendars.us_equities);
const globex = new ExchangeCalendar('cme_globex', calendars.cme_globex);

function at(text: string): number {
  return Date.parse(text) / 1000;
}

test('us_equities: days, weeks and months begin at midnight in New York', () => {
  const { bars } = usEquities;
  const noon = at('2026-07-15T12:00:00-04:00');
  assert.deepEqual(bars.period('day', noon), {
    startSeconds: at('2026-07-15T00:00:00-04:00'),
    endSeconds: at('2026-07-16T00:00:00-04:00'),
  });
  assert.deepEqual(bars.period('week', noon), {
    startSeconds: at('2026-07-13T00:00:00-04:00'),
    endSeconds: at('2026-07-20T00:00:00-04:00'),
  });
  assert.deepEqual(bars.period('month', noon), {
    startSeconds: at('2026-07-01T00:00:00-04:00'),
    endSeconds: at('2026-08-01T00:00:00-04:00'),
  });
  // The clocks change: a day of 23 hours, and a month between the two times.
  const spring = bars.period('day', at('2026-03-08T12:00:00-04:00'));
  assert.equal(spring.endSeconds - spring.startSeconds, 23 * 3600);
  const march = bars.period('month', at('2026-03-08T12:00:00-04:00'));
  assert.equal(march.startSeconds, at('2026-03-01T00:00:00-05:00'));
  assert.equal(march.endSeconds, at('2026-04-01T00:00:00-04:00'));
  // A week across the end of a year.
  assert.deepEqual(bars.period('week', at('2027-01-01T12:00:00-05:00')), {
    startSeconds: at('2026-12-28T00:00:00-05:00'),
    endSeconds: at('2027-01-04T00:00:00-05:00'),
  });
});

test('cme_globex: a day begins on the evening before, Monday’s and the week’s on Sunday', () => {
  const { bars } = globex;
  assert.deepEqual(bars.period('day', at('2026-07-12T18:00:00-05:00')), {
    startSeconds: at('2026-07-12T16:45:00-05:00'),
    endSeconds: at('2026-07-13T16:45:00-05:00'),
  });
  assert.equal(
    bars.period('week', at('2026-07-15T12:00:00-05:00')).startSeconds,
    at('2026-07-12T16:45:00-05:00'),
  );
});

test('us_equities: trading and pauses follow each other, over weekends and holidays', () => {
  const { bars } = usEquities;
  assert.deepEqual(bars.spell(at('2026-11-24T12:00:00-05:00')), {
    startSeconds: at('2026-11-24T09:30:00-05:00'),
    endSeconds: at('2026-11-24T16:00:00-05:00'),
    isTrading: true,
  });
  // Thanksgiving, between two days of trading, of which the second ends early.
  assert.deepEqual(bars.spell(at('2026-11-26T12:00:00-05:00')), {
    startSeconds: at('2026-11-25T16:00:00-05:00'),
    endSeconds: at('2026-11-27T09:30:00-05:00'),
    isTrading: false,
  });
  assert.equal(
    bars.spell(at('2026-11-27T10:00:00-05:00')).endSeconds,
    at('2026-11-27T13:00:00-05:00'),
  );
});

test('periods join, hold their seconds, and trading is where the phases say', () => {
  const seconds = fc.integer({ min: at('2021-01-05T00:00:00Z'), max: at('2028-12-20T00:00:00Z') });
  const unit = fc.constantFrom('day', 'week', 'month');
  fc.assert(
    fc.property(fc.constantFrom(usEquities, globex), unit, seconds, (calendar, of, when) => {
      const { bars } = calendar;
      const { startSeconds, endSeconds } = bars.period(of as 'day', when);
      assert.ok(startSeconds <= when && when < endSeconds);
      assert.equal(bars.period(of as 'day', startSeconds - 1).endSeconds, startSeconds);
      assert.equal(bars.period(of as 'day', endSeconds).startSeconds, endSeconds);
      const spell = bars.spell(when);
      assert.ok(spell.startSeconds <= when && when < spell.endSeconds);
      assert.equal(spell.isTrading, calendar.phaseAt(when) === PHASE_CONTINUOUS);
      assert.equal(bars.spell(spell.startSeconds - 1).isTrading, !spell.isTrading);
      assert.equal(bars.spell(spell.endSeconds).isTrading, !spell.isTrading);
    }),
    { numRuns: 400 },
  );
});
