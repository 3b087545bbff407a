/**
 * A process that locks the directory it is given, says `locked` or why not, and stays until it is
 * killed.
 *
 *   node lock-child.js <directory>
 */
import { DataDirectoryInUseError, lockDataDirectory } from '../../src/gateway/data-lock.ts';

try {
  await lockDataDirectory(process.argv[2]);
  process.stdout.write('locked\n');
  setInterval(() => undefined, 1000);
} catch (error) {
  if (!(error instanceof DataDirectoryInUseError)) throw error;
  process.stdout.write(`refused ${error.message}\n`);
}
