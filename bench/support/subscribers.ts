import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FanoutOrder, FanoutReport } from '../load/fanout-client.ts';

/** One round of publishing to one side's subscribers. */
export interface Measure {
  /** Deliveries per second, until the last subscriber had its last message. */
  readonly perSecond: number;
  /** CPU time of the serving process per delivery. */
  readonly cpuNanos: number;
  readonly published: number;
}

/** Subscribers that report nothing for so long have not been sent what they wait for. */
const LOST_AFTER_MS = 30_000;

/** The subscribers' process as the server's side of the benchmark sees it. */
export class Subscribers {
  frames = 0;
  private readonly child: ChildProcess;
  private readonly connections: number;
  private readonly framesPerMessage: number;

  private constructor(connections: number, framesPerMessage: number) {
    this.connections = connections;
    this.framesPerMessage = framesPerMessage;
    this.child = fork(fileURLToPath(new URL('../load/fanout-client.js', import.meta.url)));
    this.child.once('exit', (code) => {
      if (code !== 0) throw new Error(`the subscribers' process ended with ${code}`);
    });
  }

  static async open(order: FanoutOrder, framesPerMessage = 1): Promise<Subscribers> {
    const subscribers = new Subscribers(order.connections, framesPerMessage);
    subscribers.child.send(order);
    const [first] = (await once(subscribers.child, 'message')) as [FanoutReport];
    if (!first.ready) throw new Error('the subscribers did not become ready');
    subscribers.child.on('message', (report: FanoutReport) => {
      subscribers.frames = report.frames;
    });
    return subscribers;
  }

  /**
   * Publishes step by step, at most a window of messages ahead; resolves when all has arrived. It
   * sleeps while it waits, so the CPU time is that of the work.
   * @param publish returns the number of messages it has published
   */
  async run(
    steps: number,
    windowMessages: number,
    publish: (step: number) => number,
  ): Promise<Measure> {
    const perMessage = this.connections * this.framesPerMessage;
    const start = this.frames;
    const cpuStart = process.cpuUsage();
    const startMs = performance.now();
    let published = 0;
    for (let step = 0; step < steps; step += 1) {
      published += publish(step);
      await new Promise((resolve) => setImmediate(resolve));
      await this.arrived(start + (published - windowMessages) * perMessage);
    }
    await this.arrived(start + published * perMessage);
    const seconds = (performance.now() - startMs) / 1000;
    const cpu = process.cpuUsage(cpuStart);
    const deliveries = published * this.connections;
    return {
      perSecond: deliveries / seconds,
      cpuNanos: ((cpu.user + cpu.system) * 1000) / deliveries,
      published,
    };
  }

  close(): void {
    this.child.disconnect();
  }

  private async arrived(frames: number): Promise<void> {
    while (this.frames < frames) {
      const signal = AbortSignal.timeout(LOST_AFTER_MS);
      await once(this.child, 'message', { signal }).catch(() => {
        throw new Error(`${frames - this.frames} of the published messages did not arrive`);
      });
    }
  }
}
