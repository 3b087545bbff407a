import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/lib/assert.ts';
import type { ReplayMessage, ReplayWorkerData } from '../src/replay/replay-proxy.ts';
import { Replay } from '../src/replay/replay-thread.ts';
import { Doorbell } from '../src/rings/doorbell.ts';
import { ThreadControl } from '../src/rings/thread-control.ts';

// The replay thread: one recording into one venue, then a report; it ends when it is told to.
const port = parentPort;
assert(port !== null, 'workers/replay is a worker');
const { wiring, options } = workerData as ReplayWorkerData;
const bell = new Doorbell(wiring.sessionBell);
const control = new ThreadControl(wiring.control);
const send = (message: ReplayMessage): void => port.postMessage(message);

// A wait on shared memory does not keep a thread alive; the port does.
port.ref();
const replay = new Replay(options, wiring, {
  now: () => performance.now(),
  wait: (hasWork, timeoutMs) => {
    control.countLoop();
    return bell.waitAsync(hasWork, timeoutMs);
  },
  stopRequested: () => control.stopRequested(),
  progress: (progress) => send({ kind: 'progress', progress }),
});
send({ kind: 'finished', report: await replay.run() });
await replay.keepReading();
port.unref();
