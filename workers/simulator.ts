import { parentPort, workerData } from 'node:worker_threads';
import { SimulatorThread } from '../src/simulation/simulator-thread.ts';
import type { SimulatorReady, SimulatorWorkerData } from '../src/simulation/worker-data.ts';

/** Entry of the simulator's thread: attaches to the rings it is given and runs until told to stop. */
const thread = new SimulatorThread(workerData as SimulatorWorkerData);
parentPort?.postMessage({ type: 'ready' } satisfies SimulatorReady);
await thread.run();
