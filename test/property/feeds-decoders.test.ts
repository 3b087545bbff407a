import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FeedRecord, VenueName } from '../../src/feeds/normalised.ts';
import { adapterOf } from '../../src/feeds/open-venue.ts';
import { FeedCollector } from '../support/feed-collector.ts';
import { CENTS } from '../support/feed-scene.ts';

/** One frame of each kind that a decoder reads, with numbers to be put into it. */
const FRAMES: Readonly<Record<VenueName, readonly object[]>> = {
  binance: [
    { e: 'depthUpdate', E: 5, s: 'X', U: 1, u: 2, pu: 0, b: [['1.00', '1']], a: [['2.00', '1']] },
    { lastUpdateId: 1, bids: [['1.00', '1']], asks: [['2.00', '1']] },
    { e: 'trade', E: 1, T: 1, s: 'X', t: 1, p: '1.00', q: '1', X: 'MARKET', m: true },
    { e: 'aggTrade', E: 1, T: 1, s: 'X', a: 1, f: 1, l: 2, p: '1.00', q: '1', m: true },
    { e: 'bookTicker', u: 1, s: 'X', b: '1.00', B: '1', a: '2.00', A: '1', T: 1, E: 1 },
    {
      e: 'kline',
      s: 'X',
      k: { t: 0, i: '1m', o: '1', h: '1', l: '1', c: '1', v: '1', q: '1', n: 1 },
    },
    { e: 'forceOrder', o: { s: 'X', S: 'SELL', q: '1', p: '1', z: '1', X: 'FILLED', T: 1 } },
    { e: '24hrTicker', E: 1, s: 'X', c: '1', o: '1', h: '1', l: '1', v: '1', q: '1', n: 1 },
    { e: 'markPriceUpdate', E: 1, s: 'X', p: '1', i: '1', r: '0.1', T: 1 },
    { result: null, id: 1 },
    { error: { code: 2, msg: 'bad' }, id: 1 },
  ],
  bybit: [
    {
      topic: 'orderbook.200.X',
      type: 'snapshot',
      ts: 1,
      data: { s: 'X', b: [['1.00', '1']], a: [['2.00', '1']], u: 1, seq: 1 },
    },
    {
      topic: 'orderbook.200.X',
      type: 'delta',
      ts: 1,
      data: { s: 'X', b: [], a: [], u: 2, seq: 2 },
    },
    { topic: 'publicTrade.X', data: [{ T: 1, s: 'X', S: 'Buy', v: '1', p: '1.00', i: 'id' }] },
    {
      topic: 'kline.1.X',
      data: [
        {
          start: 1,
          interval: '1',
          open: '1',
          close: '1',
          high: '1',
          low: '1',
          volume: '1',
          turnover: '1',
        },
      ],
    },
    { topic: 'allLiquidation.X', data: [{ T: 1, s: 'X', S: 'Buy', v: '1', p: '1' }] },
    { topic: 'tickers.X', type: 'snapshot', ts: 1, data: { markPrice: '1', openInterest: '1' } },
    { success: false, ret_msg: 'error:topic:X' },
  ],
  hyperliquid: [
    { channel: 'l2Book', data: { coin: 'X', time: 1, levels: [[{ px: '1', sz: '1' }], []] } },
    {
      channel: 'trades',
      data: [{ coin: 'X', side: 'B', px: '1', sz: '1', time: 1, hash: '', tid: 1 }],
    },
    { channel: 'bbo', data: { coin: 'X', time: 1, bbo: [{ px: '1', sz: '1' }, null] } },
    {
      channel: 'candle',
      data: { t: 1, T: 2, s: 'X', i: '1m', o: '1', h: '1', l: '1', c: '1', v: '1', n: 1 },
    },
    { channel: 'activeAssetCtx', data: { coin: 'X', ctx: { markPx: '1', openInterest: '1' } } },
    { channel: 'error', data: 'Invalid subscription {"coin":"X"}' },
  ],
  okx: [
    {
      arg: { channel: 'books', instId: 'X' },
      action: 'snapshot',
      data: [{ bids: [['1', '1']], asks: [['2', '1']], ts: '1', seqId: 1, prevSeqId: -1 }],
    },
    {
      arg: { channel: 'books', instId: 'X' },
      action: 'update',
      data: [{ bids: [], asks: [], ts: '1', seqId: 2, prevSeqId: 1 }],
    },
    {
      arg: { channel: 'trades' },
      data: [{ instId: 'X', tradeId: '1', px: '1', sz: '1', side: 'buy', ts: '1' }],
    },
    {
      arg: { channel: 'liquidation-orders' },
      data: [{ instId: 'X', details: [{ bkPx: '1', sz: '1', side: 'sell', ts: '1' }] }],
    },
    { event: 'error', msg: 'X', code: '1' },
  ],
};

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    '',
    '-1',
    '1e300',
    'NaN',
    '0',
    -1,
    0,
    1.5,
    2 ** 53,
    true,
  ),
  fc.constantFrom<unknown>([], {}, [[]], [null], [['1']], { X: 1 }, '99999999999999999999.99999'),
  fc.string(),
  fc.integer(),
  fc.double(),
);

/** A copy in which some value anywhere is another. */
function spoilt(frame: object, pick: number, value: unknown): unknown {
  const copy = structuredClone(frame);
  const places: [Record<string, unknown>, string][] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(copy);
  const [node, key] = places[pick % places.length];
  node[key] = value;
  return copy;
}

function assertSound(record: FeedRecord): void {
  if (record.kind === 'trade') {
    assert.ok(Number.isSafeInteger(record.priceTicks) && record.priceTicks >= 0);
    assert.ok(Number.isSafeInteger(record.qtyLots) && record.qtyLots >= 0);
  }
  if (record.kind === 'book') {
    for (const number of [...record.bids, ...record.asks]) {
      assert.ok(Number.isSafeInteger(number) && number >= 0);
    }
  }
}

describe('frames that are nearly right', () => {
  for (const venue of Object.keys(FRAMES) as VenueName[]) {
    it(`${venue}: no frame throws, and no record holds what is no number`, () => {
      const step = fc.tuple(fc.nat(), fc.option(fc.tuple(fc.nat(), odd)));
      fc.assert(
        fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
          const collector = new FeedCollector();
          const decoder = adapterOf(venue).decoder(new Map([['X', CENTS]]), collector);
          for (const [which, spoil] of steps) {
            const frame = FRAMES[venue][which % FRAMES[venue].length];
            const sent = spoil === null ? frame : spoilt(frame, spoil[0], spoil[1]);
            const verdict = decoder.frame(JSON.stringify(sent));
            assert.ok(['data', 'control', 'refused', 'malformed'].includes(verdict));
            for (const record of collector.drain()) assertSound(record);
            const best = decoder.best('X');
            if (best !== undefined && best.bidTicks > 0 && best.askTicks > 0) {
              assert.ok(best.bidTicks < best.askTicks);
            }
          }
        }),
        { numRuns: 300 },
      );
    });

    it(`${venue}: nor does any text`, () => {
      fc.assert(
        fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
          adapterOf(venue)
            .decoder(new Map([['X', CENTS]]), new FeedCollector())
            .frame(text);
        }),
        { numRuns: 300 },
      );
    });
  }
});
