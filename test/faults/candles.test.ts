import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { MarketsFile } from '../../src/config/markets.ts';
import { CANDLE_INTERVALS, type CandleInterval } from '../../src/domain/candles.ts';
import { FAIL_DURING_HISTORY } from '../../src/journal/failpoints.ts';
import { openbell } from '../support/command-line.ts';
import { type NaiveBar, naiveBars, naiveStart } from '../support/naive-candles.ts';
import { repositoryRoot } from '../support/repository.ts';
import { ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';
import { assertVerified } from '../support/verify-directory.ts';

const PATIENCE_MS = 30_000;
const MARKETS = ['binance:BTC-USDT', 'bybit:BTC-USDT', 'NASDAQ:AAPL'];

interface BarRow {
  market: string;
  interval: CandleInterval;
  time: string;
  generated: boolean;
  open_ticks: number;
  high_ticks: number;
  low_ticks: number;
  close_ticks: number;
  volume_lots: number;
  trades: number;
}

interface TradeRow {
  market: string;
  time: string;
  price_ticks: number;
  quantity_lots: number;
}

type Bar = Omit<NaiveBar, 'tickLots'>;

/** A market file with three of the shipped markets. */
function writeMarkets(path: string): void {
  const file = JSON.parse(
    readFileSync(join(repositoryRoot, 'config/markets.json'), 'utf8'),
  ) as MarketsFile;
  const markets = file.markets.filter((one) => MARKETS.includes(`${one.exchange}:${one.symbol}`));
  writeFileSync(path, JSON.stringify({ ...file, markets }));
}

/** Bars of shorter ones, added up in the plainest way. */
function addUp(bars: readonly Bar[], interval: CandleInterval): Bar[] {
  const sums = new Map<number, Bar>();
  for (const bar of bars) {
    const openSeconds = naiveStart(interval, bar.openSeconds);
    const sum = sums.get(openSeconds);
    if (sum === undefined) sums.set(openSeconds, { ...bar, openSeconds });
    else {
      sum.high = Math.max(sum.high, bar.high);
      sum.low = Math.min(sum.low, bar.low);
      sum.close = bar.close;
      sum.lots += bar.lots;
      sum.trades += bar.trades;
    }
  }
  return [...sums.values()];
}

describe('bars of a venue that is killed again and again', () => {
  const directory = openTemporaryDirectory();
  const env = {
    OPENBELL_MARKETS_FILE: join(directory.path, 'markets.json'),
    OPENBELL_SIMULATION_HISTORY: 'on',
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '400',
  };
  const data = join(directory.path, 'data');
  let server: ServerProcess | undefined;
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  async function exported<T>(what: string): Promise<T[]> {
    const { stdout, code, stderr } = await openbell(['export', '--what', what, '--data-dir', data]);
    assert.equal(code, 0, stderr);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T);
  }

  it('join generated history without a seam and equal a recomputation from the trades', async () => {
    writeMarkets(env.OPENBELL_MARKETS_FILE);
    // Dies three times in the middle of the history, then twice in the middle of trading.
    for (const nth of [1, 9, 40]) {
      const failpoint = `${FAIL_DURING_HISTORY}:${nth}`;
      server = await ServerProcess.start(data, { ...env, OPENBELL_FAILPOINT: failpoint });
      assert.equal((await server.ended()).signal, 'SIGKILL');
    }
    for (let life = 0; life < 2; life += 1) {
      server = await ServerProcess.start(data, env);
      const startedMs = performance.now();
      while (life === 0 && !server.log.includes('simulated history generated')) {
        assert.ok(performance.now() - startedMs < PATIENCE_MS, server.log);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await server.end('SIGKILL');
    }
    server = await ServerProcess.start(data, env);
    await server.end('SIGTERM');
    assert.ok(!server.log.includes('simulated history generated'), 'it is made once');

    assertVerified(data, 'after all lives');
    const bars = await exported<BarRow>('candles');
    const trades = await exported<TradeRow>('trades');
    for (const market of MARKETS) {
      const of = (interval: CandleInterval): (Bar & { generated: boolean })[] =>
        bars
          .filter((bar) => bar.market === market && bar.interval === interval)
          .map((bar) => ({
            openSeconds: Date.parse(bar.time) / 1000,
            open: bar.open_ticks,
            high: bar.high_ticks,
            low: bar.low_ticks,
            close: bar.close_ticks,
            lots: bar.volume_lots,
            trades: bar.trades,
            generated: bar.generated,
          }));
      const minutes = of('1m');
      const generated = minutes.filter((bar) => bar.generated);
      const live = minutes.filter((bar) => !bar.generated).map(withoutLabel);
      const mine = trades.filter((trade) => trade.market === market);
      const expected = naiveBars(
        mine.map(({ time, price_ticks: priceTicks, quantity_lots: qtyLots }) => {
          return { seconds: Math.floor(Date.parse(time) / 1000), priceTicks, qtyLots };
        }),
        (seconds) => naiveStart('1m', seconds),
      ).map(({ tickLots: _, ...bar }) => bar);
      assert.ok(mine.length > 5, `${market}: ${mine.length} trades`);
      assert.deepEqual(live, expected, market);
      checkGenerated(market, generated, live[0]);
      checkSums(market, minutes.map(withoutLabel), (interval) => of(interval).map(withoutLabel));
    }
  });
});

function withoutLabel({ generated: _, ...bar }: Bar & { generated: boolean }): Bar {
  return bar;
}

/** Thirty days and more, every minute once, up to the first live one and its price. */
function checkGenerated(market: string, generated: readonly Bar[], firstLive: Bar): void {
  assert.ok(generated.length >= 30 * 1440, `${market}: ${generated.length} generated minutes`);
  for (const [i, bar] of generated.entries()) {
    assert.equal(bar.openSeconds, generated[0].openSeconds + 60 * i, market);
    assert.ok(bar.low <= Math.min(bar.open, bar.close) && bar.low > 0, market);
    assert.ok(bar.high >= Math.max(bar.open, bar.close), market);
    assert.ok(bar.trades > 0 && bar.lots >= bar.trades, market);
  }
  const { close, openSeconds } = generated[generated.length - 1];
  assert.equal(generated[0].openSeconds % 86_400, 0, 'whole days');
  const startTicks = market === 'NASDAQ:AAPL' ? 21_250 : 972_500;
  assert.equal(close, startTicks, `${market}: the live simulation starts from the last close`);
  assert.ok(firstLive.openSeconds - openSeconds <= 120, market);
  assert.ok(Math.abs(firstLive.open / startTicks - 1) < 0.005, `${market}: ${firstLive.open}`);
}

/** Minutes add up to all longer bars; days reach back five years and add up to weeks and months. */
function checkSums(
  market: string,
  minutes: readonly Bar[],
  of: (i: CandleInterval) => Bar[],
): void {
  const days = of('1d');
  const first = minutes[0].openSeconds;
  for (const interval of CANDLE_INTERVALS.slice(1, CANDLE_INTERVALS.indexOf('1d'))) {
    assert.deepEqual(of(interval), addUp(minutes, interval), `${market} ${interval}`);
  }
  assert.deepEqual(
    days.filter(({ openSeconds }) => openSeconds >= first),
    addUp(minutes, '1d'),
    `${market} 1d`,
  );
  for (const interval of ['1wk', '1mo'] as const) {
    assert.deepEqual(of(interval), addUp(days, interval), `${market} ${interval}`);
  }
  assert.ok(days.length >= 5 * 365, `${market}: ${days.length} days`);
  for (const [i, { openSeconds }] of days.entries()) {
    assert.equal(openSeconds, days[0].openSeconds + 86_400 * i, market);
  }
}
