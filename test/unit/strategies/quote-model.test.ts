import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FlowMeasures } from '../../../src/strategies/making/flow-measures.ts';
import { type QuoteInputs, quotesFor } from '../../../src/strategies/making/quote-model.ts';

const SETTINGS = { riskAversion: 1, horizonSeconds: 25, minSpreadBps: 0, maxSpreadBps: 1000 };
const INPUTS: QuoteInputs = {
  midTicks: 100_000,
  bidTicks: 99_990,
  askTicks: 100_010,
  volatilityTicks: 4,
  intensityDecayPerTick: 0.2,
  inventoryShare: 0,
  orderShare: 0.1,
  shiftTicks: 0,
};

describe('the quote model', () => {
  it('is Avellaneda and Stoikov’s, worked out by hand', () => {
    // v = 4 · √25 = 20, γ = 1/20: half spread = 20 · 0.1 / 2 + ln(1 + 0.05/0.2) · 20 = 1 + 4.4629.
    const quotes = quotesFor(INPUTS, SETTINGS);
    assert.equal(quotes.reservationTicks, 100_000);
    assert.ok(Math.abs(quotes.halfSpreadTicks - 5.46287) < 1e-4);
    assert.deepEqual([quotes.bidTicks, quotes.askTicks], [99_994, 100_006]);
  });

  it('leans against inventory: a full one moves the quotes by so many deviations', () => {
    const full = quotesFor({ ...INPUTS, inventoryShare: 1 }, SETTINGS);
    assert.equal(full.reservationTicks, 99_980);
    const short = quotesFor({ ...INPUTS, inventoryShare: -0.5 }, { ...SETTINGS, riskAversion: 2 });
    assert.equal(short.reservationTicks, 100_020);
  });

  it('is wider when the price wanders further, and where takers reach further', () => {
    const calm = quotesFor(INPUTS, SETTINGS).halfSpreadTicks;
    const wild = quotesFor({ ...INPUTS, volatilityTicks: 40 }, SETTINGS).halfSpreadTicks;
    const deep = quotesFor({ ...INPUTS, intensityDecayPerTick: 0.05 }, SETTINGS).halfSpreadTicks;
    assert.ok(wild > calm && deep > calm);
    // A maker without aversion: the limit of the formula, one over the decay.
    assert.equal(quotesFor(INPUTS, { ...SETTINGS, riskAversion: 0 }).halfSpreadTicks, 5);
  });

  it('moves with a prediction', () => {
    assert.equal(quotesFor({ ...INPUTS, shiftTicks: 7 }, SETTINGS).reservationTicks, 100_007);
  });

  it('never reaches the other side, and keeps its spread within bounds', () => {
    fc.assert(
      fc.property(
        fc.record({
          inventoryShare: fc.double({ min: -1, max: 1, noNaN: true }),
          volatilityTicks: fc.double({ min: 0, max: 500, noNaN: true }),
          intensityDecayPerTick: fc.double({ min: 0.001, max: 4, noNaN: true }),
          half: fc.integer({ min: 1, max: 200 }),
          riskAversion: fc.double({ min: 0, max: 20, noNaN: true }),
        }),
        ({ half, riskAversion, ...inputs }) => {
          const touch = { bidTicks: 100_000 - half, askTicks: 100_000 + half };
          const settings = { ...SETTINGS, riskAversion, minSpreadBps: 2, maxSpreadBps: 50 };
          const quotes = quotesFor({ ...INPUTS, ...touch, ...inputs }, settings);
          assert.ok(quotes.bidTicks < touch.askTicks && quotes.askTicks > touch.bidTicks);
          assert.ok(quotes.bidTicks < quotes.askTicks);
          assert.ok(quotes.halfSpreadTicks >= 10 && quotes.halfSpreadTicks <= 250);
        },
      ),
    );
  });
});

describe('what the maker measures', () => {
  it('takes the deviation of a second from moves over any times', () => {
    const measures = new FlowMeasures(1e6);
    let mid = 100_000;
    measures.observeMid(0, mid);
    assert.equal(measures.isReady, false);
    // ±6 ticks every quarter of a second: 36 · 4 = 144 a second.
    for (let i = 1; i <= 400; i += 1) {
      mid += i % 2 === 0 ? 6 : -6;
      measures.observeMid(i * 250, mid);
    }
    assert.ok(measures.isReady);
    assert.ok(Math.abs(measures.volatilityTicks - 12) < 0.01);
  });

  it('takes the decay from how far takers reach, and their rate, forgetting both', () => {
    const measures = new FlowMeasures(10);
    assert.equal(measures.intensityDecayPerTick, 1, 'unknown: as near as a tick');
    for (let i = 0; i < 400; i += 1) measures.observeTaker(i * 500, 8);
    assert.ok(Math.abs(measures.intensityDecayPerTick - 1 / 8) < 1e-9);
    assert.ok(Math.abs(measures.takersPerSecond - 2) < 0.1);
    for (let i = 0; i < 400; i += 1) measures.observeTaker(200_000 + i * 500, 2);
    assert.ok(Math.abs(measures.intensityDecayPerTick - 1 / 2) < 0.01);
  });
});
