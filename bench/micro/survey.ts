import type { OrderFile } from '../../src/replay/survey/order-file.ts';
import { parseOrderFile } from '../../src/replay/survey/order-file.ts';
import { SurveyRun } from '../../src/replay/survey/survey-run.ts';
import { surveyInProcess } from '../../test/support/survey-in-process.ts';
import { orderFileBytes, type SurveyMessage } from '../../test/support/survey-messages.ts';
import {
  SCENARIO_NAMES,
  type Scenario,
  scenarioMessages,
} from '../../test/support/survey-scenarios.ts';
import { type BenchOptions, type BenchResult, percentile, three } from '../support/result.ts';
import { runSurveyPeer, type SurveyFills, tradesOf } from './survey-peer.ts';

const SEED = 23;
/** New orders; messages are about twice as many. */
const ORDERS = 100_000;
const PASSES_PER_ROUND = 3;

/** Seeds of a flash crash whose prices swing by more than half of their value. */
const CASES: readonly { scenario: Scenario; seed: number }[] = [
  ...SCENARIO_NAMES.map((scenario) => ({ scenario, seed: SEED })),
  { scenario: 'flash-crash', seed: 2 },
  { scenario: 'flash-crash', seed: 5 },
];

/**
 * Order files in the shape of the public survey's scenarios, through `replay --format survey`'s own
 * parts and through `nodejs-order-book`: messages per second, medians of interleaved runs, equal fills.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const rows: Record<string, string | number>[] = [];
  const checks: string[] = [];
  for (const { scenario, seed } of CASES) {
    const messages = scenarioMessages(scenario, seed, smoke ? 2000 : ORDERS);
    const { row, check } = await measure(messages, smoke ? 1 : 5);
    rows.push({ scenario: `${scenario}, seed ${seed}`, messages: messages.length, ...row });
    checks.push(`${scenario}, seed ${seed}: ${check}`);
  }
  return {
    name: 'survey',
    rows,
    notes: [
      'Openbell’s own generator after the survey’s description: not the survey’s files or random numbers',
      'core: 40-byte messages translated and matched in one thread, reports drained into memory by a ' +
        'second one; until all is published, and until the last report is drained too',
      'peer: its arguments are made beforehand, its replies are not read, one thread',
      'a modification is a cancellation and a new order in both',
      ...checks,
    ],
  };
}

async function measure(
  messages: readonly SurveyMessage[],
  rounds: number,
): Promise<{ row: Record<string, number>; check: string }> {
  const file = parseOrderFile(orderFileBytes(messages), 'the scenario');
  const ours = surveyInProcess(file);
  const fills = checkFills(tradesOf(ours.text), runSurveyPeer(messages, true));
  const run = new SurveyRun(file);
  const core: number[] = [];
  const drained: number[] = [];
  const peer: number[] = [];
  try {
    await run.pass();
    if ((await run.canonical(null)).sha256 !== ours.sha256) throw new Error('reports differ');
    // Interleaved, so that a busy neighbour slows both.
    for (let round = 0; round < rounds; round += 1) {
      for (let n = 0; n < PASSES_PER_ROUND; n += 1) {
        const { pass } = await run.pass();
        core.push(speed(file, pass.matchingSeconds));
        drained.push(speed(file, pass.drainedSeconds));
      }
      peer.push(speed(file, runSurveyPeer(messages, false).seconds));
    }
  } finally {
    await run.stop();
  }
  const row = {
    'M messages/s': three(percentile(core, 0.5)),
    'until drained': three(percentile(drained, 0.5)),
    'nodejs-order-book': three(percentile(peer, 0.5)),
    ratio: three(percentile(core, 0.5) / percentile(peer, 0.5)),
  };
  return { row, check: `${fills} fills, sha256 ${ours.sha256.slice(0, 16)}` };
}

function speed({ messages }: OrderFile, seconds: number): number {
  return messages / seconds / 1e6;
}

function checkFills(ours: SurveyFills, theirs: SurveyFills): number {
  if (ours.fills !== theirs.fills || ours.fillSum !== theirs.fillSum) {
    throw new Error(`fills differ: ${ours.fills} and ${theirs.fills}`);
  }
  return ours.fills;
}
