import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/lib/assert.ts';
import { StrategiesThread } from '../src/strategies/strategies-thread.ts';
import type {
  FromStrategies,
  StrategiesWorkerData,
  ToStrategies,
} from '../src/strategies/worker-messages.ts';

/** Entry of the strategies' thread: attaches to the rings it is given and runs until told to stop. */
const port = parentPort;
assert(port !== null, 'workers/strategies is a worker');
const post = (message: FromStrategies): void => port.postMessage(message);
const failpoints = process.env.OPENBELL_FAILPOINT ?? '';
const thread = new StrategiesThread(workerData as StrategiesWorkerData, failpoints, post);
// A wait on shared memory does not keep a thread alive; the port does.
port.on('message', (message: ToStrategies) => thread.receive(message));
post({ type: 'ready' });
await thread.run();
port.close();
