import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as R from '../../../src/codec/records.ts';
import { STALE_NAMES, STALE_OVERRUN } from '../../../src/domain/outside.ts';
import type { BookRecord, FeedRecord } from '../../../src/feeds/normalised.ts';
import { LiveMarket } from '../../../src/live/live-market.ts';
import { MinuteSeam } from '../../../src/live/minute-seam.ts';
import { OutsideWriter } from '../../../src/live/outside-writer.ts';
import { MarketView } from '../../../src/projections/market-view.ts';
import { frameType } from '../../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../../src/rings/ring.ts';
import { shippedMarkets } from '../../support/markets.ts';

const MARKET = shippedMarkets().get(6)!;
const NOW_MS = 1_700_000_000_000;

/** A live market in front of a small ring, and a view behind it. */
function scene(capacityBytes: number) {
  const ring = Ring.create(capacityBytes, 1);
  const producer = new RingProducer(ring);
  const reader = new RingReader(ring, 0);
  const writer = new OutsideWriter(producer, { marketId: MARKET.id, seq: 41, tradeId: 7 });
  const asked: number[] = [];
  const ports = {
    fetch: (from: number) => void asked.push(from),
    emit: (row: Float64Array) => void writer.bar(row),
    nowMs: () => NOW_MS,
    after: () => () => undefined,
  };
  const live = new LiveMarket(MARKET, writer, new MinuteSeam(ports, 0));
  const view = new MarketView(MARKET);
  view.setSource(true);
  const types: number[] = [];
  const drain = (): void => {
    producer.publish();
    for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
      types.push(frameType(ring.i32[(at + 4) >>> 2]));
      view.apply(ring, at);
    }
    reader.release();
    view.settle();
  };
  return { live, view, drain, types, asked };
}

function book(isReset: boolean, bids: number[], asks: number[]): BookRecord {
  return { kind: 'book', symbol: 'X', isReset, bids, asks, sequence: 9, venueTimeMs: NOW_MS };
}

function trade(priceTicks: number, venueTimeMs: number): FeedRecord {
  const fill = { priceTicks, qtyLots: 2, tradeId: '1', aggressor: 3, fills: 1 };
  return { kind: 'trade', symbol: 'X', side: 'buy', ...fill, venueTimeMs };
}

describe('LiveMarket', () => {
  it('numbers its records on, and takes no time for later than ours', () => {
    const { live, view, drain } = scene(1 << 16);
    live.take(book(true, [100, 5, 99, 1], [101, 2]), NOW_MS);
    live.take(trade(101, NOW_MS + 60_000), NOW_MS);
    live.take(trade(102, NOW_MS - 60_000), NOW_MS);
    drain();
    assert.equal(view.ticker.seq, 44);
    assert.deepEqual([...view.trades.ids.slice(0, 2)], [8, 9]);
    assert.deepEqual([...view.trades.seconds.slice(0, 2)], [NOW_MS / 1000, NOW_MS / 1000]);
    assert.deepEqual([view.best.bidTicks, view.best.bidLots, view.best.askTicks], [100, 5, 101]);
    assert.equal(view.outside.isStale, false);
  });

  it('empties a stale book, and fills it anew', () => {
    const { live, view, drain } = scene(1 << 16);
    live.take(book(true, [100, 5], [101, 2]), NOW_MS);
    live.take({ kind: 'stale', symbol: 'X', reason: 'gap' }, NOW_MS);
    drain();
    assert.deepEqual([view.depth.bids.length, view.outside.isStale], [0, true]);
    assert.equal(STALE_NAMES[view.outside.staleReason], 'gap');
    assert.equal(live.isStale, true);
    live.take(book(true, [98, 1], [103, 1]), NOW_MS);
    drain();
    assert.deepEqual([view.best.bidTicks, view.outside.isStale, live.isStale], [98, false, false]);
  });

  it('drops and counts when the ring is full, and tells the newest book when there is room', () => {
    const { live, view, drain, types } = scene(1 << 12);
    live.take(book(true, [100, 1], [200, 1]), NOW_MS);
    for (let i = 0; i < 200; i += 1) {
      live.take(book(false, [101 + i / 10, 1], []), NOW_MS);
      live.take(trade(150, NOW_MS), NOW_MS);
    }
    assert.ok(live.drops.books > 0 && live.drops.trades > 0, JSON.stringify(live.drops));
    assert.equal(live.isStale, true);
    live.take(book(false, [100, 0], []), NOW_MS);
    drain();
    live.settle(NOW_MS);
    drain();
    assert.equal(live.isStale, false);
    assert.equal(view.outside.isStale, false);
    assert.equal(view.depth.bids.length, 200, 'all that happened meanwhile is in it');
    assert.equal(view.best.bidTicks, 101 + 199 / 10);
    assert.ok(types.includes(R.OUTSIDE_BOOK));
    assert.equal(STALE_NAMES[STALE_OVERRUN], 'overrun');
  });

  it('fetches the minutes anew after trades were lost', () => {
    const { live, asked } = scene(1 << 12);
    for (let i = 0; i < 100; i += 1) live.take(trade(150, NOW_MS), NOW_MS);
    assert.ok(live.drops.trades > 0);
    assert.ok(asked.length > 0, 'a seam began');
  });
});
