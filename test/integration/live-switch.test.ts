import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openbell } from '../support/command-line.ts';
import { ConformanceStage, type StageUser } from '../support/conformance-stage.ts';
import { FakeBinance } from '../support/fake-binance.ts';
import { eventually } from '../support/server-process.ts';

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

const BTC = 'binance:BTC-USDT';

describe('a data directory whose exchange becomes live and simulated again', () => {
  let binance: FakeBinance;
  let stage: ConformanceStage;
  let user: StageUser;
  let orderId: string;
  const simulated = (): Record<string, string> => ({ ...binance.env, OPENBELL_EXCHANGES: '' });
  const live = () => ({ ...binance.env, OPENBELL_EXCHANGES: 'binance:live' });
  const get = async (path: string): Promise<Data> => (await fetch(stage.server.url + path)).json();
  const verified = async (): Promise<Data> => {
    const { stdout } = await openbell(['verify', '--json', '--data-dir', stage.dataDirectory]);
    const report = JSON.parse(stdout);
    assert.deepEqual(report.problems, []);
    return report;
  };

  before(async () => {
    binance = await FakeBinance.start();
    stage = await ConformanceStage.open(simulated());
    user = await stage.user('holder');
    await user.order(BTC, 'buy', 1, 30_000);
    await user.order(BTC, 'sell', 2, 31_000);
    const other = await stage.user('other');
    await other.order(BTC, 'buy', 0.5, 31_000);
    const order = await user.order(BTC, 'buy', 1, 29_000);
    orderId = order.id ?? order.order_id;
  });
  after(async () => {
    await stage?.close();
    await binance?.die();
  });

  it('cancels what is open, gives the money back, and keeps what was traded', async () => {
    const traded = await stage.trades(BTC);
    assert.equal(traded.length, 1);
    await stage.restart('SIGTERM', live());
    user = stage.again(user);
    const { body } = await user.get(`/v1/trading/orders/${orderId}`);
    assert.equal((body.data ?? body).status, 'cancelled', JSON.stringify(body));
    const open = (await user.get('/v1/trading/orders?status=open')).body.data;
    assert.deepEqual(open.orders ?? open, []);
    assert.deepEqual(await stage.trades(BTC), traded);
    await eventually('the exchange’s book and candles', async () => {
      binance.mark('BTCUSDT', '65000.50000000', '0.00010000', 1_900_000_000_000);
      binance.level('BTCUSDT', 'bid', 64_990, 1);
      binance.trade('BTCUSDT', 65_000, 0.1);
      const { sources } = await get('/health');
      return !sources.binance.stale_books.includes('BTC-USDT') || undefined;
    });
    const socket = stage.socket('/ws/stream');
    await socket.send({ op: 'subscribe', channel: 'candles', market: BTC, interval: '1d' });
    const { candles } = await socket.next('candles', (message) => message.candles?.length > 0);
    const lows = candles.map(({ low }: Data) => Number(low));
    assert.ok(Math.min(...lows) > 60_000, `no bar of the simulation is left: ${lows}`);
    await verified();
  });

  it('goes on simulated from its own book, without the exchange’s', async () => {
    await stage.restart('SIGKILL', simulated());
    user = stage.again(user);
    const book = stage.socket('/ws/stream');
    await book.send({ op: 'subscribe', channel: 'book', market: BTC });
    const { bids, asks, stale } = await book.next('snapshot', ({ type }) => type === 'snapshot');
    assert.deepEqual([bids, asks, stale], [[], [], undefined]);
    const placed = await user.order(BTC, 'buy', 0.25, 64_000);
    assert.ok(placed !== undefined);
    const delta = await book.next('delta', ({ type }) => type === 'delta');
    assert.deepEqual(delta.bids[0].slice(0, 2), ['64000.0', '0.250']);
    const other = await stage.user('third');
    await other.order(BTC, 'sell', 0.25, 64_000);
    const trades = await stage.trades(BTC);
    const last = trades[trades.length - 1];
    assert.equal(Number(last.price), 64_000);
    assert.ok(trades.length >= 3, 'those of both sources are kept');
    const report = await verified();
    assert.ok(report.outside_not_matched > 0);
    assert.ok(report.commands_matched_again > 5);
  });

  it('becomes live again', async () => {
    await stage.restart('SIGTERM', live());
    user = stage.again(user);
    const refused = await user.send('POST', '/v1/trading/orders', {
      ...{ exchange: 'binance', symbol: 'BTC-USDT', side: 'buy', type: 'limit' },
      ...{ quantity: 1, price: 65_000 },
    });
    assert.equal(refused.body.error.details.reason, 'MARKET_IS_LIVE');
    await verified();
  });
});
