import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, ServerProcess } from '../../test/support/server-process.ts';
import { type BenchOptions, type BenchResult, percentile, three } from '../support/result.ts';

const TRIALS = 100;
/** Commands of simulated traders; with what they lead to some 5 000 records a second. */
const ORDERS_PER_SECOND = 2_000;
/** Orders that rest when the stop comes, over both markets. */
const RESTING = 20;
/** After the answer nothing may appear; so long it is looked at. */
const WATCH_MS = 30;
const STOP = { confirmation: 'EMERGENCY_STOP_CONFIRMED', reason: 'bench' };
const QUOTES = [
  { symbol: 'SEI/USDC', price: 0.3, quantity: 10 },
  { symbol: 'ETH/USDC', price: 2500, quantity: 0.01 },
];

/** From the request to its answer, which comes when the last cancel is durable; against one cancel. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  mkdirSync('bench/results', { recursive: true });
  const directory = mkdtempSync('bench/results/stop-');
  const server = await ServerProcess.start(join(directory, 'data'), {
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: String(smoke ? 200 : ORDERS_PER_SECOND),
    OPENBELL_LOG_LEVEL: 'error',
  });
  try {
    const client = await server.login();
    await sleep(smoke ? 500 : 5_000);
    const before = await records(client);
    const since = performance.now();
    const { stops, cancels, late } = await trials(client, smoke ? 2 : TRIALS);
    const perSecond = ((await records(client)) - before) / ((performance.now() - since) / 1000);
    const row = (what: string, samples: readonly number[]): Record<string, string | number> => ({
      what,
      trials: samples.length,
      'p50 ms': three(percentile(samples, 0.5)),
      'p99 ms': three(percentile(samples, 0.99)),
    });
    const ratio = percentile(stops, 0.99) / percentile(cancels, 0.99);
    return {
      name: 'emergency-stop',
      rows: [row(`stop with ${RESTING} orders`, stops), row('cancel of one order', cancels)],
      notes: [
        `${Math.round(perSecond)} records a second meanwhile, made durable one by one as always.`,
        `p99 of a stop is ${three(ratio)} times that of one cancel in the same run.`,
        `orders in the books after an answer: ${late}.`,
        'Over HTTP on this machine; the answer of a stop waits for two facts and the audit entry too.',
      ],
    };
  } finally {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function trials(
  client: Client,
  count: number,
): Promise<{ stops: number[]; cancels: number[]; late: number }> {
  const stops: number[] = [];
  const cancels: number[] = [];
  let late = 0;
  for (let trial = 0; trial < count; trial += 1) {
    const placed = [];
    for (let i = 0; i < RESTING; i += 1) placed.push(await place(client, i));
    const cancelSince = performance.now();
    await client.delete(`/v1/trading/orders/${placed[0]}`);
    cancels.push(performance.now() - cancelSince);
    const since = performance.now();
    const stopped = await client.post('/api/v1/admin/emergency-stop', STOP);
    stops.push(performance.now() - since);
    if (stopped.body.orders_cancelled !== RESTING - 1) {
      throw new Error(`the stop cancelled ${JSON.stringify(stopped.body)}`);
    }
    await sleep(WATCH_MS);
    const orders = await client.get('/v1/trading/orders?status=open');
    late += orders.body.data?.orders?.length ?? 0;
    await client.post('/api/v1/admin/resume', undefined);
  }
  return { stops, cancels, late };
}

async function place(client: Client, i: number): Promise<string> {
  const body = { exchange: 'sei', side: 'buy', type: 'limit', ...QUOTES[i % QUOTES.length] };
  const reply = await client.post('/v1/trading/orders', body);
  if (reply.status !== 201) throw new Error(JSON.stringify(reply.body));
  return reply.body.data.order_id;
}

async function records(client: Client): Promise<number> {
  const { body } = await client.get('/metrics');
  return Number(/^openbell_records_total (\d+)$/m.exec(String(body))?.[1]);
}
