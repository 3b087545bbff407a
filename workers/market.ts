import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { assert } from '../src/lib/assert.ts';
import { ThreadFailpoint } from '../src/lib/thread-failpoint.ts';
import {
  type ImageRequest,
  MarketThread,
  type MarketWiring,
} from '../src/matching/market-thread.ts';

/** Entry of a market worker; its other end is `MarketProxy`. */
assert(parentPort !== null, 'a market worker runs as a worker thread');
const port = parentPort;
const thread = new MarketThread(
  workerData as MarketWiring,
  (message) => port.postMessage(message),
  () => receiveMessageOnPort(port)?.message as ImageRequest | undefined,
  new ThreadFailpoint('market', process.env.OPENBELL_FAILPOINT ?? ''),
);
thread.run();
