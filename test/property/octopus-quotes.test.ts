import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer } from 'flatbuffers';
import * as S from '../../src/codec/generated/openbell/stream.ts';
import { QuoteScene } from '../support/quote-scene.ts';

const HOUR_MS = 3_600_000;

/** A binary quote in the form of its JSON twin, read by the generated code alone. */
function jsonOf(bytes: Uint8Array): object {
  const message = S.Message.getRootAsMessage(new ByteBuffer(bytes));
  assert.equal(message.bodyType(), S.Body.OctopusQuote);
  const quote: S.OctopusQuote = message.body(new S.OctopusQuote())!;
  const price = (units: bigint) => Number(units) / 10 ** quote.priceDecimals();
  const hasClose = quote.previousCloseUnits() !== 0n;
  if (hasClose) {
    assert.equal(quote.changeUnits(), quote.priceUnits() - quote.previousCloseUnits());
  }
  return {
    type: 'quote',
    symbol: quote.symbol(),
    exchange: quote.exchange(),
    price: price(quote.priceUnits()),
    change: hasClose ? price(quote.changeUnits()) : null,
    volume: Number(quote.volumeUnits()) / 10 ** quote.qtyDecimals(),
    timestamp: new Date(Number(message.venueTimeNs() / 1_000_000n)).toISOString(),
    sequence: Number(message.seq()),
  };
}

test('quotes say what the trades of the day make of them, in both formats alike', () => {
  const seen = { quotes: 0, changes: 0, newDays: 0 };
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.tuple(fc.nat(15), fc.constantFrom(60, 60, 60, HOUR_MS, 11 * HOUR_MS)), {
        minLength: 5,
        maxLength: 20,
      }),
      (seed, drains) => {
        const scene = new QuoteScene(seed);
        scene.drain(60);
        const [json, binary] = [scene.connect(), scene.connect('format=flatbuffers')];
        for (const socket of [json, binary]) {
          socket.ask({ type: 'subscribe', symbols: ['BTC-USDT', 'AAPL'] });
        }
        scene.pass(60);
        for (const [records, waitMs] of drains) {
          const [traded, heard] = [scene.trades.length, json.received.length];
          scene.drain(records);
          const news = json.received.slice(heard).map((text) => JSON.parse(text as string));
          assert.equal(news.length, scene.trades.length > traded ? 1 : 0, 'one for all trades');
          for (const quote of news) assertQuote(scene, quote);
          const sizes = json.received.length;
          scene.pass(waitMs);
          scene.pass(60);
          for (const text of json.received.slice(sizes)) {
            seen.newDays += 1;
            assertQuote(scene, JSON.parse(text as string));
          }
          assert.equal(binary.received.length, json.received.length);
        }
        for (const [at, text] of json.received.entries()) {
          const said = JSON.parse(text as string);
          // Answers are JSON in either format.
          if (said.type !== 'quote') assert.equal(binary.received[at], text);
          else {
            seen.quotes += 1;
            if (said.change !== null) seen.changes += 1;
            assert.deepEqual(jsonOf(binary.received[at] as Uint8Array), said);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(
    seen.quotes > 200 && seen.changes > 100 && seen.newDays > 20,
    `coverage: ${JSON.stringify(seen)}`,
  );
});

function assertQuote(scene: QuoteScene, quote: Record<string, unknown>): void {
  const { lastTicks, previousCloseTicks, volumeLots } = scene.day();
  const { seconds, nanos, seq } = scene.flow;
  // One tick of this market is 0.1, one lot 0.001.
  assert.deepEqual(quote, {
    type: 'quote',
    symbol: 'BTC-USDT',
    exchange: 'binance',
    price: lastTicks / 10,
    change: previousCloseTicks === null ? null : (lastTicks - previousCloseTicks) / 10,
    volume: volumeLots / 1000,
    timestamp: new Date(seconds * 1000 + Math.floor(nanos / 1e6)).toISOString(),
    sequence: quote.sequence,
  });
  assert.ok((quote.sequence as number) <= seq);
}
