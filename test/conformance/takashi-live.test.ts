import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ConformanceStage } from '../support/conformance-stage.ts';
import { loadContract, loadShapes, type ShapeErrors, skipContract } from '../support/contract.ts';
import { recordingPath, skipWithout } from '../support/recordings.ts';
import { ReplayBinance } from '../support/replay-venues/binance.ts';
import { ReplayBybit } from '../support/replay-venues/bybit.ts';
import { ReplayHyperliquid } from '../support/replay-venues/hyperliquid.ts';
import { ReplayOkx } from '../support/replay-venues/okx.ts';
import { eventually } from '../support/server-process.ts';
import { framesOf } from '../support/venue-recordings.ts';

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

const BTC_FRAMES = 'binance-usdm-btcusdt-20240808.txt.gz';
const FRAMES = 4_000;
const KLINES = 'candles/binance-usdm-avaxusdt-1m-2023-02.csv.gz';
const LIQUIDATION = {
  type: 'liquidation',
  ...{ exchange: 'binance', symbol: 'BTCUSDT', side: 'sell', price: 101500.5, quantity: 2.5 },
  ...{ value: 253750.5, timestamp: '2025-11-19T12:31:00Z' },
};
const skip =
  skipContract !== false
    ? skipContract
    : skipWithout(`raw-ws/${BTC_FRAMES}`, 'responses/jkorf-binance.json', KLINES);

function bundle(name: string): Data {
  return JSON.parse(readFileSync(recordingPath(`responses/${name}.json`), 'utf8'));
}

function responseOf(name: string, path: string, fits: (response: Data) => boolean = () => true) {
  const found = bundle(name).rest.find((one: Data) => one.path === path && fits(one.response));
  return JSON.stringify(found.response);
}

/** Klines of a month as Binance publishes them, in the form of its API. */
function recordedKlines(count: number): Data[][] {
  const csv = gunzipSync(readFileSync(recordingPath(KLINES)));
  const lines = csv
    .toString()
    .split('\n')
    .slice(1, 1 + count);
  return lines.map((line) => {
    const [t, o, h, l, c, v, T, q, n, V, Q] = line.split(',');
    return [Number(t), o, h, l, c, v, Number(T), q, Number(n), V, Q, '0'];
  });
}

describe('TAKASHI as documented, over recorded exchanges', { skip }, () => {
  let stage: ConformanceStage;
  let binance: ReplayBinance;
  let bybit: ReplayBybit;
  let hyperliquid: ReplayHyperliquid;
  let okx: ReplayOkx;
  let shapeErrors: ShapeErrors;
  let timer: NodeJS.Timeout;
  const contract: Data = skip === false ? loadContract('takashi') : undefined;
  const klines = skip === false ? recordedKlines(100) : [];

  before(async () => {
    shapeErrors = await loadShapes();
    binance = await ReplayBinance.open(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
    bybit = await ReplayBybit.open(['BTCUSDT', 'ETHUSDT']);
    hyperliquid = await ReplayHyperliquid.open(['BTC', 'ETH']);
    okx = await ReplayOkx.open();
    binance.replies.set('/fapi/v1/klines', JSON.stringify(klines));
    const premium = (response: Data) => !Array.isArray(response);
    for (const path of ['openInterest', 'fundingRate'].map((name) => `/fapi/v1/${name}`)) {
      binance.replies.set(path, responseOf('jkorf-binance', path));
    }
    const one = responseOf('jkorf-binance', '/fapi/v1/premiumIndex', premium);
    binance.replies.set('/fapi/v1/premiumIndex', ({ query }) => ({
      status: 200,
      body: query.has('symbol') ? one : `[${one}]`,
    }));
    const ticker = responseOf('jkorf-binance', '/fapi/v1/ticker/24hr');
    binance.replies.set('/fapi/v1/ticker/24hr', `[${ticker}]`);
    const history = '/futures/data/openInterestHist';
    const isUsdM = (response: Data) => response[0].symbol === 'BTCUSDT';
    binance.replies.set(history, responseOf('jkorf-binance', history, isUsdM));
    for (const path of ['/v5/market/kline', '/v5/market/funding/history']) {
      bybit.replies.set(path, responseOf('jkorf-bybit', path));
    }
    const { predictedFundings } = bundle('hyperliquid-live-fixtures');
    hyperliquid.replies.set('predictedFundings', JSON.stringify(predictedFundings.response));
    const candles = bundle('hyperliquid-sdk-info').rest.find(
      ({ request }: Data) => request.type === 'candleSnapshot',
    );
    hyperliquid.replies.set('candleSnapshot', JSON.stringify(candles.response));
    stage = await ConformanceStage.open({
      OPENBELL_EXCHANGES: 'binance:live,bybit:live,hyperliquid:live,okx:live',
      OPENBELL_OKX_REST_URL: okx.server.endpoints.rest,
      OPENBELL_OKX_SOCKET_URL: okx.server.endpoints.socket,
      OPENBELL_BINANCE_REST_URL: binance.server.endpoints.rest,
      OPENBELL_BINANCE_SOCKET_URL: binance.server.endpoints.socket,
      OPENBELL_BYBIT_REST_URL: bybit.server.endpoints.rest,
      OPENBELL_BYBIT_SOCKET_URL: bybit.server.endpoints.socket,
      OPENBELL_HYPERLIQUID_REST_URL: hyperliquid.server.endpoints.rest,
      OPENBELL_HYPERLIQUID_SOCKET_URL: hyperliquid.server.endpoints.socket,
    });
    // What keeps a feed alive: something every now and then.
    timer = setInterval(() => {
      const nowMs = Date.now();
      binance.play('btcusdt@markPrice@1s', {
        ...{ e: 'markPriceUpdate', E: nowMs, s: 'BTCUSDT', p: '61800.10', i: '61799.90' },
        ...{ P: '61800.00', r: '0.00010000', T: nowMs - (nowMs % 28_800_000) + 28_800_000 },
      });
    }, 200);
  });
  after(async () => {
    clearInterval(timer);
    await stage?.close();
    await Promise.all([binance, bybit, hyperliquid, okx].map((venue) => venue?.server.close()));
  });

  async function get(path: string): Promise<{ status: number; headers: Headers; body: Data }> {
    const reply = await fetch(stage.server.url + path, {
      headers: { origin: 'https://a.example' },
    });
    return { status: reply.status, headers: reply.headers, body: await reply.json() };
  }

  const follows: Record<string, (body: Data) => void | Promise<void>> = {
    'takashi.exchanges': ({ exchanges }) =>
      assert.deepEqual(
        exchanges.map(({ name, source }: Data) => [name, source]),
        [
          ['binance', 'live'],
          ['bybit', 'live'],
          ['hyperliquid', 'live'],
        ],
      ),
    'takashi.ohlc': (body) => {
      assert.equal(body.length, klines.length);
      body.forEach((candle: Data, i: number) => {
        const [time, open, high, low, close, volume, , quote, trades] = klines[i];
        assert.deepEqual(
          [Date.parse(candle.timestamp), candle.open, candle.high, candle.low, candle.close],
          [time, ...[open, high, low, close].map(Number)],
        );
        assert.deepEqual(
          [candle.volume, candle.quote_volume, candle.trades_count],
          [Number(volume), Number(quote), trades],
        );
      });
    },
    'takashi.oi': (body) => assert.equal(body.open_interest, 10_659.509),
    'takashi.oiHist': (body) => {
      assert.deepEqual(
        [body[0].open_interest, body[0].open_interest_value],
        [20_403.637, 150_570_784.0780998],
      );
    },
    'takashi.fundingHist': (body) => assert.equal(body[0].funding_rate, 0.0001),
    'takashi.multi.ohlc': (body) => {
      assert.equal(body.binance.length, klines.length);
      assert.ok(body.bybit.length > 0 && body.hyperliquid.length > 0);
      assert.equal(body.hyperliquid[0].symbol, 'BTC', 'mapped to the coin');
    },
    'takashi.predictedFunding': (body) => {
      assert.equal(body[0].coin, 'BTC');
      const own = body[0].venues.find(({ venue }: Data) => venue === 'BinPerp');
      assert.equal(own.funding_rate, 0.00003866);
    },
    'takashi.proxy.klines': (body) => assert.deepEqual(body, klines),
    'takashi.proxy.tickers24hr': (body) => assert.equal(body[0].symbol, 'BTCUSDT'),
    'takashi.proxy.markPrices': (body) => assert.equal(body[0].lastFundingRate, '0.00038246'),
  };

  for (const documented of contract?.rest ?? []) {
    const isElsewhere = documented.kind === 'docs' || documented.path.startsWith('/coinmarketcap');
    if (isElsewhere) continue;
    it(documented.id, async () => {
      const reply = await eventually('an answer', async () => {
        const found = await get(documented.exampleRequest.split(' ')[1]);
        const isHealth = documented.id === 'takashi.health';
        return found.status === 200 || isHealth ? found : undefined;
      });
      if (documented.responseExample !== null) {
        assert.deepEqual(shapeErrors(documented.responseExample, reply.body), []);
      }
      assert.equal(reply.headers.get('access-control-allow-origin'), '*');
      await follows[documented.id]?.(reply.body);
    });
  }

  it('its sockets tell what the exchange told', async () => {
    const trades = stage.socket('/ws/binance/BTCUSDT/large_trades?min_value_usd=20000');
    const candles = stage.socket('/ws/binance/BTCUSDT/ohlc?interval=1m');
    await Promise.all([trades.opened(), candles.opened()]);
    await eventually('subscriptions', () =>
      [...binance.server.connections].some(({ channels }) => channels.has('btcusdt@trade'))
        ? true
        : undefined,
    );
    const shift = Date.now() - 1_723_161_256_000;
    for (const frame of framesOf(BTC_FRAMES).slice(0, FRAMES)) {
      const { stream, data } = JSON.parse(frame) as Data;
      if (data?.e !== 'trade' && data?.e !== 'depthUpdate') continue;
      const name = data.e === 'trade' ? stream : 'btcusdt@depth@100ms';
      binance.play(name, { ...data, E: data.E + shift, T: data.T + shift });
    }
    const trade = await trades.next('large trade', ({ type }) => type === 'large_trade');
    const sockets = new Map<string, Data>(contract.ws.map((one: Data) => [one.path, one]));
    assert.ok(sockets.has('/ws/{exchange}/{symbol}/large_trades'));
    assert.deepEqual(Object.keys(trade).sort(), [
      ...['exchange', 'is_buyer_maker', 'price', 'quantity', 'side', 'symbol', 'timestamp', 'type'],
      'value',
    ]);
    assert.ok(trade.price > 61_000 && trade.price < 62_500 && trade.value >= 20_000);
    const candle = await candles.next('candle', ({ trades_count: count }) => count > 10);
    assert.ok(candle.low > 61_000 && candle.high < 62_500);
  });

  it('liquidations of all exchanges have OKX’s among them, by the order’s side', async () => {
    const all = stage.socket('/ws/all/liquidations?min_value_usd=1000');
    await all.opened();
    const told = await eventually('a liquidation', () => {
      const details = [{ bkPx: '61800.1', posSide: 'long', side: 'sell', sz: '250', ts: '0' }];
      const sent = okx.play({
        arg: { channel: 'liquidation-orders', instType: 'SWAP' },
        data: [
          {
            details: details.map((one) => ({ ...one, ts: String(Date.now()) })),
            ...{ instId: 'BTC-USDT-SWAP', instFamily: 'BTC-USDT', instType: 'SWAP' },
          },
        ],
      } as Parameters<ReplayOkx['play']>[0]);
      return sent === 0 ? undefined : all.heard.find(({ type }) => type === 'liquidation');
    });
    assert.deepEqual(shapeErrors({ ...LIQUIDATION }, told), []);
    assert.deepEqual(
      [told.exchange, told.symbol, told.side, told.price, told.quantity, told.value],
      ['okx', 'BTCUSDT', 'sell', 61_800.1, 2.5, 154_500.25],
    );
  });

  it('an exchange that is gone is 503 with a detail, and the others stay', async () => {
    binance.server.interception = () => ({ status: 503, body: '<html>down</html>' });
    const path = '/binance/funding-hist/BTCUSDT?limit=33';
    await eventually('a fast refusal', async () => {
      const startMs = performance.now();
      const { status, body } = await get(path);
      assert.deepEqual([status, Object.keys(body)], [503, ['detail']]);
      return performance.now() - startMs < 200 || undefined;
    });
    assert.equal((await get('/hyperliquid/predicted-funding?coin=BTC')).status, 200);
    binance.server.interception = undefined;
    await eventually('answers again', async () => (await get(path)).status === 200 || undefined);
  });
});
