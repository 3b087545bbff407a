import { createWriteStream, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { FOLLOWED_EXCHANGES, type FollowedExchange } from '../config/exchange-settings.ts';
import type { Settings } from '../config/settings.ts';
import type { Instrument } from '../feeds/normalised.ts';
import { adapterOf, openVenue, systemTimers } from '../feeds/open-venue.ts';
import { FEED_CHANNELS, type Grids, type Subscription } from '../feeds/venue-adapter.ts';
import { writeRawLine } from '../live/raw-lines.ts';
import { UsageError } from './usage-error.ts';

export interface RecordExchangeOptions {
  readonly exchange: string;
  /** The exchange's own. */
  readonly symbols: readonly string[];
  readonly path: string;
  readonly compress: 'none' | 'gzip';
  readonly seconds: number | undefined;
  readonly settings: Settings;
}

/**
 * Writes every frame of an exchange's sockets as it arrived, with its receive time, until a signal or
 * the end of the time. Books that are fetched over HTTP stand between them, as frames that name their
 * symbol. Connections are kept up as a server keeps them. Returns the exit code.
 */
export async function recordExchange(options: RecordExchangeOptions): Promise<number> {
  const { symbols, path, settings } = options;
  const venue = exchangeOf(options.exchange);
  const endpoints = settings.exchangeEndpoints[venue];
  const grids = await gridsOf(venue, options);
  const file = createWriteStream(path, { fd: openSync(path, 'wx') });
  const out: Writable = options.compress === 'gzip' ? createGzip() : file;
  if (out !== file) out.pipe(file);
  let frames = 0;
  const write = (receivedMs: number, text: string): void => {
    frames += 1;
    out.write(writeRawLine(receivedMs, text.replaceAll('\n', ' ')));
  };
  const connector = openVenue({
    venue,
    endpoints,
    grids,
    subscriptions: subscriptionsOf(venue, symbols),
    sink: {
      record: () => undefined,
      frame: (_socket, text, receivedMs) => write(receivedMs, text),
      notice: ({ code, detail }) => void process.stderr.write(`${code}: ${detail}\n`),
    },
    timers: systemTimers,
    random: Math.random,
    fetch: (input, init) => fetchAndKeep(input, init, write),
  });
  connector.start();
  await ended(options.seconds);
  connector.stop();
  out.end();
  await finished(file);
  process.stderr.write(`${path}: ${frames} frames, ${file.bytesWritten} bytes\n`);
  return 0;
}

function exchangeOf(name: string): FollowedExchange {
  const found = FOLLOWED_EXCHANGES.find((one) => one === name);
  if (found !== undefined) return found;
  throw new UsageError(`--exchange is one of ${FOLLOWED_EXCHANGES.join(', ')}`);
}

function subscriptionsOf(venue: FollowedExchange, symbols: readonly string[]): Subscription[] {
  const { channels } = adapterOf(venue);
  return FEED_CHANNELS.filter((channel) => channels.has(channel)).flatMap((channel) =>
    symbols.map((symbol): Subscription => {
      return channel === 'candles' ? { channel, symbol, interval: '1m' } : { channel, symbol };
    }),
  );
}

/** What the exchange says of its instruments decides what its numbers mean. */
async function gridsOf(
  venue: FollowedExchange,
  { symbols, settings }: RecordExchangeOptions,
): Promise<Grids> {
  const endpoints = settings.exchangeEndpoints[venue];
  const options = { timers: systemTimers, random: Math.random };
  const sink = { record: () => undefined };
  const none = { venue, endpoints, grids: new Map(), subscriptions: [], sink, ...options };
  const reply = await openVenue(none).rest.instruments();
  if (!reply.isOk) throw new UsageError(`${venue} does not tell its instruments: ${reply.detail}`);
  const listed = new Map(reply.value.map((one) => [one.symbol, one]));
  return new Map(
    symbols.map((symbol) => {
      const instrument = listed.get(symbol);
      if (instrument === undefined) throw new UsageError(`${venue} has no symbol ${symbol}`);
      return [symbol, gridOf(instrument)] as const;
    }),
  );
}

function gridOf({ tick, lot }: Instrument) {
  return {
    tickUnits: tick.units,
    priceDecimals: tick.decimals,
    lotUnits: lot.units,
    qtyDecimals: lot.decimals,
  };
}

/** Keeps the replies that are books; the connector reads them as well. */
async function fetchAndKeep(
  input: Parameters<typeof fetch>[0],
  init: Parameters<typeof fetch>[1],
  write: (receivedMs: number, text: string) => void,
): Promise<Response> {
  const reply = await fetch(input, init);
  const url = new URL(input instanceof Request ? input.url : input);
  const symbol = url.searchParams.get('symbol');
  if (!reply.ok || symbol === null || !url.pathname.endsWith('/depth')) return reply;
  const text = await reply.clone().text();
  write(Date.now(), `{"stream":"${symbol.toLowerCase()}@depth@snapshot","data":${text}}`);
  return reply;
}

function ended(seconds: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
    // What keeps the process alive: the connector's own timers do not.
    setTimeout(resolve, Math.min(seconds ?? Number.POSITIVE_INFINITY, 1_000_000) * 1000);
  });
}
