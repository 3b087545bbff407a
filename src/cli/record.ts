import { parseArgs } from 'node:util';
import type { RecordedSubscription } from '../recording/format.ts';
import { COMPRESSIONS, RecordingWriter } from '../recording/writer.ts';
import { UsageError } from './usage-error.ts';

const HELP = `openbell record OUT [options]
openbell record OUT --exchange E --symbols S,… [options]
openbell record --info FILE [--json]

Connects to a server's /ws/stream and writes what a subscriber sees, message by message, with the time
of each, until SIGINT or SIGTERM. A lost connection is made again, and the recording says so.

  --url URL          of the stream (default ws://127.0.0.1:8000/ws/stream)
  --channel NAME     may be given several times; NAME:INTERVAL for candles (default book, trades, bbo)
  --market NAME      as in a subscription: binance:BTC-USDT, binance:*, * (default *); several times
  --format F         json (default) or flatbuffers
  --compress C       none (default), gzip or zstd
  --token T          access token, for private channels; better OPENBELL_TOKEN, which no list of processes shows
  --seconds N        end after so long
  --exchange E       record an exchange instead, frame by frame as they arrive: binance, bybit, hyperliquid or
                     okx; openbell replay --format E-raw reads it. Of the other options --compress none|gzip and
                     --seconds apply
  --symbols S,…      the exchange's symbols: BTCUSDT,ETHUSDT
  --info FILE        tell what a recording contains; exit code 1 when it is damaged
  --json             the same as one JSON object

OUT must not exist. The format of the file: docs/streams.md.
`;

const OPTIONS = {
  url: { type: 'string', default: 'ws://127.0.0.1:8000/ws/stream' },
  channel: { type: 'string', multiple: true },
  market: { type: 'string', multiple: true },
  format: { type: 'string', default: 'json' },
  compress: { type: 'string', default: 'none' },
  token: { type: 'string' },
  seconds: { type: 'string' },
  exchange: { type: 'string' },
  symbols: { type: 'string' },
  info: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Channels of a portfolio: their subscriptions name no market. */
const PRIVATE = ['orders', 'fills', 'balances', 'positions', 'session'];
const FORMATS = ['json', 'flatbuffers'] as const;
const PROGRESS_MS = 1000;

/** `openbell record`; returns the exit code. */
export async function record(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.info !== undefined) {
    return (await import('./record-info.ts')).recordInfo(values.info, values.json);
  }
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new UsageError('name one file to write');
  if (values.exchange !== undefined) return recordFrames(path, values.exchange, values);
  const options = {
    url: streamUrl(values.url),
    format: oneOf('--format', values.format, FORMATS),
    compress: oneOf('--compress', values.compress, COMPRESSIONS),
    seconds: values.seconds === undefined ? undefined : seconds(values.seconds),
    subscriptions: subscriptions(
      values.channel ?? ['book', 'trades', 'bbo'],
      values.market ?? ['*'],
    ),
    token: values.token ?? process.env.OPENBELL_TOKEN,
  };
  const { Recorder } = await import('../recording/recorder.ts');
  const { packageVersion } = await import('../main.ts');
  const writer = await RecordingWriter.create(path, options.compress);
  const recorder = new Recorder({ ...options, writer, recorder: `openbell ${packageVersion()}` });
  const stop = (): void => recorder.stop();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const timer = options.seconds && setTimeout(stop, options.seconds * 1000);
  const progress = showProgress(recorder, writer);
  try {
    await recorder.run();
  } finally {
    progress();
    clearTimeout(timer);
  }
  const { messages, gaps } = recorder;
  process.stderr.write(`${path}: ${messages} messages, ${writer.bytes} bytes, ${gaps} gaps\n`);
  return 0;
}

/** An exchange's own frames, in place of a server's messages. */
async function recordFrames(
  path: string,
  exchange: string,
  values: { readonly symbols?: string; readonly compress: string; readonly seconds?: string },
): Promise<number> {
  const symbols = (values.symbols ?? '').split(',').filter((symbol) => symbol !== '');
  if (symbols.length === 0) throw new UsageError('--symbols names what to record');
  const { recordExchange } = await import('./record-exchange.ts');
  const { readSettings } = await import('../config/settings.ts');
  return recordExchange({
    exchange,
    symbols,
    path,
    compress: oneOf('--compress', values.compress, ['none', 'gzip'] as const),
    seconds: values.seconds === undefined ? undefined : seconds(values.seconds),
    settings: readSettings(process.env),
  });
}

/** One line that is written over, where a person looks. @returns what ends it */
function showProgress(recorder: { messages: number; gaps: number }, writer: { bytes: number }) {
  if (!process.stderr.isTTY) return () => undefined;
  let before = 0;
  const timer = setInterval(() => {
    const { messages, gaps } = recorder;
    const megabytes = (writer.bytes / 1e6).toFixed(1);
    const line = `${messages} messages, ${messages - before}/s, ${megabytes} MB, ${gaps} gaps`;
    before = messages;
    process.stderr.write(`\r\x1b[K${line}`);
  }, PROGRESS_MS);
  return () => {
    clearInterval(timer);
    process.stderr.write('\r\x1b[K');
  };
}

function subscriptions(channels: string[], markets: string[]): RecordedSubscription[] {
  return channels.flatMap((named): RecordedSubscription[] => {
    const [channel, interval] = named.split(':');
    if (PRIVATE.includes(channel)) return [{ channel }];
    return markets.map((market) => ({
      channel,
      market,
      ...(interval !== undefined && { interval }),
    }));
  });
}

function streamUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^wss?:$/.test(url.protocol)) return text;
  throw new UsageError(`--url is a WebSocket address like ${OPTIONS.url.default}`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1_000_000) return value;
  throw new UsageError('--seconds is a number of seconds');
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new UsageError(`${name} is one of ${allowed.join(', ')}`);
}
