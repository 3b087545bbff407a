import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.OPENBELL_MARKET_DATA;

/** The path of a recorded file below `OPENBELL_MARKET_DATA`. */
export function recordingPath(name: string): string {
  return join(folder ?? '', name);
}

/** Why tests on these files are skipped, or `false` when they can run. */
export function skipWithout(...names: string[]): string | false {
  if (folder === undefined) return 'OPENBELL_MARKET_DATA is not set';
  const missing = names.find((name) => !existsSync(join(folder, name)));
  return missing === undefined ? false : `${missing} is not in OPENBELL_MARKET_DATA`;
}
