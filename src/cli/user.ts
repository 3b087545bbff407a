import { parseArgs } from 'node:util';
import {
  choosePassword,
  DESK_HELP,
  DESK_OPTIONS,
  type IdentityDesk,
  openDesk,
  parseScopes,
  printRows,
} from './identity-desk.ts';
import { UsageError } from './usage-error.ts';

const HELP = `openbell user COMMAND [options]

  add NAME [--email E] [--scopes read,write] [--password-stdin]
                   makes a user; without --password-stdin a password is made up and printed once
  list             every user
  disable NAME     ends the user's sessions; neither password nor keys are good until
  enable NAME      they are again; lifts a lock after too many failed logins, too
  passwd NAME [--password-stdin]
                   sets a password and ends the user's sessions
${DESK_HELP}`;

const OPTIONS = {
  ...DESK_OPTIONS,
  email: { type: 'string', default: '' },
  scopes: { type: 'string' },
  'password-stdin': { type: 'boolean', default: false },
} as const;

const ACTIONS = ['add', 'list', 'disable', 'enable', 'passwd'];

/** `openbell user`; returns the exit code. */
export async function user(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  const [action, name, ...surplus] = positionals;
  if (values.help || action === undefined) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  if (!ACTIONS.includes(action)) throw new UsageError(`there is no command user ${action}`);
  if (surplus.length > 0 || (action === 'list') !== (name === undefined)) {
    throw new UsageError(action === 'list' ? 'list takes no name' : `${action} takes one name`);
  }
  const desk = await openDesk(values, action === 'add');
  try {
    await run(desk, action, name ?? '', values);
  } finally {
    await desk.close();
  }
  return 0;
}

interface Values {
  readonly email: string;
  readonly scopes?: string | undefined;
  readonly 'password-stdin': boolean;
  readonly json: boolean;
}

async function run(
  desk: IdentityDesk,
  action: string,
  name: string,
  values: Values,
): Promise<void> {
  switch (action) {
    case 'list':
      printRows((await desk.users()).map(row), values.json);
      return;
    case 'disable':
    case 'enable':
      printRows([row(await desk.switchUser(name, action === 'disable'))], values.json);
      return;
    default: {
      const { password, madeUp } = await choosePassword(values['password-stdin']);
      const { email } = values;
      const changed =
        action === 'passwd'
          ? await desk.setPassword(name, password)
          : await desk.addUser({
              username: name,
              email,
              password,
              scopes: parseScopes(values.scopes, ['read', 'write']),
            });
      printRows([{ ...row(changed), ...(madeUp ? { password } : {}) }], values.json);
    }
  }
}

function row(user: Awaited<ReturnType<IdentityDesk['users']>>[number]): Record<string, unknown> {
  const { id, username, email, scopes, disabled, locked_until, created_at } = user;
  return { id, username, email, scopes, disabled, locked_until, created_at };
}
