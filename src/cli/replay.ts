import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { MarketRegistry } from '../config/markets.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { packageVersion } from '../main.ts';
import { imageHash } from '../matching/state-hash.ts';
import {
  describeRecording,
  RECORDING_FORMATS,
  type Recording,
  type StartPoint,
} from '../replay/recording.ts';
import { ReplayProxy } from '../replay/replay-proxy.ts';
import { formatReport, isFaithful, type ReplayReport } from '../replay/report.ts';
import { Server } from '../server.ts';
import { type InProcessSession, REPLAY_SESSION_ID } from '../session.ts';

const HELP = `openbell replay --format ${RECORDING_FORMATS.join('|')} --file F [options]

Feeds a recording through the whole engine (order door, market worker, journal, streams) and reports.

  --book F2        book file to compare with (LOBSTER)
  --speed max|N    as fast as it goes (default), or N times the recorded speed
  --symbol S       symbol of the market replay:S; by default from the file's name
  --from P         start | first-continuous-trade; by default by what the recording begins with
  --data-dir D     keep the journal in D; a replay that was cut off there goes on where it was durable
  --port N         serve on this port meanwhile (default: a free one)
  --hold           go on serving after the end until SIGTERM or SIGINT
  --json           print the report as one JSON object

Files may be gzipped. The address served on is printed to standard error as "ready http://…".
Exit code 1: something differs that nothing explains (see docs/replay.md).
`;

const OPTIONS = {
  format: { type: 'string' },
  file: { type: 'string' },
  book: { type: 'string' },
  speed: { type: 'string', default: 'max' },
  symbol: { type: 'string' },
  from: { type: 'string' },
  'data-dir': { type: 'string' },
  port: { type: 'string' },
  hold: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

class UsageError extends Error {
  readonly code = 'ERR_PARSE_ARGS_USAGE';
}

/** `openbell replay`; returns the exit code. */
export async function replay(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const recording = await describeRecording({
    format: oneOf('--format', values.format, RECORDING_FORMATS),
    file: resolve(required('--file', values.file)),
    bookFile: values.book === undefined ? null : resolve(values.book),
    symbol: values.symbol ?? null,
    from:
      values.from === undefined
        ? null
        : oneOf<StartPoint>('--from', values.from, ['start', 'first-continuous-trade']),
  });
  const speed = parseSpeed(values.speed);
  const kept = values['data-dir'];
  const dataDirectory =
    kept === undefined ? mkdtempSync(join(tmpdir(), 'openbell-replay-')) : resolve(kept);
  try {
    const settings = { ...readSettings(process.env), dataDirectory, port: parsePort(values.port) };
    const report = await run(settings, recording, speed, values.hold);
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : formatReport(report));
    return isFaithful(report) ? 0 : 1;
  } finally {
    if (kept === undefined) rmSync(dataDirectory, { recursive: true, force: true });
  }
}

async function run(
  settings: Settings,
  recording: Recording,
  speed: number | 'max',
  hold: boolean,
): Promise<ReplayReport> {
  const log = pino({ level: process.env.OPENBELL_LOG_LEVEL ?? 'warn' }, pino.destination(2));
  const markets = new MarketRegistry([recording.market], new Map());
  let proxy: ReplayProxy | undefined;
  const session = replaySession(recording, speed, (started) => {
    proxy = started;
  });
  const announce = (line: string): void => void process.stderr.write(`${line}\n`);
  const version = packageVersion();
  const server = await Server.start({ settings, markets, log, version, session, announce });
  announce(`ready ${server.url}`);
  const signalled = nextSignal();
  try {
    if (proxy === undefined) throw new Error('the replay did not start');
    const finished = proxy.finished;
    const early = await Promise.race([finished, signalled]);
    if (typeof early === 'string') await proxy.stop();
    const report = await finished;
    const image = await server.threads.image(recording.market.id);
    if (hold && typeof early !== 'string') {
      process.stderr.write('the replay is over; serving on until a signal\n');
      await signalled;
    }
    return { ...report, state_hash: imageHash(image) };
  } finally {
    await server.stop('the replay is over');
  }
}

function replaySession(
  recording: Recording,
  speed: number | 'max',
  onStart: (proxy: ReplayProxy) => void,
): InProcessSession {
  const portfolioName = 'recorded-orders';
  return {
    name: 'replay',
    sessionId: REPLAY_SESSION_ID,
    portfolioNames: [portfolioName],
    async start({ wiring, portfolioIds, recovered, onFailure }) {
      const proxy = ReplayProxy.start(wiring, {
        recording,
        portfolioId: portfolioIds.get(portfolioName) ?? 0,
        speed,
        resumeAfterRequestId: recovered.lastRequestIds.get(REPLAY_SESSION_ID) ?? 0,
      });
      proxy.finished.catch(onFailure);
      onStart(proxy);
      return proxy;
    },
  };
}

function nextSignal(): Promise<string> {
  return new Promise((resolveSignal) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => resolveSignal(signal));
    }
  });
}

function required(name: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`${name} is missing\n\n${HELP}`);
  return value;
}

function oneOf<T extends string>(
  name: string,
  value: string | undefined,
  allowed: readonly T[],
): T {
  const found = allowed.find((one) => one === required(name, value));
  if (found === undefined) throw new UsageError(`${name} must be one of ${allowed.join(', ')}`);
  return found;
}

function parseSpeed(text: string): number | 'max' {
  if (text === 'max') return text;
  const speed = Number(text);
  if (!(speed > 0 && Number.isFinite(speed))) {
    throw new UsageError(`--speed is "${text}"; it must be max or a positive number`);
  }
  return speed;
}

function parsePort(text: string | undefined): number {
  const port = Number(text ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port is "${text}"; it must be a whole number up to 65535`);
  }
  return port;
}
