import { parentPort, workerData } from 'node:worker_threads';
import { Doorbell } from '../../src/rings/doorbell.ts';
import { FRAME_FLAG_END, frameWord } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';

const WORD = frameWord(1, FRAME_FLAG_END, 0);
parentPort?.postMessage('ready');

switch (workerData.mode) {
  case 'drain':
    parentPort?.postMessage(drain());
    break;
  case 'echo':
    answer();
    break;
  case 'ask':
    parentPort?.postMessage(ask());
    break;
  default:
    parentPort?.on('message', (value) => parentPort?.postMessage(value));
}

function drain(): number {
  const reader = new RingReader(new Ring(workerData.in, 1), 0);
  const bell = new Doorbell(workerData.bell);
  let sum = 0;
  let seen = 0;
  while (seen < workerData.messages) {
    for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
      sum += reader.ring.f64[(at + 8) >>> 3];
      seen += 1;
      if ((seen & 255) === 0) reader.release();
    }
    reader.release();
    if (seen < workerData.messages) bell.wait(() => reader.hasNext(), 100, 1000);
  }
  return sum;
}

function answer(): void {
  const reader = new RingReader(new Ring(workerData.there, 1), 0);
  const producer = new RingProducer(new Ring(workerData.back, 1));
  const bell = new Doorbell(workerData.thereBell);
  const askerBell = new Doorbell(workerData.backBell);
  for (let seen = 0; seen < workerData.trips; ) {
    if (reader.next() === RING_EMPTY) {
      bell.wait(() => reader.hasNext(), 100, workerData.spins);
      continue;
    }
    reader.release();
    seen += 1;
    producer.claim(64, WORD);
    producer.endGroup();
    producer.publish();
    askerBell.ring();
  }
}

function ask(): Float64Array {
  const producer = new RingProducer(new Ring(workerData.there, 1));
  const reader = new RingReader(new Ring(workerData.back, 1), 0);
  const otherBell = new Doorbell(workerData.thereBell);
  const bell = new Doorbell(workerData.backBell);
  const samples = new Float64Array(workerData.trips);
  for (let i = 0; i < workerData.trips; i += 1) {
    const started = performance.now();
    producer.claim(64, WORD);
    producer.endGroup();
    producer.publish();
    otherBell.ring();
    while (reader.next() === RING_EMPTY) {
      bell.wait(() => reader.hasNext(), 100, workerData.spins);
    }
    reader.release();
    samples[i] = (performance.now() - started) * 1000;
  }
  return samples;
}
