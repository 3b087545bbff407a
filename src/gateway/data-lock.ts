import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Another process uses the data directory. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';
}

/**
 * Claims a data directory for this process by a file that holds its process id. A file left behind
 * by a process that is gone (killed, or the machine went down) is taken over.
 * @returns the release, to be called once at the end
 */
export function lockDataDirectory(directory: string): () => void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(
      `the data directory ${directory} cannot be used (${(error as Error).message}): ` +
        'set OPENBELL_DATA_DIR to one this user can write',
    );
  }
  const path = join(directory, 'lock');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, `${process.pid}\n`);
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(path, 'utf8').trim());
      if (owner !== process.pid && isAlive(owner)) {
        throw new DataDirectoryInUseError(
          `${directory} is in use by process ${owner}: stop it, or set OPENBELL_DATA_DIR to another`,
        );
      }
      rmSync(path, { force: true });
    }
  }
  throw new DataDirectoryInUseError(`${directory} could not be locked: another process was faster`);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
