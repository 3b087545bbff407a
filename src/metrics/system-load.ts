import { statfsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

export interface SystemLoad {
  /** Share of all cores' time since the sample before, 0 to 100. */
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  /** Of the file system that holds the data directory. */
  readonly diskPercent: number;
}

const SAMPLE_EVERY_MS = 1000;

/** The machine's load as the operating system reports it, sampled at most once a second. */
export class SystemLoadSampler {
  private readonly directory: string;
  private times = cpuTimes();
  private sampledMs = Number.NEGATIVE_INFINITY;
  private last: SystemLoad | undefined;

  /** @param directory any path on the disk to report. */
  constructor(directory: string) {
    this.directory = directory;
  }

  /** @param nowMs any clock's milliseconds. */
  read(nowMs: number): SystemLoad {
    if (this.last !== undefined && nowMs - this.sampledMs < SAMPLE_EVERY_MS) return this.last;
    const times = cpuTimes();
    // The first reading may come before any tick has passed; then the average since boot stands.
    const span = times.total - this.times.total > 0 ? this.times : { busy: 0, total: 0 };
    const cpu = (times.busy - span.busy) / (times.total - span.total);
    this.times = times;
    this.sampledMs = nowMs;
    this.last = {
      cpuPercent: percent(cpu),
      memoryPercent: percent(usedMemory()),
      diskPercent: percent(usedDisk(this.directory)),
    };
    return this.last;
  }
}

function cpuTimes(): { busy: number; total: number } {
  let busy = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    busy += times.user + times.nice + times.sys + times.irq;
    idle += times.idle;
  }
  return { busy, total: busy + idle };
}

/** Within the control group's limit where one is set, else of the machine. */
function usedMemory(): number {
  const limit = process.constrainedMemory();
  const machine = totalmem();
  const total = limit > 0 && limit < machine ? limit : machine;
  return 1 - process.availableMemory() / total;
}

/** As `df` counts it: of what ordinary users may fill. */
function usedDisk(directory: string): number {
  const { blocks, bfree, bavail } = statfsSync(directory);
  const used = blocks - bfree;
  return used / (used + bavail);
}

/** One decimal, within 0 and 100. */
function percent(share: number): number {
  if (!Number.isFinite(share)) return 0;
  return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
}
