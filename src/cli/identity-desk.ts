import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { ApiKeyResponse, ManagedUser } from '../../schemas/octopus-auth.ts';
import type { Scope } from '../identity/principal.ts';
import { SCOPES } from '../identity/principal.ts';
import { UsageError } from './usage-error.ts';

export interface NewUser {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly scopes: readonly Scope[];
}

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly allowedAddresses: readonly string[];
  /** ISO 8601, or `null` for never. */
  readonly expiresAt: string | null;
  readonly signing: boolean;
}

/** What the commands about users and keys do, on a data directory or on a server that runs. */
export interface IdentityDesk {
  addUser(user: NewUser): Promise<ManagedUser>;
  users(): Promise<ManagedUser[]>;
  switchUser(name: string, disabled: boolean): Promise<ManagedUser>;
  setPassword(name: string, password: string): Promise<ManagedUser>;
  /** @param owner `undefined`: the administrator */
  addKey(owner: string | undefined, key: NewKey): Promise<ApiKeyResponse & { secret: string }>;
  keys(owner: string | undefined): Promise<ApiKeyResponse[]>;
  revokeKey(key: string): Promise<ApiKeyResponse>;
  close(): Promise<void>;
}

/** Options that all of these commands take. */
export const DESK_OPTIONS = {
  'data-dir': { type: 'string' },
  url: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export const DESK_HELP = `
  --data-dir D     a data directory that no server uses (default: OPENBELL_DATA_DIR, else ./data)
  --url URL        a server that runs, as its administrator: OPENBELL_ADMIN_USERNAME (default admin) and
                   OPENBELL_ADMIN_PASSWORD say who
  --json           print JSON

While a server runs on a data directory, it is locked: use --url then. What is done is in the audit
trail either way. Secrets are read from standard input or from variables and printed once; they are
never arguments, which every user of the machine can see.
`;

/**
 * Opens what `--data-dir` or `--url` name.
 * @param create makes a data directory where there is none: a first user may come before a server
 */
export async function openDesk(
  values: { 'data-dir'?: string | undefined; url?: string | undefined },
  create: boolean,
): Promise<IdentityDesk> {
  const { url } = values;
  if (url !== undefined && values['data-dir'] !== undefined) {
    throw new UsageError('--url and --data-dir exclude each other');
  }
  if (url !== undefined) {
    const { ApiDesk } = await import('./api-desk.ts');
    return ApiDesk.open(url, process.env);
  }
  const { OfflineDesk } = await import('./offline-desk.ts');
  const directory = resolve(values['data-dir'] ?? process.env.OPENBELL_DATA_DIR ?? './data');
  return OfflineDesk.open(directory, create);
}

export function parseScopes(text: string | undefined, fallback: readonly Scope[]): Scope[] {
  if (text === undefined) return [...fallback];
  const named = text.split(',').map((name) => name.trim());
  const wrong = named.find((name) => !SCOPES.some((scope) => scope === name));
  if (wrong !== undefined) throw new UsageError(`"${wrong}" is none of ${SCOPES.join(', ')}`);
  return SCOPES.filter((scope) => named.includes(scope));
}

/** The first line of standard input, or a password made up. */
export async function choosePassword(
  fromInput: boolean,
): Promise<{ password: string; madeUp: boolean }> {
  if (!fromInput) return { password: randomBytes(15).toString('base64url'), madeUp: true };
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  const [password] = text.split(/\r?\n/);
  if (password === '') throw new UsageError('there is no password on standard input');
  return { password, madeUp: false };
}

/** Prints rows in columns, or as JSON. */
export function printRows(rows: readonly Record<string, unknown>[], json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    return;
  }
  if (rows.length === 0) return;
  const names = Object.keys(rows[0]);
  const cells = [names, ...rows.map((row) => names.map((name) => cell(row[name])))];
  const widths = names.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  for (const line of cells) {
    console.log(
      line
        .map((text, i) => text.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    );
  }
}

function cell(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.join(',');
  return value === null || value === undefined || value === '' ? '-' : String(value);
}
