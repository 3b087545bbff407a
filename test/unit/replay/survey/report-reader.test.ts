import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createEventRing, MessageFeed } from '../../../../src/replay/survey/message-feed.ts';
import { parseOrderFile } from '../../../../src/replay/survey/order-file.ts';
import { ReportReader } from '../../../../src/replay/survey/report-reader.ts';
import { ReportStore } from '../../../../src/replay/survey/report-store.ts';
import { RingProducer, RingReader, ringUsedBytes } from '../../../../src/rings/ring.ts';
import { orderFileBytes } from '../../../support/survey-messages.ts';
import { scenarioMessages } from '../../../support/survey-scenarios.ts';

it('says that it read whenever it gave room back: the other thread may sleep until told', () => {
  // Forbidden: room given back, nothing said, and the writer sleeps on.
  for (let orders = 1; orders < 600; orders += 7) {
    const messages = scenarioMessages('normal', orders, orders);
    const file = parseOrderFile(orderFileBytes(messages), 'a file');
    const ring = createEventRing(file);
    const reader = new ReportReader(new RingReader(ring, 0), new ReportStore(0));
    const nothing = (): void => {};
    new MessageFeed(file, new RingProducer(ring), nothing).run(nothing);
    while (ringUsedBytes(ring) > 0) {
      const before = ringUsedBytes(ring);
      assert.equal(reader.drain(), true);
      assert.ok(ringUsedBytes(ring) < before);
    }
    assert.equal(reader.drain(), false);
  }
});

it('keeps reports over many pieces of memory', () => {
  const store = new ReportStore(0);
  const count = 200_000;
  for (let i = 0; i < count; i += 1) {
    const word = store.next();
    store.current[word] = i;
  }
  assert.equal(store.size, count);
  let seen = 0;
  for (const piece of store.pieces()) {
    for (let word = 0; word < piece.length; word += 5) {
      assert.equal(piece[word], seen);
      seen += 1;
    }
  }
  assert.equal(seen, count);
});
