import { parseArgs } from 'node:util';
import { dataDirectory, openForReading } from './data-directory.ts';
import { verifyAll } from './verification.ts';

const HELP = `openbell verify [--data-dir D] [--json]

Checks the journal of a data directory from its oldest snapshot (from the first batch, while that is kept):
checksums, sequences, whole groups; matches every command again and compares every event byte for byte;
compares the books with those that follow from the events alone, and the whole state with every snapshot
on the way; facts of live markets come from other exchanges and cannot be matched again: their sequence,
trades and bars are checked, and outside_not_matched counts them; derives the tables again and compares every row; adds up every asset over all portfolios.
The default directory is OPENBELL_DATA_DIR, else ./data. Prints what is wrong, then a summary with each
market's state hash. Exit code 1 when anything is wrong. The server may run meanwhile.
`;

const OPTIONS = {
  'data-dir': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** `openbell verify`; returns the exit code. */
export async function verify(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const directory = dataDirectory(values['data-dir']);
  const started = performance.now();
  const store = openForReading(directory);
  const report = verifyAll(store);
  await store.close();
  const result = {
    ok: report.ok,
    directory,
    from_snapshot: report.startBatch === 0 ? null : report.startBatch,
    snapshots: report.snapshots,
    batches: report.summary?.batches ?? null,
    records: report.summary?.frames ?? null,
    commands_matched_again: report.commands,
    outside_not_matched: report.outside,
    orders_compared: report.orders,
    trades_compared: report.trades,
    bars_compared: report.bars,
    facts_compared: report.facts,
    assets_in_balance: report.assets,
    seconds: Number(((performance.now() - started) / 1000).toFixed(3)),
    markets: report.states,
    problems: report.problems,
  };
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else print(result);
  return report.ok ? 0 : 1;
}

function print(result: {
  ok: boolean;
  markets: readonly { market: string; seq: number; state_hash: string }[];
  problems: readonly string[];
  [name: string]: unknown;
}): void {
  const { markets, problems, ...rest } = result;
  for (const problem of problems) console.log(`PROBLEM: ${problem}`);
  for (const [name, value] of Object.entries(rest)) console.log(`${name.padEnd(24)}${value}`);
  for (const { market, seq, state_hash } of markets) {
    console.log(`${market.padEnd(24)}seq ${seq}, state ${state_hash}`);
  }
}
