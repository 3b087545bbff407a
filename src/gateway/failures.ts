export interface PartStatus {
  readonly healthy: boolean;
  /** `ok`, or what failed and why. */
  readonly detail: string;
}

/** Threads that can no longer do their work. None comes back: a restart recovers what is durable. */
export class Failures {
  private readonly byThread = new Map<string, string>();

  add(thread: string, detail: string): void {
    if (!this.byThread.has(thread)) this.byThread.set(thread, detail);
  }

  get none(): boolean {
    return this.byThread.size === 0;
  }

  get journal(): PartStatus {
    const detail = this.byThread.get('journal');
    return { healthy: detail === undefined, detail: detail ?? 'ok' };
  }

  /** Market workers and the gateway itself. */
  get matching(): PartStatus {
    const failed = [...this.byThread].filter(([thread]) => thread !== 'journal');
    const detail = failed.map(([thread, why]) => `${thread}: ${why}`).join('; ');
    return { healthy: failed.length === 0, detail: detail || 'ok' };
  }
}
