import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { FeatureRing } from '../src/features/feature-ring.ts';
import { MarketWatch } from '../src/features/market-watch.ts';
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
const wiring = workerData as MarketWiring;
const thread = new MarketThread(
  wiring,
  (message) => port.postMessage(message),
  () => receiveMessageOnPort(port)?.message as ImageRequest | undefined,
  (machine, events, place) =>
    new MarketWatch(machine, events, new FeatureRing(wiring.featureRings[place])),
  new ThreadFailpoint('market', process.env.OPENBELL_FAILPOINT ?? ''),
);
thread.run();
