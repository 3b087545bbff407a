/** What the process's exit code tells its supervisor; see docs/operations.md. */

/** The start failed: a setting, the port, the data directory. */
export const EXIT_START = 1;
/** A market worker, the gateway or something unexpected failed (`EX_SOFTWARE`). */
export const EXIT_SOFTWARE = 70;
/** The journal failed: the disk, or its thread (`EX_IOERR`). */
export const EXIT_JOURNAL = 74;
