import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { JournalProxy } from '../../src/journal/journal-proxy.ts';
import { readOrder, readTrades } from '../../src/journal/queries.ts';
import { readFrames } from '../../src/journal/recovery.ts';
import { openStore } from '../../src/journal/store.ts';
import { Doorbell } from '../../src/rings/doorbell.ts';
import { RING_EMPTY, Ring, RingReader } from '../../src/rings/ring.ts';
import { READER_GATEWAY, READER_JOURNAL, READER_SESSION } from '../../src/rings/roles.ts';
import { FrameWriter } from '../support/frames.ts';
import { QUOTE_UNITS } from '../support/journal.ts';
import { OrderFlow } from '../support/order-flow.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';

const READ = { readOnly: true, durability: 'commit' } as const;
const WAIT_MS = 5000;

class Venue {
  readonly directory: string;
  readonly eventRing = Ring.create(1 << 20, 3);
  readonly venueRing = Ring.create(1 << 14, 2);
  readonly bell = new Doorbell();
  readonly gatewayBell = new Doorbell();
  readonly sessionBell = new Doorbell();
  readonly failures: string[] = [];

  constructor(directory: string) {
    this.directory = directory;
  }

  async start(t: TestContext): Promise<JournalProxy> {
    const proxy = await JournalProxy.start({
      directory: this.directory,
      durability: 'commit',
      eventRings: [{ buffer: this.eventRing.buffer, readers: 3 }],
      venueRing: { buffer: this.venueRing.buffer, readers: 2 },
      quoteUnitsPerTickLot: QUOTE_UNITS,
      bell: this.bell,
      gatewayBell: this.gatewayBell,
      sessionBells: [this.sessionBell],
      onFailure: (detail) => this.failures.push(detail),
    });
    t.after(() => proxy.stop());
    return proxy;
  }
}

describe('the journal thread', () => {
  it('wakes gateway and session when frames are durable', async (t) => {
    const venue = new Venue(temporaryDirectory(t));
    const proxy = await venue.start(t);
    assert.equal(proxy.ready.epoch, 1);
    assert.equal(proxy.ready.lastBatch, 0);
    const readers = [READER_GATEWAY, READER_SESSION].map(
      (reader) => new RingReader(venue.eventRing, reader, READER_JOURNAL),
    );
    const [gateway, session] = readers;
    const writer = new FrameWriter(venue.eventRing, 1);
    for (let orderId = 1; orderId <= 20; orderId += 1) {
      writer.placeResting({ orderId });
      writer.producer.publish();
      venue.bell.ring();
      await venue.gatewayBell.waitAsync(() => gateway.hasNext(), WAIT_MS);
      await venue.sessionBell.waitAsync(() => session.hasNext(), WAIT_MS);
      for (const reader of readers) {
        for (let frame = 0; frame < 3; frame += 1) assert.notEqual(reader.next(), RING_EMPTY);
        assert.equal(reader.next(), RING_EMPTY);
        reader.release();
      }
    }
    const metrics = proxy.metrics.read();
    assert.equal(metrics.frames, 60);
    assert.ok(metrics.batches >= 1 && metrics.batches <= 20);
    assert.ok(metrics.maxCommitMicros > 0);
    assert.ok(proxy.loops() >= metrics.batches);
    assert.deepEqual(venue.failures, []);
  });

  it('commits all that was published before the stop', async (t) => {
    const venue = new Venue(temporaryDirectory(t));
    const proxy = await venue.start(t);
    const writer = new FrameWriter(venue.eventRing, 1);
    const flow = new OrderFlow(writer, 1);
    while (writer.producer.canClaim(1 << 14)) flow.next();
    writer.producer.publish();
    const facts = new FrameWriter(venue.venueRing, 0);
    facts.venue('{"kind":"closing"}');
    facts.producer.publish();
    await proxy.stop();
    assert.equal(proxy.failure, undefined);
    const store = openStore(venue.directory, READ);
    const { seqs } = readFrames(store, undefined, () => undefined);
    assert.deepEqual(
      seqs,
      new Map([
        [0, 1],
        [1, writer.seq],
      ]),
    );
    await store.close();
    const again = await new Venue(venue.directory).start(t);
    assert.equal(again.ready.epoch, 2);
    assert.deepEqual(again.ready.lastSeqs, seqs);
    assert.ok(again.ready.lastOrderId > 100);
  });

  it('lets the gateway read tables while it writes them', async (t) => {
    const venue = new Venue(temporaryDirectory(t));
    const proxy = await venue.start(t);
    const store = openStore(venue.directory, READ);
    const gateway = new RingReader(venue.eventRing, READER_GATEWAY, READER_JOURNAL);
    const session = new RingReader(venue.eventRing, READER_SESSION);
    const writer = new FrameWriter(venue.eventRing, 1);
    for (let orderId = 1; orderId <= 300; orderId += 1) {
      writer.placeResting({ orderId, qtyLots: orderId });
      writer.printCommand();
      writer.printed(100, orderId, 0);
      writer.endAndPublish();
      venue.bell.ring();
      let pending = 5;
      while (pending > 0) {
        await venue.gatewayBell.waitAsync(() => gateway.hasNext(), WAIT_MS);
        while (gateway.next() !== RING_EMPTY) pending -= 1;
      }
      gateway.release();
      session.skipToEnd();
      assert.equal(readOrder(store, orderId)?.qtyLots, orderId, 'what is durable can be read');
      assert.equal(readTrades(store, 1, { limit: 1 })[0]?.qtyLots, orderId);
    }
    await store.close();
    await proxy.stop();
    assert.deepEqual(venue.failures, []);
  });

  it('stops acknowledging for good, and says why, when a commit fails', async (t) => {
    const venue = new Venue(temporaryDirectory(t));
    const proxy = await venue.start(t);
    const gateway = new RingReader(venue.eventRing, READER_GATEWAY, READER_JOURNAL);
    const writer = new FrameWriter(venue.eventRing, 1);
    // A second writer, as another process given the same directory would be.
    const other = openStore(venue.directory, { readOnly: false, durability: 'commit' });
    for (let orderId = 1; orderId <= 2; orderId += 1) {
      writer.placeResting({ orderId });
      writer.producer.publish();
      venue.bell.ring();
      await venue.gatewayBell.waitAsync(() => gateway.hasNext(), 200);
      assert.equal(gateway.next(), RING_EMPTY);
    }
    assert.equal(venue.failures.length, 1);
    assert.match(venue.failures[0], /batch 1 was not committed: .*another process opened/);
    assert.equal(proxy.failure, venue.failures[0]);
    await proxy.stop();
    assert.equal(venue.failures.length, 1, 'an orderly end is not another failure');
    await other.close();
  });

  it('rejects the start when the journal cannot be opened', async (t) => {
    const venue = new Venue(temporaryDirectory(t));
    const store = openStore(venue.directory, { readOnly: false, durability: 'commit' });
    store.meta.putSync('format', 4);
    await store.close();
    await assert.rejects(venue.start(t), /format 4, this version reads 3/);
    assert.deepEqual(venue.failures, []);
  });

  it('says what is wrong when a reader of the same process opened first', async (t) => {
    const venue = new Venue(temporaryDirectory(t));
    await openStore(venue.directory, { readOnly: false, durability: 'commit' }).close();
    const reader = openStore(venue.directory, READ);
    await assert.rejects(venue.start(t), /is it open for reading in this process\?/);
    await reader.close();
    const proxy = await venue.start(t);
    assert.equal(proxy.ready.epoch, 2);
  });
});
