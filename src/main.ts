import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pino from 'pino';
import { loadMarkets } from './config/markets.ts';
import { readSettings, unknownSettings } from './config/settings.ts';
import { EXIT_SOFTWARE, EXIT_START, StartFailure } from './gateway/exit-codes.ts';
import { secretsHidden } from './lib/log-secrets.ts';
import { Server } from './server.ts';
import { simulatedMarket } from './simulated-market.ts';

/** Starts the server on the embedded default and stops it in good order on SIGTERM and SIGINT. */
export async function serve(): Promise<void> {
  const settings = readSettings(process.env);
  const log = pino({ level: settings.logLevel, ...secretsHidden() }, pino.destination(2));
  for (const name of unknownSettings(process.env)) {
    log.warn({ name }, 'no setting has this name: is it misspelt?');
  }
  const builtIn = fileURLToPath(new URL('../../config/markets.json', import.meta.url));
  const markets = loadMarkets(settings.marketsFile ?? builtIn, settings.exchangeSources);
  const sessions =
    settings.simulationOrdersPerSecond > 0 ? [simulatedMarket(markets, settings)] : [];
  const announce = (line: string): void => void process.stdout.write(`${line}\n`);
  const version = packageVersion();
  const server = await Server.start({ settings, markets, log, version, sessions, announce });
  // Nothing acknowledged is lost by going down at once; going on in an unknown state could lose.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error, exitCode: EXIT_SOFTWARE }, 'uncaught exception');
    process.exit(EXIT_SOFTWARE);
  });
  process.on('SIGHUP', () => server.reloadCertificate());
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      server.stop(signal).then(
        () => process.exit(0),
        (error: unknown) => {
          log.fatal({ err: error, exitCode: EXIT_SOFTWARE }, 'the shutdown failed');
          process.exit(EXIT_SOFTWARE);
        },
      );
    });
  }
  // Last: whoever reads this may send a signal at once.
  announce(`ready ${server.url}`);
}

export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

const invoked = process.argv[1] !== undefined && pathToFileURL(realpathSync(process.argv[1])).href;
if (invoked === import.meta.url) {
  serve().catch((error: unknown) => {
    process.stderr.write(`openbell: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof StartFailure ? error.exitCode : EXIT_START);
  });
}
