import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildRegistry, type MarketsFile } from '../../../src/config/markets.ts';
import type { Market } from '../../../src/domain/markets.ts';
import {
  PHASE_CLOSED,
  PHASE_CONTINUOUS,
  PHASE_HALTED,
  PHASE_NAMES,
  PHASE_PRE_OPEN,
} from '../../../src/domain/orders.ts';
import { PhaseScheduler } from '../../../src/gateway/phase-scheduler.ts';

const FILE: MarketsFile = {
  assets: { USD: { decimals: 6 }, X: { decimals: 0 } },
  calendars: {
    office: {
      timeZone: 'UTC',
      weekdays: [1, 2, 3, 4, 5],
      preOpen: '08:00',
      open: '09:00',
      close: '17:00',
    },
  },
  exchanges: {
    DAY: {
      assetClass: 'equity',
      makerFeePpm: 0,
      takerFeePpm: 0,
      calendar: 'office',
      haltSeconds: 300,
      reopeningCallSeconds: 60,
    },
  },
  markets: [
    {
      id: 1,
      exchange: 'DAY',
      symbol: 'X',
      base: 'X',
      quote: 'USD',
      tick: '0.01',
      lot: '1',
      maxQty: '1000',
      name: 'X',
      sector: null,
      sharesOutstanding: null,
      startPrice: null,
      annualVolatility: null,
    },
  ],
};

/** A market that does what it is told at once, and a clock that is moved by hand. */
class Scene {
  phase = PHASE_CONTINUOUS as number;
  ordered: number | undefined;
  now = 0;
  readonly told: string[] = [];
  readonly scheduler: PhaseScheduler;

  constructor() {
    this.scheduler = new PhaseScheduler({
      markets: buildRegistry(FILE),
      phaseOf: () => this.phase,
      orderedPhase: () => this.ordered,
      nowSeconds: () => this.now,
      setPhase: (_market: Market, phase: number) => {
        this.phase = phase;
        this.told.push(PHASE_NAMES[phase]);
      },
    });
  }

  /** Lets time go on as the scheduler's timer would, until a moment. */
  runTo(text: string): string[] {
    this.told.length = 0;
    const end = Date.parse(text) / 1000;
    for (;;) {
      const wait = this.scheduler.check();
      assert.ok(wait > 0, 'the scheduler always waits for something');
      if (this.now + wait > end) break;
      this.now += wait;
    }
    this.now = end;
    this.scheduler.check();
    return [...this.told];
  }
}

function scene(start: string): Scene {
  const made = new Scene();
  made.now = Date.parse(start) / 1000;
  return made;
}

test('a market follows its calendar through a day and over a weekend', () => {
  const friday = scene('2026-07-17T06:00:00Z');
  assert.deepEqual(friday.runTo('2026-07-17T07:00:00Z'), ['closed']);
  assert.deepEqual(friday.runTo('2026-07-17T08:30:00Z'), ['pre_open']);
  assert.deepEqual(friday.runTo('2026-07-17T12:00:00Z'), ['continuous']);
  assert.deepEqual(friday.runTo('2026-07-20T07:59:59Z'), ['closed']);
  assert.deepEqual(friday.runTo('2026-07-20T09:00:00Z'), ['pre_open', 'continuous']);
});

test('after a volatility halt the market rests, calls, and trades again', () => {
  const day = scene('2026-07-17T12:00:00Z');
  assert.deepEqual(day.runTo('2026-07-17T12:10:00Z'), []);
  day.phase = PHASE_HALTED;
  assert.deepEqual(day.runTo('2026-07-17T12:14:59Z'), []);
  assert.deepEqual(day.runTo('2026-07-17T12:15:59Z'), ['pre_open']);
  assert.deepEqual(day.runTo('2026-07-17T12:16:05Z'), ['continuous']);
});

test('a halted market closes when the day does', () => {
  const day = scene('2026-07-17T16:58:00Z');
  day.phase = PHASE_HALTED;
  assert.deepEqual(day.runTo('2026-07-17T17:00:00Z'), ['closed']);
});

test('an operator’s word holds until it is taken back, whatever the hour', () => {
  const day = scene('2026-07-17T12:00:00Z');
  day.ordered = PHASE_HALTED;
  assert.deepEqual(day.runTo('2026-07-18T12:00:00Z'), ['halted']);
  assert.equal(day.phase, PHASE_HALTED);
  day.ordered = undefined;
  assert.deepEqual(day.runTo('2026-07-18T12:10:00Z'), ['closed']);
});

test('a restart in the middle of the opening call goes on with the call', () => {
  const day = scene('2026-07-17T08:59:00Z');
  day.phase = PHASE_PRE_OPEN;
  assert.deepEqual(day.runTo('2026-07-17T08:59:59Z'), []);
  assert.deepEqual(day.runTo('2026-07-17T09:00:30Z'), ['continuous']);
});

test('a clock that was set back changes what is wanted, and breaks nothing', () => {
  const day = scene('2026-07-17T12:00:00Z');
  day.runTo('2026-07-17T12:00:10Z');
  day.now = Date.parse('2026-07-17T05:00:00Z') / 1000;
  assert.deepEqual(day.runTo('2026-07-17T05:00:10Z'), ['closed']);
  assert.equal(day.phase, PHASE_CLOSED);
});
