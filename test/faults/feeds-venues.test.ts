import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Subscription } from '../../src/feeds/venue-adapter.ts';
import { followVenue, until } from '../support/feed-scene.ts';
import { ReplayBybit } from '../support/replay-venues/bybit.ts';
import { ReplayHyperliquid } from '../support/replay-venues/hyperliquid.ts';
import { ReplayOkx } from '../support/replay-venues/okx.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];

function bookOf(symbol: string, type: 'snapshot' | 'delta', u: number) {
  const b = [['99.00', String(u)]];
  const a = [['101.00', String(u)]];
  return { topic: `orderbook.200.${symbol}`, type, ts: u, data: { s: symbol, b, a, u, seq: u } };
}

/** Books of Bybit that are told anew every few milliseconds. */
async function bybitScene(listed = SYMBOLS) {
  const replay = await ReplayBybit.open(SYMBOLS);
  for (const symbol of SYMBOLS) {
    if (!listed.includes(symbol)) replay.delisted.add(symbol);
    replay.play(bookOf(symbol, 'snapshot', 1_000));
  }
  let update = 1_000;
  const skipped = new Set<string>();
  const timer = setInterval(() => {
    update += 1;
    for (const symbol of listed) {
      const frame = bookOf(symbol, 'delta', update);
      if (skipped.delete(symbol)) replay.books.get(frame.topic)?.change([], [], update);
      else replay.play(frame);
    }
  }, 5);
  const books = SYMBOLS.map((symbol): Subscription => ({ channel: 'book', symbol }));
  const followed = followVenue('bybit', replay.server.endpoints, SYMBOLS, books);
  followed.connector.start();
  const close = async () => {
    clearInterval(timer);
    followed.connector.stop();
    await replay.server.close();
  };
  return { replay, followed, skipped, close };
}

describe('faults of Bybit', () => {
  it('a gap is mended by subscribing to that book anew, on the same connection', async (t) => {
    const { replay, followed, skipped, close } = await bybitScene();
    t.after(close);
    const { connector, records } = followed;
    await until('books', () => connector.health().staleBooks.length === 0);
    skipped.add('ETHUSDT');
    const stale = () => records.flatMap((each) => (each.kind === 'stale' ? each : []));
    await until('the gap', () => stale().length > 0);
    const ms = await until('the book', () => connector.health().staleBooks.length === 0);
    assert.deepEqual(stale(), [{ kind: 'stale', symbol: 'ETHUSDT', reason: 'gap' }]);
    assert.equal(replay.server.dialsMs.length, 1);
    const resets = records.filter((each) => each.kind === 'book' && each.isReset);
    assert.deepEqual(resets.map(({ symbol }) => symbol).sort(), ['BTCUSDT', 'ETHUSDT', 'ETHUSDT']);
    t.diagnostic(`fresh after ${ms.toFixed(0)} ms`);
  });

  it('a symbol that does not exist costs the others nothing', async (t) => {
    const { replay, followed, close } = await bybitScene(['BTCUSDT']);
    t.after(close);
    const { connector } = followed;
    await until('the other book', () => connector.health().staleBooks.length === 1);
    await until('it to be given up', () => connector.health().unlisted.includes('ETHUSDT'));
    assert.deepEqual(connector.health().staleBooks, ['ETHUSDT']);
    assert.equal(replay.server.dialsMs.length, 1);
    assert.ok(connector.health().isFresh);
  });
});

describe('faults of Hyperliquid', () => {
  it('trades that a lost connection missed come from the history after it', async (t) => {
    const replay = await ReplayHyperliquid.open(['BTC']);
    const trade = (tid: number) => {
      const data = [{ coin: 'BTC', side: 'B', px: '100.0', sz: '1', hash: '0x1', tid, time: tid }];
      return { channel: 'trades', data };
    };
    const all: Subscription[] = [
      { channel: 'trades', symbol: 'BTC' },
      { channel: 'book', symbol: 'BTC' },
    ];
    const { connector, records } = followVenue(
      'hyperliquid',
      replay.server.endpoints,
      ['BTC'],
      all,
    );
    const history = (tids: readonly number[]) => {
      const data = tids.flatMap((tid) => trade(tid).data);
      return replay.play('trades BTC', { channel: 'trades', data });
    };
    const subscribed = () =>
      [...replay.server.connections].some(({ channels }) => channels.has('trades BTC'));
    const told = () => records.flatMap((each) => (each.kind === 'trade' ? [each.tradeId] : []));
    connector.start();
    t.after(() => replay.server.close());
    t.after(() => connector.stop());
    await until('the subscription', subscribed);
    history([1, 2]);
    replay.play('trades BTC', trade(3));
    await until('a trade', () => told().length === 1);
    for (const connection of replay.server.connections) connection.drop();
    await until('the end', () => replay.server.connections.size === 0);
    await until('the next subscription', subscribed);
    history([5, 4, 3, 2]);
    replay.play('trades BTC', trade(6));
    await until('all of them', () => told().length === 4);
    assert.deepEqual(told(), ['3', '4', '5', '6']);
  });
});

describe('faults of OKX', () => {
  it('waits for the sizes of contracts, and asks again for those of new ones', async (t) => {
    const replay = await ReplayOkx.open();
    t.after(() => replay.server.close());
    let isDown = true;
    replay.server.interception = () => (isDown ? { status: 503, body: '' } : undefined);
    const asked: Subscription[] = [{ channel: 'liquidations', symbol: '*' }];
    const { connector, records } = followVenue('okx', replay.server.endpoints, [], asked);
    t.after(() => connector.stop());
    connector.start();
    await until('a connection', () => connector.health().sockets[0].state === 'open');
    assert.ok(replay.server.questions.length >= 3, 'the list was asked for first');
    isDown = false;
    const details = [{ bkPx: '50000', sz: '3', side: 'sell', posSide: 'long', ts: '7' }];
    const row = { instId: 'BTC-USDT-SWAP', details };
    const arg = { channel: 'liquidation-orders', instType: 'SWAP' };
    const frame = { arg, data: [row] };
    await until('one that is understood', () => {
      replay.play(frame);
      return records.length > 0;
    });
    const [record] = records;
    assert.ok(record.kind === 'liquidation');
    assert.deepEqual(record.qty, { units: 3, decimals: 2 });
  });
});
