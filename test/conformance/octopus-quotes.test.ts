import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ByteBuffer } from 'flatbuffers';
import WebSocket from 'ws';
import * as S from '../../src/codec/generated/openbell/stream.ts';
import {
  ConformanceStage,
  type StageReply,
  type StageSocket,
  type StageUser,
} from '../support/conformance-stage.ts';
import {
  loadContract,
  loadShapes,
  type ShapeErrors,
  skipContract as skip,
} from '../support/contract.ts';
import { barsOf } from '../support/recomputed.ts';
import { eventually } from '../support/server-process.ts';
import { clearOfPeriodEnd } from '../support/time-of-day.ts';

const AAPL = 'NASDAQ:AAPL';
const MILLIS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

// biome-ignore lint/suspicious/noExplicitAny: messages are whatever the server says
type Data = any;

describe('Octopus quotes as documented', { skip }, () => {
  let stage: ConformanceStage;
  let maker: StageUser;
  let taker: StageUser;
  let shapeErrors: ShapeErrors;
  const contract = skip === false ? loadContract('octopus') : undefined;
  const documented = contract?.ws.find(({ id }) => id === 'octopus.ws.marketData');

  before(async () => {
    // All trades are of one day, whenever this runs.
    await clearOfPeriodEnd(86_400, 90);
    shapeErrors = await loadShapes();
    stage = await ConformanceStage.open();
    maker = await stage.user('maker');
    taker = await stage.user('taker');
    await maker.order(AAPL, 'sell', 100, 175.84);
    await maker.order(AAPL, 'sell', 100, 177.5);
    await maker.order(AAPL, 'buy', 100, 173.2);
  });
  after(async () => stage?.close());

  /** The quote that follows from all trades: the first day of this market, so without a change. */
  async function expected(market: string, priceDecimals: number, qtyDecimals: number) {
    const trades = await stage.trades(market);
    const [exchange, symbol] = market.split(':');
    const lots = trades.reduce((sum, { quantity_lots }) => sum + quantity_lots, 0);
    return {
      type: 'quote',
      symbol,
      exchange,
      price: (trades.at(-1)?.price_ticks ?? 0) / 10 ** priceDecimals,
      change: null,
      volume: lots / 10 ** qtyDecimals,
    };
  }

  const quoteOf = (symbol: string, volume: number) => (message: Data) =>
    message.type === 'quote' && message.symbol === symbol && message.volume === volume;

  it('/ws/market-data: the document’s messages are obeyed, and trades become quotes', async () => {
    assert.ok(documented !== undefined);
    const socket: StageSocket = stage.socket('/ws/market-data');
    const [first, , unsubscribe] = documented.clientMessages;
    await socket.send(first.example);
    const answer = await socket.next('answer', ({ type }) => type === 'subscribed');
    assert.deepEqual(answer.symbols, ['AAPL', 'GOOGL', 'MSFT']);
    await taker.order(AAPL, 'buy', 40, 175.84);
    const quote = await socket.next('quote', quoteOf('AAPL', 40));
    const { timestamp, sequence, ...said } = quote;
    assert.deepEqual(said, await expected(AAPL, 2, 0));
    assert.equal(said.price, 175.84);
    assert.match(timestamp, MILLIS);
    const [trade] = await stage.trades(AAPL);
    assert.deepEqual([timestamp, sequence], [new Date(trade.time).toISOString(), trade.seq]);
    // A first day has no close before it; everything else has the documented type.
    const shape = { ...documented.serverMessages[0].example, change: null };
    assert.deepEqual(shapeErrors(shape, quote), []);

    await taker.order(AAPL, 'buy', 70, 177.5);
    await taker.order(AAPL, 'sell', 25, 173.2);
    const last = await socket.next('the last quote', quoteOf('AAPL', 135));
    const { timestamp: at, sequence: seq, ...lastSaid } = last;
    assert.deepEqual(lastSaid, await expected(AAPL, 2, 0));
    assert.equal(lastSaid.price, 173.2);
    assert.ok(seq > sequence && at >= timestamp);

    await socket.send(unsubscribe.example);
    await socket.next('answer', ({ type }) => type === 'unsubscribed');
    await taker.order(AAPL, 'sell', 5, 173.2);
    const later = stage.socket('/ws/market-data');
    await later.send(documented.clientMessages[1].example);
    await later.next('the quote now', quoteOf('AAPL', 140));
    assert.ok(!socket.heard.some(quoteOf('AAPL', 140)));
  });

  it('crypto by its primary market, or by the exchange asked for', async () => {
    const [one, other] = [stage.socket('/ws/market-data'), stage.socket('/ws/market-data')];
    await one.send({ type: 'subscribe', symbols: ['BTC-USDT'] });
    await other.send({ type: 'subscribe', symbols: ['BTC-USDT'], exchange: 'bybit' });
    for (const socket of [one, other]) await socket.next('answer', ({ type }) => type !== 'quote');
    await maker.order('binance:BTC-USDT', 'sell', 0.5, 65432.1);
    await taker.order('binance:BTC-USDT', 'buy', 0.125, 65432.1);
    const { timestamp, sequence, ...said } = await one.next('quote', quoteOf('BTC-USDT', 0.125));
    assert.deepEqual(said, await expected('binance:BTC-USDT', 1, 3));
    assert.ok(MILLIS.test(timestamp) && sequence > 0);
    assert.ok(other.heard.every(({ type }) => type !== 'quote'));
  });

  it('the same in FlatBuffers, by subprotocol and by the query', async () => {
    for (const [protocols, query] of [
      [['openbell.fb.v1'], ''],
      [[], '?format=flatbuffers'],
    ] as const) {
      const url = stage.server.webSocketUrl(`/ws/market-data${query}`);
      const frames: Buffer[] = [];
      const socket = new WebSocket(url, [...protocols]);
      socket.on('message', (data, isBinary) => {
        if (isBinary) frames.push(data as Buffer);
      });
      socket.on('open', () => socket.send('{"type":"subscribe","symbols":["AAPL"]}'));
      const frame = await eventually('a binary quote', async () => frames[0]);
      socket.terminate();
      const message = S.Message.getRootAsMessage(new ByteBuffer(frame));
      assert.equal(message.bodyType(), S.Body.OctopusQuote);
      const quote: S.OctopusQuote = message.body(new S.OctopusQuote())!;
      const trades = await stage.trades(AAPL);
      const last = trades.at(-1);
      assert.deepEqual(
        [quote.exchange(), quote.symbol(), quote.priceUnits(), quote.volumeUnits(), message.seq()],
        ['NASDAQ', 'AAPL', 17_320n, 140n, BigInt(last?.seq ?? 0)],
      );
      assert.equal(quote.previousCloseUnits(), 0n);
    }
  });

  it('what is wrong is told in the documented shape', async () => {
    const socket = stage.socket('/ws/market-data');
    await socket.send({ type: 'subscribe', symbols: ['AAPL', 'NOPE'] });
    const error = await socket.next('error', (message) => message.error !== undefined);
    assert.deepEqual(shapeErrors(contract?.errorFormat.example, error), []);
    assert.deepEqual([error.error, error.details.code], ['NotFound', 'UNKNOWN_MARKET']);
    await socket.send({ type: 'ping' });
    await socket.next('pong', ({ type }) => type === 'pong');
    const { status, body } = await stage.refusedUpgrade('/ws/market-data?format=xml');
    assert.deepEqual([status, body.error], [400, 'ValidationError']);
  });

  it('GET /api/market/quote/{symbol}: every number follows from the trades and the reference data', async () => {
    const { body } = await answered('octopus.market.quote');
    const trades = await stage.trades(AAPL);
    const cents = trades.map(({ price_ticks }) => price_ticks);
    const { timestamp, ...said } = body;
    assert.deepEqual(said, {
      symbol: 'AAPL',
      exchange: 'NASDAQ',
      currency: 'USD',
      price: 173.2,
      change: null,
      change_percent: null,
      volume: trades.reduce((sum, { quantity_lots }) => sum + quantity_lots, 0),
      // Shares outstanding, and earnings of 6.08 a share.
      market_cap: (15_115_823_000 * 17_320) / 100,
      pe_ratio: 28.49,
      high: Math.max(...cents) / 100,
      low: Math.min(...cents) / 100,
      open: 175.84,
      previous_close: null,
    });
    assert.match(timestamp, MILLIS);
    assert.ok(timestamp >= new Date(trades.at(-1)?.time ?? '').toISOString());
    const shape = documentedReply('octopus.market.quote');
    Object.assign(shape, { change: null, change_percent: null, previous_close: null });
    assert.deepEqual(shapeErrors(shape, body), []);
    const bybit = await taker.get('/api/market/quote/BTC-USDT?exchange=bybit');
    const { exchange, price, open, market_cap, timestamp: never } = bybit.body;
    assert.deepEqual([exchange, price, open, market_cap, never], ['bybit', null, null, null, null]);
  });

  it('GET /api/market/historical/{symbol}: the bars of the trades', async () => {
    const { body } = await answered('octopus.market.historical');
    assert.deepEqual(shapeErrors(documentedReply('octopus.market.historical'), body), []);
    assert.deepEqual([body.symbol, body.period, body.interval], ['AAPL', '1y', '1d']);
    const trades = await stage.trades(AAPL);
    const lots = trades.reduce((sum, { quantity_lots }) => sum + quantity_lots, 0);
    for (const { date } of body.data) assert.match(date, /^\d{4}-\d\d-\d\d$/);
    assert.equal(
      body.data.reduce((sum: number, { volume }: Data) => sum + volume, 0),
      lots,
    );
    const minutes = await taker.get('/api/market/historical/AAPL/?period=1d&interval=1m');
    const last = Date.parse(minutes.body.data.at(-1).date) / 1000;
    const bars = barsOf(trades, 60, last, { price: 2, quantity: 0 });
    assert.deepEqual(
      minutes.body.data,
      bars.map(({ timestamp, ...bar }) => ({
        date: timestamp,
        ...Object.fromEntries(Object.entries(bar).map(([name, text]) => [name, Number(text)])),
      })),
    );
    assert.ok(Date.now() / 1000 - last < 62, 'the bar under way is the last one');
  });

  it('GET /api/market/search and /api/market/trending', async () => {
    const { body } = await answered('octopus.market.search');
    assert.deepEqual(body, {
      query: 'apple',
      results: [
        {
          symbol: 'AAPL',
          name: 'Apple Inc.',
          exchange: 'NASDAQ',
          asset_class: 'equity',
          sector: 'Technology',
          currency: 'USD',
        },
      ],
    });
    const trending = (await answered('octopus.market.trending')).body;
    const [apple, btc] = [await stage.trades(AAPL), await stage.trades('binance:BTC-USDT')];
    const value = (trades: typeof apple, scale: number) =>
      trades.reduce((sum, each) => sum + each.price_ticks * each.quantity_lots, 0) / scale;
    assert.deepEqual(
      trending.most_active.map((each: Data) => [each.symbol, each.value_24h]),
      [
        ['AAPL', value(apple, 100)],
        ['BTC-USDT', value(btc, 10_000)],
      ],
    );
    assert.ok(value(apple, 100) > value(btc, 10_000));
    // The day began with the first trade: 175.84, and stands at 173.20.
    const [mover] = trending.biggest_movers;
    assert.deepEqual(
      [mover.symbol, mover.price, mover.change_24h, mover.change_percent_24h, mover.volume_24h],
      ['AAPL', 173.2, -2.64, -1.5014, 140],
    );
  });

  it('what a client can do wrong has its documented status and shape', async () => {
    const cases: [string, number, string][] = [
      ['/api/market/quote/NOPE', 404, 'NotFound'],
      ['/api/market/quote/AAPL?exchange=LSE', 404, 'NotFound'],
      ['/api/market/quote/AAPL?currency=EUR', 422, 'ValidationError'],
      ['/api/market/historical/AAPL?period=3y', 422, 'ValidationError'],
      ['/api/market/historical/AAPL?interval=30m', 422, 'ValidationError'],
      ['/api/market/search', 422, 'ValidationError'],
      ['/api/market/search?q=', 422, 'ValidationError'],
      ['/api/market/search?q=a&limit=101', 422, 'ValidationError'],
      ['/api/market/trending?limit=0', 422, 'ValidationError'],
      ['/api/market/nowhere', 404, 'NotFound'],
    ];
    for (const [path, status, error] of cases) {
      const reply = await taker.get(path);
      assert.deepEqual([reply.status, reply.body.error], [status, error], path);
      assert.deepEqual(Object.keys(reply.body), Object.keys(contract?.errorFormat.example ?? {}));
    }
  });

  function documentedReply(id: string): Data {
    return structuredClone(contract?.rest.find((each) => each.id === id)?.responseExample);
  }

  /** The reply to the document's own request, which strangers must not get. */
  async function answered(id: string): Promise<StageReply> {
    const found = contract?.rest.find((each) => each.id === id);
    assert.ok(found !== undefined, id);
    const [, path] = found.exampleRequest.split(' ');
    assert.equal((await fetch(stage.server.url + path)).status, 401);
    const reply = await taker.get(path);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    const byToken = await fetch(stage.server.url + path, { headers: { ...taker.bearer } });
    assert.equal(byToken.status, 200);
    for (const name of ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']) {
      assert.match(String(reply.headers.get(name)), /^\d+$/);
    }
    return reply;
  }
});

describe('Octopus quotes of a market with days behind it', { skip }, () => {
  let stage: ConformanceStage;
  before(async () => {
    stage = await ConformanceStage.open({
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '20',
      OPENBELL_SIMULATION_HISTORY: 'on',
    });
  });
  after(async () => stage?.close());

  it('the change is from the close of the day before, over REST and the socket alike', async () => {
    const user = await stage.user('reader');
    const shapeErrors = await loadShapes();
    const quote = await eventually('a quote with a day before', async () => {
      const { body } = await user.get('/api/market/quote/BTC-USDT');
      return body.previous_close === null || body.open === null ? undefined : body;
    });
    const found = loadContract('octopus').rest.find(({ id }) => id === 'octopus.market.quote');
    // A perpetual has no shares, and so neither a capitalisation nor earnings.
    const shape = { ...(found?.responseExample as object), market_cap: null, pe_ratio: null };
    assert.deepEqual(shapeErrors(shape, quote), []);
    const days = (await user.get('/api/v1/market/history/BTC-USDT?interval=1d')).body.data;
    assert.equal(quote.previous_close, Number(days.at(-2).close));
    assert.equal(quote.open, Number(days.at(-1).open));
    // Prices of this market have one decimal.
    const tenths = (price: number) => Math.round(price * 10);
    assert.equal(tenths(quote.change), tenths(quote.price) - tenths(quote.previous_close));
    const percent = (quote.change / quote.previous_close) * 100;
    assert.ok(Math.abs(quote.change_percent - percent) < 0.000_051);
    const socket = stage.socket('/ws/market-data');
    await socket.send({ type: 'subscribe', symbols: ['BTC-USDT'] });
    const first = await socket.next('a quote', ({ type }) => type === 'quote');
    const next = await socket.next(
      'another one',
      ({ type, sequence }) => type === 'quote' && sequence > first.sequence,
    );
    for (const { price, change } of [first, next]) {
      assert.equal(tenths(change), tenths(price) - tenths(quote.previous_close));
    }
    const documented = loadContract('octopus').ws.find(({ id }) => id.endsWith('marketData'));
    assert.deepEqual(shapeErrors(documented?.serverMessages[0].example, next), []);
    const { data } = (await user.get('/api/market/historical/BTC-USDT')).body;
    assert.equal(data.at(-2).close, quote.previous_close);
    assert.deepEqual(
      data.map(({ date }: Data) => date),
      days.slice(-data.length).map(({ timestamp }: Data) => timestamp.slice(0, 10)),
    );
  });
});
