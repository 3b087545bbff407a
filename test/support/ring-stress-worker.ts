import { parentPort, workerData } from 'node:worker_threads';
import { Doorbell } from '../../src/rings/doorbell.ts';
import { FRAME_FLAG_END, frameFlags } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingReader } from '../../src/rings/ring.ts';

interface StressData {
  buffer: SharedArrayBuffer;
  readers: number;
  reader: number;
  barrier: number | undefined;
  bell: SharedArrayBuffer;
  nextBell: SharedArrayBuffer | undefined;
  frames: number;
}

/** Reads `frames` frames and reports the first outcome that must not happen, or null. */
function run(data: StressData): string | null {
  const ring = new Ring(data.buffer, data.readers);
  const reader = new RingReader(ring, data.reader, data.barrier);
  const bell = new Doorbell(data.bell);
  const next = data.nextBell === undefined ? undefined : new Doorbell(data.nextBell);
  let expected = 0;
  let insideGroup = false;
  let sleeps = 0;
  while (expected < data.frames) {
    for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
      const lengthBytes = ring.i32[at >>> 2];
      const value = ring.f64[(at + 8) >>> 3];
      if (value !== expected) return `frame ${expected} lost, doubled or out of order: ${value}`;
      for (let i = at + 16; i < at + lengthBytes; i += 8) {
        if (ring.f64[i >>> 3] !== value) return `torn frame ${expected}`;
      }
      insideGroup = (frameFlags(ring.i32[(at + 4) >>> 2]) & FRAME_FLAG_END) === 0;
      expected += 1;
    }
    if (insideGroup) return `half a group visible after frame ${expected - 1}`;
    reader.release();
    next?.ring();
    if (expected === data.frames) break;
    const before = performance.now();
    bell.wait(() => reader.hasNext(), 5000, 10);
    sleeps += 1;
    if (performance.now() - before > 4500) return `lost wake-up after frame ${expected - 1}`;
  }
  parentPort?.postMessage({ type: 'sleeps', sleeps });
  return null;
}

parentPort?.postMessage({ type: 'result', forbidden: run(workerData as StressData) });
