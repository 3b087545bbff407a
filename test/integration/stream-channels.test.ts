import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Client, ServerProcess } from '../support/server-process.ts';
import { StreamClient } from '../support/stream-client.ts';
import { ChannelFollower } from '../support/stream-follower.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const MARKET = 'NASDAQ:AAPL';

/** Market data of a venue without simulated traders: every number follows from what is traded here. */
describe('channels of /ws/stream', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let rest: Client;
  let client: StreamClient;
  before(async () => {
    server = await ServerProcess.start(directory.path, {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
      OPENBELL_OPENING_BALANCES: 'USD=1000000,AAPL=1000,USDT=1000000,BTC=5',
    });
    rest = await server.login();
    client = await StreamClient.connect(server.webSocketUrl('/ws/stream'));
    await client.ask({ op: 'session.logon', token: rest.token });
  });
  after(async () => {
    client?.close();
    await server?.end('SIGKILL');
    directory.remove();
  });

  const place = async (side: string, price: string, quantity: string, more: object = {}) => {
    const reply = await client.ask({
      op: 'order.place',
      market: MARKET,
      side,
      type: 'limit',
      quantity,
      price,
      ...more,
    });
    assert.equal(reply.type, 'order', JSON.stringify(reply));
    return reply.order;
  };
  const subscribe = (channel: string, more: object = {}) =>
    client.ask({ op: 'subscribe', channel, market: MARKET, ...more });

  it('orders_book shows each order in its place, and of an iceberg what it shows', async () => {
    const follower = new ChannelFollower(client, 'orders_book');
    await place('sell', '150.50', '100', { display_quantity: '10' });
    await place('sell', '150.50', '5');
    await place('sell', '150.60', '7');
    await subscribe('orders_book');
    const snapshot = await follower.next();
    assert.deepEqual(
      snapshot.asks.map(([, price, qty]: [number, string, string]) => [price, qty]),
      [
        ['150.50', '10'],
        ['150.50', '5'],
        ['150.60', '7'],
      ],
    );
    assert.deepEqual([snapshot.bids, snapshot.bid_orders, snapshot.ask_orders], [[], 0, 3]);
    const [iceberg, plain] = snapshot.asks.map(([id]: [number]) => id);
    assert.ok(iceberg < plain, 'who came first has the smaller id');
    await place('buy', '150.50', '12');
    const deltas = await follower.until(({ changes }) =>
      changes.some(({ executed_qty }: { executed_qty?: string }) => executed_qty === '2'),
    );
    assert.equal(deltas[0].prev_seq, snapshot.seq);
    const changes = deltas.flatMap((delta) => delta.changes);
    const wire = changes.map(({ action, order_id, price, qty, executed_qty, trade_id }) => [
      action,
      order_id,
      price,
      qty,
      executed_qty,
      trade_id,
    ]);
    const shown = changes.find(({ action }) => action === 'add');
    assert.deepEqual(wire, [
      ['execute', iceberg, '150.50', '0', '10', 1],
      ['add', shown.order_id, '150.50', '10', undefined, undefined],
      ['execute', plain, '150.50', '3', '2', 2],
    ]);
    assert.ok(shown.order_id > plain, 'its next part stands behind, and nothing links the two');
  });

  it('candles and ticker are those of the trades', async () => {
    const bars = new ChannelFollower(client, 'candles');
    const tickers = new ChannelFollower(client, 'ticker');
    const ack = await subscribe('candles', { interval: '1d', limit: 5 });
    assert.equal(ack.interval, '1d');
    const [bar] = (await bars.next()).candles;
    // Trades so far: 10 and 2 at 150.50.
    assert.deepEqual(
      [bar.open, bar.high, bar.low, bar.close, bar.volume, bar.trades, bar.closed],
      ['150.50', '150.50', '150.50', '150.50', '12', 2, false],
    );
    assert.equal(Number(bar.quote_volume), 12 * 150.5);
    assert.equal((await subscribe('ticker')).type, 'subscribed');
    const ticker = await tickers.next();
    assert.deepEqual(
      [ticker.last_price, ticker.last_qty, ticker.volume_24h],
      ['150.50', '2', '12'],
    );
    // Takes 3 + 10 + 10 at 150.50 with what the iceberg still shows.
    await place('buy', '150.50', '23');
    await place('sell', '140.10', '4');
    await place('buy', '140.00', '6');
    await place('sell', '140.00', '6');
    const [latest] = (await bars.until(({ candles }) => candles.at(-1).low === '140.00'))
      .at(-1)
      .candles.slice(-1);
    assert.deepEqual(
      [latest.open, latest.high, latest.low, latest.close, latest.volume, latest.trades],
      ['150.50', '150.50', '140.00', '140.00', '41', 6],
    );
    const last = (await tickers.until(({ low_24h }) => low_24h === '140.00')).at(-1);
    assert.deepEqual(
      [last.last_price, last.high_24h, last.change_24h, last.volume_24h, last.trades_24h],
      ['140.00', '150.50', '-10.50', '41', 6],
    );
    assert.equal(last.previous_close, null);
  });

  it('what a market has not is refused by name, and told of where a wildcard meets it', async () => {
    const codes = async (channel: string, market: string) =>
      (await client.ask({ op: 'subscribe', channel, market })).code;
    for (const channel of ['funding', 'open_interest', 'liquidations']) {
      assert.equal(await codes(channel, MARKET), 'NOT_A_PERPETUAL');
      const all = await client.ask({ op: 'subscribe', channel, market: '*' });
      assert.equal(all.type, 'subscribed');
      const refused = all.unavailable.map(({ market, code }: { market: string; code: string }) => [
        market,
        code,
      ]);
      assert.deepEqual(refused[0], [MARKET, 'NOT_A_PERPETUAL']);
      assert.ok(
        all.markets.some(({ market }: { market: string }) => market === 'binance:BTC-USDT'),
      );
    }
    assert.equal(await codes('predictions', 'binance:*'), 'MODEL_UNAVAILABLE');
    assert.equal((await subscribe('candles')).code, 'INVALID_REQUEST');
    assert.equal((await subscribe('candles', { interval: '2m' })).code, 'INVALID_REQUEST');
    const tooMany = await subscribe('candles', { interval: '1m', limit: 1001 });
    assert.equal(tooMany.code, 'INVALID_REQUEST');
  });

  it('every message bears the three times, in their order', async () => {
    const books = new ChannelFollower(client, 'book');
    await subscribe('book');
    await books.next();
    await place('buy', '139.00', '1');
    const { venue_time, ingest_time, sent_time } = await books.next();
    for (const time of [venue_time, ingest_time, sent_time]) {
      assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    }
    assert.ok(venue_time <= ingest_time && ingest_time <= sent_time);
  });

  it('a server that is stopped tells its clients before it closes', async () => {
    const ended = server.end('SIGTERM');
    await ended;
    const notice = client.unasked.find(({ type }) => type === 'server_shutdown');
    assert.ok(notice.grace_ms > 0 && notice.reconnect_after_ms > 0);
  });
});
