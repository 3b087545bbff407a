import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { readSettings } from '../../src/config/settings.ts';
import { CANDLE_INTERVALS } from '../../src/domain/candles.ts';
import { BarRows } from '../../src/features/bar-rows.ts';
import { StoredBars } from '../../src/journal/bar-queries.ts';
import { readTrades } from '../../src/journal/queries.ts';
import { openStore } from '../../src/journal/store.ts';
import { Server } from '../../src/server.ts';
import { simulatedMarket } from '../../src/simulated-market.ts';
import { barsOf } from '../support/bars.ts';
import { shippedMarkets } from '../support/markets.ts';
import {
  type NaiveBar,
  naiveBars,
  naiveFilled,
  naiveStart,
  naiveStep,
} from '../support/naive-candles.ts';
import { eventually } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

/** BTC on two venues, and a share. */
const markets = shippedMarkets([1, 6, 9]);
/** A bound for failures: on a busy machine orders go first. */
const HISTORY_MS_MAX = 150_000;
/** Trades in each market before bars are compared. */
const TRADES = 10;

describe('a server with simulated markets', () => {
  const directory = openTemporaryDirectory();
  const settings = readSettings({
    OPENBELL_DATA_DIR: directory.path,
    OPENBELL_PORT: '0',
    OPENBELL_ADMIN_PASSWORD: 'correct horse battery staple',
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '300',
  });

  async function start(isTrading: boolean): Promise<{ server: Server; lines: () => string }> {
    let text = '';
    const log = pino(
      { level: 'info' },
      {
        write: (line: string) => {
          text += line;
        },
      },
    );
    const sessions = isTrading ? [simulatedMarket(markets, settings)] : [];
    const announce = (): void => undefined;
    const server = await Server.start({ settings, markets, log, version: '0', sessions, announce });
    return { server, lines: () => text };
  }

  it('stops in the middle of making history, makes it at the next start, and never again', async (t) => {
    t.after(() => directory.remove());
    const first = await start(true);
    await first.server.stop('the test');
    assert.doesNotMatch(first.lines(), /history (was not )?generated/);

    const second = await start(true);
    const startedMs = performance.now();
    while (!second.lines().includes('simulated history generated')) {
      assert.ok(performance.now() - startedMs < HISTORY_MS_MAX, second.lines());
      await sleep(50);
    }
    await eventually('trades in every market', () => {
      const { engine } = second.server;
      const isEnough = markets.all.every((market) => engine.ticker(market).tradesTotal >= TRADES);
      return isEnough || undefined;
    });
    await second.server.stop('the test');

    // Nobody trades now: the recovered bars are compared at rest.
    const { server, lines } = await start(false);
    try {
      for (const market of markets.all) compare(server, directory.path, market.id);
      assert.doesNotMatch(lines(), /history/);
    } finally {
      await server.stop('the test');
    }
  });

  /** What the engine answers beside a recomputation from the trades and the generated minutes. */
  function compare(server: Server, path: string, marketId: number): void {
    const market = markets.get(marketId)!;
    const store = openStore(path, { readOnly: true, durability: 'commit' });
    const trades = readTrades(store, marketId, { limit: 100_000 }).reverse();
    const stored = new StoredBars(store);
    const end = stored.generatedEnd(marketId) ?? 0;
    const generated = new BarRows(1);
    for (const rows of stored.all(marketId, 0)) generated.append(rows);
    const old = barsOf(generated).filter(({ openSeconds }) => openSeconds < end);
    assert.ok(trades.length >= TRADES, `${trades.length} trades`);
    assert.ok(old.length >= 30 * 1440, `${old.length} generated minutes`);
    const minutes = [...old, ...naiveBars(trades, (seconds) => naiveStart('1m', seconds))];
    const lastSeconds = trades[trades.length - 1].seconds;
    const limit = 5_000;
    for (const name of CANDLE_INTERVALS.slice(0, 6)) {
      const startOf = (seconds: number): number => naiveStart(name, seconds);
      const all = naiveFilled(addUp(minutes, startOf), startOf, lastSeconds, naiveStep(name));
      const found = server.engine.candles(market, name, 0, lastSeconds, limit);
      assert.deepEqual(
        found.map(({ openSeconds, openTicks, highTicks, lowTicks, closeTicks, ...rest }) => ({
          openSeconds,
          open: openTicks,
          high: highTicks,
          low: lowTicks,
          close: closeTicks,
          lots: rest.volumeLots,
          tickLots: rest.volumeTickLots,
          trades: rest.trades,
        })),
        all.slice(-limit),
        `market ${marketId}, ${name}`,
      );
    }
    assert.equal(server.engine.candleSeries(market, '1m').generatedBefore(), end);
    checkStatistics(server, marketId, minutes);
  }

  function checkStatistics(server: Server, marketId: number, minutes: readonly NaiveBar[]): void {
    const market = markets.get(marketId)!;
    // The minute may turn between the two: then once more.
    for (;;) {
      const now = server.engine.candleSeries(market, '1m').nowSeconds();
      const found = server.engine.statistics(market);
      const from = naiveStart('1m', now) - 86_400;
      if (naiveStart('1m', server.engine.candleSeries(market, '1m').nowSeconds()) - 86_400 !== from)
        continue;
      const within = minutes.filter(({ openSeconds }) => openSeconds >= from);
      assert.equal(found.lastTicks, minutes[minutes.length - 1].close);
      assert.equal(found.highTicks, Math.max(...within.map(({ high }) => high)));
      assert.equal(
        found.volumeLots,
        within.reduce((sum, { lots }) => sum + lots, 0),
      );
      assert.equal(
        found.openTicks,
        minutes.filter(({ openSeconds }) => openSeconds < from).at(-1)?.close,
      );
      return;
    }
  }
});

function addUp(minutes: readonly NaiveBar[], startOf: (seconds: number) => number): NaiveBar[] {
  const sums = new Map<number, NaiveBar>();
  for (const minute of minutes) {
    const openSeconds = startOf(minute.openSeconds);
    const sum = sums.get(openSeconds);
    if (sum === undefined) sums.set(openSeconds, { ...minute, openSeconds });
    else {
      sum.high = Math.max(sum.high, minute.high);
      sum.low = Math.min(sum.low, minute.low);
      sum.close = minute.close;
      sum.lots += minute.lots;
      sum.tickLots += minute.tickLots;
      sum.trades += minute.trades;
    }
  }
  return [...sums.values()];
}
