import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import {
  JournalThread,
  type JournalWiring,
  type MaintenanceRequest,
} from '../src/journal/journal-thread.ts';
import { assert } from '../src/lib/assert.ts';

/** Entry of the journal thread; its other end is `JournalProxy`. */
assert(parentPort !== null, 'the journal runs as a worker thread');
const port = parentPort;
const thread = new JournalThread(
  workerData as JournalWiring,
  process.env.OPENBELL_FAILPOINT ?? '',
  (message) => port.postMessage(message),
  () => receiveMessageOnPort(port)?.message as MaintenanceRequest | undefined,
);
await thread.run();
