import { parentPort } from 'node:worker_threads';
import { assert } from '../src/lib/assert.ts';
import { type DrainRequest, DrainThread } from '../src/replay/survey/drain-thread.ts';

/** Entry of the thread that drains a survey's reports; its other end is `DrainProxy`. */
assert(parentPort !== null, 'the survey is drained by a worker thread');
const port = parentPort;
const thread = new DrainThread((reply) => port.postMessage(reply));
port.on('message', (request: DrainRequest) => thread.handle(request));
