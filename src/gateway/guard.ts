import type { Logger } from 'pino';
import type { Settings } from '../config/settings.ts';
import { DiskWatch } from './disk-watch.ts';
import { EXIT_JOURNAL, EXIT_SOFTWARE } from './exit-codes.ts';
import { Failures, type PartStatus } from './failures.ts';

export interface GuardOptions {
  /** Which directory to watch and how, and how long to stay after a failure to tell of it. */
  readonly settings: Pick<Settings, 'dataDirectory' | 'diskMinFreeMib' | 'failureExitSeconds'>;
  readonly log: Logger;
  /** A thread failed: answers whoever waits for something durable. */
  readonly onFailure: (why: string) => void;
  /** Closes the doors and ends the process with the code. */
  readonly leave: (exitCode: number) => void;
}

/**
 * Knows what is wrong with the server and what follows from it: a thread that failed ends the
 * process, since a restart recovers everything acknowledged and nothing else does; a disk that is
 * nearly full only closes the door to new orders until there is space again.
 */
export class Guard {
  readonly disk: DiskWatch;
  private readonly failures = new Failures();
  private readonly options: GuardOptions;
  private failedWith: number | undefined;

  constructor(options: GuardOptions) {
    this.options = options;
    const { settings, log } = options;
    const minFreeBytes = settings.diskMinFreeMib * 2 ** 20;
    this.disk = new DiskWatch({
      directory: settings.dataDirectory,
      minFreeBytes,
      onChange: (low, freeBytes) => {
        const facts = { freeBytes, minFreeBytes };
        if (low) log.error(facts, 'the disk is nearly full: no order is accepted');
        else log.info(facts, 'the disk has space again: orders are accepted');
      },
    });
  }

  /** False once the journal or a worker failed: nothing new can be acknowledged. */
  get healthy(): boolean {
    return this.failures.none;
  }

  /** The code that the process will end with because a thread failed; `undefined` while none has. */
  get exitCode(): number | undefined {
    return this.failedWith;
  }

  /** What each part says of itself, as `VenueStatus` has it. */
  get parts(): { journal: PartStatus; matching: PartStatus; disk: PartStatus } {
    const { journal, matching } = this.failures;
    return { journal, matching, disk: this.disk.status };
  }

  /** The journal's thread or a market worker can no longer do its work. */
  threadFailed(thread: string, detail: string): void {
    const isFirst = this.failures.none;
    this.failures.add(thread, detail);
    const { log, settings, onFailure, leave } = this.options;
    const { failureExitSeconds } = settings;
    const exitCode = thread === 'journal' ? EXIT_JOURNAL : EXIT_SOFTWARE;
    if (isFirst) this.failedWith = exitCode;
    log.fatal({ thread, detail }, 'a thread failed: no order is accepted any more');
    onFailure(`${thread}: ${detail}`);
    if (!isFirst) return;
    log.fatal({ exitCode, inSeconds: failureExitSeconds }, 'the server will end');
    setTimeout(() => leave(exitCode), failureExitSeconds * 1000);
  }

  /** The gateway's own loop failed: its state can no longer be trusted, so it ends at once. */
  gatewayFailed(error: unknown): void {
    this.failures.add('gateway', String(error));
    const what = 'the gateway failed: its state can no longer be trusted';
    this.options.log.fatal({ err: error, exitCode: EXIT_SOFTWARE }, what);
    // What is acknowledged is durable; a restart recovers it, and going on could only lose.
    process.exitCode = EXIT_SOFTWARE;
    setImmediate(() => process.exit(EXIT_SOFTWARE));
  }
}
