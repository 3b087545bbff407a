import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  ConformanceStage,
  type StageSocket,
  type StageUser,
} from '../support/conformance-stage.ts';
import {
  type ContractSocket,
  loadContract,
  loadShapes,
  type ShapeErrors,
  skipContract as skip,
} from '../support/contract.ts';
import { eventually } from '../support/server-process.ts';
import { aggressorsOf, candlesOf, factsOf, type Told } from '../support/takashi-facts.ts';

const BTC = 'binance:BTC-USDT';
const BTC_TOLD: Told = {
  exchange: 'binance',
  symbol: 'BTCUSDT',
  unitsPerTickLot: 100,
  priceDecimals: 1,
  qtyDecimals: 3,
};
const COIN = 'hyperliquid:BTC-USDC';
const COIN_TOLD: Told = {
  exchange: 'hyperliquid',
  symbol: 'BTC',
  unitsPerTickLot: 10,
  priceDecimals: 0,
  qtyDecimals: 5,
};
const ETH = 'binance:ETH-USDT';

// biome-ignore lint/suspicious/noExplicitAny: messages are whatever the server says
type Message = any;

describe('TAKASHI sockets as documented', { skip }, () => {
  let stage: ConformanceStage;
  let maker: StageUser;
  let taker: StageUser;
  let shapeErrors: ShapeErrors;
  const contract = skip === false ? loadContract('takashi') : undefined;

  before(async () => {
    shapeErrors = await loadShapes();
    stage = await ConformanceStage.open({
      OPENBELL_OPENING_COLLATERAL: 'USDT=1000',
      OPENBELL_OPENING_BALANCES: 'USD=9000000,USDT=9000000,USDC=9000000,BTC=1000,ETH=1000',
    });
    maker = await stage.user('maker');
    taker = await stage.user('taker');
  });
  after(async () => stage?.close());

  async function listen(path: string): Promise<StageSocket> {
    const socket = stage.socket(path);
    await socket.opened();
    // Whoever is answered has joined.
    await socket.send({ type: 'ping' });
    const { timestamp } = await socket.next('pong', ({ type }) => type === 'pong');
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 10_000, timestamp);
    return socket;
  }

  const told = ({ heard }: StageSocket): Message[] =>
    heard
      .filter(({ type }) => type !== 'pong')
      .map((each) => (Buffer.isBuffer(each) ? factsOf(each) : each));

  it('every documented path is served with its documented example', async () => {
    assert.equal(contract?.ws.length, 6);
    for (const { path } of contract?.ws ?? []) {
      const address = path.replace('{exchange}', 'binance').replace('{symbol}', 'BTCUSDT');
      await listen(address);
    }
  });

  it('large trades: one aggressor’s fills are one, from the named value on', async () => {
    const path = '/ws/binance/BTCUSDT/large_trades';
    const plain = await listen(path);
    const exact = await listen(`${path}?min_value_usd=261744.8`);
    const above = await listen(`${path}?min_value_usd=261744.800001`);
    const small = await listen('/ws/Binance/BTC/large_trades?min_value_usd=0');
    const binary = await listen(`${path}?min_value_usd=0&format=flatbuffers`);
    const all = await listen('/ws/all/large_trades');
    const coin = await listen('/ws/hyperliquid/BTCUSDT/large_trades?min_value_usd=1');
    await maker.order(BTC, 'sell', 2, 65432.1);
    await maker.order(BTC, 'sell', 3, 65440.3);
    await taker.order(BTC, 'buy', 4, 65450);
    await maker.order(BTC, 'buy', 0.5, 65400.5);
    await taker.order(BTC, 'sell', 0.25, 65400.5);
    await maker.order(COIN, 'buy', 3, 65390);
    await maker.order(COIN, 'buy', 3, 65381);
    await taker.order(COIN, 'sell', 4.00001, 65000);
    const [large, little] = aggressorsOf(await stage.trades(BTC), BTC_TOLD) as Message[];
    const [sold] = aggressorsOf(await stage.trades(COIN), COIN_TOLD) as Message[];
    assert.deepEqual([large.price, large.quantity, large.value], [65436.2, 4, 261744.8]);
    assert.deepEqual([little.side, little.is_buyer_maker, little.value], ['sell', true, 16350.125]);
    await all.next('the coin', ({ exchange }) => exchange === 'hyperliquid');
    await small.next('the small one', ({ quantity }) => quantity === 0.25);
    assert.deepEqual(told(plain), [large]);
    assert.deepEqual(told(exact), [large]);
    assert.deepEqual(told(above), []);
    assert.deepEqual(told(small), [large, little]);
    assert.deepEqual(told(binary), [large, little]);
    assert.deepEqual(told(all), [large, sold]);
    assert.deepEqual(told(coin), [sold]);
    assertModel('LargeTrade', large, told(plain)[0]);
  });

  it('candles under way are what was traded, in both formats and every interval', async () => {
    const before = await listen('/ws/binance/BTCUSDT/ohlc?interval=5m');
    const binary = await listen('/ws/binance/btcusdt/ohlc?interval=4h&format=flatbuffers');
    const coin = await listen('/ws/hyperliquid/BTC/ohlc');
    await maker.order(BTC, 'sell', 0.7, 65411.3);
    await taker.order(BTC, 'buy', 0.123, 65411.3);
    const trades = await stage.trades(BTC);
    for (const [socket, interval, seconds] of [
      [before, '5m', 300],
      [binary, '4h', 14_400],
    ] as const) {
      await eventually(`the ${interval} candle`, async () => {
        const expected = candlesOf(trades, BTC_TOLD, interval, seconds).at(-1) as Message;
        const same = told(socket).filter(({ timestamp }) => timestamp === expected.timestamp);
        const newest = same.at(-1);
        if (newest?.trades_count !== expected.trades_count) return undefined;
        const hasEnded = told(socket).at(-1) !== newest && newest.is_closed;
        assert.deepEqual(newest, { ...expected, is_closed: hasEnded });
        return true;
      });
    }
    const [model] = told(before);
    assertModel('OHLC', model, model);
    const [present] = told(coin);
    assert.deepEqual([present.symbol, present.interval], ['BTC', '1m']);
    const minute = candlesOf(await stage.trades(COIN), COIN_TOLD, '1m', 60).at(-1);
    if (present.timestamp === minute?.timestamp) {
      assert.deepEqual(present, { ...minute, is_closed: false });
    }
  });

  it('liquidations: every fill by force, where the exchange tells them', async () => {
    const one = await listen('/ws/binance/ETHUSDT/liquidations');
    const other = await listen('/ws/binance/BTCUSDT/liquidations');
    const all = await listen('/ws/all/liquidations');
    const binary = await listen('/ws/all/liquidations?min_value_usd=0&format=flatbuffers');
    const bid = await maker.order(ETH, 'buy', 1, 2999);
    await maker.order(ETH, 'sell', 10, 3000);
    await maker.order(ETH, 'sell', 1, 3001);
    await eventually('a long position', async () => {
      const body = { symbol: 'ETH-USDT', size: '10', type: 'long', leverage: '50' };
      const reply = await taker.send('POST', '/api/v1/portfolio/positions', body);
      const isEarly = reply.body.error?.details.reason === 'NO_MARK_PRICE';
      assert.ok(reply.status === 201 || isEarly, JSON.stringify(reply.body));
      return reply.status === 201 ? true : undefined;
    });
    await maker.order(ETH, 'buy', 6, 2851.55);
    await maker.order(ETH, 'buy', 40, 2850.25);
    await maker.order('bybit:ETH-USDT', 'buy', 1, 2850);
    await maker.order('bybit:ETH-USDT', 'sell', 1, 2852);
    const opened = (await stage.trades(ETH)).length;
    await maker.send('DELETE', `/v1/trading/orders/${bid.order_id}`);
    await maker.order(ETH, 'sell', 1, 2853);
    const expected = await eventually('a liquidation', async () => {
      const trades = (await stage.trades(ETH)).slice(opened);
      const lots = trades.reduce((sum, { quantity_lots }) => sum + quantity_lots, 0);
      return lots === 10_000 ? trades : undefined;
    });
    assert.ok(expected.length >= 2, 'it took more than one bid');
    const messages = expected.map((trade) => ({
      type: 'liquidation',
      exchange: 'binance',
      symbol: 'ETHUSDT',
      side: 'sell',
      price: Number(trade.price),
      quantity: Number(trade.quantity),
      value: (trade.price_ticks * trade.quantity_lots * 10) / 1_000_000,
      timestamp: new Date(trade.time).toISOString(),
    }));
    await eventually('every message', () => told(binary).length === expected.length || undefined);
    assert.deepEqual(told(one), messages);
    assert.deepEqual(told(binary), messages);
    assert.deepEqual(
      told(all),
      messages.filter(({ value }) => value >= 5000),
    );
    assert.deepEqual(told(other), []);
    const documented = contract?.ws.find(({ id }) => id === 'takashi.ws.allLiquidations');
    assert.deepEqual(shapeErrors(exampleOf(documented), told(all)[0]), []);
  });

  it('what does not exist is told, and the socket closes with 4404', async () => {
    for (const [path, detail] of [
      ['/ws/nowhere/BTCUSDT/ohlc', /Exchange 'nowhere'/],
      ['/ws/NASDAQ/AAPL/ohlc', /Exchange 'NASDAQ'/],
      ['/ws/binance/DOGEUSDT/large_trades', /Symbol 'DOGEUSDT'/],
      ['/ws/binance/BTCEUR/ohlc', /Symbol 'BTCEUR'/],
      ['/ws/hyperliquid/BTC/liquidations', /liquidations not supported by 'hyperliquid'/],
    ] as const) {
      const socket = stage.socket(path);
      const { code } = await socket.closed;
      assert.equal(code, 4404, path);
      assert.equal(socket.heard.length, 1);
      assert.deepEqual(Object.keys(socket.heard[0]), ['detail']);
      assert.match(socket.heard[0].detail, detail);
    }
  });

  it('a mistake in the query refuses the upgrade', async () => {
    for (const [path, about] of [
      ['/ws/binance/BTCUSDT/ohlc?interval=2m', /interval/],
      ['/ws/binance/BTCUSDT/ohlc?min_value_usd=1', /min_value_usd/],
      ['/ws/all/liquidations?min_value_usd=much', /min_value_usd/],
      ['/ws/all/large_trades?min_value_usd=-1', /min_value_usd/],
      ['/ws/all/large_trades?format=xml', /format/],
      ['/ws/oi-vol?timeframes=5m,1d', /timeframes/],
      ['/ws/all/large_trades?format=json&format=json', /format/],
    ] as const) {
      const { status, body } = await stage.refusedUpgrade(path);
      assert.equal(status, 422, path);
      assert.match(body.detail, about);
    }
    const socket = await listen('/ws/all/liquidations');
    await socket.send({ type: 'subscribe' });
    const { detail } = await socket.next('an error', (message) => 'detail' in message);
    assert.match(detail, /ping/);
  });

  function assertModel(name: string, example: object, message: object): void {
    const models: Message = contract?.models;
    const fields: Record<string, string> = models[name].fields;
    assert.deepEqual(Object.keys(message).sort(), Object.keys(fields).sort());
    for (const [field, type] of Object.entries(fields)) {
      const isPlain = ['string', 'number', 'boolean'].includes(type);
      if (isPlain) assert.equal(typeof (message as Message)[field], type, field);
    }
    assert.deepEqual(shapeErrors(example, message), []);
  }
});

function exampleOf(socket: ContractSocket | undefined): object {
  return socket?.serverMessages[0].example ?? assert.fail('the contract has no example');
}
