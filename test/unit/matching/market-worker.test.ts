import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type CommandEnvelope, CommandWriter } from '../../../src/codec/commands.ts';
import * as R from '../../../src/codec/records.ts';
import { LIMITS } from '../../../src/config/limits.ts';
import type { Market } from '../../../src/domain/markets.ts';
import { FeatureRing } from '../../../src/features/feature-ring.ts';
import { Prng } from '../../../src/lib/prng.ts';
import { encodeImage } from '../../../src/matching/book-image.ts';
import { worstGroupBytes } from '../../../src/matching/group-writer.ts';
import { machineConfig } from '../../../src/matching/machine-config.ts';
import { MarketProxy } from '../../../src/matching/market-proxy.ts';
import { imageHash } from '../../../src/matching/state-hash.ts';
import { SymbolMachine } from '../../../src/matching/symbol-machine.ts';
import { Doorbell } from '../../../src/rings/doorbell.ts';
import { frameMarketId, frameType } from '../../../src/rings/frame.ts';
import {
  RING_EMPTY,
  Ring,
  RingProducer,
  RingReader,
  ringUsedBytes,
} from '../../../src/rings/ring.ts';
import { shippedMarkets } from '../../support/markets.ts';

const [FIRST, SECOND] = shippedMarkets().all;
/** More than the frames of a batch of 256 commands of this flow, which become visible together. */
const LARGEST_BATCH_BYTES = 1 << 18;

function machineOf(market: Market, producer: RingProducer): SymbolMachine {
  return new SymbolMachine(machineConfig(market), producer);
}

/** A market worker with both ends of its rings, and a machine in this thread beside it. */
class Bed {
  readonly failures: string[] = [];
  readonly worker: MarketProxy;
  readonly bell = new Doorbell();
  /** Frames the worker wrote that differ from what the machines here write: must stay 0. */
  differences = 0;
  frames = 0;
  /** Commands whose echo was read; groups are published whole. */
  echoes = 0;
  private readonly commands = Ring.create(1 << 16, 1);
  readonly events = Ring.create(LIMITS.eventRingBytes, 1);
  private readonly producer = new RingProducer(this.commands);
  private readonly writer = new CommandWriter(this.producer);
  private readonly reader = new RingReader(this.events, 0);
  private readonly own = Ring.create(LIMITS.eventRingBytes, 1);
  private readonly ownProducer = new RingProducer(this.own);
  private readonly ownReader = new RingReader(this.own, 0);
  readonly machines = new Map<number, SymbolMachine>();
  private readonly expected: Buffer[] = [];
  private readonly random = new Prng(11);
  private orderId = 0;

  constructor(images: (Float64Array | null)[] = [null, null]) {
    for (const market of [FIRST, SECOND]) {
      this.machines.set(market.id, machineOf(market, this.ownProducer));
    }
    this.worker = MarketProxy.start({
      name: 'market-test',
      markets: [FIRST, SECOND],
      images,
      featureRings: [FeatureRing.create().buffer, FeatureRing.create().buffer],
      commandRing: this.commands.buffer,
      eventRing: this.events.buffer,
      eventRingReaders: 1,
      bell: this.bell,
      journalBell: new Doorbell(),
      spins: 0,
      onFailure: (detail) => this.failures.push(detail),
    });
  }

  /** Sends one random command; false when the command ring is full. */
  send(marketId?: number): boolean {
    const { random } = this;
    const market = random.chance(0.5) ? FIRST : SECOND;
    this.orderId += 1;
    const envelope: CommandEnvelope = {
      marketId: marketId ?? market.id,
      requestId: this.orderId,
      sessionId: 0,
      portfolioId: 1,
      orderId: this.orderId,
      seconds: 1_700_000_000,
      nanos: this.orderId,
      clientOrderId: '',
    };
    const side = random.integer(0, 1);
    const written = random.chance(0.3)
      ? this.writer.cancel({ ...envelope, orderId: random.integer(1, this.orderId) })
      : this.writer.place(envelope, side, 0, 0, 0, random.integer(90, 110), random.integer(1, 9));
    if (written) this.producer.publish();
    return written;
  }

  /** Carries the command just sent out in this thread too, and remembers its frames. */
  private mirror(): void {
    this.ownProducer.publish();
    for (let at = this.ownReader.next(); at !== RING_EMPTY; at = this.ownReader.next()) {
      this.expected.push(Buffer.from(this.own.u8.subarray(at, at + this.own.i32[at >>> 2])));
    }
    this.ownReader.release();
  }

  /** Reads what the worker has published; every echo is matched here and all frames compared. */
  read(): number {
    const before = this.frames;
    for (let at = this.reader.next(); at !== RING_EMPTY; at = this.reader.next()) {
      const word = this.events.i32[(at >>> 2) + 1];
      if (frameType(word) < R.FIRST_EVENT_TYPE) {
        this.machines.get(frameMarketId(word))?.apply(this.events, at);
        this.mirror();
        this.echoes += 1;
      }
      const bytes = this.events.u8.subarray(at, at + this.events.i32[at >>> 2]);
      if (this.expected.shift()?.equals(bytes) !== true) this.differences += 1;
      this.frames += 1;
    }
    this.reader.release();
    return this.frames - before;
  }

  async until(done: () => boolean): Promise<void> {
    const deadline = performance.now() + 20_000;
    while (!done()) {
      if (performance.now() > deadline) throw new Error('the worker did not get there in 20 s');
      await setImmediate();
    }
  }
}

describe('a market worker', () => {
  it('keeps two markets apart, answers with their images, starts again from them', async () => {
    const bed = new Bed();
    await bed.worker.ready;
    let sent = 0;
    await bed.until(() => {
      while (sent < 5000 && bed.send()) sent += 1;
      bed.bell.ring();
      bed.read();
      return sent === 5000;
    });
    await bed.until(() => {
      bed.read();
      return bed.echoes === sent;
    });
    const images = await Promise.all([FIRST, SECOND].map(({ id }) => bed.worker.image(id)));
    images.forEach((image, i) => {
      const machine = bed.machines.get([FIRST, SECOND][i].id);
      assert.ok(image.orders.length > 10);
      assert.equal(imageHash(image), machine?.stateHash());
    });
    assert.equal(bed.differences, 0);
    await bed.worker.stop();
    const again = new Bed(images.map(encodeImage));
    await again.worker.ready;
    assert.deepEqual(await again.worker.image(SECOND.id), images[1]);
    await again.worker.stop();
    assert.deepEqual([...bed.failures, ...again.failures], []);
  });

  it('told to stop, it finishes the commands it was sent', async () => {
    const bed = new Bed();
    let sent = 0;
    while (bed.send()) sent += 1;
    assert.ok(sent > 500);
    await bed.worker.stop();
    bed.read();
    assert.equal(bed.echoes, sent);
    assert.equal(bed.differences, 0);
    assert.deepEqual(bed.failures, []);
  });

  it('waits while its events are not read, and loses none', async () => {
    const bed = new Bed();
    await bed.worker.ready;
    let sent = 0;
    // The worker stops taking commands when the event ring cannot hold a worst group any more; then
    // the command ring fills up behind it.
    const fullBytes = LIMITS.eventRingBytes - worstGroupBytes(LIMITS.fillsPerCommand);
    await bed.until(() => {
      const written = bed.send();
      if (written) sent += 1;
      bed.bell.ring();
      return !written && ringUsedBytes(bed.events) > fullBytes - LARGEST_BATCH_BYTES;
    });
    assert.equal(bed.frames, 0);
    await bed.until(() => {
      bed.read();
      return bed.echoes === sent;
    });
    assert.equal(bed.differences, 0);
    await bed.worker.stop();
  });

  it('says why it failed', async () => {
    const bed = new Bed();
    await bed.worker.ready;
    bed.send(9999);
    // Asked while the worker is about to die: the answer must not be waited for in vain.
    await assert.rejects(bed.worker.image(FIRST.id), /ended/);
    assert.equal(bed.failures.length, 1);
    assert.match(bed.failures[0], /market 9999 is not kept here/);
  });
});
