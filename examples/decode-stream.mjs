// Follows one market's book in FlatBuffers, rebuilds it from the snapshot and the deltas, checks
// every sequence and checksum, and prints the top of the book once a second.
//
//   npm run build && node examples/decode-stream.mjs
//   node examples/decode-stream.mjs --url ws://127.0.0.1:8000/ws/stream --market NASDAQ:AAPL --seconds 10
import { parseArgs } from 'node:util';
import { crc32 } from 'node:zlib';
import { ByteBuffer } from 'flatbuffers';
import WebSocket from 'ws';
import { Body, BookDelta, Message, Snapshot } from '../dist/src/codec/generated/openbell/stream.js';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string', default: 'ws://127.0.0.1:8000/ws/stream' },
    market: { type: 'string', default: 'binance:BTC-USDT' },
    seconds: { type: 'string', default: '10' },
  },
});

if (options.market.includes('*')) fail('name one market: this example keeps one book');

/** Price in ticks → quantity in lots, for both sides. */
const book = { bids: new Map(), asks: new Map() };
let market; // tick and lot sizes, from the acknowledgement
let lastSeq;
let messages = 0;
let resyncs = 0;

const socket = new WebSocket(options.url, ['openbell.fb.v1']);
socket.on('open', subscribe);
socket.on('message', (data, isBinary) =>
  isBinary ? onMessage(data) : onControl(JSON.parse(data)),
);
socket.on('error', (error) => fail(error.message));
socket.on('close', (code, reason) => {
  if (code !== 1000) fail(`closed by the server: ${code} ${reason}`);
});
setInterval(printTop, 1000).unref();
setTimeout(finish, Number(options.seconds) * 1000);

function subscribe() {
  lastSeq = undefined;
  socket.send(JSON.stringify({ op: 'subscribe', id: 1, channel: 'book', market: options.market }));
}

function onControl(message) {
  if (message.type === 'error') fail(`${message.code}: ${message.message}`);
  if (message.type === 'subscribed') market = message.markets[0];
}

function onMessage(bytes) {
  const message = Message.getRootAsMessage(new ByteBuffer(bytes));
  switch (message.bodyType()) {
    case Body.Snapshot:
      book.bids.clear();
      book.asks.clear();
      apply(message, message.body(new Snapshot()));
      break;
    case Body.BookDelta:
      // Between a resubscription and its snapshot, deltas of the old sequence still arrive.
      if (lastSeq === undefined) return;
      if (message.prevSeq() !== lastSeq) {
        resyncs += 1;
        subscribe();
        return;
      }
      apply(message, message.body(new BookDelta()));
      break;
    default: // A newer server may send what this client does not know.
  }
}

function apply(message, body) {
  set(book.bids, body.bidsLength(), (i) => body.bids(i));
  set(book.asks, body.asksLength(), (i) => body.asks(i));
  lastSeq = message.seq();
  messages += 1;
  if (checksum() !== body.crc32()) fail(`the checksum at sequence ${lastSeq} does not match`);
}

function set(side, length, levelAt) {
  for (let i = 0; i < length; i += 1) {
    const level = levelAt(i);
    if (level.qtyLots() === 0n) side.delete(level.priceTicks());
    else side.set(level.priceTicks(), level.qtyLots());
  }
}

/** Best levels of a side, `[ticks, lots]`. */
function best(side, count) {
  const sign = side === book.bids ? -1 : 1;
  const levels = [...side].sort(([a], [b]) => (a < b ? -sign : a > b ? sign : 0));
  return levels.slice(0, count);
}

/** See docs/streams.md: the ten best asks, then the ten best bids, as digits. */
function checksum() {
  let text = '';
  for (const side of [book.asks, book.bids]) {
    for (const [ticks, lots] of best(side, 10)) {
      text += `${ticks * BigInt(market.tick_units)}${lots * BigInt(market.lot_units)}`;
    }
  }
  return crc32(text);
}

function decimal(units, decimals) {
  const digits = String(units).padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function printTop() {
  if (lastSeq === undefined) return;
  const show = ([level]) =>
    level === undefined
      ? 'empty'
      : `${decimal(level[1] * BigInt(market.lot_units), market.qty_decimals)} @ ` +
        decimal(level[0] * BigInt(market.tick_units), market.price_decimals);
  console.log(
    `${market.market} (${market.source}) seq ${lastSeq}: bid ${show(best(book.bids, 1))} | ask ${show(best(book.asks, 1))}`,
  );
}

function finish() {
  printTop();
  if (lastSeq === undefined) fail('no snapshot came');
  console.log(`${messages} messages, every checksum right, ${resyncs} resyncs`);
  socket.close(1000);
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
