import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer } from 'flatbuffers';
import { Body, Message, VelocimexMarket } from '../../src/codec/generated/openbell/stream.ts';
import { ConnectionLimit } from '../../src/gateway/streams/connection-limit.ts';
import { StreamHub } from '../../src/gateway/streams/hub.ts';
import { formatScaled } from '../../src/lib/fixed-point.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import { VelocimexMarketStream } from '../../src/surfaces/velocimex/streams.ts';
import { MarketFlow } from '../support/market-flow.ts';
import { shippedMarkets } from '../support/markets.ts';
import { FakeHub, type FakeSocket, PLAIN_REQUEST, StepClock } from '../support/stream-fakes.ts';

const registry = shippedMarkets();

/** A clock that moves only when told to. */
class ManualClock extends StepClock {
  override tick(): void {}

  advanceMs(ms: number): void {
    const nanos = this.nanos + ms * 1_000_000;
    this.seconds += Math.floor(nanos / 1_000_000_000);
    this.nanos = nanos % 1_000_000_000;
  }
}

/** A binary message in the form of its JSON twin, read by the generated code alone. */
function jsonOf(bytes: Uint8Array): object {
  const message = Message.getRootAsMessage(new ByteBuffer(bytes));
  assert.equal(message.bodyType(), Body.VelocimexMarket);
  const body = message.body(new VelocimexMarket())!;
  const price = (units: bigint) => Number(formatScaled(Number(units), body.priceDecimals()));
  const quantity = (units: bigint) => Number(formatScaled(Number(units), body.qtyDecimals()));
  const priceOrNull = (units: bigint) => (units === 0n ? null : price(units));
  const trades = Array.from({ length: body.tradesLength() }, (_, i) => {
    const trade = body.trades(i)!;
    return {
      price: price(trade.priceUnits()),
      quantity: quantity(trade.qtyUnits()),
      side: ['buy', 'sell'][trade.side()] ?? null,
      trade_id: String(trade.tradeId()),
      timestamp: iso(trade.venueTimeNs()),
    };
  });
  return {
    timestamp: iso(message.venueTimeNs()),
    exchange: body.exchange(),
    symbol: body.symbol(),
    price: priceOrNull(body.priceUnits()),
    volume: quantity(body.volumeUnits()),
    bid: priceOrNull(body.bidUnits()),
    ask: priceOrNull(body.askUnits()),
    ...(trades.length > 0 && { trades }),
  };
}

function iso(nanos: bigint): string {
  const micros = nanos / 1000n;
  const millis = new Date(Number(micros / 1000n)).toISOString();
  return millis.replace('Z', `${String(micros % 1000n).padStart(3, '0')}Z`);
}

test('both formats of /v1/ws/market carry the same facts, message by message', () => {
  let withTrades = 0;
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.tuple(fc.nat(12), fc.constantFrom(0, 1, 7, 40)), { maxLength: 25 }),
      (seed, drains) => {
        const clock = new ManualClock();
        const views = new MarketViews(registry.all);
        const stream = new VelocimexMarketStream(registry, views, clock, new ConnectionLimit(3));
        const hub = new StreamHub({ views, clock, endpoints: [stream] });
        const wire = new FakeHub();
        stream.bind(wire);
        const connect = (query: string): FakeSocket => {
          const socket = wire.socket();
          socket.session = stream.open(socket, { ...PLAIN_REQUEST, query });
          return socket;
        };
        const [json, binary] = [connect(''), connect('format=flatbuffers')];
        const flows = [new MarketFlow(6, seed), new MarketFlow(1, seed + 1, 15_050)];
        for (const [records, waitMs] of drains) {
          for (let i = 0; i < records; i += 1) {
            for (const flow of flows) {
              flow.step();
              hub.views.apply(flow.views, 0);
            }
          }
          clock.advanceMs(waitMs);
          hub.publish();
          stream.flush();
        }
        assert.equal(binary.received.length, json.received.length);
        for (const [at, text] of json.received.entries()) {
          const said = JSON.parse(text as string);
          if ('trades' in said) withTrades += 1;
          assert.deepEqual(jsonOf(binary.received[at] as Uint8Array), said);
        }
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(withTrades > 100, 'trades were among them');
});

test('control messages stay JSON, and a format that nobody knows is refused', () => {
  const views = new MarketViews(registry.all);
  const clock = new StepClock();
  const stream = new VelocimexMarketStream(registry, views, clock, new ConnectionLimit(3));
  const wire = new FakeHub();
  stream.bind(wire);
  const request = { ...PLAIN_REQUEST, subprotocols: ['other', 'openbell.fb.v1'] };
  assert.deepEqual(stream.negotiate(request), { subprotocol: 'openbell.fb.v1' });
  const socket = wire.socket();
  socket.session = stream.open(socket, request);
  assert.ok(socket.received.every((frame) => frame instanceof Uint8Array));
  const answer = socket.answer({ action: 'subscribe', symbols: ['AAPL'] });
  assert.deepEqual(answer, { type: 'subscribed', symbols: ['NASDAQ:AAPL'] });
  assert.equal(socket.answer({ action: 'ping' }).type, 'pong');

  const refusal = stream.negotiate({ ...PLAIN_REQUEST, query: 'format=msgpack' });
  assert.ok('status' in refusal);
  assert.equal(refusal.status, '400 Bad Request');
  assert.deepEqual(JSON.parse(refusal.body).error.details, { reason: 'INVALID_FORMAT' });
});
