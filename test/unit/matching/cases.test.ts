import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CANCEL_REASON_NAMES } from '../../../src/domain/orders.ts';
import { RESULT_NAMES } from '../../../src/domain/result-codes.ts';
import { played, readCases } from '../../support/naive-cases.ts';
import { commandOf, textOf } from '../../support/naive-command.ts';
import { Harness, NaiveHarness } from '../../support/naive-harness.ts';
import { Reached } from '../../support/naive-reached.ts';
import { repositoryRoot } from '../../support/repository.ts';

/*
 * Every rule as a table of commands and events, on the engine and on the naive machine alike. The
 * tables are `cases/*.md` and the examples in `docs/matching.md`, the grammar `naive-command.ts`.
 */
const FOLDER = join(repositoryRoot, 'test/unit/matching/cases');
const RULES = join(repositoryRoot, 'docs/matching.md');
const PAGES = [RULES, ...readdirSync(FOLDER).map((name) => join(FOLDER, name))];

const MACHINES = [
  ['engine', Harness],
  ['naive machine', NaiveHarness],
] as const;

for (const page of PAGES) {
  const tables = readCases(page);
  for (const [machine, Made] of MACHINES) {
    describe(`${page.slice(repositoryRoot.length + 1)}, ${machine}`, () => {
      it('has tables', () => assert.ok(tables.length > 0));
      for (const table of tables) {
        it(table.name, () => {
          const harness = new Made(table.config);
          const lines = played(table, (command) => harness.run(command));
          assert.deepEqual(lines, [...table.lines]);
        });
      }
    });
  }
}

describe('the case tables', () => {
  const tables = PAGES.flatMap(readCases);

  it('make every event, result code, reason and kind of work happen', () => {
    const reached = new Reached();
    for (const table of tables) {
      const harness = new NaiveHarness(table.config);
      played(table, (command) => {
        for (const group of harness.groups(command)) reached.note(group);
        return [];
      });
    }
    assert.deepEqual(reached.missing(), []);
  });

  it('have different names on one page, and lines that are written as they are read', () => {
    for (const page of PAGES) {
      const names = readCases(page).map(({ name }) => name);
      assert.equal(new Set(names).size, names.length, page);
    }
    for (const { lines } of tables) {
      for (const line of lines.filter((one) => !one.startsWith(' '))) {
        assert.deepEqual(commandOf(textOf(commandOf(line))), commandOf(line));
      }
    }
  });

  it('the rules name every result code of the book and every reason', () => {
    const text = readFileSync(RULES, 'utf8');
    const codes = [...RESULT_NAMES].filter(([code]) => code >= 400).map(([, name]) => name);
    for (const name of [...codes, 'ORDER_POOL_FULL', ...CANCEL_REASON_NAMES.slice(1)]) {
      assert.ok(text.includes(`\`${name}\``), `docs/matching.md does not speak of ${name}`);
    }
  });
});
