import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { ByteBuffer } from 'flatbuffers';
import WebSocket from 'ws';
import * as S from '../../src/codec/generated/openbell/stream.ts';
import {
  ConformanceStage,
  type StageSocket,
  type StageUser,
} from '../support/conformance-stage.ts';
import {
  loadContract,
  loadShapes,
  type ShapeErrors,
  skipContract as skip,
} from '../support/contract.ts';

const SEI = 'sei:SEI-USDC';
const SEI_DECIMALS = { price: 4, quantity: 0 } as const;
const MILLIS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

// biome-ignore lint/suspicious/noExplicitAny: messages are whatever the server says
type Data = any;

describe('FlashMM live data as documented', { skip }, () => {
  let stage: ConformanceStage;
  let maker: StageUser;
  let taker: StageUser;
  let shapeErrors: ShapeErrors;
  const documented = skip === false ? loadContract('flashmm').ws[0] : undefined;
  const example = (name: string): Data =>
    structuredClone(documented?.serverMessages.find((each) => each.name === name)?.example);

  before(async () => {
    shapeErrors = await loadShapes();
    stage = await ConformanceStage.open({
      OPENBELL_OPENING_BALANCES: 'USDC=1000000,SEI=1000000',
    });
    maker = await stage.user('maker');
    taker = await stage.user('taker');
  });
  after(async () => stage?.close());

  const token = (user: StageUser): string => String(user.bearer.authorization).slice(7);

  async function authenticated(): Promise<StageSocket> {
    const socket = stage.socket('/ws/live-data');
    await socket.send({ action: 'authenticate', token: token(taker) });
    await socket.next('answer', ({ type }) => type === 'authenticated');
    return socket;
  }

  it('the document’s messages: what there is is told, the rest refused by name', async () => {
    const socket = await authenticated();
    const [, subscribe, unsubscribe] = documented?.clientMessages ?? [];
    await socket.send(subscribe.example);
    const answer = await socket.next('answer', ({ type }) => type === 'subscribed');
    assert.deepEqual(answer.channels, ['trading.SEI/USDC', 'positions', 'system.health']);
    const errors = socket.heard.filter(({ type }) => type === 'error');
    assert.deepEqual(
      errors.map(({ error }) => [error.code, error.details.channel]),
      [['MODEL_UNAVAILABLE', 'predictions.SEI/USDC']],
    );
    await socket.send(unsubscribe.example);
    await socket.next('answer', ({ type }) => type === 'unsubscribed');
    await socket.send({ action: 'subscribe', channels: ['invalid.channel'] });
    const { error } = await socket.next('error', (each) => each.error?.code === 'INVALID_CHANNEL');
    assert.equal(error.message, "Channel 'invalid.channel' does not exist");
    assert.deepEqual(error.details.available_channels, [
      'trading.*',
      'positions',
      'predictions.*',
      'system.health',
      'orders.*',
    ]);
  });

  it('trading.SEI/USDC: every number follows from the orders placed', async () => {
    const socket = await authenticated();
    await socket.send({ action: 'subscribe', channels: ['trading.SEI/USDC'] });
    const empty = await socket.next('state', ({ type }) => type === 'quote_update');
    assert.ok(Math.abs(Date.parse(empty.timestamp) - Date.now()) < 5000);
    await maker.order(SEI, 'buy', 500, 0.042);
    await maker.order(SEI, 'sell', 1000, 0.0422);
    await taker.order(SEI, 'buy', 250, 0.0422);
    await taker.order(SEI, 'sell', 100, 0.042);
    const quote = await socket.next(
      'the quote after all',
      ({ data }) => data?.bid_size === '400' && data.ask_size === '750',
    );
    const trades = await stage.trades(SEI);
    const value = trades.reduce((sum, each) => sum + each.price_ticks * each.quantity_lots, 0);
    const spread = Math.round((0.0002 / 0.0421) * 100_000) / 10;
    assert.deepEqual(quote.data, {
      symbol: 'SEI/USDC',
      bid: '0.0420',
      ask: '0.0422',
      bid_size: '400',
      ask_size: '750',
      spread_bps: spread,
      our_spread_bps: null,
      market_spread_bps: spread,
      improvement_percent: null,
      last_trade_price: '0.0420',
      volume_24h_usdc: value / 10 ** (SEI_DECIMALS.price + SEI_DECIMALS.quantity),
      quote_generated_at: null,
      orders_active: 0,
    });
    assert.deepEqual([quote.data.volume_24h_usdc, quote.data.spread_bps], [14.75, 47.5]);
    assert.match(quote.timestamp, MILLIS);
    assert.ok(Date.parse(quote.timestamp) >= Math.floor(Date.parse(trades.at(-1)?.time ?? '')));
    // Nobody deployed the market maker: what only it has is unknown, all else has its type.
    const shape = example('trading quote_update');
    const ours = ['our_spread_bps', 'improvement_percent', 'quote_generated_at'];
    for (const name of ours) shape.data[name] = null;
    assert.deepEqual(shapeErrors(shape, quote), []);
  });

  it('the same in FlatBuffers', async () => {
    const url = stage.server.webSocketUrl(`/ws/live-data?token=${token(taker)}`);
    const socket = new WebSocket(url, ['openbell.fb.v1']);
    const binary = new Promise<Buffer>((resolve) => {
      socket.on('message', (data, isBinary) => {
        if (isBinary) resolve(data as Buffer);
      });
    });
    await once(socket, 'open');
    assert.equal(socket.protocol, 'openbell.fb.v1');
    socket.send(JSON.stringify({ action: 'subscribe', channels: ['trading.SEI/USDC'] }));
    const message = S.Message.getRootAsMessage(new ByteBuffer(await binary));
    socket.terminate();
    assert.equal(message.bodyType(), S.Body.FlashmmQuote);
    const quote: S.FlashmmQuote = message.body(new S.FlashmmQuote())!;
    assert.deepEqual(
      [quote.symbol(), quote.bidUnits(), quote.askUnits(), quote.lastTradePriceUnits()],
      ['SEI/USDC', 420n, 422n, 420n],
    );
    assert.deepEqual(
      [quote.bidSizeUnits(), quote.askSizeUnits(), quote.volume24hUnits()],
      [400n, 750n, 14_750_000n],
    );
  });

  it('system.health is for everybody, and counts what really happens', async () => {
    const socket = stage.socket('/ws/live-data');
    await socket.send({ action: 'subscribe', channels: ['system.health'] });
    const health = await socket.next('health', ({ type }) => type === 'health_update');
    const shape = example('health_update');
    Object.assign(shape.data, { network_latency_ms: null, sei_rpc_latency_ms: null });
    assert.deepEqual(shapeErrors(shape, health), []);
    assert.match(health.timestamp, MILLIS);
    const { data } = health;
    assert.deepEqual(
      [data.status, data.error_rate_percent, data.components],
      [
        'healthy',
        0,
        {
          trading_engine: 'stopped',
          ml_model: 'not_configured',
          database: 'healthy',
          redis: 'not_configured',
        },
      ],
    );
    const rest = (await taker.get('/api/v1/health')).body;
    assert.ok(rest.uptime_seconds - data.uptime_seconds <= 1);
    assert.equal(rest.components.database, data.components.database);
    for (let i = 0; i < 7; i += 1) await taker.get('/v1/markets/status');
    const second = stage.socket('/ws/live-data');
    await second.send({ action: 'subscribe', channels: ['system.health'] });
    const later = await second.next('health', ({ type }) => type === 'health_update');
    assert.equal(later.data.api_requests_per_minute, data.api_requests_per_minute + 8);
    assert.equal(later.data.websocket_connections, data.websocket_connections + 1);
  });

  it('who does not say in five seconds who they are is closed with 4401', async () => {
    const socket = new WebSocket(stage.server.webSocketUrl('/ws/live-data'));
    await once(socket, 'open');
    const since = performance.now();
    socket.send(JSON.stringify({ action: 'subscribe', channels: ['trading.SEI/USDC'] }));
    const [first] = await once(socket, 'message');
    assert.equal(JSON.parse(String(first)).error.code, 'UNAUTHORIZED');
    const [code] = await once(socket, 'close');
    assert.equal(code, 4401);
    assert.ok(performance.now() - since > 4500);
  });
});
