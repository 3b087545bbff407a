import { closeSync, openSync, writeSync } from 'node:fs';
import { Doorbell } from '../../rings/doorbell.ts';
import { Ring, RingReader } from '../../rings/ring.ts';
import { ThreadControl } from '../../rings/thread-control.ts';
import { type Canonical, canonicalStream, memoryHash, type Naming } from './canonical.ts';
import { ReportReader } from './report-reader.ts';
import { ReportStore } from './report-store.ts';

/** One run's memory, shared by the matching and the draining thread. */
export interface DrainWiring {
  readonly ring: SharedArrayBuffer;
  /** Rung by the matching thread after a publication. */
  readonly readerBell: SharedArrayBuffer;
  /** Rung by the draining thread after it gave room back. */
  readonly writerBell: SharedArrayBuffer;
  /** Stop is requested when everything is published. */
  readonly control: SharedArrayBuffer;
  /** Reports for which memory is made ready beforehand. */
  readonly expectedReports: number;
}

export type DrainRequest =
  | ({ readonly kind: 'drain' } & DrainWiring)
  | { readonly kind: 'canonical'; readonly naming: Naming; readonly outFile: string | null };

export type DrainReply =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'drained';
      readonly reports: number;
      readonly duplicateIds: number;
      readonly memoryHash: string;
    }
  | { readonly kind: 'canonical'; readonly canonical: Canonical }
  | { readonly kind: 'failed'; readonly message: string };

const SPINS = 2000;
const WAIT_MS = 100;

/** The second thread: drains the event ring into memory, and afterwards formats and hashes. */
export class DrainThread {
  private readonly post: (reply: DrainReply) => void;
  private store = new ReportStore(0);

  constructor(post: (reply: DrainReply) => void) {
    this.post = post;
  }

  handle(request: DrainRequest): void {
    if (request.kind === 'drain') this.drain(request);
    else this.makeCanonical(request.naming, request.outFile);
  }

  private drain(wiring: DrainWiring): void {
    this.store = new ReportStore(wiring.expectedReports);
    const ringReader = new RingReader(new Ring(wiring.ring, 1), 0);
    const reader = new ReportReader(ringReader, this.store);
    const control = new ThreadControl(wiring.control);
    const bell = new Doorbell(wiring.readerBell);
    const writerBell = new Doorbell(wiring.writerBell);
    const hasWork = (): boolean => ringReader.hasNext() || control.stopRequested();
    this.post({ kind: 'ready' });
    try {
      for (;;) {
        // Asked before the ring is emptied: what was published before the stop is read after it.
        const last = control.stopRequested();
        if (reader.drain()) writerBell.ring();
        else if (last) break;
        else bell.wait(hasWork, WAIT_MS, SPINS);
      }
    } catch (error) {
      this.post({ kind: 'failed', message: (error as Error).message });
      // The other thread may be waiting for room; it learns of the failure when it is done.
      while (!control.stopRequested()) {
        ringReader.skipToEnd();
        writerBell.ring();
        bell.wait(hasWork, WAIT_MS);
      }
      ringReader.skipToEnd();
      return;
    }
    const { duplicateIds } = reader;
    const { size } = this.store;
    this.post({ kind: 'drained', reports: size, duplicateIds, memoryHash: memoryHash(this.store) });
  }

  private makeCanonical(naming: Naming, outFile: string | null): void {
    try {
      const canonical =
        outFile === null
          ? canonicalStream(this.store, naming)
          : writeCanonical(this.store, naming, outFile);
      this.post({ kind: 'canonical', canonical });
    } catch (error) {
      this.post({ kind: 'failed', message: (error as Error).message });
    }
  }
}

function writeCanonical(store: ReportStore, naming: Naming, path: string): Canonical {
  const file = openSync(path, 'w');
  try {
    return canonicalStream(store, naming, (text) => {
      const bytes = Buffer.from(text, 'latin1');
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    });
  } finally {
    closeSync(file);
  }
}
