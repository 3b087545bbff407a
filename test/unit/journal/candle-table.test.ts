import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CANDLE_INTERVALS } from '../../../src/domain/candles.ts';
import { BAR_FIELDS, BarRows } from '../../../src/features/bar-rows.ts';
import { currentBar } from '../../../src/features/candle-builder.ts';
import { UTC_CALENDAR } from '../../../src/features/periods.ts';
import { barKeyPrefix, openRowsKey } from '../../../src/journal/bar-image.ts';
import { StoredBars } from '../../../src/journal/bar-queries.ts';
import { CandleTable } from '../../../src/journal/candle-table.ts';
import { Committer } from '../../../src/journal/committer.ts';
import { DerivedTables } from '../../../src/journal/derived-tables.ts';
import { Failpoints } from '../../../src/journal/failpoints.ts';
import { META_CANDLES_BATCH } from '../../../src/journal/format.ts';
import { type JournalStore, openStore, transact } from '../../../src/journal/store.ts';
import { verifyJournal } from '../../../src/journal/verify.ts';
import { Prng } from '../../../src/lib/prng.ts';
import { Ring, RingProducer } from '../../../src/rings/ring.ts';
import { barsOf } from '../../support/bars.ts';
import { FrameWriter } from '../../support/frames.ts';
import { QUOTE_UNITS } from '../../support/journal.ts';
import { type NaiveTrade, naiveBars, naiveStart } from '../../support/naive-candles.ts';
import { temporaryDirectory } from '../../support/temp-directory.ts';

const MARKETS = [1, 2];
const CALENDARS = new Map(MARKETS.map((id) => [id, UTC_CALENDAR]));

/** A journal that is opened and closed as often as a test wants, with trades in two markets. */
class Scene {
  readonly directory: string;
  readonly trades = new Map<number, NaiveTrade[]>(MARKETS.map((id) => [id, []]));
  store!: JournalStore;
  private committer!: Committer;
  private ring = Ring.create(1 << 18, 1);
  private readonly writers: FrameWriter[];
  private readonly prng: Prng;

  constructor(t: TestContext, seed: number) {
    this.directory = temporaryDirectory(t);
    this.prng = new Prng(seed);
    this.writers = MARKETS.map((id) => new FrameWriter(this.ring, id));
    t.after(() => this.store.close().catch(() => undefined));
  }

  /** @param withCandles false: as a version before the table */
  open(withCandles = true): void {
    const store = openStore(this.directory, { readOnly: false, durability: 'commit' });
    this.store = store;
    this.ring = Ring.create(1 << 18, 1);
    const producer = new RingProducer(this.ring);
    for (const writer of this.writers) writer.moveTo(producer);
    const orders = DerivedTables.open(store, QUOTE_UNITS);
    this.committer = new Committer({
      store,
      rings: [this.ring],
      tables: withCandles ? [orders, CandleTable.open(store, CALENDARS)] : [orders],
      failpoints: new Failpoints(''),
    });
  }

  /** Trades in both markets, now and then in one batch with others. */
  trade(count: number): void {
    const { prng } = this;
    for (let i = 0; i < count; i += 1) {
      const writer = this.writers[prng.integer(0, 1)];
      const jump = prng.chance(0.05) ? prng.integer(0, 100_000) : prng.integer(0, 90);
      for (const one of this.writers) one.seconds += jump;
      const [priceTicks, qtyLots] = [prng.integer(1, 900), prng.integer(1, 90)];
      writer.printCommand();
      writer.printed(priceTicks, qtyLots, 0);
      writer.endAndPublish();
      const { marketId, seconds } = writer;
      this.trades.get(marketId)?.push({ seconds, priceTicks, qtyLots });
      if (prng.chance(0.4)) this.committer.commit();
    }
    this.committer.commit();
  }

  settle(): void {
    this.committer.settle();
  }

  /** What the table says: closed bars, then the one under way. */
  bars(marketId: number, interval: number): unknown[] {
    const stored = new StoredBars(this.store);
    const rows = new BarRows(1);
    rows.append(stored.readBefore(marketId, interval, Number.POSITIVE_INFINITY, 10_000));
    const open = stored.openRows(marketId);
    if (open !== undefined) {
      const current = new Float64Array(BAR_FIELDS);
      currentBar(open, interval, current, 0);
      rows.push(current, 0);
    }
    return barsOf(rows);
  }

  check(where: string): void {
    for (const marketId of MARKETS) {
      for (const [interval, name] of CANDLE_INTERVALS.entries()) {
        const expected = naiveBars(this.trades.get(marketId) ?? [], (s) => naiveStart(name, s));
        assert.deepEqual(this.bars(marketId, interval), expected, `${where}: ${marketId}, ${name}`);
      }
    }
  }
}

describe('the table of bars', () => {
  it('equals a recomputation however often the process died without a word', async (t) => {
    const scene = new Scene(t, 5);
    for (let life = 0; life < 12; life += 1) {
      scene.open();
      scene.check(`at the start of life ${life}`);
      scene.trade(life * 7);
      if (life % 4 === 3) {
        scene.settle();
        scene.check(`at the end of life ${life}`);
      }
      await scene.store.close();
    }
    scene.open();
    scene.check('at the end');
  });

  it('is built from the trades where a version before it wrote the journal', async (t) => {
    const scene = new Scene(t, 6);
    scene.open(false);
    scene.trade(300);
    await scene.store.close();
    scene.open();
    scene.check('after the first start with the table');
    scene.trade(50);
    await scene.store.close();
    scene.open();
    scene.check('after the next one');
  });

  it('is built from the trades, too, where the first batches are gone', async (t) => {
    const scene = new Scene(t, 9);
    scene.open(false);
    scene.trade(200);
    const last = [...scene.store.batches.getKeys({ reverse: true, limit: 1 })][0];
    transact(scene.store, () => {
      for (const key of [...scene.store.batches.getKeys({ start: 1, end: last })]) {
        scene.store.batches.removeSync(key);
      }
    });
    await scene.store.close();
    scene.open();
    scene.check('after the first start with the table');
  });

  it('is compared by verify, which finds a bar that says something else', (t) => {
    const scene = new Scene(t, 10);
    scene.open();
    scene.trade(150);
    const verify = (): ReturnType<typeof verifyJournal> =>
      verifyJournal(scene.store, { quoteUnitsPerTickLot: QUOTE_UNITS });
    const report = verify();
    assert.deepEqual(report.problems, []);
    assert.ok(report.bars > 100, `${report.bars} bars`);
    scene.settle();
    assert.deepEqual(verify().problems, []);
    const { candles } = scene.store;
    const [{ key, value }] = [...candles.getRange({ start: barKeyPrefix(2, 1), limit: 1 })];
    const [oldKey, oldValue] = [Uint8Array.from(key), Uint8Array.from(value)];
    const tampered = oldValue.slice();
    tampered[8] += 1;
    transact(scene.store, () => candles.putSync(oldKey, tampered));
    assert.match(verify().problems.join(), /^bar of market 2, interval 1, .* differs/);
    transact(scene.store, () => candles.removeSync(oldKey));
    assert.match(verify().problems.join(), /differs.*table candles has \d+ bars of market 2/);
    transact(scene.store, () => candles.putSync(oldKey, oldValue));
    transact(scene.store, () => {
      const open = candles.get(openRowsKey(1));
      assert.ok(open !== undefined);
      open[16] += 1;
      candles.putSync(openRowsKey(1), open);
    });
    assert.match(verify().problems.join(), /^market 1, interval 0: the bar under way differs/);
  });

  it('writes the rows under way once a second at most, and what it wrote last names its batch', async (t) => {
    const scene = new Scene(t, 7);
    scene.open();
    scene.trade(1);
    const first = scene.store.meta.get(META_CANDLES_BATCH);
    scene.trade(40);
    assert.equal(scene.store.meta.get(META_CANDLES_BATCH), first, 'not a second has passed');
    scene.settle();
    const [last] = scene.store.batches.getKeys({ reverse: true, limit: 1 });
    assert.equal(scene.store.meta.get(META_CANDLES_BATCH), last);
  });

  it('finds the newest bars before a time, and all when there are fewer', (t) => {
    const scene = new Scene(t, 8);
    scene.open();
    scene.trade(400);
    scene.settle();
    const trades = scene.trades.get(1) ?? [];
    const bars = naiveBars(trades, (seconds) => naiveStart('5m', seconds)).slice(0, -1);
    const stored = new StoredBars(scene.store);
    const read = (before: number, count: number): unknown[] => {
      const rows = new BarRows(1);
      rows.append(stored.readBefore(1, 1, before, count));
      return barsOf(rows);
    };
    assert.ok(bars.length > 50);
    assert.deepEqual(read(Number.POSITIVE_INFINITY, 7), bars.slice(-7));
    assert.deepEqual(read(bars[30].openSeconds, 10), bars.slice(20, 30));
    assert.deepEqual(read(bars[4].openSeconds + 1, 10), bars.slice(0, 5));
    assert.deepEqual(read(bars[0].openSeconds, 10), []);
  });
});
