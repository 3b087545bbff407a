import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Instrument, VenueName } from '../../../src/feeds/normalised.ts';
import { adapterOf } from '../../../src/feeds/open-venue.ts';
import { FeedCollector } from '../../support/feed-collector.ts';
import { CENTS } from '../../support/feed-scene.ts';

function open(venue: VenueName, symbol: string) {
  const collector = new FeedCollector();
  const decoder = adapterOf(venue).decoder(new Map([[symbol, CENTS]]), collector);
  const read = (frame: object | string) =>
    decoder.frame(typeof frame === 'string' ? frame : JSON.stringify(frame));
  const reasons = () => collector.resyncs.map(({ reason }) => reason);
  return { collector, decoder, read, reasons };
}

function bybitBook(type: 'snapshot' | 'delta', u: number, b: string[][], a: string[][] = []) {
  return { topic: 'orderbook.200.BTCUSDT', type, ts: u, data: { s: 'BTCUSDT', b, a, u, seq: u } };
}

describe('Bybit', () => {
  it('asks for one book anew after a gap, and takes nothing until its snapshot', () => {
    const { collector, decoder, read, reasons } = open('bybit', 'BTCUSDT');
    read(bybitBook('snapshot', 5, [['99.00', '1']], [['101.00', '1']]));
    read(bybitBook('delta', 6, [['99.50', '2']]));
    assert.equal(decoder.best('BTCUSDT')?.bidTicks, 9_950);
    read(bybitBook('delta', 6, [['99.60', '2']]));
    assert.equal(decoder.best('BTCUSDT')?.bidTicks, 9_950, 'told twice');
    read(bybitBook('delta', 8, [['99.70', '2']]));
    assert.deepEqual(reasons(), ['gap']);
    read(bybitBook('delta', 9, [['99.80', '2']]));
    assert.equal(decoder.best('BTCUSDT'), undefined);
    assert.deepEqual(reasons(), ['gap'], 'once');
    read(bybitBook('snapshot', 20, [['98.00', '1']], [['101.00', '1']]));
    assert.equal(decoder.best('BTCUSDT')?.bidTicks, 9_800);
    assert.equal(collector.of('book').filter(({ isReset }) => isReset).length, 2);
  });

  it('takes update 1 for a whole book: the service was restarted', () => {
    const { decoder, read, reasons } = open('bybit', 'BTCUSDT');
    read(bybitBook('snapshot', 500, [['99.00', '1']], [['101.00', '1']]));
    read(bybitBook('delta', 1, [['90.00', '1']], [['91.00', '1']]));
    assert.equal(decoder.best('BTCUSDT')?.askTicks, 9_100);
    assert.deepEqual(reasons(), []);
  });

  it('knows which symbol a refusal is about', () => {
    const { collector, read } = open('bybit', 'BTCUSDT');
    const ret_msg = 'error:handler not found,topic:orderbook.200.BTCUSDT';
    assert.equal(read({ success: false, ret_msg, op: 'subscribe' }), 'refused');
    assert.deepEqual(collector.refusals, [ret_msg]);
    assert.equal(read({ success: true, ret_msg: 'pong', op: 'ping' }), 'control');
    assert.equal(read({ op: 'pong' }), 'control');
  });
});

function trades(...list: readonly (readonly [tid: number, time: number])[]) {
  const data = list.map(([tid, time]) => {
    return { coin: 'BTC', side: 'B', px: '100.0', sz: '1', hash: '0x1', tid, time };
  });
  return { channel: 'trades', data };
}

describe('Hyperliquid', () => {
  it('leaves out the history after subscribing, but for what a lost connection has missed', () => {
    const { collector, decoder, read } = open('hyperliquid', 'BTC');
    const told = () => collector.of('trade').map(({ tradeId }) => Number(tradeId));
    read(trades([2, 20], [1, 10]));
    assert.deepEqual(told(), []);
    read(trades([3, 30], [4, 30]));
    assert.deepEqual(told(), [3, 4]);
    decoder.disconnected('all');
    read(trades([7, 40], [6, 40], [5, 30], [4, 30], [3, 30], [2, 20]));
    assert.deepEqual(told(), [3, 4, 5, 7, 6], 'in the order of time');
    read(trades([8, 50]));
    assert.deepEqual(told(), [3, 4, 5, 7, 6, 8]);
  });

  it('closes a candle when the next one begins', () => {
    const { collector, read } = open('hyperliquid', 'BTC');
    const candle = (t: number, c: string) => ({
      channel: 'candle',
      data: { t, T: t + 59_999, s: 'BTC', i: '1m', o: '1', c, h: '2', l: '1', v: '1', n: 1 },
    });
    read(candle(0, '1.5'));
    read(candle(0, '1.6'));
    read(candle(60_000, '1.7'));
    assert.deepEqual(
      collector.of('candle').map((each) => [each.openTimeMs, each.close.units, each.isClosed]),
      [
        [0, 15, false],
        [0, 16, false],
        [0, 16, true],
        [60_000, 17, false],
      ],
    );
  });

  it('takes no push of a book that a later one has overtaken', () => {
    const { decoder, read } = open('hyperliquid', 'BTC');
    const book = (time: number, px: string) => ({
      channel: 'l2Book',
      data: {
        coin: 'BTC',
        time,
        levels: [[{ px, sz: '1', n: 1 }], [{ px: '200', sz: '1', n: 1 }]],
      },
    });
    read(book(2, '100'));
    read(book(1, '101'));
    assert.equal(decoder.best('BTC')?.bidTicks, 10_000);
  });

  it('numbers the aggressors by transaction and trader', () => {
    const { collector, read } = open('hyperliquid', 'BTC');
    read(trades([1, 1]));
    const users = (a: string) => [a, '0xmaker'];
    const [first] = trades([2, 2]).data;
    read({
      channel: 'trades',
      data: [
        { ...first, tid: 2, users: users('0xa') },
        { ...first, tid: 3, users: users('0xa') },
        { ...first, tid: 4, users: users('0xb') },
        { ...first, tid: 5, side: 'A', users: ['0xmaker', '0xb'] },
      ],
    });
    const [a, b, c, d] = collector.of('trade').map(({ aggressor }) => aggressor);
    assert.equal(a, b);
    assert.equal(new Set([a, c, d]).size, 3);
  });
});

function okxBook(action: string, seqId: number, prevSeqId: number, bids: string[][]) {
  const data = [{ asks: [['200', '1', '0', '1']], bids, ts: '1', checksum: 0, seqId, prevSeqId }];
  return { arg: { channel: 'books', instId: 'BTC-USDT-SWAP' }, action, data };
}

const CONTRACT: Instrument = {
  symbol: 'BTC-USDT-SWAP',
  base: 'BTC',
  quote: 'USDT',
  tick: { units: 1, decimals: 1 },
  lot: { units: 1, decimals: 2 },
  contractSize: { units: 1, decimals: 2 },
  isInverse: false,
  isTrading: true,
};

describe('OKX', () => {
  it('chains updates by the number before, also across maintenance', () => {
    const { decoder, read, reasons } = open('okx', 'BTC-USDT-SWAP');
    read(okxBook('snapshot', 10, -1, [['99', '1', '0', '1']]));
    read(okxBook('update', 15, 10, [['100', '1', '0', '1']]));
    assert.equal(read(okxBook('update', 15, 15, [])), 'data', 'nothing changed for a while');
    read(okxBook('update', 3, 15, [['101', '1', '0', '1']]));
    assert.equal(decoder.best('BTC-USDT-SWAP')?.bidTicks, 10_100);
    assert.deepEqual(reasons(), []);
    read(okxBook('update', 9, 7, [['102', '1', '0', '1']]));
    assert.deepEqual(reasons(), ['gap']);
    assert.equal(decoder.best('BTC-USDT-SWAP'), undefined);
  });

  const liquidation = (instId: string, bkPx: string, sz: string) => ({
    arg: { channel: 'liquidation-orders', instType: 'SWAP' },
    data: [{ instId, details: [{ bkPx, sz, side: 'sell', posSide: 'long', ts: '7' }] }],
  });

  it('tells liquidations in coins: linear contracts times their size', () => {
    const { collector, decoder, read } = open('okx', 'BTC-USDT-SWAP');
    decoder.instruments([CONTRACT]);
    read(liquidation('BTC-USDT-SWAP', '61800.5', '13'));
    const [{ qty, value, side }] = collector.of('liquidation');
    assert.deepEqual(qty, { units: 13, decimals: 2 });
    assert.deepEqual(value, { units: 8_034_065, decimals: 3 });
    assert.equal(side, 'sell');
  });

  it('and inverse ones by their worth', () => {
    const { collector, decoder, read } = open('okx', 'BTC-USDT-SWAP');
    const contractSize = { units: 100, decimals: 0 };
    decoder.instruments([{ ...CONTRACT, symbol: 'BTC-USD-SWAP', contractSize, isInverse: true }]);
    read(liquidation('BTC-USD-SWAP', '50000', '20'));
    const [{ qty, value }] = collector.of('liquidation');
    assert.deepEqual(value, { units: 2_000, decimals: 0 });
    assert.deepEqual(qty, { units: 4_000_000, decimals: 8, isRounded: true });
  });

  it('says nothing of a contract whose size is not known, and that it does', () => {
    const { collector, read } = open('okx', 'BTC-USDT-SWAP');
    read(liquidation('NEW-USDT-SWAP', '1', '1'));
    assert.equal(collector.of('liquidation').length, 0);
    assert.match(collector.refusals[0], /NEW-USDT-SWAP/);
  });

  it('understands pings, acknowledgements and errors', () => {
    const { read } = open('okx', 'BTC-USDT-SWAP');
    assert.equal(read('pong'), 'control');
    assert.equal(read({ event: 'subscribe', arg: { channel: 'books' } }), 'control');
    assert.equal(read({ event: 'error', code: '60012', msg: 'Invalid request' }), 'refused');
  });
});

describe('Binance', () => {
  it('leaves out settlements with the insurance fund, and numbers aggressors by side and time', () => {
    const { collector, read } = open('binance', 'BTCUSDT');
    const trade = (t: number, T: number, m: boolean, X = 'MARKET') => ({
      stream: 'btcusdt@trade',
      data: { e: 'trade', E: T, T, s: 'BTCUSDT', t, p: '100.00', q: '0.001', X, m },
    });
    read(trade(1, 5, false));
    read(trade(2, 5, false));
    read(trade(3, 5, true));
    read(trade(4, 6, true, 'INSURANCE_FUND'));
    read(trade(5, 7, true));
    assert.deepEqual(
      collector.of('trade').map(({ tradeId, side, aggressor }) => [tradeId, side, aggressor]),
      [
        ['1', 'buy', 1],
        ['2', 'buy', 1],
        ['3', 'sell', 2],
        ['5', 'sell', 3],
      ],
    );
  });

  it('says of a price between two ticks that it is, and tells no trade', () => {
    const { collector, read } = open('binance', 'BTCUSDT');
    const data = { e: 'trade', E: 1, T: 1, s: 'BTCUSDT', t: 1, p: '100.005', q: '1', m: true };
    assert.equal(read({ stream: 'btcusdt@trade', data }), 'data');
    assert.deepEqual(collector.offGrids, ['BTCUSDT 100.005 × 1']);
    assert.equal(collector.of('trade').length, 0);
  });

  it('reads lists of events and raw ones as it reads single and combined ones', () => {
    const { collector, read } = open('binance', 'BTCUSDT');
    const mark = { e: 'markPriceUpdate', E: 1, s: 'BTCUSDT', p: '1.5', i: '1.4', r: '0.1', T: 9 };
    read(mark);
    read([mark, mark]);
    read({ stream: '!markPrice@arr@1s', data: [mark] });
    assert.equal(collector.of('mark').length, 4);
  });
});
