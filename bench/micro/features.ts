import { FeatureRing } from '../../src/features/feature-ring.ts';
import { FEATURE_COUNT } from '../../src/features/feature-schema.ts';
import { MarketWatch } from '../../src/features/market-watch.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import { Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import { type BenchOptions, type BenchResult, percentile, three } from '../support/result.ts';
import { carryOut, type Flow, MACHINE_CONFIG, makeFlow } from './matching-flow.ts';

const FLOW = {
  seed: 1,
  commands: 300_000,
  liveOrders: 10_000,
  meanOffsetTicks: 200,
  addShare: 0.55,
  takeShare: 0.05,
};
const BATCH_COMMANDS = 256;

/** Carries the flow out as a market worker does. @returns seconds, and rows of features written */
function carryOutAll(flow: Flow, watched: boolean): { seconds: number; rows: number } {
  const events = Ring.create(1 << 23, 1);
  events.u8.fill(0);
  const producer = new RingProducer(events);
  const reader = new RingReader(events, 0);
  const commands = new RingReader(flow.ring, 0);
  const machine = new SymbolMachine(MACHINE_CONFIG, producer);
  const features = FeatureRing.create();
  const watch = watched ? new MarketWatch(machine, producer, features) : undefined;
  const work = (count: number): void => {
    let done = 0;
    while (done < count) {
      const batchEnd = Math.min(count, done + BATCH_COMMANDS);
      while (done < batchEnd) {
        const at = commands.peek();
        const end = commands.rowEnd();
        let most = batchEnd - done;
        if (watch !== undefined) most = watch.before(flow.ring, at, end, most);
        const ran = machine.applyRun(flow.ring, at, end, most);
        if (ran > 0) commands.skipTo(machine.ranTo);
        else carryOut(machine, flow.ring, commands.next());
        done += Math.max(1, ran);
        watch?.after();
      }
      producer.publish();
      reader.skipToEnd();
    }
  };
  work(flow.prefill);
  const rows = features.written;
  const start = performance.now();
  work(flow.commands.length - flow.prefill);
  return { seconds: (performance.now() - start) / 1000, rows: features.written - rows };
}

/**
 * What following a market's 64 features costs its worker: the matching core on the 10 k mix with
 * and without, interleaved in one process.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const config = smoke ? { ...FLOW, commands: 10_000, liveOrders: 1000 } : FLOW;
  const flow = makeFlow(config);
  const plain: number[] = [];
  const watched: number[] = [];
  let rows = 0;
  for (let round = 0; round < (smoke ? 1 : 25); round += 1) {
    plain.push(carryOutAll(flow, false).seconds);
    const run = carryOutAll(flow, true);
    watched.push(run.seconds);
    rows = run.rows;
  }
  const without = percentile(plain, 0.5);
  const withFeatures = percentile(watched, 0.5);
  return {
    name: 'features',
    rows: [
      {
        flow: 'mix, 10 k live',
        'M ops/s': three(config.commands / without / 1e6),
        'with features': three(config.commands / withFeatures / 1e6),
        ratio: three(without / withFeatures),
        'ns per command': three(((withFeatures - without) / config.commands) * 1e9),
        rows,
      },
    ],
    notes: [
      `a row of ${FEATURE_COUNT} features every 100 ms of venue time; the flow's commands are 1 us apart`,
      'medians of 25 interleaved runs; both publish events every 256 commands and drop them unread',
    ],
  };
}
