// Subscribes to every channel of one market in FlatBuffers, rebuilds the book order by order, breaks the
// connection half way and comes back without losing anything, and counts what every channel sent.
//
//   npm run build && node examples/decode-channels.mjs
//   node examples/decode-channels.mjs --url ws://127.0.0.1:8000/ws/stream --market NASDAQ:AAPL --seconds 10
import { parseArgs } from 'node:util';
import { crc32 } from 'node:zlib';
import { ByteBuffer } from 'flatbuffers';
import WebSocket from 'ws';
import * as fb from '../dist/src/codec/generated/openbell/stream.js';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string', default: 'ws://127.0.0.1:8000/ws/stream' },
    market: { type: 'string', default: 'binance:BTC-USDT' },
    seconds: { type: 'string', default: '10' },
  },
});

if (options.market.includes('*')) fail('name one market: this example keeps one book');

const { Body, OrderAction } = fb;
const REQUESTS = [
  { channel: 'orders_book' },
  { channel: 'trades' },
  { channel: 'bbo' },
  { channel: 'candles', interval: '1m' },
  { channel: 'ticker' },
  { channel: 'funding' },
  { channel: 'open_interest' },
  { channel: 'liquidations' },
  { channel: 'features' },
];
/** Name of a body type. */
const nameOf = Object.fromEntries(Object.entries(Body).map(([name, type]) => [type, name]));
/** Public order id → { side, ticks, lots }; by side. */
const book = [new Map(), new Map()];
const counts = new Map();
let market;
/** Where we are in the order book: what a resumption continues. */
let place;
let recovered = null;
let socket = connect();
setTimeout(() => socket.terminate(), Number(options.seconds) * 500);
setTimeout(finish, Number(options.seconds) * 1000);

function connect() {
  const opened = new WebSocket(options.url, ['openbell.fb.v1']);
  opened.on('open', () => {
    for (const request of REQUESTS) {
      const resume =
        request.channel === 'orders_book' && place !== undefined ? { resume: place } : {};
      send(opened, { op: 'subscribe', market: options.market, ...request, ...resume });
    }
  });
  opened.on('message', (data, isBinary) =>
    isBinary ? onMessage(data) : onControl(JSON.parse(data)),
  );
  opened.on('error', (error) => fail(error.message));
  opened.on('close', (code) => {
    if (code === 1006) socket = connect();
  });
  return opened;
}

function send(to, request) {
  to.send(JSON.stringify(request));
}

function onControl(message) {
  // Not every market has every channel: equities have no funding.
  if (message.type === 'error' && message.code === 'UNKNOWN_MARKET') fail(message.code);
  if (message.type === 'error') console.log(`${message.code}: ${message.message}`);
  if (message.type !== 'subscribed' || message.channel !== 'orders_book') return;
  market = message.markets[0];
  if (message.recovered !== undefined) recovered = message.recovered;
}

function onMessage(bytes) {
  const message = fb.Message.getRootAsMessage(new ByteBuffer(bytes));
  const name = nameOf[message.bodyType()] ?? 'unknown';
  counts.set(name, (counts.get(name) ?? 0) + 1);
  if (message.bodyType() === Body.OrdersSnapshot) {
    restore(message, message.body(new fb.OrdersSnapshot()));
  } else if (message.bodyType() === Body.OrdersDelta) {
    if (Number(message.prevSeq()) !== place.seq) fail(`gap after ${place.seq}`);
    change(message, message.body(new fb.OrdersDelta()));
  }
}

function restore(message, body) {
  for (const side of book) side.clear();
  for (const [side, length, at] of [
    [0, body.bidsLength(), (i) => body.bids(i)],
    [1, body.asksLength(), (i) => body.asks(i)],
  ]) {
    for (let i = 0; i < length; i += 1) {
      const order = at(i);
      book[side].set(order.orderId(), { ticks: order.priceTicks(), lots: order.qtyLots() });
    }
  }
  check(message, body);
}

function change(message, body) {
  for (let i = 0; i < body.changesLength(); i += 1) {
    const each = body.changes(i);
    const orders = book[each.side()];
    const isNew = each.action() === OrderAction.Add;
    if (isNew === orders.has(each.orderId())) fail(`order ${each.orderId()} does not fit`);
    if (each.qtyLots() === 0n) orders.delete(each.orderId());
    else orders.set(each.orderId(), { ticks: each.priceTicks(), lots: each.qtyLots() });
  }
  check(message, body);
}

/** See docs/streams.md: the first ten asks, then the first ten bids, as digits. */
function check(message, body) {
  place = { epoch: Number(message.epoch()), seq: Number(message.seq()) };
  let text = '';
  for (const side of [1, 0]) {
    for (const [id, { ticks, lots }] of queue(side).slice(0, 10)) {
      text += `${id}${ticks * BigInt(market.tick_units)}${lots * BigInt(market.lot_units)}`;
    }
  }
  if (crc32(text) !== body.crc32()) fail(`the checksum at sequence ${place.seq} does not match`);
}

/** Orders in the order in which they trade: best price first, at one price by their ids. */
function queue(side) {
  const sign = side === 0 ? -1n : 1n;
  return [...book[side]].sort(([a, x], [b, y]) => Number((x.ticks - y.ticks) * sign || a - b));
}

function finish() {
  for (const [name, count] of counts) console.log(`${name}: ${count}`);
  if (place === undefined) fail('no snapshot came');
  const orders = book[0].size + book[1].size;
  console.log(`${orders} orders, every checksum right, recovered: ${recovered}`);
  socket.close(1000);
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
