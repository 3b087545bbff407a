import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { DrainReply, DrainRequest } from './drain-thread.ts';

/** The matching thread's view of the draining thread. */
export class DrainProxy {
  private readonly worker: Worker;

  constructor() {
    this.worker = new Worker(new URL('../../../workers/survey-drain.js', import.meta.url));
  }

  send(request: DrainRequest): void {
    this.worker.postMessage(request);
  }

  /** The next reply, which must be of this kind. Rejects with what the thread says went wrong. */
  async reply<K extends DrainReply['kind']>(kind: K): Promise<Extract<DrainReply, { kind: K }>> {
    const [reply] = (await once(this.worker, 'message')) as [DrainReply];
    if (reply.kind === 'failed') throw new Error(reply.message);
    if (reply.kind !== kind) throw new Error(`the draining thread said ${reply.kind}, not ${kind}`);
    return reply as Extract<DrainReply, { kind: K }>;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}
