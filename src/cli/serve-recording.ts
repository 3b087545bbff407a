import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

const HELP = `openbell serve-recording FILE [options]

Plays a recording of "openbell record" on /ws/stream: the same subscriptions, acknowledgements and
messages, in the format that was recorded, with the time between messages that they were received
with. Ends after the last message; SIGINT and SIGTERM end it before.

  --port N         port (default: a free one)
  --host H         address (default 127.0.0.1)
  --speed S        1 (default), 10, 0.5 … times the recorded speed, or max: as fast as clients read
  --loop           begin again at the end; clients are closed with 1012 and come back
  --wait           wait for the first subscription before the first message
  --json           print the report as one JSON object

The address is printed to standard error as "ready ws://…", and at the end how late messages went out.
`;

const OPTIONS = {
  port: { type: 'string', default: '0' },
  host: { type: 'string', default: '127.0.0.1' },
  speed: { type: 'string', default: '1' },
  loop: { type: 'boolean', default: false },
  wait: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** `openbell serve-recording`; returns the exit code: 1 when the recording is damaged. */
export async function serveRecording(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new UsageError('name one recording');
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError('--port is 0 to 65535');
  }
  const { host, loop, wait } = values;
  const speed = parseSpeed(values.speed);
  const { RecordingServer } = await import('../recording/recording-server.ts');
  const server = await RecordingServer.start({ path, host, port, speed, loop, wait });
  const stop = (): void => server.stop();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const { header, streams, session } = server.contents;
  process.stderr.write(
    `${path}: ${streams.length} streams of ${session.markets.length} markets in ${header.message_format}\n` +
      `ready ${server.url}\n`,
  );
  const report = await server.play();
  const { passes, messages, lagMicros, damage, faults, slowCloses } = report;
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const lag =
      lagMicros === null
        ? 'no moments to keep at this speed'
        : `behind their moments p50 ${lagMicros.p50} µs, p99 ${lagMicros.p99} µs, max ${lagMicros.max} µs`;
    process.stdout.write(
      `${messages} messages in ${passes} passes; ${lag}; ${faults} checksums wrong, ${slowCloses} slow clients closed\n`,
    );
    if (damage !== undefined) process.stdout.write(`DAMAGED: the file ends with ${damage}\n`);
  }
  return damage === undefined ? 0 : 1;
}

/** Up to three decimals; `Infinity` for `max`. */
function parseSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = Number(text);
  if (speed >= 0.001 && speed <= 1_000_000) return speed;
  throw new UsageError('--speed is a number from 0.001, or max');
}
