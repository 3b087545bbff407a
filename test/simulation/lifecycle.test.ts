import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as R from '../../src/codec/records.ts';
import { SIDE_BUY, SIDE_SELL } from '../../src/domain/orders.ts';
import { defaultMarkets, SimulationRun } from '../support/simulation-run.ts';

const START_MS_MAX = 2_000;

describe('the life of the simulated market', () => {
  it('gives every default market a deep book within two seconds', () => {
    const run = new SimulationRun({ seed: 31 });
    while (run.nowMs < START_MS_MAX) run.tick(40);
    for (const market of defaultMarkets()) {
      const { book } = run.venue.market(market.id);
      const text = `${market.exchange}:${market.symbol}`;
      assert.ok(book.levels(SIDE_BUY).length >= 20, text);
      assert.ok(book.levels(SIDE_SELL).length >= 20, text);
      const startTicks =
        (Number(market.reference.startPrice) * 10 ** market.priceDecimals) / market.tickUnits;
      const off = Math.abs(book.best(SIDE_BUY) / startTicks - 1);
      assert.ok(off < 0.003, `${text} starts ${off} from its start price`);
    }
  });

  it('has a book that grows and then thins away from the touch', () => {
    const run = new SimulationRun({ seed: 32 });
    run.run(60);
    const profile = new Array<number>(5).fill(0);
    for (let sample = 0; sample < 200; sample += 1) {
      run.run(3);
      for (const market of defaultMarkets()) {
        if (market.assetClass !== 'equity') continue;
        const { book } = run.venue.market(market.id);
        for (const side of [SIDE_BUY, SIDE_SELL]) {
          const best = book.best(side);
          for (const level of book.levels(side)) {
            const band = [0, 3, 10, 25].findLastIndex(
              (from) => Math.abs(level.priceTicks - best) >= from,
            );
            profile[band] += book.levelTotals(side, level.priceTicks)[0];
          }
        }
      }
    }
    const perTick = [3, 7, 15, 25].map((width, band) => profile[band] / width);
    assert.ok(perTick[1] > perTick[0] * 0.9, `${perTick}`);
    assert.ok(perTick[2] < perTick[1] && perTick[3] < 0.5 * perTick[1], `${perTick}`);
  });

  it('goes on from recovered books: no jump, no second seeding, no id twice', () => {
    const before = new SimulationRun({ seed: 33 });
    before.run(900);
    const recovered = before.recovered();
    // The naive venue refuses an id that is open twice, and the seed is the same as before.
    const after = new SimulationRun({ seed: 33, recovered });
    after.venue.restore(recovered);
    const commandsBefore = after.venue.commandCount;
    after.run(4);
    assert.ok(after.venue.commandCount - commandsBefore < 1_200, 'the books were seeded again');
    for (const { marketId, bids, asks } of recovered) {
      const { book } = after.venue.market(marketId);
      const middle = (bids[0][0] + asks[0][0]) / 2;
      const now = (book.best(SIDE_BUY) + book.best(SIDE_SELL)) / 2;
      assert.ok(Math.abs(now / middle - 1) < 0.002, `market ${marketId}: ${middle} to ${now}`);
    }
    after.run(600);
    const digest = before.digest.digest('hex');
    assert.notEqual(after.digest.digest('hex'), digest);
    for (const { marketId, orders } of recovered) {
      const { book } = after.venue.market(marketId);
      const left = orders.filter((order) => book.orders.has(order.orderId)).length;
      assert.ok(left < orders.length, `market ${marketId}: former orders are never managed`);
    }
  });

  it('stops sending to a halted market, and begins again', () => {
    const run = new SimulationRun({ seed: 34 });
    run.run(10);
    const market = run.venue.market(6);
    run.venue.halt(6, true);
    run.run(2);
    const halted = market.seq;
    run.run(30);
    assert.equal(market.seq, halted);
    run.venue.halt(6, false);
    run.run(10);
    assert.ok(market.seq > halted + 50);
  });

  it('recovers when somebody takes a whole side of a book', () => {
    const run = new SimulationRun({ seed: 35 });
    run.run(30);
    const { book } = run.venue.market(1);
    const total = book
      .levels(SIDE_SELL)
      .reduce((sum, level) => sum + book.levelTotals(SIDE_SELL, level.priceTicks)[0], 0);
    const priceBefore = book.best(SIDE_SELL);
    run.venue.placeForeign(1, SIDE_BUY, 10 * priceBefore, total);
    assert.equal(book.levels(SIDE_SELL).length, 0);
    run.run(1);
    assert.ok(book.levels(SIDE_SELL).length >= 5);
    run.run(120);
    assert.ok(Math.abs(book.best(SIDE_SELL) / priceBefore - 1) < 0.005);
    assert.ok(book.levels(SIDE_SELL).length >= 20);
  });

  it('survives a wall far from the fair value without stopping everything else', () => {
    const run = new SimulationRun({ seed: 36 });
    run.run(30);
    const { book } = run.venue.market(6);
    const wall = Math.round(book.best(SIDE_BUY) * 0.995);
    run.venue.placeForeign(6, SIDE_SELL, wall, 900_000_000);
    assert.equal(book.best(SIDE_SELL), wall);
    run.run(300);
    assert.equal(book.best(SIDE_SELL), wall, 'nobody has so much to buy it all');
    assert.ok(book.levels(SIDE_BUY).length >= 10);
    assert.ok(book.orders.size < 500);
  });

  it('skips what finds no room in the request ring, and goes on', () => {
    const run = new SimulationRun({ seed: 37, requestBytes: 4096 });
    run.run(120);
    for (const market of defaultMarkets()) {
      const { book } = run.venue.market(market.id);
      assert.ok(book.levels(SIDE_BUY).length > 5 && book.levels(SIDE_SELL).length > 5);
    }
  });

  it('reads but sends nothing at a rate of 0', () => {
    const run = new SimulationRun({ seed: 38, ordersPerSecond: 0 });
    run.run(5);
    assert.equal(run.venue.commandCount, 0);
    assert.equal(run.thread.poll(), 0);
  });

  it('leaves markets of another source alone', () => {
    const markets = defaultMarkets().map((market) =>
      market.id === 6 ? { ...market, source: 'live' as const } : market,
    );
    const run = new SimulationRun({ seed: 39, markets });
    run.run(20);
    assert.equal(run.venue.market(6).seq, 0);
    assert.ok(run.venue.market(9).seq > 0);
  });

  it('follows its rate', () => {
    const [slow, fast] = [20, 600].map((ordersPerSecond) => {
      const run = new SimulationRun({ seed: 40, ordersPerSecond });
      run.run(600);
      const before = run.venue.commandCount;
      run.run(900);
      return (run.venue.commandCount - before) / 900;
    });
    assert.ok(slow > 14 && slow < 27, `${slow}`);
    assert.ok(fast > 480 && fast < 720, `${fast}`);
  });

  it('uses every kind of command that it may use and no other', () => {
    const run = new SimulationRun({ seed: 41 });
    run.run(120);
    const types = [...run.venue.commands.keys()].sort((a, b) => a - b);
    assert.deepEqual(types, [R.PLACE_ORDER, R.CANCEL_ORDER, R.AMEND_ORDER]);
  });
});
