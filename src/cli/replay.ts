import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  RECORDING_FORMATS,
  type RecordingFormat,
  START_POINTS,
  type StartPoint,
} from '../replay/recording.ts';
import { RAW_FORMATS, type RawFormat } from './replay-raw.ts';
import { UsageError } from './usage-error.ts';

const HELP = `openbell replay --format ${RECORDING_FORMATS.join('|')} --file F [options]
openbell replay --format binance-raw|bybit-raw|hyperliquid-raw|okx-raw --file F [--symbol S,…] [--json]
openbell replay --format survey --file F [--passes N] [--reports OUT] [--json]

Feeds a recording through the whole engine (order door, market worker, journal, streams) and reports.
Raw frames of an exchange go through the parser of its connector into a live market's book and bars: what
the exchange itself says of best quotes and candles is compared with these.
The survey's order files go through the matching core alone, without server and disk: messages/s, and
the SHA-256 of the reports.

  --book F2        book file to compare with (LOBSTER)
  --speed max|N    as fast as it goes (default), or N times the recorded speed
  --symbol S       symbol of the market replay:S; by default from the file's name
  --from P         start | pre-open | first-continuous-trade; by default by what the recording begins with
  --data-dir D     keep the journal in D; a replay that was cut off there goes on where it was durable
  --port N         serve on this port meanwhile (default: a free one)
  --hold           go on serving after the end until SIGTERM or SIGINT
  --json           print the report as one JSON object
  --passes N       survey: run the file N times (default 3), each through a new book
  --reports OUT    survey: write the canonical report stream to OUT

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
  passes: { type: 'string' },
  reports: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const FORMATS = [...RECORDING_FORMATS, ...RAW_FORMATS, 'survey'] as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/** `openbell replay`; returns the exit code. */
export async function replay(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.format === 'survey') return survey(values);
  refuse(values, ['passes', 'reports']);
  const raw = RAW_FORMATS.find((format) => format === values.format);
  if (raw !== undefined) return rawFrames(values, raw);
  const kept = values['data-dir'];
  const options = {
    format: oneOf('--format', values.format, FORMATS) as RecordingFormat,
    file: resolve(required('--file', values.file)),
    bookFile: values.book === undefined ? null : resolve(values.book),
    symbol: values.symbol ?? null,
    from: values.from === undefined ? null : oneOf<StartPoint>('--from', values.from, START_POINTS),
    speed: parseSpeed(values.speed),
    dataDirectory: kept === undefined ? null : resolve(kept),
    port: parsePort(values.port),
    hold: values.hold,
    json: values.json,
  };
  const { replayRecording } = await import('./replay-recording.ts');
  return replayRecording(options);
}

/** The connector's parser and a view alone. */
async function rawFrames(values: Values, format: RawFormat): Promise<number> {
  refuse(values, ['book', 'from', 'data-dir', 'port', 'hold']);
  if (values.speed !== OPTIONS.speed.default) refuse(values, ['speed']);
  const { replayRaw } = await import('./replay-raw.ts');
  const file = resolve(required('--file', values.file));
  const symbols = (values.symbol ?? '').split(',').filter((symbol) => symbol !== '');
  return replayRaw({ format, file, symbols, json: values.json });
}

/** The core alone: nothing of a server is even loaded. */
async function survey(values: Values): Promise<number> {
  refuse(values, ['book', 'symbol', 'from', 'data-dir', 'port', 'hold']);
  if (values.speed !== OPTIONS.speed.default) refuse(values, ['speed']);
  const passes = Number(values.passes ?? 3);
  if (!Number.isInteger(passes) || passes < 1 || passes > 1000) {
    throw new UsageError(`--passes is "${values.passes}"; it must be a whole number up to 1000`);
  }
  const { replaySurvey } = await import('./replay-survey.ts');
  return replaySurvey({
    file: required('--file', values.file),
    outFile: values.reports ?? null,
    passes,
    json: values.json,
  });
}

/** Refuses options that the chosen format knows nothing of. */
function refuse(values: Values, names: readonly (keyof Values)[]): void {
  const given = names.find((name) => values[name] !== undefined && values[name] !== false);
  if (given !== undefined) throw new UsageError(`--format ${values.format} has no --${given}`);
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
