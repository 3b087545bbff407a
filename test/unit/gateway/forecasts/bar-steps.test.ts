import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ALWAYS, ExchangeCalendar } from '../../../../src/config/calendars.ts';
import type { MarketsFile } from '../../../../src/config/markets.ts';
import { nextBars } from '../../../../src/gateway/forecasts/bar-steps.ts';

const file = new URL('../../../../../config/markets.json', import.meta.url);
const { calendars } = JSON.parse(readFileSync(file, 'utf8')) as MarketsFile;
const shares = new ExchangeCalendar('us_equities', calendars?.us_equities as never).bars;
const at = (iso: string): number => Date.parse(iso) / 1000;
const dates = (seconds: readonly number[]): string[] =>
  seconds.map((each) => new Date((each + 43_200) * 1000).toISOString().slice(0, 10));

test('days go on over weekends and holidays to the next with trading', () => {
  // Wednesday; Thursday is Thanksgiving, Friday closes early.
  const days = nextBars(shares, at('2026-11-25T05:00:01Z'), 86_400, 4);
  assert.deepEqual(dates(days), ['2026-11-27', '2026-11-30', '2026-12-01', '2026-12-02']);
});

test('hours are those in which the market is open for a part', () => {
  const hours = nextBars(shares, at('2026-11-27T16:30:00Z'), 3600, 3);
  const texts = hours.map((each) => new Date(each * 1000).toISOString());
  // The early close is at 18:00 UTC; on Monday trading opens at 14:30 UTC.
  assert.deepEqual(texts, [
    '2026-11-27T17:00:00.000Z',
    '2026-11-30T14:00:00.000Z',
    '2026-11-30T15:00:00.000Z',
  ]);
});

test('where nothing ever closes, steps are even', () => {
  const starts = nextBars(ALWAYS.bars, at('2026-11-21T10:00:00Z') + 1, 14_400, 3);
  assert.deepEqual(
    starts.map((each) => new Date(each * 1000).getUTCHours()),
    [12, 16, 20],
  );
});
