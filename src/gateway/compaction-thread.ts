import { constants, setPriority } from 'node:os';
import type { Market } from '../domain/markets.ts';
import type { MaintenanceWork } from '../journal/maintenance.ts';
import { openStore } from '../journal/store.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import {
  Compaction,
  type CompactionReport,
  CompactionStopped,
  type Retention,
} from './compaction.ts';

/** What one run in a thread of its own is given. */
export interface CompactionWiring {
  readonly directory: string;
  readonly markets: readonly Market[];
  readonly retention: Retention;
  readonly control: SharedArrayBuffer;
}

/** The gateway's answer to `maintain`; `detail` says why it was not done. */
export interface MaintainReply {
  readonly id: number;
  readonly detail: string | undefined;
}

export type CompactionMessage =
  | { readonly type: 'maintain'; readonly id: number; readonly work: MaintenanceWork }
  | { readonly type: 'done'; readonly report: CompactionReport | undefined }
  | { readonly type: 'stopped' };

/** The end of a run that its gateway gave up. */
interface Waiter {
  readonly resolve: () => void;
  readonly reject: (cause: Error) => void;
}

/** One run: reads the journal beside the journal thread, which alone writes. */
export class CompactionThread {
  private readonly wiring: CompactionWiring;
  private readonly post: (message: CompactionMessage) => void;
  private readonly waiting = new Map<number, Waiter>();
  private lastId = 0;

  constructor(wiring: CompactionWiring, post: (message: CompactionMessage) => void) {
    this.wiring = wiring;
    this.post = post;
  }

  /** Takes an answer of the gateway in. */
  receive({ id, detail }: MaintainReply): void {
    const waiter = this.waiting.get(id);
    this.waiting.delete(id);
    if (detail === undefined) waiter?.resolve();
    else waiter?.reject(new Error(detail));
  }

  async run(): Promise<void> {
    yieldToClients();
    const { directory, markets, retention, control } = this.wiring;
    const signals = new ThreadControl(control);
    const store = openStore(directory, { readOnly: true, durability: 'commit' });
    try {
      const compaction = new Compaction(
        store,
        markets,
        retention,
        (work) => this.maintain(work),
        () => signals.stopRequested(),
      );
      this.post({ type: 'done', report: await compaction.run() });
    } catch (error) {
      if (!(error instanceof CompactionStopped)) throw error;
      this.post({ type: 'stopped' });
    } finally {
      await store.close();
    }
  }

  private maintain(work: MaintenanceWork): Promise<void> {
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.post({ type: 'maintain', id, work });
    });
  }
}

/** Whoever serves clients goes first. On Linux the priority is this thread's; elsewhere it is not. */
function yieldToClients(): void {
  if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
}
