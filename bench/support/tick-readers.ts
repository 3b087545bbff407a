import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServerProcess } from '../../test/support/server-process.ts';
import type { TickOrder, TickReport } from '../load/tick-client.ts';
import { percentile } from './result.ts';

/** The subscribers that stamp what they get, as the bench's process directs them. */
export class TickReaders {
  private readonly child: ChildProcess;

  constructor() {
    const path = fileURLToPath(new URL('../load/tick-client.js', import.meta.url));
    this.child = fork(path, { serialization: 'advanced' });
  }

  open(server: ServerProcess, subscribers: number): Promise<unknown> {
    return this.tell({ kind: 'open', url: server.webSocketUrl('/ws/stream'), subscribers });
  }

  measure(milliseconds: number): Promise<TickReport> {
    return this.tell({ kind: 'measure', milliseconds }) as Promise<TickReport>;
  }

  /** Adds connections that subscribe to everything and never read. */
  deaf(connections: number): Promise<unknown> {
    return this.tell({ kind: 'deaf', connections });
  }

  close(): Promise<unknown> {
    return this.tell({ kind: 'close' });
  }

  end(): void {
    this.child.disconnect();
  }

  private async tell(order: TickOrder): Promise<unknown> {
    this.child.send(order);
    const [reply] = (await once(this.child, 'message')) as [{ error?: string }];
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply;
  }
}

/** What a server's metrics say at a moment. */
export interface Pulse {
  readonly atMs: number;
  readonly records: number;
  readonly commits: number;
  readonly commitSeconds: number;
  readonly queuedBytes: number;
  /** Messages of the native stream that slow clients lost, so far. */
  readonly drops: number;
  /** That were closed or cut off for being slow, so far. */
  readonly slowEnds: number;
}

export async function pulseOf(server: ServerProcess): Promise<Pulse> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const read = (name: string): number =>
    Number(new RegExp(`^${name} ([\\d.e+-]+)`, 'm').exec(text)?.[1]);
  const native = (name: string): number =>
    read(`openbell_stream_${name}_total\\{endpoint="native"\\}`);
  return {
    atMs: performance.now(),
    records: read('openbell_records_total'),
    commits: read('openbell_journal_commit_seconds_count'),
    commitSeconds: read('openbell_journal_commit_seconds_sum'),
    queuedBytes: read('openbell_stream_queued_bytes'),
    drops: native('drops'),
    slowEnds: native('slow_closes') + native('slow_cuts'),
  };
}

/** Waits until the simulated books are filled and code is warm. */
export function warmUp(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export function middle(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
