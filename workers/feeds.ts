import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/lib/assert.ts';
import { ThreadFailpoint } from '../src/lib/thread-failpoint.ts';
import { FeedsThread } from '../src/live/feeds-thread.ts';
import type { FeedsWiring, ToFeeds } from '../src/live/live-messages.ts';

/** Entry of the feeds thread; its other end is `FeedsProxy`. */
assert(parentPort !== null, 'the feeds thread runs as a worker thread');
const port = parentPort;
const thread = new FeedsThread(
  workerData as FeedsWiring,
  (message) => port.postMessage(message),
  new ThreadFailpoint('feeds', process.env.OPENBELL_FAILPOINT ?? ''),
);
port.on('message', (message: ToFeeds) => {
  if (thread.receive(message)) port.close();
});
thread.start();
