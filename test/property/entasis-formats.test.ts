import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer } from 'flatbuffers';
import * as S from '../../src/codec/generated/openbell/stream.ts';
import { ConnectionLimit } from '../../src/gateway/streams/connection-limit.ts';
import { StreamHub } from '../../src/gateway/streams/hub.ts';
import { AddressList } from '../../src/lib/address-list.ts';
import { formatScaled } from '../../src/lib/fixed-point.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import { EntasisMarketStream } from '../../src/surfaces/entasis/market-stream.ts';
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

function bench(seed: number) {
  const clock = new ManualClock();
  const views = new MarketViews(registry.all);
  const stream = new EntasisMarketStream({
    markets: registry,
    views,
    clock,
    connectionLimit: new ConnectionLimit(5),
    allowedAddresses: new AddressList([]),
  });
  const hub = new StreamHub({ views, clock, endpoints: [stream] });
  const wire = new FakeHub();
  stream.bind(wire);
  const flows = [new MarketFlow(6, seed), new MarketFlow(1, seed + 1, 15_050)];
  const connect = (query: string): FakeSocket => {
    const socket = wire.socket();
    socket.session = stream.open(socket, { ...PLAIN_REQUEST, query });
    return socket;
  };
  const drain = (records: number): void => {
    for (let i = 0; i < records; i += 1) {
      for (const flow of flows) {
        flow.step();
        hub.views.apply(flow.views, 0);
      }
    }
    hub.publish();
    stream.flush();
  };
  return { clock, stream, connect, drain };
}

/** A binary message in the form of its JSON twin, read by the generated code alone. */
function jsonOf(bytes: Uint8Array): object {
  const message = S.Message.getRootAsMessage(new ByteBuffer(bytes));
  const timestamp = new Date(Number(message.venueTimeNs() / 1_000_000n)).toISOString();
  const sequence = Number(message.seq());
  const isPrice = message.bodyType() === S.Body.EntasisPrice;
  const body = message.body(isPrice ? new S.EntasisPrice() : new S.EntasisBook())!;
  const decimals = (units: bigint, count: number) => formatScaled(Number(units), count, count);
  const price = (units: bigint) => decimals(units, body.priceDecimals());
  const qty = (units: bigint) => decimals(units, body.qtyDecimals());
  const named = { symbol: body.symbol(), exchange: body.exchange() };
  if (body instanceof S.EntasisPrice) {
    const [at, volume] = [price(body.priceUnits()), qty(body.volumeUnits())];
    return { channel: 'market', ...named, price: at, volume, timestamp, sequence };
  }
  assert.equal(message.bodyType(), S.Body.EntasisBook);
  const levels = (length: number, levelAt: (i: number) => S.UnitLevel | null) =>
    Array.from({ length }, (_, i) => {
      const level = levelAt(i)!;
      return [price(level.priceUnits()), qty(level.qtyUnits())];
    });
  const bids = levels(body.bidsLength(), (i) => body.bids(i));
  const asks = levels(body.asksLength(), (i) => body.asks(i));
  return { channel: 'orderbook', ...named, bids, asks, timestamp, sequence };
}

test('both formats of /ws/market carry the same facts, message by message', () => {
  const seen = { market: 0, orderbook: 0 };
  fc.assert(
    fc.property(
      fc.integer(),
      fc.constantFrom(1, 5, 20),
      fc.array(fc.tuple(fc.nat(12), fc.constantFrom(0, 7, 60)), { minLength: 5, maxLength: 25 }),
      (seed, depth, drains) => {
        const { clock, connect, drain } = bench(seed);
        drain(50);
        const [json, binary] = [connect(''), connect('format=flatbuffers')];
        for (const socket of [json, binary]) {
          socket.ask({ action: 'subscribe', channel: 'market', symbols: ['BTC-USDT', 'AAPL'] });
          socket.ask({ action: 'subscribe', channel: 'orderbook', symbol: 'BTC-USDT', depth });
        }
        for (const [records, waitMs] of drains) {
          clock.advanceMs(waitMs);
          drain(records);
        }
        assert.equal(binary.received.length, json.received.length);
        for (const [at, text] of json.received.entries()) {
          const said = JSON.parse(text as string);
          const frame = binary.received[at];
          // Answers are JSON in either format.
          if ('type' in said) assert.equal(frame, text);
          else {
            seen[said.channel as keyof typeof seen] += 1;
            assert.deepEqual(jsonOf(frame as Uint8Array), said);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(seen.market > 100 && seen.orderbook > 100, JSON.stringify(seen));
});

test('the subprotocol is answered, and a format that nobody knows is refused', () => {
  const { stream } = bench(1);
  const request = { ...PLAIN_REQUEST, subprotocols: ['openbell.fb.v1'] };
  assert.deepEqual(stream.negotiate(request), { subprotocol: 'openbell.fb.v1' });
  const refusal = stream.negotiate({ ...PLAIN_REQUEST, query: 'format=msgpack' });
  assert.ok('status' in refusal);
  assert.equal(refusal.status, '400 Bad Request');
  assert.match(refusal.body, /json, flatbuffers/);
});
