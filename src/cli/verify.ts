import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openStore } from '../journal/store.ts';
import { verifyJournal } from '../journal/verify.ts';
import { JournalRematch, listedMarkets } from './rematch.ts';

const HELP = `openbell verify [--data-dir D] [--json]

Reads the whole journal of a data directory and checks it: checksums, sequences, whole groups, the derived
tables; matches every command again in a fresh book and compares every event byte for byte; compares
the book's state with the one that follows from the events alone.
The default directory is OPENBELL_DATA_DIR, else ./data. Prints each market's state hash. Exit code 1
when anything is wrong. The server may run meanwhile.
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
  const directory = resolve(values['data-dir'] ?? process.env.OPENBELL_DATA_DIR ?? './data');
  const store = openStore(directory, { readOnly: true, durability: 'commit' });
  const markets = listedMarkets(store);
  const rematch = new JournalRematch();
  const started = performance.now();
  const report = verifyJournal(store, {
    quoteUnitsPerTickLot: new Map(
      markets.map(({ marketId, quoteUnitsPerTickLot }) => [marketId, quoteUnitsPerTickLot]),
    ),
    rematch,
  });
  await store.close();
  const result = {
    ok: report.ok,
    directory,
    batches: report.summary?.batches ?? null,
    records: report.summary?.frames ?? null,
    commands_matched_again: rematch.commands,
    orders_compared: report.orders,
    trades_compared: report.trades,
    seconds: Number(((performance.now() - started) / 1000).toFixed(3)),
    markets: rematch.states(),
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
  for (const [name, value] of Object.entries(rest)) console.log(`${name.padEnd(24)}${value}`);
  for (const { market, seq, state_hash } of markets) {
    console.log(`${market.padEnd(24)}seq ${seq}, state ${state_hash}`);
  }
  for (const problem of problems) console.log(`PROBLEM: ${problem}`);
}
