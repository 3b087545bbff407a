import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { lockDataDirectory } from '../gateway/data-lock.ts';
import { checkDataFile } from '../journal/data-file.ts';
import { DATA_FILE, JOURNAL_FOLDER, journalExists, lastKey } from '../journal/store.ts';
import { syncFile, syncFolder } from '../lib/sync-files.ts';
import { dataDirectory, openForReading } from './data-directory.ts';

const BACKUP_HELP = `openbell backup DIR [--data-dir D]

Copies a data directory to DIR, which must be new or empty: the journal as of one moment, and what the
server needs besides (secrets.json). The server may run meanwhile; it goes on as ever, but pages that it
frees are not used again before the copy is done. DIR is a data directory of its own: check it with
openbell verify --data-dir DIR.
`;

const RESTORE_HELP = `openbell restore FROM [--data-dir D]

Copies a backup to the data directory, which must be new or empty, so no server can be using it.
`;

const OPTIONS = {
  'data-dir': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Belongs to the data directory, and is not the journal's. */
const SECRETS_FILE = 'secrets.json';
const USAGE_ERROR = 2;

/** `openbell backup`; returns the exit code. */
export async function backup(args: string[]): Promise<number> {
  const asked = read(args, BACKUP_HELP);
  if (typeof asked === 'number') return asked;
  const [target, directory] = asked;
  refuseUnlessEmpty(target, 'the backup');
  const store = openForReading(directory);
  // Made under another name: what has the right name is whole.
  const partial = join(target, `${JOURNAL_FOLDER}.partial`);
  mkdirSync(partial, { recursive: true });
  try {
    await store.root.backup(partial, true);
    await store.close();
    await finish(directory, partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
  await say('backed up to', target);
  return 0;
}

/** `openbell restore`; returns the exit code. */
export async function restore(args: string[]): Promise<number> {
  const asked = read(args, RESTORE_HELP);
  if (typeof asked === 'number') return asked;
  const [source, directory] = asked;
  if (!journalExists(source)) throw new Error(`there is no backup in ${source}`);
  checkDataFile(join(source, JOURNAL_FOLDER, DATA_FILE), false);
  refuseUnlessEmpty(directory, 'the data directory');
  // Opened once, so that a format this version cannot read is refused before anything is copied.
  await openForReading(source).close();
  // A server that starts there meanwhile would make a journal of its own.
  const unlock = await lockDataDirectory(directory);
  try {
    const partial = join(directory, `${JOURNAL_FOLDER}.partial`);
    mkdirSync(partial, { recursive: true });
    copyFileSync(join(source, JOURNAL_FOLDER, DATA_FILE), join(partial, DATA_FILE));
    await finish(source, partial, directory);
  } finally {
    unlock();
  }
  await say('restored to', directory);
  return 0;
}

function read(args: string[], help: string): [string, string] | number {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (positionals.length !== 1) {
    process.stderr.write(help);
    return USAGE_ERROR;
  }
  return [resolve(positionals[0]), dataDirectory(values['data-dir'])];
}

function refuseUnlessEmpty(directory: string, what: string): void {
  if (!existsSync(directory) || readdirSync(directory).length === 0) return;
  throw new Error(`${directory} is not empty: ${what} must be a new or empty directory`);
}

/** On the disk first, under its name then. */
async function finish(source: string, partial: string, target: string): Promise<void> {
  syncFile(join(partial, DATA_FILE));
  syncFolder(partial);
  const secrets = join(source, SECRETS_FILE);
  if (existsSync(secrets)) {
    copyFileSync(secrets, join(target, SECRETS_FILE));
    syncFile(join(target, SECRETS_FILE));
  }
  renameSync(partial, join(target, JOURNAL_FOLDER));
  syncFolder(target);
}

async function say(what: string, directory: string): Promise<void> {
  const store = openForReading(directory);
  console.log(`${what} ${directory}: epoch ${store.epoch}, batch ${lastKey(store.batches)}`);
  await store.close();
}
