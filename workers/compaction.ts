import { parentPort, workerData } from 'node:worker_threads';
import {
  CompactionThread,
  type CompactionWiring,
  type MaintainReply,
} from '../src/gateway/compaction-thread.ts';
import { assert } from '../src/lib/assert.ts';

/** Entry of one snapshot run; its other end is `CompactionProxy`. */
assert(parentPort !== null, 'a snapshot is taken in a worker thread');
const port = parentPort;
const thread = new CompactionThread(workerData as CompactionWiring, (message) =>
  port.postMessage(message),
);
port.on('message', (reply: MaintainReply) => thread.receive(reply));
try {
  await thread.run();
} finally {
  port.close();
}
