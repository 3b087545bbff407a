import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Bench } from './support/result.ts';

/** Every bench by the name it is called with. */
const BENCHES: Record<string, () => Promise<{ run: Bench }>> = {
  matching: () => import('./micro/matching.ts'),
  'matching-gc': () => import('./micro/matching-gc.ts'),
  survey: () => import('./micro/survey.ts'),
  risk: () => import('./micro/risk.ts'),
  'risk-jobs': () => import('./load/risk-jobs.ts'),
  features: () => import('./micro/features.ts'),
  forecasts: () => import('./micro/forecasts.ts'),
  rings: () => import('./micro/rings.ts'),
  journal: () => import('./micro/journal.ts'),
  recovery: () => import('./micro/recovery.ts'),
  'client-orders': () => import('./micro/client-orders.ts'),
  encode: () => import('./micro/encode.ts'),
  'order-requests': () => import('./micro/order-requests.ts'),
  login: () => import('./micro/login.ts'),
  admission: () => import('./micro/admission.ts'),
  'admission-wire': () => import('./load/admission-wire.ts'),
  http: () => import('./load/http.ts'),
  'market-replies': () => import('./load/market-replies.ts'),
  fanout: () => import('./load/fanout.ts'),
  connections: () => import('./load/connections.ts'),
  storm: () => import('./load/storm.ts'),
  tick: () => import('./load/tick.ts'),
  'slow-reader': () => import('./load/slow-reader.ts'),
  pipeline: () => import('./load/pipeline.ts'),
  day: () => import('./load/day.ts'),
  'snapshot-pause': () => import('./load/snapshot-pause.ts'),
  orders: () => import('./load/orders.ts'),
  'emergency-stop': () => import('./load/emergency-stop.ts'),
  scrape: () => import('./load/scrape.ts'),
  feeds: () => import('./load/feeds.ts'),
};

const args = process.argv.slice(2);
const smoke = args.includes('--smoke');
const names = args.filter((arg) => !arg.startsWith('--'));
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(
    `no such bench: ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`,
  );
  process.exit(2);
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
};
mkdirSync('bench/results', { recursive: true });
console.log(`machine: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`);
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  const { run } = await BENCHES[name]();
  const result = await run({ smoke });
  console.log(`\n${name}${smoke ? ' (smoke: shows that it runs, measures nothing)' : ''}`);
  console.table(result.rows);
  for (const note of result.notes) console.log(`  ${note}`);
  const record = { ...result, smoke, machine, at: new Date().toISOString() };
  writeFileSync(`bench/results/${name}.json`, `${JSON.stringify(record, null, 2)}\n`);
}
process.exit(0);
