import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, ServerProcess } from '../../test/support/server-process.ts';
import { type BenchOptions, type BenchResult, percentile, three } from '../support/result.ts';

const ROUNDS = 4;
const ROUND_MS = 8_000;
const SCRAPE_EVERY_MS = 1_000;
const ORDERS_PER_SECOND = 500;
const PAUSE_MS = 4;

interface Round {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly latenciesMs: number[];
  readonly scrapeMs: number[];
}

/** What a scrape a second costs under load: CPU time of the process, and what others wait. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  mkdirSync('bench/results', { recursive: true });
  const directory = mkdtempSync('bench/results/scrape-');
  const server = await ServerProcess.start(join(directory, 'data'), {
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: String(ORDERS_PER_SECOND),
    OPENBELL_MARKET_MAKER: 'on',
    OPENBELL_LOG_LEVEL: 'error',
  });
  try {
    const client = await server.login();
    await sleep(smoke ? 200 : 5_000);
    const rounds: [Round[], Round[]] = [[], []];
    // In turns, so that what else the machine does falls on both.
    for (let i = 0; i < (smoke ? 2 : 2 * ROUNDS); i += 1) {
      rounds[i % 2].push(await measure(client, smoke ? 500 : ROUND_MS, i % 2 === 1));
    }
    const [quiet, scraped] = rounds.map((all) => row(all));
    const costs = scraped.cpu - quiet.cpu;
    const durations = rounds[1].flatMap(({ scrapeMs }) => scrapeMs);
    return {
      name: 'scrape',
      rows: [
        { what: 'no scrapes', ...shown(quiet) },
        { what: 'a scrape a second', ...shown(scraped) },
      ],
      notes: [
        `a scrape a second costs ${three(costs)} % of a core more (can be below 0: noise), and takes ` +
          `${three(percentile(durations, 0.5))} ms in the middle, ${three(percentile(durations, 0.99))} ms at p99.`,
        `p99 of the other requests is ${three(scraped.p99 / quiet.p99)} times what it is without.`,
        'requests: GET /api/v1/trading/status, one after the other, with simulated traders beside.',
      ],
    };
  } finally {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(client: Client, ms: number, scrapes: boolean): Promise<Round> {
  const cpuBefore = await cpuSeconds(client);
  const since = performance.now();
  const latenciesMs: number[] = [];
  const scrapeMs: number[] = [];
  let nextMs = since;
  const under: Promise<void>[] = [];
  while (performance.now() - since < ms) {
    if (scrapes && performance.now() >= nextMs) {
      nextMs += SCRAPE_EVERY_MS;
      under.push(timed(client, '/metrics', scrapeMs));
    }
    await timed(client, '/api/v1/trading/status', latenciesMs);
    await sleep(PAUSE_MS);
  }
  await Promise.all(under);
  const seconds = (performance.now() - since) / 1000;
  return { cpuSeconds: (await cpuSeconds(client)) - cpuBefore, seconds, latenciesMs, scrapeMs };
}

async function timed(client: Client, path: string, into: number[]): Promise<void> {
  const since = performance.now();
  await client.get(path);
  into.push(performance.now() - since);
}

async function cpuSeconds(client: Client): Promise<number> {
  const { body } = await client.get('/metrics');
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(String(body))?.[1]);
}

function row(rounds: readonly Round[]): { cpu: number; p50: number; p99: number } {
  const seconds = rounds.reduce((sum, one) => sum + one.seconds, 0);
  const cpu = rounds.reduce((sum, one) => sum + one.cpuSeconds, 0);
  const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs);
  return {
    cpu: (cpu / seconds) * 100,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}

function shown({ cpu, p50, p99 }: ReturnType<typeof row>): Record<string, number> {
  return { 'CPU, % of a core': three(cpu), 'p50 ms': three(p50), 'p99 ms': three(p99) };
}
