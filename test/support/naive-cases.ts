import { readFileSync } from 'node:fs';
import type { MachineConfig } from '../../src/matching/machine-config.ts';
import { commandOf } from './naive-command.ts';
import { CONFIG } from './naive-harness.ts';

/** A table of commands, each followed by the events it has to cause. */
export interface CaseTable {
  /** The heading (or `Example: …`) above it, and which table below that it is. */
  readonly name: string;
  readonly config: MachineConfig;
  readonly lines: readonly string[];
}

const INDENT = '  ';
/** What begins a line that names the tables below it: a heading, or a sentence over an example. */
const TITLE = /^(#+|Example:) /;

/**
 * Reads the tables of a Markdown page: fenced blocks marked `book`. Lines without indent are
 * commands (`commandOf`), indented ones the events that the command above them causes (`lineOf`).
 * A first line `market maxOrders=2 …` sets what is other than usual in this market.
 */
export function readCases(path: string | URL): CaseTable[] {
  const cases: CaseTable[] = [];
  let heading = '';
  let block: string[] | undefined;
  let count = 0;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (block === undefined && TITLE.test(line)) {
      heading = line.replace(TITLE, '');
      count = 0;
    }
    if (line === '```book') block = [];
    else if (block !== undefined && line === '```') {
      count += 1;
      cases.push(tableOf(count === 1 ? heading : `${heading} (${count})`, block));
      block = undefined;
    } else block?.push(line);
  }
  return cases;
}

function tableOf(name: string, block: readonly string[]): CaseTable {
  const [first] = block;
  const isMarket = /^market \w+=/.test(first);
  const terms = isMarket ? first.split(' ').slice(1) : [];
  const set = terms.map((term): [string, number] => {
    const [key, value] = term.split('=');
    if (!(key in CONFIG)) throw new Error(`no market term ${key}: ${name}`);
    return [key, Number(value)];
  });
  const config = { ...CONFIG, ...Object.fromEntries(set) };
  return { name, config, lines: isMarket ? block.slice(1) : block };
}

/** The table as it comes out: its commands, each followed by the lines that `run` answers. */
export function played(
  table: CaseTable,
  run: (command: ReturnType<typeof commandOf>) => readonly string[],
): string[] {
  return table.lines
    .filter((line) => !line.startsWith(INDENT))
    .flatMap((line) => [line, ...run(commandOf(line)).map((event) => INDENT + event)]);
}
