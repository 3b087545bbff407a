#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { EXIT_USAGE } from './gateway/exit-codes.ts';

const HELP = `openbell COMMAND [options]

  serve                       start the server (settings from OPENBELL_… variables)
  replay --format lobster|databento-mbo --file F [--book F2] [--speed max|N] [--json]
                              feed a recording through the whole engine and report
  replay --format binance-raw|bybit-raw|hyperliquid-raw|okx-raw --file F [--symbol S] [--json]
                              read an exchange's recorded frames by its connector and compare
  replay --format survey --file F [--json]
                              run an order file of the public survey through the core
  record OUT [--url U] [--channel C] [--market M] [--format json|flatbuffers] …
                              write what a subscriber of a server's stream sees
  record OUT --exchange E --symbols S,…
                              write an exchange's own frames as they arrive
  record --info FILE          what a recording contains
  serve-recording FILE [--port N] [--speed 1|10|max] [--loop] [--wait]
                              play it on the same protocol, with its own timing
  verify [--data-dir D] [--json]
                              check the journal, match it again, compare states
  stat [--data-dir D] [--json]
                              what a data directory holds, and how large it is
  backup DIR [--data-dir D]   copy a data directory while its server runs
  restore FROM [--data-dir D] make a data directory from a backup
  export --what events|orders|trades|facts [--format ndjson|csv] …
                              write the journal's contents as lines
  user add|list|disable|enable|passwd …
                              users of a data directory, or of a server that runs
  key add|list|revoke …       their API keys
  version                     print the version

openbell COMMAND --help tells the options of a command.
`;

const SERVE_HELP = `openbell serve

Starts the server and prints "ready http://HOST:PORT" when it serves. SIGTERM and SIGINT stop it in good
order. It takes no options: settings are OPENBELL_… variables (docs/operations.md).
`;

/** Commands by name; each loads what it needs when it is called. */
const COMMANDS: Record<string, (args: string[]) => Promise<number>> = {
  serve: async (args) => {
    const { values } = parseArgs({ args, options: { help: { type: 'boolean' } } });
    if (values.help) {
      process.stdout.write(SERVE_HELP);
      return 0;
    }
    await (await import('./main.ts')).serve();
    return STILL_RUNNING;
  },
  replay: async (args) => (await import('./cli/replay.ts')).replay(args),
  record: async (args) => (await import('./cli/record.ts')).record(args),
  'serve-recording': async (args) =>
    (await import('./cli/serve-recording.ts')).serveRecording(args),
  verify: async (args) => (await import('./cli/verify.ts')).verify(args),
  stat: async (args) => (await import('./cli/stat.ts')).stat(args),
  backup: async (args) => (await import('./cli/backup.ts')).backup(args),
  restore: async (args) => (await import('./cli/backup.ts')).restore(args),
  export: async (args) => (await import('./cli/export.ts')).exportRows(args),
  user: async (args) => (await import('./cli/user.ts')).user(args),
  key: async (args) => (await import('./cli/key.ts')).key(args),
  version: async () => {
    console.log((await import('./main.ts')).packageVersion());
    return 0;
  },
};

/** The process goes on; its end sets the exit code. */
const STILL_RUNNING = -1;

const [asked = 'help', ...args] = process.argv.slice(2);
const command = asked === '--version' ? 'version' : asked;
if (command === 'help' || command === '--help' || command === '-h') {
  process.stdout.write(HELP);
} else if (!Object.hasOwn(COMMANDS, command)) {
  process.stderr.write(`openbell: no command "${command}"\n\n${HELP}`);
  process.exitCode = EXIT_USAGE;
} else {
  try {
    const code = await COMMANDS[command](args);
    if (code !== STILL_RUNNING) process.exit(code);
  } catch (error) {
    const usage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
    process.stderr.write(`openbell ${command}: ${(error as Error).message}\n`);
    process.exit(usage ? EXIT_USAGE : 1);
  }
}
