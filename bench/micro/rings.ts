import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Doorbell } from '../../src/rings/doorbell.ts';
import { FRAME_FLAG_END, frameWord } from '../../src/rings/frame.ts';
import { RING_FULL, Ring, RingProducer } from '../../src/rings/ring.ts';
import { type BenchOptions, type BenchResult, percentile, three } from '../support/result.ts';

const WORD = frameWord(1, FRAME_FLAG_END, 0);

/**
 * Rings between two threads: messages/s one way with different batch sizes, and the round trip when
 * the other side spins or sleeps. The peer in the same run is the platform's own `postMessage`.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const rows: Record<string, string | number>[] = [];
  const messages = smoke ? 100_000 : 10_000_000;
  for (const batch of [1, 16, 256]) rows.push(await oneWay(messages, batch));
  const trips = smoke ? 300 : 20_000;
  rows.push(await roundTrip(trips, 'spinning', 1e9));
  rows.push(await roundTrip(trips, 'sleeping', 0));
  rows.push(await postMessageTrip(trips));
  return {
    name: 'rings',
    rows,
    notes: [
      'one way: 64-byte frames, a second thread reads and releases; publishing once per batch',
      'round trip: one frame there and back between two worker threads’ rings, latency in µs',
    ],
  };
}

async function oneWay(messages: number, batch: number): Promise<Record<string, string | number>> {
  const ring = Ring.create(1 << 20, 1);
  const bell = new Doorbell();
  const worker = echo({ mode: 'drain', in: ring.buffer, bell: bell.buffer, messages });
  await once(worker, 'message');
  const producer = new RingProducer(ring);
  const started = performance.now();
  for (let i = 0; i < messages; i += 1) {
    let at = producer.claim(64, WORD);
    while (at === RING_FULL) {
      producer.publish();
      bell.ring();
      at = producer.claim(64, WORD);
    }
    ring.f64[(at + 8) >>> 3] = i;
    producer.endGroup();
    if (i % batch === batch - 1) {
      producer.publish();
      bell.ring();
    }
  }
  producer.publish();
  bell.ring();
  const [sum] = await once(worker, 'message');
  const seconds = (performance.now() - started) / 1000;
  await worker.terminate();
  if (sum !== (messages * (messages - 1)) / 2) throw new Error('the reader saw other messages');
  return {
    case: `one way, batch ${batch}`,
    'M messages/s': three(messages / seconds / 1e6),
    'MB/s': three((messages * 64) / seconds / 1e6),
  };
}

async function roundTrip(
  trips: number,
  name: string,
  spins: number,
): Promise<Record<string, string | number>> {
  const there = Ring.create(1 << 16, 1);
  const back = Ring.create(1 << 16, 1);
  const bells = [new Doorbell(), new Doorbell()];
  const data = {
    trips,
    spins,
    there: there.buffer,
    back: back.buffer,
    thereBell: bells[0].buffer,
    backBell: bells[1].buffer,
  };
  const other = echo({ mode: 'echo', ...data });
  await once(other, 'message');
  const asker = echo({ mode: 'ask', ...data });
  await once(asker, 'message');
  const [samples] = (await once(asker, 'message')) as [Float64Array];
  await Promise.all([other.terminate(), asker.terminate()]);
  return latencyRow(`round trip, ${name}`, samples);
}

async function postMessageTrip(trips: number): Promise<Record<string, string | number>> {
  const worker = echo({ mode: 'post' });
  await once(worker, 'message');
  const samples = new Float64Array(trips);
  for (let i = 0; i < trips; i += 1) {
    const started = performance.now();
    worker.postMessage(i);
    await once(worker, 'message');
    samples[i] = (performance.now() - started) * 1000;
  }
  await worker.terminate();
  return latencyRow('round trip, postMessage (peer)', samples);
}

function latencyRow(name: string, micros: Float64Array): Record<string, string | number> {
  return {
    case: name,
    'p50 µs': three(percentile(micros, 0.5)),
    'p99 µs': three(percentile(micros, 0.99)),
    'p99.9 µs': three(percentile(micros, 0.999)),
  };
}

function echo(data: Record<string, unknown>): Worker {
  return new Worker(new URL('./rings-worker.js', import.meta.url), { workerData: data });
}
