import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Market } from '../../../../src/domain/markets.ts';
import { BAR_LOTS, BAR_SECONDS, BarRows } from '../../../../src/features/bar-rows.ts';
import type { BarRange } from '../../../../src/features/fill-bars.ts';
import { ConnectionLimit } from '../../../../src/gateway/streams/connection-limit.ts';
import { Prng } from '../../../../src/lib/prng.ts';
import { MarketViews } from '../../../../src/projections/market-view.ts';
import { SOCKETS } from '../../../../src/surfaces/takashi/sockets.ts';
import { SpikeFeed, type SpikeHistories } from '../../../../src/surfaces/takashi/spike-feed.ts';
import {
  type BarFacts,
  SPIKE_WINDOW,
  SPIKE_WINDOW_MIN,
  spikeOf,
} from '../../../../src/surfaces/takashi/spikes.ts';
import { TakashiStream } from '../../../../src/surfaces/takashi/stream.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import { FakeHub, PLAIN_REQUEST, StepClock } from '../../../support/stream-fakes.ts';
import { factsOf } from '../../../support/takashi-facts.ts';

const registry = shippedMarkets();
const BTC = registry.get(6)!;
const BYBIT = registry.get(9)!;
const END = 1_800_000_000;

/** Bars that go up and down by one, and one more. */
function alternating(count: number, newest: BarFacts): BarFacts[] {
  const bars = Array.from({ length: count }, (_, i) => ({
    interestLots: i % 2 === 0 ? 1 : -1,
    volumeLots: i % 2 === 0 ? 110 : 90,
  }));
  return [...bars, newest];
}

test('a spike is above the threshold by the bars before it, and the volume confirms it', () => {
  const deviation = Math.sqrt(SPIKE_WINDOW_MIN / (SPIKE_WINDOW_MIN - 1));
  const spike = (interestLots: number, volumeLots: number) =>
    spikeOf(alternating(SPIKE_WINDOW_MIN, { interestLots, volumeLots }), 3);
  assert.equal(spike(3 * deviation, 100), undefined, 'not above it');
  assert.equal(spike(-9, 900), undefined, 'a fall is none');
  const quiet = spike(4, 120);
  assert.ok(Math.abs((quiet?.zOi ?? 0) - 4 / deviation) < 1e-12);
  assert.ok(Math.abs((quiet?.zVol ?? 0) - 2 / deviation) < 1e-12);
  assert.equal(quiet?.confirmed, false);
  assert.equal(spike(4, 121)?.confirmed, true);
});

test('too little history, or one without any movement, says nothing', () => {
  const newest = { interestLots: 1000, volumeLots: 100_000 };
  assert.equal(spikeOf([], 2), undefined);
  assert.equal(spikeOf(alternating(SPIKE_WINDOW_MIN - 1, newest), 2), undefined);
  assert.notEqual(spikeOf(alternating(SPIKE_WINDOW_MIN, newest), 2), undefined);
  const still = Array.from({ length: 50 }, () => ({ interestLots: 0, volumeLots: 1 }));
  assert.equal(spikeOf([...still, newest], 2), undefined);
  const wild = [{ interestLots: 1e9, volumeLots: 1e9 }, ...alternating(SPIKE_WINDOW, newest)];
  assert.notEqual(spikeOf(wild, 2), undefined, 'what is older than the window does not count');
});

/** Histories of a market that ends at `END` with a spike in every timeframe. */
function histories() {
  const prng = new Prng(5);
  const interest = new Map<number, number>();
  const volumes = new Map<number, number>();
  let lots = 50_000;
  for (let at = END - 200 * 3600; at <= END; at += 300) {
    lots += prng.integer(-20, 20) + (at === END ? 3000 : 0);
    interest.set(at, lots);
    volumes.set(at, prng.integer(500, 900) + (at === END - 300 ? 30_000 : 0));
  }
  const volume = (from: number, length: number): number => {
    let sum = 0;
    for (let at = from; at < from + length; at += 300) sum += volumes.get(at) ?? 0;
    return sum;
  };
  let generatedBefore = 0;
  const venue = {
    margin: {
      openInterestHistory: (_: Market, range: BarRange & { intervalSeconds: number }) =>
        [...interest]
          .filter(([at]) => at >= range.fromSeconds && at <= range.toSeconds)
          .filter(([at]) => at % range.intervalSeconds === 0)
          .map(([seconds, each]) => ({ seconds, lots: each, markTicks: 1 })),
    },
    candleSeries: (_: Market, interval: string) => ({
      generatedBefore: () => generatedBefore,
      read: ({ fromSeconds, toSeconds }: BarRange) => {
        const length = { '5m': 300, '15m': 900, '1h': 3600 }[interval] ?? assert.fail(interval);
        const rows = new BarRows();
        const row = new Float64Array(8);
        for (let at = Math.ceil(fromSeconds / length) * length; at <= toSeconds; at += length) {
          row[BAR_SECONDS] = at;
          row[BAR_LOTS] = volume(at, length);
          rows.push(row, 0);
        }
        return rows;
      },
    }),
  } as unknown as SpikeHistories;
  const naive = (length: number) => {
    const facts: number[][] = [];
    for (let at = END - SPIKE_WINDOW * length - length; at < END; at += length) {
      facts.push([interest.get(at + length)! - interest.get(at)!, volume(at, length)]);
    }
    const last = facts.pop()!;
    return last.map((value, which) => {
      const values = facts.map((each) => each[which]);
      const mean = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1);
      return Math.round(((value - mean) / Math.sqrt(variance)) * 10_000) / 10_000;
    });
  };
  const generate = (until: number) => {
    generatedBefore = until;
  };
  return { venue, naive, generate };
}

function bench() {
  const history = histories();
  const views = new MarketViews(registry.all);
  const clock = new StepClock();
  const stream = new TakashiStream({
    path: SOCKETS.oiVol,
    feed: new SpikeFeed(history.venue),
    clock,
    connectionLimit: new ConnectionLimit(10),
  });
  const wire = new FakeHub();
  stream.bind(wire);
  const connect = (query: string) => {
    const socket = wire.socket();
    socket.session = stream.open(socket, { ...PLAIN_REQUEST, query });
    return socket;
  };
  /** The sample at `END` is there, and so many seconds have passed since. */
  const sample = (market: Market, ageSeconds: number) => {
    const view = views.get(market.id)!;
    view.derivatives.interestPoints.push({ seconds: END, lots: 1, markTicks: 1 });
    view.candles.nowSeconds = END + ageSeconds;
    stream.publish?.(view);
  };
  return { ...history, stream, connect, sample };
}

test('alerts are what the histories say, once per bar, for the timeframes asked for', () => {
  const { connect, sample, naive } = bench();
  const all = connect('');
  const one = connect('timeframes=15m');
  const binary = connect('timeframes=1h,5m,5m&format=flatbuffers');
  sample(BTC, 1);
  assert.equal(all.received.length, 0, 'the bar may not be complete yet');
  for (const age of [2, 3, 60]) sample(BTC, age);
  const expected = (
    [
      ['5m', 300],
      ['15m', 900],
      ['1h', 3600],
    ] as const
  ).map(([timeframe, length]) => {
    const [zOi, zVol] = naive(length);
    return {
      type: 'oi_spike',
      exchange: 'binance',
      symbol: 'BTCUSDT',
      timeframe,
      z_oi: zOi,
      z_vol: zVol,
      confirmed: true,
      timestamp: '2027-01-15T08:00:00Z',
    };
  });
  const heard = all.received.map((text) => JSON.parse(text as string));
  assert.deepEqual(heard, expected);
  assert.ok(expected.every(({ z_oi: zOi }) => zOi > 3));
  assert.deepEqual(
    one.received.map((text) => JSON.parse(text as string)),
    [expected[1]],
  );
  assert.deepEqual(
    binary.received.map((bytes) => factsOf(bytes as Uint8Array)),
    [expected[0], expected[2]],
  );
});

test('silent: other exchanges, old samples, generated bars, nobody who listens', () => {
  const other = bench();
  const elsewhere = other.connect('');
  other.sample(BYBIT, 2);
  assert.equal(elsewhere.received.length, 0);
  const old = bench();
  const late = old.connect('');
  old.sample(BTC, 301);
  assert.equal(late.received.length, 0);
  const young = bench();
  const early = young.connect('timeframes=5m');
  young.generate(END - SPIKE_WINDOW_MIN * 300);
  young.sample(BTC, 2);
  assert.equal(early.received.length, 0, 'too few bars were traded');
  const alone = bench();
  alone.sample(BTC, 2);
  assert.equal(alone.stream.counters.messages, 0);
});
