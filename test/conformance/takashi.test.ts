import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SOCKETS } from '../../src/surfaces/takashi/sockets.ts';
import { ConformanceStage, type StageReply, type StageUser } from '../support/conformance-stage.ts';
import {
  loadContract,
  loadShapes,
  type ShapeErrors,
  skipContract as skip,
} from '../support/contract.ts';
import { eventually } from '../support/server-process.ts';
import { candlesOf, type Told } from '../support/takashi-facts.ts';

const BTC = 'binance:BTC-USDT';
const COIN = 'hyperliquid:BTC-USDC';
const BTC_TOLD: Told = {
  exchange: 'binance',
  symbol: 'BTCUSDT',
  unitsPerTickLot: 100,
  priceDecimals: 1,
  qtyDecimals: 3,
};
const COIN_TOLD: Told = {
  exchange: 'hyperliquid',
  symbol: 'BTC',
  unitsPerTickLot: 10,
  priceDecimals: 0,
  qtyDecimals: 5,
};

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

/** What a reply must say beside its shape. `model` is of its elements where no example is given. */
interface Row {
  readonly model?: string;
  follows(body: Data, reply: StageReply): void | Promise<void>;
}

describe('TAKASHI REST as documented', { skip }, () => {
  let stage: ConformanceStage;
  let maker: StageUser;
  let taker: StageUser;
  let shapeErrors: ShapeErrors;
  const contract: Data = skip === false ? loadContract('takashi') : undefined;

  before(async () => {
    shapeErrors = await loadShapes();
    stage = await ConformanceStage.open({
      OPENBELL_OPENING_COLLATERAL: 'USDT=1000000',
      OPENBELL_OPENING_BALANCES: 'USD=9000000,USDT=9000000,USDC=9000000,BTC=1000,ETH=1000',
    });
    maker = await stage.user('maker');
    taker = await stage.user('taker');
    await maker.order(BTC, 'buy', 2, 65400.5);
    await maker.order(BTC, 'sell', 2, 65432.1);
    await maker.order(BTC, 'sell', 3, 65440.3);
    await maker.order('bybit:BTC-USDT', 'buy', 2, 65401);
    await maker.order('bybit:BTC-USDT', 'sell', 2, 65433);
    await taker.order(BTC, 'buy', 3, 65450);
    await taker.order(BTC, 'sell', 0.123, 65000);
    await maker.order(COIN, 'buy', 3, 65390);
    await taker.order(COIN, 'sell', 1.00001, 65000);
    await eventually('a long position', async () => {
      const body = { symbol: 'BTC-USDT', size: '0.75', type: 'long', leverage: '5' };
      const reply = await taker.send('POST', '/api/v1/portfolio/positions', body);
      const isEarly = reply.body.error?.details.reason === 'NO_MARK_PRICE';
      assert.ok(reply.status === 201 || isEarly, JSON.stringify(reply.body));
      return reply.status === 201 ? true : undefined;
    });
  });
  after(async () => stage?.close());

  async function get(path: string): Promise<StageReply> {
    const reply = await fetch(stage.server.url + path, {
      headers: { origin: 'https://a.example' },
    });
    return { status: reply.status, headers: reply.headers, body: await reply.json() };
  }

  async function assertCandles(body: Data[], told: Told, market: string, interval: string) {
    const seconds = { '1m': 60, '5m': 300, '1h': 3600, '1d': 86_400 }[interval] ?? 0;
    const expected = candlesOf(await stage.trades(market), told, interval, seconds) as Data[];
    const traded = body.filter(({ trades_count: count }) => count > 0);
    assert.deepEqual(
      traded.map(({ is_closed: _, ...candle }) => candle),
      expected,
    );
    const times = body.map(({ timestamp }) => Date.parse(timestamp) / 1000);
    times.forEach((time, i) => {
      assert.equal(time, times[0] + i * seconds, 'without a gap');
      const isOver = time + seconds <= Date.now() / 1000;
      if (body[i].is_closed) assert.ok(isOver, 'what is closed has ended');
      else assert.equal(i, times.length - 1, 'one candle is under way');
    });
  }

  /** Of BTCUSDT, as the proxy tells them. */
  async function proxied(path: string): Promise<Data> {
    const { body } = await get(path);
    return body.find(({ symbol }: Data) => symbol === 'BTCUSDT');
  }

  const rows: Record<string, Row> = {
    'takashi.root': { follows: ({ status }) => assert.equal(status, 'operational') },
    'takashi.health': {
      follows: ({ exchanges }) =>
        assert.deepEqual(Object.keys(exchanges), ['binance', 'bybit', 'hyperliquid']),
    },
    'takashi.exchanges': {
      follows: ({ exchanges }) => {
        const told = exchanges.map(({ name, source, capabilities }: Data) => [
          name,
          source,
          capabilities.liquidations,
          capabilities.oi_hist,
        ]);
        assert.deepEqual(told, [
          ['binance', 'simulated', true, true],
          ['bybit', 'simulated', true, false],
          ['hyperliquid', 'simulated', false, false],
        ]);
      },
    },
    'takashi.wsCatalog': {
      follows: ({ endpoints }) => {
        const documented = contract.ws.map(({ path }: Data) => path);
        const paths = endpoints.map(({ path }: Data) => path);
        assert.deepEqual([...paths].sort(), [...documented].sort());
        assert.equal(paths.length, Object.keys(SOCKETS).length);
        for (const { path, query } of contract.ws) {
          const own = endpoints.find((one: Data) => one.path === path);
          for (const [name, parameter] of Object.entries<Data>(query)) {
            const told = own.query_parameters[name];
            assert.ok(told !== undefined, `${path} ${name}`);
            if (parameter.default !== null) assert.equal(told.default, parameter.default);
          }
        }
        const own = endpoints.find(({ path }: Data) => path.endsWith('/liquidations'));
        assert.deepEqual(own.path_parameters.exchange, ['binance', 'bybit']);
      },
    },
    'takashi.ohlc': {
      async follows(body) {
        await assertCandles(body, BTC_TOLD, BTC, '1h');
        await assertCandles((await get('/Binance/ohlc/BTC-USDT/1m')).body, BTC_TOLD, BTC, '1m');
        const coin = await get('/hyperliquid/ohlc/BTCUSDT/1d');
        await assertCandles(coin.body, COIN_TOLD, COIN, '1d');
        const [first] = (await stage.trades(BTC)).map(({ time }) => Date.parse(time));
        const minute = first - (first % 60_000);
        const from = (await get(`/binance/ohlc/BTCUSDT/1m?limit=1&start_time=0`)).body;
        assert.equal(Date.parse(from[0].timestamp), minute, 'from a start on the first ones');
        const later = await get(`/binance/ohlc/BTCUSDT/1m?start_time=${minute + 86_400_000}`);
        assert.deepEqual(later.body, []);
        const early = await get(`/binance/ohlc/BTCUSDT/1m?end_time=${minute - 1}`);
        assert.deepEqual(early.body, []);
      },
    },
    'takashi.oi': {
      async follows(body) {
        assert.deepEqual(
          [body.exchange, body.symbol, body.open_interest],
          ['binance', 'BTCUSDT', 0.75],
        );
        await eventually('one mark price', async () => {
          const interest = (await get('/binance/oi/BTCUSDT')).body;
          const { markPrice } = await proxied('/binance/mark-prices');
          const expected = (750 * Math.round(Number(markPrice) * 10) * 100) / 1_000_000;
          return interest.open_interest_value === expected || undefined;
        });
      },
    },
    'takashi.oiHist': {
      model: 'OpenInterest',
      follows: (body) => {
        for (const { timestamp } of body) assert.equal(Date.parse(timestamp) % 3_600_000, 0);
      },
    },
    'takashi.funding': {
      async follows(body) {
        assert.equal(Date.parse(body.funding_time) % (8 * 3_600_000), 0);
        const left = Date.parse(body.funding_time) - Date.now();
        assert.ok(left > -60_000 && left <= 8 * 3_600_000, body.funding_time);
        const hour = (await get('/hyperliquid/funding/BTC')).body;
        assert.ok(Date.parse(hour.funding_time) - Date.now() <= 3_600_000);
        await eventually('one rate', async () => {
          const { funding_rate: rate } = (await get('/binance/funding/BTC-USDT')).body;
          const mark = await proxied('/binance/mark-prices');
          return Number(mark.lastFundingRate) === rate || undefined;
        });
      },
    },
    'takashi.fundingHist': {
      model: 'FundingRate',
      follows: (body) => {
        for (const { timestamp, funding_time: time } of body) assert.equal(timestamp, time);
      },
    },
    'takashi.multi.ohlc': {
      async follows(body) {
        assert.deepEqual(Object.keys(body), ['binance', 'bybit', 'hyperliquid']);
        await assertCandles(body.binance, BTC_TOLD, BTC, '5m');
        await assertCandles(body.hyperliquid, COIN_TOLD, COIN, '5m');
        assert.deepEqual(body.bybit, [], 'nothing traded there');
        const { body: sol } = await get('/multi/ohlc/SOL/1h');
        assert.deepEqual(sol, { binance: [], bybit: [], hyperliquid: [] });
      },
    },
    'takashi.predictedFunding': {
      async follows(body) {
        assert.equal(body.length, 1);
        assert.deepEqual(
          body[0].venues.map(({ venue }: Data) => venue),
          ['HlPerp', 'BinPerp', 'BybitPerp'],
        );
        const all = (await get('/hyperliquid/predicted-funding')).body;
        assert.deepEqual(
          all.map(({ coin, venues }: Data) => [coin, venues.length]),
          [
            ['BTC', 3],
            ['ETH', 3],
            ['SOL', 1],
          ],
        );
        const { funding_time: time } = (await get('/binance/funding/BTC')).body;
        assert.equal(body[0].venues[1].next_funding_time, time);
      },
    },
    'takashi.proxy.tickers24hr': {
      async follows() {
        const ticker = await proxied('/binance/tickers/24hr');
        const trades = await stage.trades(BTC);
        const [day] = candlesOf(trades, BTC_TOLD, '24h', 10 ** 9) as Data[];
        const mean = Math.round((day.quote_volume / day.volume) * 10) / 10;
        const change = trades[trades.length - 1].price_ticks - trades[0].price_ticks;
        const percent = (change / trades[0].price_ticks) * 100;
        assert.deepEqual(
          [ticker.openPrice, ticker.highPrice, ticker.lowPrice, ticker.lastPrice].map(Number),
          [day.open, day.high, day.low, day.close],
        );
        assert.deepEqual(
          [ticker.count, ticker.firstId, ticker.lastId],
          [trades.length, 1, trades.length],
        );
        assert.equal(Number(ticker.volume), day.volume);
        assert.equal(Number(ticker.quoteVolume), day.quote_volume);
        assert.equal(Number(ticker.weightedAvgPrice), mean);
        assert.equal(Number(ticker.priceChange), change / 10);
        assert.equal(ticker.priceChangePercent, percent.toFixed(3));
        assert.equal(ticker.lastQty, '0.750');
      },
    },
    'takashi.proxy.markPrices': {
      follows(body) {
        assert.deepEqual(
          body.map(({ symbol }: Data) => symbol),
          ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
        );
        assert.equal(Number(body[0].interestRate), 0.0001);
        assert.ok(Number(body[0].markPrice) > 65_000 && Number(body[0].markPrice) < 66_000);
        assert.equal(body[0].nextFundingTime % (8 * 3_600_000), 0);
      },
    },
    'takashi.proxy.klines': {
      async follows(body) {
        const candles = (await get('/binance/ohlc/BTCUSDT/1h')).body;
        assert.equal(body.length, candles.length);
        const [kline] = body;
        assert.deepEqual(
          [kline[0], kline[6]],
          [Date.parse(candles[0].timestamp), Date.parse(candles[0].timestamp) + 3_599_999],
        );
        const { open, high, low, close, volume, quote_volume: quote } = candles[0];
        assert.deepEqual(
          [1, 2, 3, 4, 5, 7].map((at) => Number(kline[at])),
          [open, high, low, close, volume, quote],
        );
        assert.deepEqual(
          [typeof kline[1], kline[8], kline.length],
          ['string', candles[0].trades_count, 12],
        );
      },
    },
  };

  for (const documented of contract?.rest ?? []) {
    const row = rows[documented.id];
    const isElsewhere = documented.kind === 'docs' || documented.path.startsWith('/coinmarketcap');
    if (isElsewhere) continue;
    it(documented.id, async () => {
      assert.ok(row !== undefined, `${documented.id} has no row here`);
      const reply = await get(documented.exampleRequest.split(' ')[1]);
      const isHealth = documented.id === 'takashi.health';
      assert.ok(reply.status === 200 || isHealth, JSON.stringify(reply.body));
      if (documented.responseExample !== null) {
        assert.deepEqual(shapeErrors(documented.responseExample, reply.body), []);
      }
      assert.equal(reply.headers.get('access-control-allow-origin'), '*');
      await row.follows(reply.body, reply);
    });
  }

  it('CoinMarketCap is 503 without a key', async () => {
    for (const path of ['/coinmarketcap/categories', '/coinmarketcap/category?id=6051a81a']) {
      const { status, body } = await get(path);
      assert.equal(status, 503);
      assert.match(body.detail, /COINMARKETCAP_API_KEY/);
    }
  });

  it('what does not exist or cannot be read is refused', async () => {
    for (const [path, status, about] of [
      ['/okx/ohlc/BTCUSDT/1h', 404, /Exchange 'okx'/],
      ['/binance/ohlc/DOGEUSDT/1h', 404, /Symbol 'DOGEUSDT'/],
      ['/NASDAQ/oi/AAPL', 404, /Exchange 'NASDAQ'/],
      ['/bybit/oi-hist/BTCUSDT?period=1h', 404, /not supported by 'bybit'/],
      ['/multi/ohlc/DOGE/1h', 404, /DOGE/],
      ['/hyperliquid/predicted-funding?coin=DOGE', 404, /DOGE/],
      ['/binance/ohlc/BTCUSDT/2h', 422, /interval/],
      ['/binance/ohlc/BTCUSDT/1h?limit=1501', 422, /limit/],
      ['/multi/ohlc/BTCUSDT/1h?limit=1001', 422, /limit/],
      ['/binance/ohlc/BTCUSDT/1h?start_time=2&end_time=1', 422, /start/],
      ['/binance/ohlc/BTCUSDT/1h?startTime=2', 422, /startTime/],
      ['/binance/klines/BTCUSDT/1h?start_time=2', 422, /start_time/],
      ['/binance/oi-hist/BTCUSDT?period=3m', 422, /period/],
      ['/binance/funding-hist/BTCUSDT?limit=0', 422, /limit/],
    ] as const) {
      const reply = await get(path);
      assert.equal(reply.status, status, path);
      assert.deepEqual(Object.keys(reply.body), ['detail']);
      assert.match(reply.body.detail, about);
    }
    const other = await get('/v1/funding/BTC');
    assert.equal(other.status, 404);
    assert.ok('error' in other.body, 'paths of other surfaces stay theirs');
  });
});
