import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Prng } from '../../src/lib/prng.ts';
import { Doorbell } from '../../src/rings/doorbell.ts';
import { FRAME_FLAG_END, frameWord } from '../../src/rings/frame.ts';
import { RING_FULL, Ring, RingProducer } from '../../src/rings/ring.ts';

const FRAMES = 300_000;

/**
 * One producer, two readers in threads of their own, the second behind the first. Outcomes that
 * must not happen, and would be reported by name:
 *  - a frame lost, doubled or out of order
 *  - a torn frame: a byte of a later or earlier frame inside it
 *  - half a group visible
 *  - the barrier overtaken (the second reader would meet frames not yet released: torn or missing)
 *  - a lost wake-up: a reader asleep though something was published
 */
describe('ring under two threads', () => {
  it('shows none of the forbidden outcomes', { timeout: 60_000 }, async () => {
    const seed = 20_261_121;
    const ring = Ring.create(16_384, 2);
    const producer = new RingProducer(ring);
    const bells = [new Doorbell(), new Doorbell()];
    const workers = [0, 1].map(
      (reader) =>
        new Worker(new URL('../support/ring-stress-worker.js', import.meta.url), {
          workerData: {
            buffer: ring.buffer,
            readers: 2,
            reader,
            barrier: reader === 1 ? 0 : undefined,
            bell: bells[reader].buffer,
            nextBell: reader === 0 ? bells[1].buffer : undefined,
            frames: FRAMES,
          },
        }),
    );
    const results = workers.map(
      (worker) =>
        new Promise<string | null>((resolve, reject) => {
          worker.on('error', reject);
          worker.on('message', (message) => {
            if (message.type === 'result') resolve(message.forbidden);
          });
        }),
    );
    // A reader that reports stops reading: the producer must not wait for it then.
    let reported = false;
    for (const result of results) void result.finally(() => (reported = true));
    await produce(producer, bells[0], new Prng(seed), () => reported);
    try {
      const first = await Promise.race(results);
      assert.equal(first, null, `with seed ${seed}`);
      assert.deepEqual(await Promise.all(results), [null, null], `with seed ${seed}`);
    } finally {
      for (const worker of workers) await worker.terminate();
    }
  });
});

async function produce(
  producer: RingProducer,
  bell: Doorbell,
  prng: Prng,
  abandoned: () => boolean,
): Promise<void> {
  let value = 0;
  while (value < FRAMES) {
    const groupFrames = Math.min(prng.integer(1, 5), FRAMES - value);
    for (let i = 0; i < groupFrames; i += 1) {
      const lengthBytes = prng.integer(2, 20) * 8;
      const flags = i === groupFrames - 1 ? FRAME_FLAG_END : 0;
      let at = producer.claim(lengthBytes, frameWord(1, flags, 0));
      while (at === RING_FULL) {
        if (abandoned()) return;
        // Whole groups only are published, so readers can always make room.
        producer.publish();
        bell.ring();
        await new Promise((resolve) => setImmediate(resolve));
        at = producer.claim(lengthBytes, frameWord(1, flags, 0));
      }
      for (let j = at + 8; j < at + lengthBytes; j += 8) producer.ring.f64[j >>> 3] = value;
      value += 1;
    }
    producer.endGroup();
    if (prng.chance(0.3)) {
      producer.publish();
      bell.ring();
    }
    // A pause now and then sends the readers to sleep, so that waking them is tried too.
    if (prng.chance(0.002)) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  producer.publish();
  bell.ring();
}
