import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Decimal, unitsAt } from '../../src/feeds/decimal.ts';
import type { Grid } from '../../src/feeds/grid.ts';
import type { CandleRecord, TradeRecord, VenueName } from '../../src/feeds/normalised.ts';
import { adapterOf } from '../../src/feeds/open-venue.ts';
import { FeedCollector } from '../support/feed-collector.ts';
import { skipWithout } from '../support/recordings.ts';
import { readRecording } from '../support/venue-recordings.ts';

/** Fine enough for all of them. */
const FINE: Grid = { tickUnits: 1, priceDecimals: 5, lotUnits: 1, qtyDecimals: 3 };

interface Built {
  high: number;
  low: number;
  close: number;
  lots: number;
  /** Sum of price × quantity, 10^-8 of the quote asset. */
  tickLots: number;
}

/**
 * The candle of a minute after each of its trades, from none on.
 * @param openTicks where nothing has traded yet everything is this
 */
function states(trades: readonly TradeRecord[], openTicks: number): Built[] {
  let built: Built = { high: openTicks, low: openTicks, close: openTicks, lots: 0, tickLots: 0 };
  const all = [built];
  for (const { priceTicks, qtyLots } of trades) {
    built = {
      high: Math.max(built.high, priceTicks),
      low: Math.min(built.low, priceTicks),
      close: priceTicks,
      lots: built.lots + qtyLots,
      tickLots: built.tickLots + priceTicks * qtyLots,
    };
    assert.ok(Number.isSafeInteger(built.tickLots));
    all.push(built);
  }
  return all;
}

function toldBy(candle: CandleRecord): Built {
  return {
    high: inUnits(candle.high, 5),
    low: inUnits(candle.low, 5),
    close: inUnits(candle.close, 5),
    lots: inUnits(candle.volume, 3),
    tickLots: inUnits(candle.quoteVolume, 8),
  };
}

function inUnits(value: Decimal | null, decimals: number): number {
  assert.ok(value !== null);
  const units = unitsAt(value, decimals);
  assert.ok(units !== undefined);
  return units;
}

/**
 * Compares every state of a candle that the exchange told with the candle of the trades up to then.
 * The recordings begin in the middle of a minute, so what counts is the minute after that one.
 * @returns how many were equal, and how many lay between two trades
 */
function compare(venue: VenueName, name: string, symbols: readonly string[], connection?: string) {
  const collector = new FeedCollector();
  const decoder = adapterOf(venue).decoder(new Map(symbols.map((each) => [each, FINE])), collector);
  for (const step of readRecording(name)) {
    if (step.kind !== 'frame' || (connection && step.connection !== connection)) continue;
    decoder.frame(step.text);
  }
  const counts = { equal: 0, between: 0, opensAtFirstTrade: 0, opensAtLastClose: 0 };
  for (const symbol of symbols) {
    const candles = collector.of('candle').filter((each) => each.symbol === symbol);
    const second = candles.find((each) => each.openTimeMs > candles[0].openTimeMs);
    if (second === undefined) continue;
    const { openTimeMs, endTimeMs } = second;
    const trades = collector
      .of('trade')
      .filter((each) => each.symbol === symbol)
      .filter(({ venueTimeMs }) => venueTimeMs >= openTimeMs && venueTimeMs < endTimeMs);
    const open = inUnits(second.open, 5);
    const reached = states(trades, open);
    const firstTicks = trades[0]?.priceTicks;
    if (firstTicks === open) counts.opensAtFirstTrade += 1;
    const before = candles.filter((each) => each.openTimeMs < openTimeMs).at(-1);
    if (before && inUnits(before.close, 5) === open) counts.opensAtLastClose += 1;
    for (const candle of candles.filter((each) => each.openTimeMs === openTimeMs)) {
      const told = toldBy(candle);
      const equal = reached.find(({ lots }) => lots === told.lots);
      if (equal === undefined) {
        // It was told in the middle of fills that the exchange tells as one trade.
        assert.ok(told.lots < reached[reached.length - 1].lots, 'more was told than has traded');
        counts.between += 1;
        continue;
      }
      assert.deepEqual(equal, told, `${symbol} at ${told.lots}`);
      counts.equal += 1;
    }
  }
  return counts;
}

const FUTURES = 'cryptofeed-binance-futures.jsonl.gz';
const BYBIT = 'cryptofeed-bybit.jsonl.gz';

describe('candles of recorded trades are the exchange’s own', () => {
  it('Binance USD-M: every state of the minute that was recorded from its beginning', {
    skip: skipWithout(`raw-ws/${FUTURES}`),
  }, (t) => {
    const symbols = ['SUSHIUSDT', 'AKROUSDT', 'CTKUSDT'];
    const counts = compare('binance', FUTURES, symbols);
    assert.ok(counts.equal >= 10, `${counts.equal} equal`);
    // Aggregated trades of several fills; a candle may be told after some of them.
    assert.ok(counts.between < counts.equal, `${counts.between} between`);
    assert.equal(counts.opensAtFirstTrade, symbols.length);
    t.diagnostic(JSON.stringify(counts));
  });

  it('Bybit: likewise, but that a candle opens at the close of the one before', {
    skip: skipWithout(`raw-ws/${BYBIT}`),
  }, (t) => {
    const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'DOGEUSDT'];
    const linear = readRecording(BYBIT).find(
      (step) => step.kind === 'connect' && step.url.endsWith('/linear'),
    );
    assert.ok(linear?.kind === 'connect');
    const counts = compare('bybit', BYBIT, symbols, linear.connection);
    assert.equal(counts.between, 0);
    assert.ok(counts.equal >= 60, `${counts.equal} equal`);
    assert.equal(counts.opensAtLastClose, symbols.length);
    t.diagnostic(JSON.stringify(counts));
  });
});
