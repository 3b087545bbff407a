import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ReplayBinance } from '../../test/support/replay-venues/binance.ts';
import { type BenchOptions, type BenchResult, three } from '../support/result.ts';
import type { FeedsJob, FeedsPeer, FeedsReport } from './feeds-client.ts';

const SYMBOLS = Array.from({ length: 50 }, (_, i) => `S${i}USDT`);
const TRADES_PER_SYMBOL = 400;
const PEERS: readonly FeedsPeer[] = ['openbell', 'bare', 'ccxt'];
/** What has not come so long after the last trade was sent will not come. */
const PATIENCE_MS = 2_000;
const TICK_MS = 5;

/** One connector beside bare `ws` with `JSON.parse` and beside CCXT, told the same trades. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const seconds = smoke ? 0.3 : 5;
  const rounds = smoke ? 1 : 3;
  const exchange = await ReplayBinance.open(SYMBOLS);
  try {
    const results = new Map<FeedsPeer, FeedsReport[]>(PEERS.map((peer) => [peer, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const peer of PEERS) results.get(peer)?.push(await measure(exchange, peer, seconds));
    }
    return {
      name: 'feeds',
      rows: PEERS.map((peer) => row(peer, results.get(peer) ?? [], seconds)),
      notes: [
        `${SYMBOLS.length} symbols × ${TRADES_PER_SYMBOL} trades/s over one socket, ${seconds} s, medians of ${rounds} rounds by turns.`,
        'CPU is of one core, of the client’s process alone; lag is from sending a trade to its record, both processes on this machine.',
        'Openbell’s records have exact ticks and lots, a checked format and numbered aggressors; bare parses and reads one field.',
      ],
    };
  } finally {
    await exchange.server.close();
  }
}

function row(peer: FeedsPeer, reports: readonly FeedsReport[], seconds: number) {
  const sent = Math.floor(seconds * SYMBOLS.length * TRADES_PER_SYMBOL);
  return {
    client: peer,
    'CPU %': three(100 * median(reports.map(({ cpuShare }) => cpuShare))),
    'lag p50 ms': three(median(reports.map(({ lagP50Ms }) => lagP50Ms))),
    'lag p99 ms': three(median(reports.map(({ lagP99Ms }) => lagP99Ms))),
    'delivered %': three(100 * (median(reports.map(({ delivered }) => delivered)) / sent)),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function measure(
  exchange: ReplayBinance,
  peer: FeedsPeer,
  seconds: number,
): Promise<FeedsReport> {
  const trades = Math.floor(seconds * SYMBOLS.length * TRADES_PER_SYMBOL);
  const client = fork(fileURLToPath(new URL('./feeds-client.js', import.meta.url)));
  try {
    const report = once(client, 'message') as Promise<[FeedsReport]>;
    const { endpoints } = exchange.server;
    client.send({ peer, endpoints, symbols: SYMBOLS, trades } satisfies FeedsJob);
    await subscribed(exchange);
    await send(exchange, trades, seconds);
    const isIn = await Promise.race([report.then(() => true), sleep(PATIENCE_MS, false)]);
    if (!isIn) client.send('end');
    return (await report)[0];
  } finally {
    await end(client);
  }
}

async function end(client: ChildProcess): Promise<void> {
  const exited = once(client, 'exit');
  client.kill('SIGKILL');
  await exited;
}

async function subscribed(exchange: ReplayBinance): Promise<void> {
  const count = () =>
    [...exchange.server.connections].reduce((sum, { channels }) => sum + channels.size, 0);
  for (let tries = 0; count() < SYMBOLS.length && tries < 2_000; tries += 1) await sleep(5);
}

async function send(exchange: ReplayBinance, trades: number, seconds: number): Promise<void> {
  const startMs = performance.now();
  let sent = 0;
  while (sent < trades) {
    const due = Math.min(
      trades,
      Math.floor(((performance.now() - startMs) / 1000 / seconds) * trades),
    );
    for (; sent < due; sent += 1) {
      const symbol = SYMBOLS[sent % SYMBOLS.length];
      const nowMs = performance.timeOrigin + performance.now();
      const T = Math.floor(nowMs);
      const price = (61_800 + (sent % 100) / 100).toFixed(2);
      exchange.play(`${symbol.toLowerCase()}@trade`, {
        e: 'trade',
        E: T,
        T,
        s: symbol,
        t: Math.round(nowMs * 1000),
        p: price,
        q: '0.006',
        X: 'MARKET',
        m: sent % 2 === 0,
      });
    }
    await sleep(TICK_MS);
  }
}
