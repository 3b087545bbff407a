/** What the process's exit code tells its supervisor; see docs/operations.md. */

/** The start failed: a setting, the port, the data directory; of a command: it found or did wrong. */
export const EXIT_START = 1;
/** The command line is not as the help says. */
export const EXIT_USAGE = 2;
/** A market worker, the gateway or something unexpected failed (`EX_SOFTWARE`). */
export const EXIT_SOFTWARE = 70;
/** The journal failed: the disk, or its thread (`EX_IOERR`). */
export const EXIT_JOURNAL = 74;

/** A start that ended because a thread failed; ends the process with that thread's code. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
