import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryRoot } from '../../support/repository.ts';
import {
  markdownTable,
  reachableFrom,
  sourceFiles,
  sourceText,
  threadFiles,
} from '../../support/source-files.ts';

const threads = threadFiles();

/** Rooms are folders of `src`, surfaces one by one; files that stand in `src` itself are `.`. */
function roomOf(path: string): string {
  return /^src\/([\w-]+)\//.exec(path)?.[1] ?? '.';
}

function threadsOf(room: string): string[] {
  return [...threads]
    .filter(([, files]) => [...files].some((path) => roomOf(path) === room && isSource(path)))
    .map(([name]) => name);
}

function isSource(path: string): boolean {
  return path.startsWith('src/') && !path.includes('/generated/');
}

/** The table as the code has it; `OPENBELL_UPDATE_DOCS=1` writes it into the page. */
function tableOfThreads(): string {
  const names = [...threads.keys()];
  const rooms = [...new Set(sourceFiles('src').map(roomOf))].sort();
  const lines = rooms
    .filter((room) => threadsOf(room).length > 0)
    .map((room) => {
      const marks = names.map((name) => (threadsOf(room).includes(name) ? '×' : ''));
      return `| \`${room === '.' ? 'src/*.ts' : `src/${room}/`}\` | ${marks.join(' | ')} |`;
    });
  const head = `| room | ${names.join(' | ')} |`;
  return [head, `|${' --- |'.repeat(names.length + 1)}`, ...lines].join('\n');
}

if (process.env.OPENBELL_UPDATE_DOCS === '1') {
  const [before, , after] = sourceText('docs/map.md').split(/<!-- \/?threads -->\n?/);
  const table = `<!-- threads -->\n${tableOfThreads()}\n<!-- /threads -->\n`;
  writeFileSync(join(repositoryRoot, 'docs/map.md'), `${before}${table}${after}`);
}

describe('the map of the house', () => {
  it('says for every room which threads run it', () => {
    const said = markdownTable(sourceText('docs/map.md'), 'threads');
    const wanted = `<!-- x -->\n${tableOfThreads()}\n<!-- /x -->`;
    const why = 'OPENBELL_UPDATE_DOCS=1 on this test brings docs/map.md up to date';
    assert.deepEqual(said, markdownTable(wanted, 'x'), why);
  });

  it('names no file that is not there', () => {
    const places = ['', 'src/', 'src/surfaces/', 'docs/', 'src/gateway/', 'test/'];
    for (const page of ['docs/map.md', 'docs/walkthrough.md', 'docs/invariants.md', 'README.md']) {
      for (const [, path] of sourceText(page).matchAll(
        /`(\w[\w./-]*\/[\w.-]+\.(?:ts|md|json|fbs))`/g,
      )) {
        const isThere = places.some((place) => existsSync(join(repositoryRoot, place, path)));
        assert.ok(isThere, `${page} names ${path}`);
      }
    }
  });
});

describe('one writer per state', () => {
  // Who may change a state is decided by where the code that changes it can be reached from.
  for (const [what, path, allowed] of [
    ['books are matched by market workers alone', 'src/matching/symbol-machine.ts', ['market']],
    ['the journal is written by its thread alone', 'src/journal/committer.ts', ['journal']],
    ['rows are written by its thread alone', 'src/journal/derived-tables.ts', ['journal']],
    ['orders are held for by the gateway alone', 'src/gateway/order-door.ts', ['gateway']],
    ['users are changed by the gateway alone', 'src/identity/identity.ts', ['gateway']],
    ['replies are given by the gateway alone', 'src/gateway/replies.ts', ['gateway']],
  ] as const) {
    it(what, () => {
      // A survey and a verification have machines of their own, of no venue that runs.
      const found = [...threads].filter(([, files]) => files.has(path)).map(([name]) => name);
      assert.deepEqual(
        found.filter((name) => name !== 'survey-drain'),
        [...allowed],
      );
    });
  }

  it('the journal is opened for writing in its thread and nowhere else', () => {
    const callers = sourceFiles('src', 'workers').filter((path) => !path.endsWith('/store.ts'));
    const openers = callers.filter((path) =>
      [...sourceText(path).matchAll(/\bopenStore\(([^;]*?)\);/gs)].some(
        ([, given]) => !given.includes('readOnly: true'),
      ),
    );
    assert.deepEqual(openers, ['src/journal/journal-thread.ts']);
  });

  it('the ledger is reached by no thread that could change the gateway’s', () => {
    const path = 'src/ledger/ledger.ts';
    const found = [...threads].filter(([, files]) => files.has(path)).map(([name]) => name);
    // The compaction thread has one of its own, read from the journal.
    assert.deepEqual(found, ['gateway', 'compaction']);
    assert.ok(!reachableFrom('workers/market.ts').has('src/gateway/engine.ts'));
  });
});
