import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Market } from '../../src/domain/markets.ts';
import { spreadFigures } from '../../src/gateway/maker/period-figures.ts';
import type { QuoteMinute } from '../../src/gateway/strategies/quote-minutes.ts';
import { DEPLOYMENT_ID, MakerSession } from '../support/maker-session.ts';
import { RecordedMaker, type Standing } from '../support/recorded-maker.ts';

const isLong = process.env.OPENBELL_TEST_LONG === '1';
/** An hour of the venue; minutes of it where nobody asked for more. */
const SECONDS = isLong ? 3600 : 240;
const SEED = Number(process.env.OPENBELL_SEED ?? 20_261_121);
/** What the two markets get of the shipped rate over all fourteen. */
const ORDERS_PER_SECOND = 20;
/** After this the maker has bought its inventory and has measured enough. */
const SETTLED_MS = 15_000;
const MAX_POSITION_UNITS = 25_000n * 1_000_000n;

/** Time-weighed spreads and the time with quotes on both sides, from the recorded book alone. */
function recompute(
  standings: readonly Standing[],
  fromMs: number,
): { market: number; ours: number; improvement: number; both: number } {
  let market = 0;
  let ours = 0;
  let pairedMs = 0;
  let bothMs = 0;
  let allMs = 0;
  for (const [
    i,
    {
      ms,
      ours: [bid, ask],
      theirs: [theirBid, theirAsk],
    },
  ] of standings.entries()) {
    const endMs = standings[i + 1]?.ms ?? ms;
    const passed = endMs - Math.max(ms, Math.min(endMs, fromMs));
    allMs += passed;
    if (bid === 0 || ask === 0) continue;
    bothMs += passed;
    if (theirBid === 0 || theirAsk <= theirBid) continue;
    pairedMs += passed;
    market += ((theirAsk - theirBid) / ((theirAsk + theirBid) / 2)) * 10_000 * passed;
    ours += ((ask - bid) / ((ask + bid) / 2)) * 10_000 * passed;
  }
  const improvement = ((market - ours) / market) * 100;
  return { market: market / pairedMs, ours: ours / pairedMs, improvement, both: bothMs / allMs };
}

function assertClose(actual: number, expected: number, what: string): void {
  const bound = 1e-9 * Math.max(1, Math.abs(expected));
  assert.ok(Math.abs(actual - expected) <= bound, `${what}: ${actual} is not ${expected}`);
}

it(`a session of ${SECONDS} s among simulated traders, seed ${SEED}`, (t) => {
  const session = new MakerSession(SEED, ORDERS_PER_SECOND);
  const recorded = new RecordedMaker(DEPLOYMENT_ID);
  session.onFrame = (views) => recorded.apply(views);
  const since = performance.now();
  session.run(SECONDS);
  const speed = (SECONDS * 1000) / (performance.now() - since);
  t.diagnostic(`seed ${SEED}, ${Math.round(speed)} times as fast as the clock`);
  const { record, quotes } = session.deployment;
  assert.ok(quotes !== undefined);
  let fills = 0;
  for (const market of session.markets) {
    const { id, symbol } = market;
    const minutes = quotes.markets.get(id)?.minutes;
    const standings = recorded.standings.get(id) ?? [];
    assert.ok(minutes !== undefined && standings.length > 100);
    const sums = minutes.since(0);
    const whole = recompute(standings, 0);
    const settled = recompute(standings, session.startMs + SETTLED_MS);
    t.diagnostic(describe(symbol, sums, settled.both));
    assert.ok(settled.both > 0.95, `${symbol}: both sides for ${settled.both} of the time`);
    assertClose(sums.bothMs / sums.observedMs, whole.both, `${symbol}: time on both sides`);
    const figures = spreadFigures(sums);
    assertClose(figures.marketBps, whole.market, `${symbol}: the market's spread`);
    assertClose(figures.oursBps, whole.ours, `${symbol}: our spread`);
    assertClose(figures.improvementPercent, whole.improvement, `${symbol}: improvement`);
    fills += assertMoney(market, session, recorded);
  }
  assert.equal(record.fills, fills);
  assert.ok(fills > SECONDS / 60, `${fills} fills`);
});

/** Profit and its parts against the fills, to the last unit. @returns how many fills there were */
function assertMoney(market: Market, session: MakerSession, recorded: RecordedMaker): number {
  const { id, symbol, quoteUnitsPerTickLot } = market;
  const { record } = session.deployment;
  const money = recorded.moneyOf(id);
  const units = BigInt(quoteUnitsPerTickLot);
  assert.ok((recorded.largest.get(id) ?? 0n) * units <= MAX_POSITION_UNITS, `${symbol}: the limit`);
  assert.ok(money.lots >= 0n, 'a cash portfolio is never short');
  assert.equal(BigInt(record.position(id).qtyLots), money.lots);
  assert.equal(BigInt(record.position(id).feeUnits), money.fees);
  const gross = (money.cash + money.lots * money.lastTicks) * units;
  assert.equal(BigInt(record.profitUnitsOf(id)), gross - money.fees, `${symbol}: profit`);
  const spread = BigInt(record.spreadHalfUnitsOf(id));
  assert.equal(spread, money.spreadHalfTickLots * units, `${symbol}: spread capture`);
  const inventory = BigInt(record.inventoryHalfUnitsOf(id));
  assert.equal(spread + inventory, 2n * gross, `${symbol}: the parts are the whole`);
  const { quotes } = session.deployment;
  assert.equal(BigInt(quotes?.markets.get(id)?.volumeUnits ?? 0), money.volumeTickLots * units);
  return money.fills;
}

function describe(symbol: string, sums: QuoteMinute, both: number): string {
  const { marketBps, oursBps, improvementPercent } = spreadFigures(sums);
  const [market, ours, improvement] = [marketBps, oursBps, improvementPercent].map((x) =>
    x.toFixed(2),
  );
  const share = (both * 100).toFixed(2);
  return `${symbol}: both sides ${share} %, market ${market} bps, ours ${ours} bps (${improvement} %), ${sums.fills} fills`;
}
