import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CrowdOrder, CrowdReport } from '../load/crowd-client.ts';

const KIB = 1024;
const PAGE_KIB = 4;

/** A crowd of connections, as the bench's process directs it. */
export class Crowd {
  private readonly child: ChildProcess;

  constructor() {
    this.child = fork(fileURLToPath(new URL('../load/crowd-client.js', import.meta.url)));
  }

  /** Resolves when every connection has done it. */
  async tell(order: CrowdOrder): Promise<void> {
    this.child.send(order);
    const [report] = (await once(this.child, 'message')) as [CrowdReport];
    if ('error' in report) throw new Error(`a connection failed: ${report.error}`);
  }

  end(): void {
    this.child.disconnect();
  }
}

/** What a process has in memory, kibibytes. */
export function residentKib(pid: number): number {
  return numberIn(readFileSync(`/proc/${pid}/status`, 'utf8'), /VmRSS:\s+(\d+) kB/);
}

/** What the kernel holds for sockets of the whole machine: buffers of TCP, and its objects. */
export function kernelKib(): { buffersKib: number; objectsKib: number } {
  const pages = numberIn(readFileSync('/proc/net/sockstat', 'utf8'), /TCP: .* mem (\d+)/);
  const objectsKib = numberIn(readFileSync('/proc/meminfo', 'utf8'), /Slab:\s+(\d+) kB/);
  return { buffersKib: pages * PAGE_KIB, objectsKib };
}

export function mebibytes(kib: number): number {
  return Number((kib / KIB).toFixed(1));
}

function numberIn(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}
