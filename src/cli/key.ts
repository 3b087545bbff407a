import { parseArgs } from 'node:util';
import {
  DESK_HELP,
  DESK_OPTIONS,
  type IdentityDesk,
  openDesk,
  parseScopes,
  printRows,
} from './identity-desk.ts';
import { UsageError } from './usage-error.ts';

const HELP = `openbell key COMMAND [options]

  add --name N [--user NAME] [--scopes read] [--allow ADDRESS]… [--expires TIME] [--signing]
                   makes an API key and prints its secret once; --allow is an address or a CIDR range,
                   --expires an ISO 8601 time, --signing lets it sign requests
  list [--user NAME]
                   API keys, without their secrets
  revoke KEY       the key is void at once
${DESK_HELP}`;

const OPTIONS = {
  ...DESK_OPTIONS,
  user: { type: 'string' },
  name: { type: 'string' },
  scopes: { type: 'string' },
  allow: { type: 'string', multiple: true, default: [] as string[] },
  expires: { type: 'string' },
  signing: { type: 'boolean', default: false },
} as const;

const ACTIONS = ['add', 'list', 'revoke'];

/** `openbell key`; returns the exit code. */
export async function key(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  const [action, id, ...surplus] = positionals;
  if (values.help || action === undefined) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  if (!ACTIONS.includes(action)) throw new UsageError(`there is no command key ${action}`);
  if (surplus.length > 0 || (action === 'revoke') !== (id !== undefined)) {
    throw new UsageError(action === 'revoke' ? 'revoke takes one key' : `${action} takes no key`);
  }
  const desk = await openDesk(values, false);
  try {
    printRows(await run(desk, action, id ?? '', values), values.json);
  } finally {
    await desk.close();
  }
  return 0;
}

interface Values {
  readonly user?: string | undefined;
  readonly name?: string | undefined;
  readonly scopes?: string | undefined;
  readonly allow: readonly string[];
  readonly expires?: string | undefined;
  readonly signing: boolean;
}

async function run(
  desk: IdentityDesk,
  action: string,
  id: string,
  values: Values,
): Promise<Record<string, unknown>[]> {
  if (action === 'list') return desk.keys(values.user);
  if (action === 'revoke') return [await desk.revokeKey(id)];
  if (values.name === undefined) throw new UsageError('--name is missing');
  if (values.expires !== undefined && Number.isNaN(Date.parse(values.expires))) {
    throw new UsageError(`--expires ${values.expires} is no time`);
  }
  const made = await desk.addKey(values.user, {
    name: values.name,
    scopes: parseScopes(values.scopes, ['read']),
    allowedAddresses: values.allow,
    expiresAt: values.expires === undefined ? null : new Date(values.expires).toISOString(),
    signing: values.signing,
  });
  return [made];
}
