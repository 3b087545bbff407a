import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RESULT_NAMES } from '../../../src/domain/result-codes.ts';
import * as exits from '../../../src/gateway/exit-codes.ts';
import * as closes from '../../../src/gateway/streams/close-codes.ts';
import { sourceFiles, sourceText } from '../../support/source-files.ts';

const page = sourceText('docs/troubleshooting.md');

/** What stands in backticks in the first cells of a section's rows. */
function entriesOf(title: string): Set<string> {
  const [, rest = ''] = page.split(new RegExp(`^#+ ${title}$`, 'm'));
  const [section] = rest.split(/^#/m);
  const cells = section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|')[1]);
  return new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name)));
}

/** Numbers that a module exports under names with a prefix. */
function numbersOf(module: object, prefix: string): string[] {
  return Object.entries(module)
    .filter(([name, value]) => name.startsWith(prefix) && typeof value === 'number')
    .map(([, value]) => String(value));
}

/** Quoted names like `NOT_FOUND`; settings are none, nor what only the command line throws. */
const CODE = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|UNAUTHORIZED)'/g;
const LOGGED = /\blog(?:\.\w+)?\.(?:warn|error|fatal)\??\.?\(([^;]*?)\);/gs;

describe('troubleshooting has an entry', () => {
  it('for every result code', () => {
    const entries = entriesOf('Result codes');
    for (const name of RESULT_NAMES.values()) assert.ok(entries.has(name), name);
  });

  it('for every code that the gateway or a surface refuses by', () => {
    const entries = new Set([
      ...entriesOf('Result codes'),
      ...entriesOf('Refusals'),
      ...Array.from(page.matchAll(/`([A-Z]+_[A-Z0-9_]+)`/g), ([, name]) => name),
    ]);
    const rooms = ['src/gateway', 'src/surfaces', 'src/identity', 'src/recording'];
    for (const path of sourceFiles(...rooms)) {
      for (const [, code] of sourceText(path).matchAll(CODE)) {
        if (code.startsWith('OPENBELL_')) continue;
        assert.ok(entries.has(code), `${code}, which ${path} names`);
      }
    }
  });

  it('for every exit code', () => {
    const entries = entriesOf('Exit codes');
    for (const code of numbersOf(exits, 'EXIT_')) assert.ok(entries.has(code), code);
  });

  it('for every close code, and no socket is closed with another', () => {
    const entries = entriesOf('Close codes');
    for (const code of numbersOf(closes, 'CLOSE_')) assert.ok(entries.has(code), code);
    for (const path of sourceFiles('src')) {
      const bare = /\b(?:close|closeAll|end)\([^)]*?\b(?:1\d{3}|4\d{3})\b[^)]*\)/.exec(
        sourceText(path),
      );
      assert.equal(bare?.[0], undefined, `${path} takes its code from close-codes.ts`);
    }
  });

  it('for every line that is logged as a warning or worse', () => {
    const entries = entriesOf('Log lines');
    for (const path of sourceFiles('src')) {
      for (const [, given] of sourceText(path).matchAll(LOGGED)) {
        for (const [, line] of given.matchAll(/'((?=[^']* )[^']{8,})'/g)) {
          assert.ok(entries.has(line), `${line}, which ${path} logs`);
        }
      }
    }
  });
});
