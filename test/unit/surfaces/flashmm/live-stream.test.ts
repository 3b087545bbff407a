import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ByteBuffer } from 'flatbuffers';
import * as S from '../../../../src/codec/generated/openbell/stream.ts';
import { formatScaled } from '../../../../src/lib/fixed-point.ts';
import { conflationIntervalMs } from '../../../../src/surfaces/flashmm/live-stream.ts';
import { LiveScene, seiRegistry } from '../../../support/live-scene.ts';
import { type FakeSocket, PLAIN_REQUEST } from '../../../support/stream-fakes.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages differ, and the tests say what they expect
type Message = any;
const parsed = (frames: (string | Uint8Array)[]): Message[] =>
  frames.map((frame) => JSON.parse(frame as string));
const ask = (socket: FakeSocket, message: unknown): Message[] => parsed(socket.ask(message));
const subscribe = (...channels: string[]) => ({ action: 'subscribe', channels });
const closedWith = (socket: FakeSocket): number | undefined => socket.closedWith?.code;
const codes = (messages: Message[]): string[] => messages.map(({ error }) => error?.code);

test('a client says who it is in time, or follows what is public, or is closed with 4401', async () => {
  const scene = new LiveScene({ loginWindowMs: 30 });
  const [silent, refused, watcher] = [scene.connect(), scene.connect(), scene.connect()];
  const known = scene.authenticated();
  assert.deepEqual(codes(ask(refused, subscribe('trading.SEI/USDC'))), ['UNAUTHORIZED']);
  const [answer, health] = ask(watcher, subscribe('system.health'));
  assert.deepEqual(answer.channels, ['system.health']);
  assert.equal(health.type, 'health_update');
  await sleep(60);
  assert.equal(closedWith(silent), 4401);
  assert.equal(closedWith(refused), 4401);
  assert.deepEqual(codes(parsed(silent.received)), ['UNAUTHORIZED']);
  assert.equal(closedWith(watcher), undefined);
  assert.equal(closedWith(known), undefined);
  watcher.ask({ action: 'unsubscribe', channels: ['system.health'] });
  await sleep(60);
  assert.equal(closedWith(watcher), 4401, 'who follows nothing has to say who it is');
  scene.grant.end();
  assert.equal(closedWith(known), 4401);
  for (const socket of [silent, refused, watcher, known]) socket.session!.closed();
  assert.equal(scene.stream.counters.subscriptions, 0);
});

test('credentials at the upgrade, and bad ones', async () => {
  const scene = new LiveScene();
  const [good, bad] = [
    scene.connect({ query: 'token=reader' }),
    scene.connect({ authorization: 'Bearer nonsense' }),
  ];
  await sleep(1);
  assert.deepEqual(good.received, []);
  assert.equal(closedWith(bad), 4401);
  assert.equal(ask(good, subscribe('trading.SEI/USDC'))[0].type, 'subscribed');
  const [twice] = ask(good, { action: 'authenticate', token: 'reader' });
  assert.equal(twice.error.code, 'INVALID_PARAMETER');
  const scopeless = scene.connect();
  assert.deepEqual(codes(ask(scopeless, { action: 'authenticate', token: 'nobody' })), [
    'UNAUTHORIZED',
  ]);
  for (let i = 0; i < 4; i += 1) scene.connect().ask({ action: 'authenticate', token: 'guess' });
  const sixth = scene.connect();
  assert.deepEqual(codes(ask(sixth, { action: 'authenticate', token: 'reader' })), [
    'RATE_LIMIT_EXCEEDED',
  ]);
  assert.equal(closedWith(sixth), 4429);
});

test('each channel of a message is answered for itself', () => {
  const scene = new LiveScene();
  const socket = scene.authenticated();
  const documented = ['trading.SEI/USDC', 'positions', 'predictions.SEI/USDC', 'system.health'];
  const said = ask(socket, subscribe(...documented, 'orders.ETH/USDC', 'trading.X/Y', 'weather'));
  assert.deepEqual(codes(said.slice(0, 5)), [
    'MARKET_MAKER_UNAVAILABLE',
    'MODEL_UNAVAILABLE',
    'MARKET_MAKER_UNAVAILABLE',
    'INVALID_SYMBOL',
    'INVALID_CHANNEL',
  ]);
  assert.deepEqual(said[3].error.details.supported_symbols, ['SEI/USDC', 'ETH/USDC']);
  assert.deepEqual(said[5].channels, ['trading.SEI/USDC', 'system.health']);
  assert.deepEqual(
    said.slice(6).map(({ type }) => type),
    ['quote_update', 'health_update'],
  );
  const { bid, ask: asked, spread_bps, last_trade_price } = said[6].data;
  assert.deepEqual([bid, asked, spread_bps, last_trade_price], [null, null, null, null]);
  assert.equal(scene.stream.counters.subscriptions, 2);
  const left = ask(socket, { action: 'unsubscribe', channels: ['trading.SEI/USDC'] });
  assert.deepEqual(left[0].channels, ['trading.SEI/USDC']);
  scene.drain(50);
  scene.pass(scene.stream.intervalMs);
  assert.equal(socket.received.filter((text) => String(text).includes('quote_update')).length, 1);
  const malformed = [
    '[',
    [],
    { action: 'subscribe' },
    { action: 'authenticate' },
    { action: 'go' },
  ];
  for (const message of malformed) {
    assert.match(ask(socket, message)[0].error.code, /^INVALID_(JSON|PARAMETER)$/);
  }
  assert.equal(ask(socket, { action: 'ping' })[0].type, 'pong');
});

test('at most fifty channels on one connection', () => {
  const registry = seiRegistry(60);
  const scene = new LiveScene({ registry });
  const socket = scene.authenticated();
  const names = registry.all.map(({ symbol }) => `trading.${symbol.replace('-', '/')}`);
  assert.equal(ask(socket, subscribe(...names.slice(0, 49)))[0].channels.length, 49);
  assert.deepEqual(codes(ask(socket, subscribe(...names.slice(49, 51)))), [
    'TOO_MANY_SUBSCRIPTIONS',
  ]);
  assert.equal(ask(socket, subscribe(...names.slice(48, 50)))[0].channels.length, 2);
  assert.equal(scene.stream.counters.subscriptions, 50);
});

test('all markets together stay within the documented twenty messages a second', () => {
  for (let markets = 1; markets <= 18; markets += 1) {
    const intervalMs = conflationIntervalMs(markets);
    const most = markets * (Math.floor(1000 / intervalMs) + 1) + 1;
    assert.ok(most <= 20, `${markets} markets: ${most} messages`);
  }
});

test('quotes are those of the view, in both formats alike, once per interval', () => {
  const scene = new LiveScene({ seed: 9 });
  const { market, best, ticker, depth } = scene.views.get(scene.flow.marketId)!;
  scene.drain(200);
  const [json, binary] = [scene.authenticated(), scene.authenticated('format=flatbuffers')];
  for (const socket of [json, binary]) socket.ask(subscribe('trading.SEI/USDC'));
  const price = (ticks: number) =>
    formatScaled(ticks * market.tickUnits, market.priceDecimals, market.priceDecimals);
  const size = (lots: number) =>
    formatScaled(lots * market.lotUnits, market.qtyDecimals, market.qtyDecimals);
  let told = 0;
  for (let i = 0; i < 100; i += 1) {
    const heard = json.received.length;
    scene.drain(4);
    scene.pass(scene.stream.intervalMs);
    const news = parsed(json.received.slice(heard));
    assert.ok(news.length <= 2);
    if (news.length === 0) continue;
    told += 1;
    const { data } = news.at(-1);
    const [bid, offer] = [depth.bids.pricesTicks[0], depth.asks.pricesTicks[0]];
    assert.deepEqual([data.bid, data.ask], [price(bid), price(offer)]);
    assert.deepEqual([data.bid_size, data.ask_size], [size(best.bidLots), size(best.askLots)]);
    assert.equal(data.last_trade_price, price(ticker.lastPriceTicks));
    const exact = ((offer - bid) / ((offer + bid) / 2)) * 10_000;
    assert.ok(Math.abs(data.spread_bps - exact) <= 0.05001, `${data.spread_bps}, ${exact}`);
    assert.equal(data.market_spread_bps, data.spread_bps);
    const traded = scene.flow.trades.reduce((sum, each) => sum + each.priceTicks * each.qtyLots, 0);
    const units = traded * market.quoteUnitsPerTickLot;
    assert.equal(data.volume_24h_usdc, units / 10 ** market.quote.decimals);
  }
  assert.ok(told > 50, `${told}`);
  assertSame(json, binary);
});

/** Frame by frame the same facts; answers are JSON in either format. */
function assertSame(json: FakeSocket, binary: FakeSocket): void {
  assert.equal(binary.received.length, json.received.length);
  for (const [at, text] of json.received.entries()) {
    const { type, data, timestamp } = JSON.parse(text as string);
    if (type !== 'quote_update') continue;
    const message = S.Message.getRootAsMessage(new ByteBuffer(binary.received[at] as Uint8Array));
    assert.equal(message.bodyType(), S.Body.FlashmmQuote);
    const quote: S.FlashmmQuote = message.body(new S.FlashmmQuote())!;
    const text_ = (units: bigint, decimals: number) =>
      formatScaled(Number(units), decimals, decimals);
    assert.deepEqual(
      [
        quote.symbol(),
        text_(quote.bidUnits(), quote.priceDecimals()),
        text_(quote.askUnits(), quote.priceDecimals()),
        text_(quote.bidSizeUnits(), quote.qtyDecimals()),
        text_(quote.askSizeUnits(), quote.qtyDecimals()),
        text_(quote.lastTradePriceUnits(), quote.priceDecimals()),
        Number(quote.volume24hUnits()) / 10 ** quote.valueDecimals(),
        new Date(Number(message.venueTimeNs() / 1_000_000n)).toISOString(),
      ],
      [
        data.symbol,
        data.bid,
        data.ask,
        data.bid_size,
        data.ask_size,
        data.last_trade_price,
        data.volume_24h_usdc,
        timestamp,
      ],
    );
  }
}

test('upgrades: the format is negotiated, errors have the shape of the surface', () => {
  const { stream } = new LiveScene();
  const unknown = stream.negotiate({ ...PLAIN_REQUEST, query: 'format=xml' });
  assert.ok('status' in unknown && unknown.status === '400 Bad Request');
  assert.ok('documentation_url' in JSON.parse(unknown.body).error);
  for (let i = 0; i < 10; i += 1) stream.parts.connectionLimit.opened(PLAIN_REQUEST.clientKey);
  const refused = stream.negotiate(PLAIN_REQUEST);
  assert.ok('status' in refused);
  assert.equal(refused.status, '429 Too Many Requests');
  assert.equal(JSON.parse(refused.body).error.code, 'RATE_LIMIT_EXCEEDED');
});
